"""What every place of images can do: list its images, stamp one, read one."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, Protocol

from fastdup.sources.crops import Crop


class Stamp(NamedTuple):
    """What tells whether an image changed since it was read."""

    size_bytes: int
    mtime_ns: int


#: The stamp of an image that cannot be reached.
UNREACHABLE = Stamp(-1, -1)

#: Tells whether the row of an image with this stamp is stored, so that it need not be read.
IsStored = Callable[[str, Stamp], bool]


class Listing(Protocol):
    """Something that names places of images one after the other."""

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


class Source(Listing, Protocol):
    """A place of images. Picklable, so that workers can read from it."""

    def stamp(self, uri: str) -> Stamp:
        """Return size and time of change, `UNREACHABLE` when there is nothing to read."""

    def read(self, uri: str, max_bytes: int | None = None) -> bytes:
        """Return the file's bytes, only the first `max_bytes` when that is given.

        Raises
        ------
        ImageError
            With reason ``not_found``, ``no_access``, ``timeout`` or ``not_an_image``.
        SourceError
            When nothing at all can be read any more.
        """

    def label(self, uri: str) -> str | None:
        """Return what the place says of the image, None when it says nothing."""

    def crop(self, uri: str) -> Crop | None:
        """Return the part of an image that `uri` names, None when it is whole.

        `read` and `stamp` of a part are those of the whole image.
        """

    def is_file(self, uri: str) -> bool:
        """Tell whether `uri` is a plain file of this machine, which any process reads as well.

        All else is best read by the process that listed it: it knows where a member of an archive
        is, and has asked for an object before it is needed.
        """

    def expect(self, uris: Sequence[str], is_stored: IsStored | None = None) -> None:
        """Hear which images will be stamped and read next, in this order.

        Parameters
        ----------
        uris : sequence of str
            The images; each is stamped once and read at most once soon.
        is_stored : callable or None
            Tells which of them will only be stamped; None: all will be read.
        """

    def close(self) -> None:
        """Let go of all files and connections."""
