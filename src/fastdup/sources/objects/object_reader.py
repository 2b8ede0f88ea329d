"""Lists, stamps and reads objects; they are prefetched and never copied to disk."""

import logging
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, cast

from fastdup.errors import ImageError, Reason, SourceError
from fastdup.sources.base import UNREACHABLE, Skip, Stamp
from fastdup.sources.kind_reader import KindReader
from fastdup.sources.objects.client import StoreClient, stamp_of
from fastdup.sources.objects.object_listing import (
    check_store,
    has_objects,
    list_objects,
    without_markers,
)
from fastdup.sources.objects.prefetcher import MAX_PREFETCHED_BYTES, Fetched, Prefetcher
from fastdup.sources.reader_options import ReaderOptions
from fastdup.sources.signed import SignedAddresses
from fastdup.sources.stat_cache import CachedStat, StatCache
from fastdup.sources.wanted_files import is_in_system_folder

if TYPE_CHECKING:
    from obstore.store import ObjectStore

logger = logging.getLogger(__name__)


class ObjectReader(KindReader):
    """Knows the stores met so far; safe to use from several threads.

    Parameters
    ----------
    options : ReaderOptions
        How they are listed.
    signed : SignedAddresses
        The addresses whose names hide a secret.

    Attributes
    ----------
    client : StoreClient
        Asks for single objects.
    refused : dict of str to ImageError
        The stores that cannot be read, as ``s3://bucket``, and why.
    """

    def __init__(self, options: ReaderOptions, signed: SignedAddresses) -> None:
        self._options = options
        self.client = StoreClient(signed)
        self._listed = StatCache()
        self.refused: dict[str, ImageError] = {}
        self._prefetcher = Prefetcher(self._fetch)

    def close(self) -> None:
        """Release all connections."""
        self._prefetcher.close()
        self._listed.close()
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
        n_hidden = n_system = 0
        store = cast("ObjectStore", self.client.store(place.store))
        for meta in without_markers(list_objects(store, place), place.key):
            uri = f"{place.store}/{meta['path']}"
            below = meta["path"].removeprefix(place.key)
            if not self._options.include_hidden and _is_hidden(meta["path"], place.key):
                n_hidden += 1
                continue
            if not self._options.include_system and is_in_system_folder(below):
                n_system += 1
                continue
            self._listed.add(uri, CachedStat(stamp_of(meta)))
            yield uri
        if n_hidden:
            logger.info("%s: %d hidden objects left out (include_hidden lists them)", url, n_hidden)
        if n_system:
            message = "%s: %d objects in bins and the like left out (include_system lists them)"
            logger.info(message, url, n_system)

    def named(self, url: str) -> Iterator[str]:
        """Yield what a line of a list stands for: a folder's objects, else `url` itself.

        Raises
        ------
        SourceError
            When the store cannot be reached or refuses the credentials; found by its first object.
        """
        try:
            place = self.client.place(url)
        except SourceError:  # listed, so that it ends among the bad
            yield url
            return
        if place.store in self.refused:
            yield url
            return
        if place.names_folder:
            yield from self.uris(url)
            return
        if not self.client.knows(place.store):
            check_store(place)
            self.client.store(place.store)
        yield url

    def refuse(self, url: str, cause: SourceError) -> None:
        """Have all of a store be bad files: it cannot be read, and other inputs can."""
        reason = Reason.NOT_FOUND if "there is no" in str(cause) else Reason.NO_ACCESS
        reason = Reason.TIMEOUT if "cannot be reached" in str(cause) else reason
        self.refused[self.client.place(url).store] = ImageError(str(cause), reason=reason)

    def refuses(self, uri: str) -> bool:
        """Return whether a URI is in a store that was refused."""
        return self._refusal(uri) is not None

    def _refusal(self, uri: str) -> ImageError | None:
        """Return why the whole store is refused that a URI names."""
        if not self.refused:
            return None
        try:
            return self.refused.get(self.client.place(uri).store)
        except SourceError:
            return None

    def stamp(self, uri: str) -> Stamp:
        """Return size and time of change, `UNREACHABLE` when there is nothing to read."""
        if self._refusal(uri):
            return UNREACHABLE
        if listed := self._listed.find(uri):
            return listed.stamp
        fetched = self._prefetcher.peek(uri) or self._prefetcher.ask(uri, lambda *_: True)
        if fetched.data is None and fetched.error is None:
            self._prefetcher.forget(uri)
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
        if refusal := self._refusal(uri):
            raise refusal
        data = self._prefetcher.take(uri, max_bytes)
        if data is not None:
            return data
        return self.client.read(uri, max_bytes, self._listed_stamp(uri))

    def prefetch(self, uris: Sequence[str], skip: Skip | None = None) -> None:
        """Begin to ask for `uris`."""
        wanted: list[tuple[str, Skip | None]] = []
        for uri in uris:
            if self._refusal(uri):
                continue
            listed = self._listed.find(uri)
            if listed is None:
                wanted.append((uri, skip))
            elif listed.stamp.size_bytes <= MAX_PREFETCHED_BYTES and not (
                skip and skip(uri, listed.stamp)
            ):
                wanted.append((uri, None))
        self._prefetcher.prefetch(wanted)

    def _fetch(self, uri: str, skip: Skip | None) -> Fetched:
        return self.client.fetch(uri, skip, MAX_PREFETCHED_BYTES, self._listed_stamp(uri))

    def _listed_stamp(self, uri: str) -> Stamp | None:
        listed = self._listed.find(uri)
        return listed.stamp if listed else None


def _is_hidden(key: str, folder: str) -> bool:
    """Return whether a part of the key below the folder begins with a dot."""
    below = key.removeprefix(folder).lstrip("/")
    return any(part.startswith(".") for part in below.split("/"))
