"""Thumbnails and comparisons on request, in memory that does not grow."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from fastdup.config.machine import available_cores
from fastdup.report.differences import Seen, describe_difference
from fastdup.report.thumbnails import THUMBNAIL_SIDE, Failure, look_at
from fastdup.sources import ReaderOptions, UriReader

if TYPE_CHECKING:
    from fastdup.judging.finding import Finding

#: Longest sides that are made: of the pictures in lists, and of those looked at closely.
SIDES = (THUMBNAIL_SIDE, 1600)
CACHE_BYTES = 64 * 2**20
_KEPT_DIFFERENCES = 20_000
#: Pictures that are kept to be compared again, about 3 MB each: the first of a group.
_KEPT_SEEN = 16


class Pictures:
    """The pictures of a collection, wherever it lies; safe to use from several threads.

    Parameters
    ----------
    paths : sequence of str
        As listed, by row number.
    finding_of : callable
        Two row numbers → what the run found about these images, None if it did not look.
    cache_bytes : int
        Most bytes of JPEG that are remembered.
    """

    def __init__(
        self,
        paths: Sequence[str],
        finding_of: "Callable[[int, int], Finding | None]",
        cache_bytes: int = CACHE_BYTES,
    ) -> None:
        self._paths = paths
        self._finding_of = finding_of
        self._reader = UriReader(ReaderOptions(include_hidden=True, include_system=True))
        # Each decoding may take much memory for a moment.
        self._decoding = threading.BoundedSemaphore(available_cores())
        self._cache = _ByteCache(cache_bytes)
        self._seen = lru_cache(_KEPT_SEEN)(self._see)
        self.difference = lru_cache(_KEPT_DIFFERENCES)(self._difference)

    def jpeg(self, row: int, side: int) -> bytes | Failure:
        """Return the picture of an image within `side` pixels, or why there is none."""
        known = self._cache.get((row, side))
        if known is not None:
            return known
        with self._decoding:
            picture = look_at(self._paths[row], side, self._reader.read)[0]
        if isinstance(picture, Failure):
            return picture
        self._cache.put((row, side), picture.jpeg)
        return picture.jpeg

    def _difference(self, first: int, second: int) -> dict[str, Any]:
        """Return what differs between two images; see `describe_difference`."""
        stored = self._finding_of(first, second)
        with self._decoding:
            return describe_difference(self._seen(first), self._seen(second), stored)

    def _see(self, row: int) -> Seen:
        return Seen.of(
            look_at(self._paths[row], THUMBNAIL_SIDE, self._reader.read, to_compare=True)
        )

    def sharper(self, first: int, second: int) -> float | None:
        """Return the fine detail of one image ÷ that of another at equal scale; None: not seen."""
        from fastdup.verify.sharpness import fine_detail  # loads all that judges pictures

        with self._decoding:
            looks = [
                look_at(self._paths[row], SIDES[1], self._reader.read)[1] for row in (first, second)
            ]
            if looks[0] is None or looks[1] is None:
                return None
            one, other = fine_detail(looks[0], looks[1])
        return (one + 1) / (other + 1)

    def forget(self) -> None:
        """Read all anew from now on: files were changed."""
        self._cache.clear()
        self._seen.cache_clear()
        self.difference.cache_clear()

    def close(self) -> None:
        """Close archives and connections."""
        self._reader.close()


class _ByteCache:
    """The last used pictures, together no larger than `max_bytes`."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._n_bytes = 0
        self._kept: OrderedDict[tuple[int, int], bytes] = OrderedDict()
        self._lock = threading.Lock()

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()
            self._n_bytes = 0

    def get(self, key: tuple[int, int]) -> bytes | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: tuple[int, int], data: bytes) -> None:
        with self._lock:
            self._n_bytes += len(data) - len(self._kept.pop(key, b""))
            self._kept[key] = data
            while self._n_bytes > self._max_bytes:
                self._n_bytes -= len(self._kept.popitem(last=False)[1])
