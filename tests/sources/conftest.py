import pytest

from fastdup.config import RunConfig
from fastdup.sources import open_source


@pytest.fixture
def opened():
    """Open sources that are closed when the test ends."""
    sources = []

    def opened(given, **options):
        sources.append(open_source(RunConfig(input_dir=given, **options)))
        return sources[-1]

    yield opened
    for source in sources:
        source.close()
