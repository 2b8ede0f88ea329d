"""Archives in object stores: their members are read by ranges, ahead of their turn."""

from collections.abc import Sequence

from fastdup.sources.base import Skip
from fastdup.sources.containers.archives.archive_reader import ArchiveReader
from fastdup.sources.containers.files import Files
from fastdup.sources.objects.prefetcher import MAX_PREFETCHED_BYTES, Fetched, Prefetcher
from fastdup.sources.reader_options import ReaderOptions


class ObjectArchiveReader(ArchiveReader):
    """Reads members of archives that are objects; see `ContainerReader`."""

    def __init__(self, options: ReaderOptions, files: Files) -> None:
        super().__init__(options, files)
        self._prefetcher = Prefetcher(self._fetch)

    def close(self) -> None:
        """Release what was prefetched, and all files."""
        self._prefetcher.close()
        super().close()

    def read(self, uri: str, max_bytes: int | None = None) -> bytes:
        """Return a member's bytes; see `ContainerReader`."""
        data = self._prefetcher.take(uri, max_bytes)
        return super().read(uri, max_bytes) if data is None else data

    def prefetch(self, uris: Sequence[str], skip: Skip | None = None) -> None:
        """Begin to read members; those of compressed tars come by themselves, in order."""
        wanted: list[tuple[str, Skip | None]] = []
        for uri in uris:
            archive = self.find(uri)
            if archive in (None, uri) or not self.is_random_access(archive or ""):
                continue
            stamp = self.stamp(uri)
            if stamp.size_bytes <= MAX_PREFETCHED_BYTES and not (skip and skip(uri, stamp)):
                wanted.append((uri, None))
        self._prefetcher.prefetch(wanted)

    def _fetch(self, uri: str, _: Skip | None) -> Fetched:
        return Fetched(self.stamp(uri), super().read(uri))
