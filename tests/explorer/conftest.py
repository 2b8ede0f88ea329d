"""An explorer over a finished run."""

import pytest

from explored import Asker, finished_run

pytest.importorskip("starlette")
pytest.importorskip("uvicorn")


@pytest.fixture(scope="session")
def work(tmp_path_factory):
    """The work folder of a finished run."""
    return finished_run(tmp_path_factory.mktemp("explored"))


@pytest.fixture(scope="module")
def explorer(work):
    """An explorer that is served while the tests of a module run."""
    from fastdup.explorer import Explorer

    with Explorer(str(work)) as explorer:
        yield explorer


@pytest.fixture
def asker(explorer):
    """Asks that explorer."""
    return Asker(explorer.url)
