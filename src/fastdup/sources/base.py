"""The two halves of a source: a listing names images, a reader stamps and reads them."""

import os
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, Protocol

from fastdup.sources.crops import Crop


class Stamp(NamedTuple):
    """Size and time of change of an image; another stamp means that the image changed."""

    size_bytes: int
    mtime_ns: int


#: Times of change are stored as 64-bit numbers, which end in the year 2262.
_MOST_NS = 2**63 - 1
#: Later times, and those before 1677, differ in so many nanoseconds.
_FAR_NS = 2**32


def stamp_of_state(found: os.stat_result) -> Stamp:
    """Return the stamp of a file of this machine, whatever its date."""
    mtime_ns = found.st_mtime_ns
    if mtime_ns > _MOST_NS - _FAR_NS:
        mtime_ns = _MOST_NS - _FAR_NS + mtime_ns % _FAR_NS
    elif mtime_ns < _FAR_NS - _MOST_NS:
        mtime_ns = mtime_ns % _FAR_NS - _MOST_NS
    return Stamp(found.st_size, mtime_ns)


#: The stamp of an image that cannot be reached.
UNREACHABLE = Stamp(-1, -1)

#: Says whether an image with this stamp need not be read, because its row is stored.
Skip = Callable[[str, Stamp], bool]


class Listing(Protocol):
    """Names images one after the other."""

    @property
    def name(self) -> str:
        """The place as the user gave it, for messages."""

    def uris(self) -> Iterator[str]:
        """Yield each image's full path or URL, in listing order, without repeats.

        Raises
        ------
        SourceError
            When the place as a whole cannot be read.
        """


class Reader(Protocol):
    """Stamps and reads images. Safe to use from several threads; pickles, for other processes."""

    def stamp(self, uri: str) -> Stamp:
        """Return size and time of change, `UNREACHABLE` when there is nothing to read."""

    def read(self, uri: str, max_bytes: int | None = None) -> bytes:
        """Return the image's bytes, only the first `max_bytes` when that is given.

        Raises
        ------
        ImageError
            When this image cannot be read; its reason says why.
        SourceError
            When nothing at all can be read any more.
        """

    def label(self, uri: str) -> str | None:
        """Return the label that the place has for the image, None when it has none."""

    def crop(self, uri: str) -> Crop | None:
        """Return the part of an image that `uri` names, None when it is whole.

        `read` and `stamp` of a part are those of the whole image.
        """

    def is_file(self, uri: str) -> bool:
        """Return whether `uri` is a plain file of this machine, which any process reads as well.

        All else is best read by the process that listed it: it knows where a member of an archive
        is, and has asked for an object before it is needed.
        """

    def prefetch(self, uris: Sequence[str], skip: Skip | None = None) -> None:
        """Prepare for images that will be stamped and read next, in this order.

        Parameters
        ----------
        uris : sequence of str
            The images; each is stamped once and read at most once soon.
        skip : callable, optional
            Says which of them will only be stamped; without, all will be read.
        """

    def close(self) -> None:
        """Release all files and connections."""
