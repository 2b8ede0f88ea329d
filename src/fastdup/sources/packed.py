"""Archives in object stores: their members are asked for by ranges, ahead of their turn."""

import threading
from collections.abc import Iterator, Sequence

from fastdup.errors import FastdupError
from fastdup.sources.archives import ArchiveReader, may_be_archive
from fastdup.sources.base import UNREACHABLE, IsStored, Stamp
from fastdup.sources.objects import MAX_PREFETCHED_BYTES, Fetched, ObjectFiles, Prefetcher
from fastdup.sources.objects.client import StoreClient


class PackedObjects:
    """Lists, stamps and reads members of archives that are objects; safe to use from threads.

    Parameters
    ----------
    include_hidden : bool
        Whether members are listed of whose names a part begins with a dot.
    client : StoreClient
        Asks for the objects.
    """

    def __init__(self, include_hidden: bool, client: StoreClient) -> None:
        self._archives = ArchiveReader(include_hidden, ObjectFiles(client))
        self._prefetcher: Prefetcher | None = None
        self._lock = threading.Lock()

    def close(self) -> None:
        """Let go of what was asked for."""
        with self._lock:
            if self._prefetcher:
                self._prefetcher.close()
            self._prefetcher = None
        self._archives.close()

    def holds(self, uri: str) -> bool:
        """Tell whether `uri` is an archive or leads into one."""
        return self._archives.find(uri) is not None

    def expand(self, uri: str) -> Iterator[str]:
        """Yield the members of the archive `uri`, or `uri` itself when it is none."""
        if may_be_archive(uri) and self._archives.find(uri) == uri:
            return self._archives.uris(uri)
        return iter((uri,))

    def stamp(self, uri: str) -> Stamp:
        """Return size and time of change."""
        return self._archives.stamp(self._archives.find(uri) or uri, uri)

    def read(self, uri: str, max_bytes: int | None = None) -> bytes:
        """Return the bytes, only the first `max_bytes` when that is given.

        Raises
        ------
        ImageError, SourceError
            As for objects, and for members of archives.
        """
        fetched = self._prefetcher.peek(uri) if self._prefetcher else None
        if fetched and fetched.data is not None and max_bytes is not None:
            return fetched.data[:max_bytes]
        if self._prefetcher:
            self._prefetcher.forget(uri)
        if fetched and fetched.error:
            raise fetched.error
        if fetched and fetched.data is not None:
            return fetched.data
        return self._archives.read(self._archives.find(uri) or uri, uri, max_bytes)

    def expect(self, uris: Sequence[str], is_stored: IsStored | None) -> None:
        """Begin to ask for members; those of compressed tars come by themselves, in order."""
        wanted: list[tuple[str, IsStored | None]] = []
        for uri in uris:
            archive = self._archives.find(uri)
            if archive in (None, uri) or not self._archives.is_random_access(archive or ""):
                continue
            stamp = self.stamp(uri)
            if stamp.size_bytes <= MAX_PREFETCHED_BYTES and not (
                is_stored and is_stored(uri, stamp)
            ):
                wanted.append((uri, None))
        with self._lock:
            if self._prefetcher is None:
                self._prefetcher = Prefetcher(self._fetch)
        self._prefetcher.expect(wanted)

    def _fetch(self, uri: str, _: IsStored | None) -> Fetched:
        """Return the bytes of a member, or the error."""
        archive = self._archives.find(uri) or uri
        try:
            stamp = self._archives.stamp(archive, uri)
            return Fetched(stamp, self._archives.read(archive, uri))
        except FastdupError as exc:
            return Fetched(UNREACHABLE, error=exc)
