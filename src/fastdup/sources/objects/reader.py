"""Lists, stamps and reads objects; they are asked for ahead and never copied to disk."""

import logging
import threading
from collections.abc import Iterator, Sequence

from fastdup.errors import FastdupError, SourceError
from fastdup.sources.base import UNREACHABLE, IsStored, Stamp
from fastdup.sources.listed import ListedFile, ListedFiles
from fastdup.sources.objects.client import StoreClient, stamp_of
from fastdup.sources.objects.listing import (
    check_store,
    has_objects,
    list_objects,
    without_markers,
)
from fastdup.sources.objects.prefetch import Fetched, Prefetcher
from fastdup.sources.signed import SignedAddresses

logger = logging.getLogger(__name__)

#: Objects above this are asked for when they are read, and not before.
MAX_PREFETCHED_BYTES = 32 * 2**20


class ObjectReader:
    """Knows the stores met so far; safe to use from several threads.

    Parameters
    ----------
    include_hidden : bool
        Whether objects are listed of whose keys a part begins with a dot.
    signed : SignedAddresses
        The addresses whose names hide a secret.

    Attributes
    ----------
    client : StoreClient
        Asks for single objects.
    """

    def __init__(self, include_hidden: bool, signed: SignedAddresses) -> None:
        self._include_hidden = include_hidden
        self.client = StoreClient(signed)
        self._listed: ListedFiles | None = None
        self._prefetcher: Prefetcher | None = None
        self._lock = threading.RLock()

    def close(self) -> None:
        """Let go of all connections."""
        with self._lock:
            if self._prefetcher:
                self._prefetcher.close()
            if self._listed:
                self._listed.close()
            self._prefetcher = self._listed = None
            self.client.close()

    def uris(self, url: str) -> Iterator[str]:
        """Yield the objects below `url`, or `url` itself when it is an object; sorted by key.

        Raises
        ------
        SourceError
            When the store cannot be listed, or there is nothing at `url`.
        """
        place = self.client.place(url)
        if place.is_web and place.names_folder:
            raise SourceError(f"{url!r}: a web server has no listing; name its files in a list")
        if place.is_web or not (has_objects(place) or place.names_folder):
            check_store(place, is_needed=True)
            yield url
            return
        n_hidden = 0
        for meta in without_markers(list_objects(self.client.store(place.store), place)):
            uri = f"{place.store}/{meta['path']}"
            if not self._include_hidden and _is_hidden(meta["path"], place.key):
                n_hidden += 1
                continue
            self._table().add(uri, ListedFile(stamp_of(meta)))
            yield uri
        if n_hidden:
            logger.info("%s: %d hidden objects left out (include_hidden lists them)", url, n_hidden)

    def named(self, url: str) -> Iterator[str]:
        """Yield what a line of a list stands for: a folder's objects, else `url` itself.

        Raises
        ------
        SourceError
            When the store cannot be reached or refuses the credentials; told by its first object.
        """
        try:
            place = self.client.place(url)
        except SourceError:  # listed, so that it ends among the bad
            yield url
            return
        if place.names_folder:
            yield from self.uris(url)
            return
        if not self.client.knows(place.store):
            check_store(place)
            self.client.store(place.store)
        yield url

    def stamp(self, uri: str) -> Stamp:
        """Return size and time of change, `UNREACHABLE` when there is nothing to read."""
        listed = self._listed.find(uri) if self._listed else None
        if listed:
            return listed.stamp
        fetched = self._expected(uri) or self._fetch(uri, lambda *_: True)
        if fetched.data is None and fetched.error is None:
            self._forget(uri)
        return fetched.stamp

    def read(self, uri: str, max_bytes: int | None = None) -> bytes:
        """Return the object's bytes, only the first `max_bytes` when that is given.

        Raises
        ------
        ImageError
            With reason ``not_found``, ``no_access``, ``timeout`` or ``unsupported``.
        SourceError
            When the credentials expired or the store is lost.
        """
        fetched = self._expected(uri)
        if fetched and fetched.data is not None and max_bytes is not None:
            return fetched.data[:max_bytes]
        self._forget(uri)
        if fetched and fetched.error:
            raise fetched.error
        if fetched and fetched.data is not None:
            return fetched.data
        return self.client.read(uri, max_bytes)

    def expect(self, uris: Sequence[str], is_stored: IsStored | None) -> None:
        """Begin to ask for `uris`."""
        with self._lock:
            if self._prefetcher is None:
                self._prefetcher = Prefetcher(self._fetch)
        wanted: list[tuple[str, IsStored | None]] = []
        for uri in uris:
            listed = self._listed.find(uri) if self._listed else None
            if listed is None:
                wanted.append((uri, is_stored))
            elif listed.stamp.size_bytes <= MAX_PREFETCHED_BYTES and not (
                is_stored and is_stored(uri, listed.stamp)
            ):
                wanted.append((uri, None))
        self._prefetcher.expect(wanted)

    def _fetch(self, uri: str, is_stored: IsStored | None) -> Fetched:
        """Return the answer for an object, or the error; see `Fetch`."""
        try:
            return self.client.fetch(uri, is_stored, MAX_PREFETCHED_BYTES)
        except FastdupError as exc:
            return Fetched(UNREACHABLE, error=exc)

    def _expected(self, uri: str) -> Fetched | None:
        return self._prefetcher.peek(uri) if self._prefetcher else None

    def _forget(self, uri: str) -> None:
        if self._prefetcher:
            self._prefetcher.forget(uri)

    def _table(self) -> ListedFiles:
        with self._lock:
            if self._listed is None:
                self._listed = ListedFiles()
            return self._listed


def _is_hidden(key: str, folder: str) -> bool:
    """Tell whether a part of the key below the folder begins with a dot."""
    below = key.removeprefix(folder).lstrip("/")
    return any(part.startswith(".") for part in below.split("/"))
