"""Lists, stamps and reads objects; they are asked for ahead and never copied to disk."""

import hashlib
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

from fastdup.errors import FastdupError, ImageError, Reason, SourceError
from fastdup.sources.base import UNREACHABLE, IsStored, Stamp
from fastdup.sources.listed import ListedFile, ListedFiles
from fastdup.sources.objects import stores
from fastdup.sources.objects.failures import failure_of, listing_failure, unreachable
from fastdup.sources.objects.prefetch import Fetched, Prefetcher
from fastdup.sources.objects.urls import ObjectUrl, parse_url

if TYPE_CHECKING:
    from obstore import GetResult, ObjectMeta
    from obstore.store import ObjectStore

logger = logging.getLogger(__name__)

#: Objects above this are asked for when they are read, and not before.
MAX_PREFETCHED_BYTES = 32 * 2**20
_FIRST_PAUSE_S = 0.2
#: After so many objects in a row without an answer, the store is taken for lost.
N_LOST_IN_A_ROW = 50
_HEAD_PIECE_BYTES = 2**14

T = TypeVar("T")


class ObjectReader:
    """Knows the stores met so far; safe to use from several threads.

    Parameters
    ----------
    include_hidden : bool
        Whether objects are listed of whose keys a part begins with a dot.
    """

    def __init__(self, include_hidden: bool) -> None:
        self._include_hidden = include_hidden
        self._stores: dict[str, ObjectStore] = {}
        self._n_lost: Counter[str] = Counter()
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
            self._stores.clear()

    def uris(self, url: str) -> Iterator[str]:
        """Yield the objects below `url`, or `url` itself when it is an object; sorted by key.

        Raises
        ------
        SourceError
            When the store cannot be listed, or there is nothing at `url`.
        """
        place = parse_url(url)
        if place.is_web and place.names_folder:
            raise SourceError(f"{url!r}: a web server has no listing; name its files in a list")
        if place.is_web or not (self._has_objects(place) or place.names_folder):
            self._check(place, is_needed=True)
            yield url
            return
        n_hidden = 0
        for meta in self._without_markers(self._pages(place)):
            uri = f"{place.store}/{meta['path']}"
            if not self._include_hidden and _is_hidden(meta["path"], place.key):
                n_hidden += 1
                continue
            self._table().add(uri, ListedFile(_stamp(meta)))
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
            place = parse_url(url)
        except SourceError:  # listed, so that it ends among the bad
            yield url
            return
        if place.names_folder:
            yield from self.uris(url)
            return
        if place.store not in self._stores:
            self._check(place)
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
        return self._read_now(uri, max_bytes)

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

    def _expected(self, uri: str) -> Fetched | None:
        return self._prefetcher.peek(uri) if self._prefetcher else None

    def _forget(self, uri: str) -> None:
        if self._prefetcher:
            self._prefetcher.forget(uri)

    # --- listing ----------------------------------------------------------------------------

    def _has_objects(self, place: ObjectUrl) -> bool:
        """Tell whether anything is below `place`; whatever is wrong with the store shows here."""
        store = stores.open_store(place.store, stores.FIRST_PATIENCE)
        import obstore

        try:
            return any(map(len, obstore.list(store, place.key, chunk_size=1)))
        except Exception as exc:  # the client raises its own kinds and Python's
            raise listing_failure(place.store, exc) from exc

    def _pages(self, place: ObjectUrl) -> "Iterator[ObjectMeta]":
        import obstore

        try:
            for page in obstore.list(self._store(place.store), place.key, chunk_size=1000):
                yield from page
        except Exception as exc:
            raise listing_failure(place.store, exc) from exc

    @staticmethod
    def _without_markers(metas: "Iterator[ObjectMeta]") -> "Iterator[ObjectMeta]":
        """Leave out the empty objects by which consoles mark folders: ``photos/2024/``."""
        held: ObjectMeta | None = None
        for meta in metas:
            is_marker = held and not held["size"] and meta["path"].startswith(held["path"] + "/")
            if held and not is_marker:
                yield held
            held = meta
        if held:
            yield held

    def _check(self, place: ObjectUrl, *, is_needed: bool = False) -> None:
        """Ask for an object once, so that what is wrong with the whole store is told early."""
        store = stores.open_store(place.store, stores.FIRST_PATIENCE)
        import obstore

        try:
            obstore.get(store, place.path)
        except Exception as exc:
            failure = failure_of(place.store, exc)
            if isinstance(failure, ImageError) and failure.reason == Reason.TIMEOUT:
                raise unreachable(place.store, failure) from exc
            if isinstance(failure, SourceError):
                raise failure from exc
            if is_needed:
                url = f"{place.store}/{place.key}"
                raise SourceError(f"there is nothing to read at {url}: {failure}") from exc
        self._store(place.store)

    # --- asking -----------------------------------------------------------------------------

    def _fetch(self, uri: str, is_stored: IsStored | None) -> Fetched:
        """Return stamp and bytes of an expected object; see `Fetch`."""

        def ask(store: "ObjectStore", key: str) -> Fetched:
            import obstore

            if is_stored:
                stamp = _stamp(obstore.head(store, key))
                if is_stored(uri, stamp):
                    return Fetched(stamp)
            answer = obstore.get(store, key)
            stamp = _stamp(answer.meta)
            if stamp.size_bytes > MAX_PREFETCHED_BYTES:
                return Fetched(stamp)
            return Fetched(stamp, _whole(answer))

        try:
            return self._patiently(uri, ask)
        except FastdupError as exc:
            return Fetched(UNREACHABLE, error=exc)

    def _read_now(self, uri: str, max_bytes: int | None) -> bytes:
        """Return the bytes of an object that was not expected, or is too large to be held."""

        def ask(store: "ObjectStore", key: str) -> bytes:
            import obstore

            answer = obstore.get(store, key)
            if max_bytes is None:
                return _whole(answer)
            pieces = iter(answer.stream(_HEAD_PIECE_BYTES))
            return bytes(next(pieces, b""))[:max_bytes]

        return self._patiently(uri, ask)

    def _patiently(self, uri: str, ask: "Callable[[ObjectStore, str], T]") -> T:
        """Return the answer; ask again when it breaks off.

        The client itself repeats what failed before the answer began.
        """
        try:
            place = parse_url(uri)
        except SourceError as exc:  # in a list, it is this line only that makes no sense
            raise ImageError(str(exc), reason=Reason.UNSUPPORTED) from exc
        if place.is_web and "?" in place.key:
            detail = "web addresses with a question mark, such as signed ones, cannot be read"
            raise ImageError(detail, reason=Reason.UNSUPPORTED)
        end_s = time.monotonic() + stores.PATIENCE.retry_s
        pause_s = _FIRST_PAUSE_S
        while True:
            try:
                answer = ask(self._store(place.store), place.path)
                self._n_lost[place.store] = 0
                return answer
            except FastdupError:
                raise
            except Exception as exc:  # the client raises its own kinds and Python's
                failure = failure_of(place.store, exc)
                is_passing = isinstance(failure, ImageError) and failure.reason == Reason.TIMEOUT
                if not is_passing or time.monotonic() + pause_s > end_s:
                    raise self._lost(place.store, failure) from exc
            time.sleep(pause_s)
            pause_s *= 2

    def _lost(self, store: str, failure: FastdupError) -> FastdupError:
        """Return the failure of one image, or of the run when too many followed one another."""
        if not isinstance(failure, ImageError) or failure.reason != Reason.TIMEOUT:
            self._n_lost[store] = 0
            return failure
        self._n_lost[store] += 1
        if self._n_lost[store] < N_LOST_IN_A_ROW:
            return failure
        return SourceError(
            f"{store} does not answer any more ({failure}); what is stored is kept: run again to "
            "go on from there"
        )

    def _store(self, place: str) -> "ObjectStore":
        with self._lock:
            if place not in self._stores:
                self._stores[place] = stores.open_store(place, stores.PATIENCE)
            return self._stores[place]

    def _table(self) -> ListedFiles:
        with self._lock:
            if self._listed is None:
                self._listed = ListedFiles()
            return self._listed


def _whole(answer: "GetResult") -> bytes:
    data = bytes(answer.bytes())
    if len(data) != answer.meta["size"]:
        raise ConnectionError(f"{len(data):,} of {answer.meta['size']:,} bytes came")
    return data


def _stamp(meta: "ObjectMeta") -> Stamp:
    """Return size, and time of change in seconds with the ETag's hash in place of nanoseconds.

    Listings and answers differ in the fractions of a second that they tell, and an object may be
    replaced within a second.
    """
    tag = (meta["e_tag"] or "").strip('"').encode()
    fraction = int.from_bytes(hashlib.blake2b(tag, digest_size=4).digest()) % 10**9
    return Stamp(meta["size"], int(meta["last_modified"].timestamp()) * 10**9 + fraction)


def _is_hidden(key: str, folder: str) -> bool:
    """Tell whether a part of the key below the folder begins with a dot."""
    below = key.removeprefix(folder).lstrip("/")
    return any(part.startswith(".") for part in below.split("/"))
