"""What the reader of one kind of source can do: the base of them all."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence

from fastdup.sources.base import Skip, Stamp
from fastdup.sources.kinds import SourceKind


class KindReader(ABC):
    """Lists and reads the images of one kind; safe to use from several threads."""

    #: The row of the table that it belongs to; None for plain files.
    kind: SourceKind | None = None

    @property
    def has_captions(self) -> bool:
        """Whether an image listed so far has a caption."""
        return False

    def find(self, uri: str) -> str | None:
        """Return the place of many images that `uri` is or leads into, None when there is none."""
        return None

    def uris(self, path: str) -> Iterator[str]:
        """Yield the images at a place that `find` found."""
        return iter((path,))

    @abstractmethod
    def stamp(self, uri: str) -> Stamp:
        """Return the stamp of an image; see `Reader`."""

    @abstractmethod
    def read(self, uri: str, max_bytes: int | None = None) -> bytes:
        """Return the bytes of an image; see `Reader`."""

    def label(self, uri: str) -> str | None:
        """Return the label of an image; see `Reader`. Asks no network."""
        return None

    def caption(self, uri: str) -> str | None:
        """Return the caption of an image, None when it has none. Asks no network."""
        return None

    def prefetch(self, uris: Sequence[str], skip: Skip | None = None) -> None:  # noqa: B027
        """Prepare for what will be read next; see `Reader`. Most kinds have nothing to do."""

    def close(self) -> None:  # noqa: B027
        """Close all that is open."""
