"""Asks stores for single objects, again and again where it may help."""

import hashlib
import threading
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from fastdup.errors import FastdupError, ImageError, Reason, SourceError
from fastdup.sources.base import Skip, Stamp
from fastdup.sources.objects import stores
from fastdup.sources.objects.failures import client_faults, failure_of
from fastdup.sources.objects.prefetcher import Fetched
from fastdup.sources.objects.urls import ObjectUrl, parse_url
from fastdup.sources.signed import SignedAddresses, lacks_its_secret

if TYPE_CHECKING:
    from obstore import GetResult, ObjectMeta
    from obstore.store import ObjectStore

    from fastdup.sources.objects.web_store import WebAnswer, WebStore

#: After so many objects in a row without an answer, the store is taken for lost.
N_LOST_IN_A_ROW = 50
#: A body that is whole, and shorter than listed, is asked for again for so many seconds.
_CUT_SHORT_S = 5
_HEAD_PIECE_BYTES = 2**14

T = TypeVar("T")


class CutShortError(ConnectionError):
    """An object came whole, and with fewer bytes than its listing says, though it is the same."""


class StoreClient:
    """The stores met so far, one client for each; safe to use from several threads.

    Parameters
    ----------
    signed : SignedAddresses
        The addresses whose names hide a secret.
    """

    def __init__(self, signed: SignedAddresses) -> None:
        self._signed = signed
        self._stores: dict[str, ObjectStore | WebStore] = {}
        self._n_lost: Counter[str] = Counter()
        self._lock = threading.Lock()

    def close(self) -> None:
        """Release all connections."""
        with self._lock:
            self._stores.clear()

    def knows(self, place: str) -> bool:
        """Return whether the store ``s3://bucket`` was met."""
        return place in self._stores

    def place(self, uri: str) -> ObjectUrl:
        """Return where the object called `uri` is.

        Raises
        ------
        SourceError
            When `uri` makes no sense.
        """
        return parse_url(self._signed.address(uri))

    def store(self, place: str) -> "ObjectStore | WebStore":
        """Return the client of a store."""
        with self._lock:
            if place not in self._stores:
                self._stores[place] = stores.open_store(place, stores.PATIENCE)
            return self._stores[place]

    def fetch(
        self, uri: str, skip: Skip | None, max_bytes: int, listed: Stamp | None = None
    ) -> Fetched:
        """Return stamp and bytes of an object.

        No bytes when there are more than `max_bytes`, or `skip` says that they are stored. `listed`
        is its stamp in a listing: with fewer bytes, it is asked for again.

        Raises
        ------
        ImageError, SourceError
            When there is no answer.
        """

        def ask(store: "ObjectStore | WebStore", place: ObjectUrl) -> Fetched:
            # Who signs an address signs the method with it: HEAD would be refused.
            if skip and not place.has_query:
                stamp = stamp_of(store.head(place.path))
                if skip(uri, stamp):
                    return Fetched(stamp)
            answer = store.get(place.path)
            stamp = stamp_of(answer.meta)
            _check_not_cut(answer, listed)
            if stamp.size_bytes > max_bytes or (skip and skip(uri, stamp)):
                return Fetched(stamp)
            return Fetched(stamp, _whole(answer, stamp.size_bytes))

        return self._patiently(uri, ask)

    def read(self, uri: str, max_bytes: int | None, listed: Stamp | None = None) -> bytes:
        """Return the bytes of an object, only the first `max_bytes` when that is given.

        `listed` is its stamp in a listing: with fewer bytes, it is asked for again.

        Raises
        ------
        ImageError, SourceError
            When there is no answer.
        """

        def ask(store: "ObjectStore | WebStore", place: ObjectUrl) -> bytes:
            answer = store.get(place.path)
            _check_not_cut(answer, listed)
            if max_bytes is None:
                return _whole(answer, answer.meta["size"])
            pieces = iter(answer.stream(_HEAD_PIECE_BYTES))
            return bytes(next(pieces, b""))[:max_bytes]

        return self._patiently(uri, ask)

    def read_range(self, uri: str, start: int, n_bytes: int) -> tuple[Stamp, bytes]:
        """Return the stamp of an object and a part of its bytes.

        Raises
        ------
        ImageError, SourceError
            When there is no answer.
        """

        def ask(store: "ObjectStore | WebStore", place: ObjectUrl) -> tuple[Stamp, bytes]:
            answer = store.get(place.path, options={"range": (start, start + n_bytes)})
            return stamp_of(answer.meta), _whole(answer, n_bytes)

        return self._patiently(uri, ask)

    def _patiently(self, uri: str, ask: "Callable[[ObjectStore | WebStore, ObjectUrl], T]") -> T:
        """Return the answer; ask again when it breaks off.

        The client itself repeats what failed before the answer began.
        """
        try:
            place = self.place(uri)
        except SourceError as exc:  # in a list, it is this line only that makes no sense
            raise ImageError(str(exc), reason=Reason.UNSUPPORTED) from exc
        if lacks_its_secret(place.root):
            detail = "what gives access is kept in no result: name the whole address anew"
            raise ImageError(detail, reason=Reason.NO_ACCESS)
        retries = stores.Retries(stores.PATIENCE.retry_s)
        while True:
            try:
                answer = ask(self._client_of(place), place)
                self._n_lost[place.store] = 0
                return answer
            except client_faults() as exc:
                failure = failure_of(place.store, exc)
                is_passing = isinstance(failure, ImageError) and failure.reason == Reason.TIMEOUT
                if isinstance(exc, CutShortError):
                    retries.within_s = min(retries.within_s, _CUT_SHORT_S)
                if not is_passing or not retries.wait():
                    raise self._lost(place.store, failure) from exc

    def _client_of(self, place: ObjectUrl) -> "ObjectStore | WebStore":
        """Return the client for an object: its store's, or one of its own that nobody keeps."""
        if place.has_query:
            return stores.open_store(place.root, stores.PATIENCE)
        return self.store(place.store)

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


def _whole(answer: "GetResult | WebAnswer", n_bytes: int) -> bytes:
    data = bytes(answer.bytes())
    if len(data) != n_bytes:
        raise ConnectionError(f"{len(data):,} of {n_bytes:,} bytes came")
    return data


def _check_not_cut(answer: "GetResult | WebAnswer", listed: Stamp | None) -> None:
    """Check that the same object has not fewer bytes than listed, as a cache that cut it gives."""
    if listed is None or answer.meta["size"] >= listed.size_bytes:
        return
    is_other = answer.meta["e_tag"] and stamp_of(answer.meta).mtime_ns != listed.mtime_ns
    if not is_other:
        n_bytes = answer.meta["size"]
        raise CutShortError(f"{n_bytes:,} bytes came, where the listing says {listed.size_bytes:,}")


def stamp_of(meta: "ObjectMeta") -> Stamp:
    """Return size, and time of change in seconds with the ETag's hash in place of nanoseconds.

    Listings and answers differ in their fractions of a second, and an object may be
    replaced within a second.
    """
    tag = (meta["e_tag"] or "").strip('"').encode()
    fraction = int.from_bytes(hashlib.blake2b(tag, digest_size=4).digest()) % 10**9
    return Stamp(meta["size"], int(meta["last_modified"].timestamp()) * 10**9 + fraction)
