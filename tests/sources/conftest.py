import pytest

from opened import Opened


@pytest.fixture
def opened():
    """Open sources that are closed when the test ends."""
    sources = []

    def opened(given, **options):
        sources.append(Opened(given, **options))
        return sources[-1]

    yield opened
    for source in sources:
        source.close()
