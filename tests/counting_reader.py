"""Readers of files for tests: one counts what it reads, one cannot read at all."""

from collections import Counter

from fastdup.errors import SourceError
from fastdup.sources import UriReader


class CountingReader(UriReader):
    """Counts how often each file is read; of this process alone, as a copy is a plain reader."""

    def __init__(self):
        super().__init__()
        self.n_reads = Counter()

    def read(self, uri, max_bytes=None):
        self.n_reads[uri] += 1
        return super().read(uri, max_bytes)


class BrokenReader(UriReader):
    """A place that is gone as a whole."""

    def read(self, uri, max_bytes=None):
        raise SourceError("the server is gone")
