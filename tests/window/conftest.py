"""The page to begin with, for a person whose state folder is empty."""

import pytest

from explored import Asker
from runs_watched import long_album

pytest.importorskip("starlette")
pytest.importorskip("uvicorn")


@pytest.fixture
def state(tmp_path, monkeypatch):
    """The folder of what is remembered, which does not exist yet."""
    monkeypatch.setenv("FASTDUP_HOME", str(tmp_path / "home"))
    return tmp_path / "home" / "state"


@pytest.fixture
def window(state):
    """The page, served while a test runs."""
    from fastdup.window import Window

    with Window() as window:
        yield window


@pytest.fixture
def asker(window):
    """Asks that page."""
    return Asker(window.url)


@pytest.fixture(scope="session")
def album(tmp_path_factory):
    """A folder of pictures to run on."""
    return long_album(tmp_path_factory.mktemp("long") / "album")
