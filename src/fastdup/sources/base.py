"""What every place of images can do: list its images, stamp one, read one."""

from collections.abc import Iterator
from typing import NamedTuple, Protocol


class Stamp(NamedTuple):
    """What tells whether an image changed since it was read."""

    size_bytes: int
    mtime_ns: int


#: The stamp of an image that cannot be reached.
UNREACHABLE = Stamp(-1, -1)


class Source(Protocol):
    """A place of images. Picklable, so that workers can read from it."""

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

    def stamp(self, uri: str) -> Stamp:
        """Return size and time of change, `UNREACHABLE` when there is nothing to read."""

    def read(self, uri: str, max_bytes: int | None = None) -> bytes:
        """Return the file's bytes, only the first `max_bytes` when that is given.

        Raises
        ------
        ImageError
            With reason ``not_found``, ``no_access``, ``timeout`` or ``not_an_image``.
        """
