"""The boundary to all that opens files of strangers: whatever is raised there is one bad file."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from fastdup.errors import FastdupError, ImageError, Reason
from fastdup.sources.base import UNREACHABLE, Skip, Stamp
from fastdup.sources.kind_reader import KindReader
from fastdup.sources.kinds import SourceKind
from fastdup.sources.local_reader import image_error

if TYPE_CHECKING:
    from fastdup.sources.containers.container_reader import ContainerReader

T = TypeVar("T")

_MOST_DETAIL = 200


def translated(exc: Exception, noun: str) -> ImageError:
    """Return what any exception means for an image; the detail names its kind, on one line."""
    if isinstance(exc, ImageError):
        return exc
    if isinstance(exc, OSError):
        return image_error(exc)
    if isinstance(exc, MemoryError):
        return ImageError(f"{noun} that needs too much memory", reason=Reason.TOO_LARGE)
    try:
        text = " ".join(f"{type(exc).__name__}: {exc}".split())[:_MOST_DETAIL]
    except Exception:  # what describes the failure fails too
        text = type(exc).__name__
    return ImageError(f"{noun} that cannot be read ({text})", reason=Reason.DECODE_ERROR)


class GuardedReader(KindReader):
    """Uses the reader of a kind, and translates what it raises besides fastdup's own errors.

    Parameters
    ----------
    reader : ContainerReader
        Reads the images of a kind, by libraries that may raise anything.
    kind : SourceKind
        The kind.
    """

    def __init__(self, reader: "ContainerReader[Any]", kind: SourceKind) -> None:
        self._reader = reader
        self._noun = kind.noun
        self.kind = kind
        self._failures: dict[str, ImageError] = {}

    def adopt(self, path: str) -> None:
        """Take a file for one of this kind by its content, whatever its name says."""
        self._reader.adopt(path)

    @property
    def has_captions(self) -> bool:
        """Whether an image listed so far has a caption."""
        return self._reader.has_captions

    def find(self, uri: str) -> str | None:
        """Return the place of many images that `uri` is or leads into, None when there is none."""
        return _unless_raised(None, lambda: self._reader.find(uri))

    def uris(self, path: str) -> Iterator[str]:
        """Yield the images at a place; where listing them fails, then the place itself."""
        self._failures.pop(path, None)
        try:
            yield from self._reader.uris(path)
        except FastdupError:
            raise
        except Exception as exc:
            self._failures[path] = translated(exc, self._noun)
            yield path

    def stamp(self, uri: str) -> Stamp:
        """Return size and time of change, `UNREACHABLE` when there is nothing to read."""
        return _unless_raised(UNREACHABLE, lambda: self._reader.stamp(uri))

    def read(self, uri: str, max_bytes: int | None = None) -> bytes:
        """Return the bytes of an image.

        Raises
        ------
        ImageError
            When it cannot be read, whatever the cause.
        """
        if uri in self._failures:
            raise self._failures[uri]
        try:
            return self._reader.read(uri, max_bytes)
        except FastdupError:
            raise
        except Exception as exc:
            raise translated(exc, self._noun) from exc

    def label(self, uri: str) -> str | None:
        """Return the label of an image, None when there is none, or it cannot be read."""
        return _unless_raised(None, lambda: self._reader.label(uri))

    def caption(self, uri: str) -> str | None:
        """Return the caption of an image, None when there is none, or it cannot be read."""
        return _unless_raised(None, lambda: self._reader.caption(uri))

    def prefetch(self, uris: Sequence[str], skip: Skip | None = None) -> None:
        """Prepare for what will be read next; what fails then is found when it is read."""
        _unless_raised(None, lambda: self._reader.prefetch(uris, skip))

    def close(self) -> None:
        """Close all that is open."""
        self._reader.close()


def _unless_raised(otherwise: T, call: Callable[[], T]) -> T:
    try:
        return call()
    except FastdupError:
        raise
    except Exception:
        return otherwise
