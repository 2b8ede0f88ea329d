"""Uses the class of a registered source: finds its images, and understands what it raises."""

import os
import reprlib
from collections.abc import Callable, Iterator, Sequence
from numbers import Integral
from typing import Any, TypeVar

from fastdup.errors import ConfigError, FastdupError, ImageError, Reason, SourceError
from fastdup.sources.base import UNREACHABLE, Skip, Stamp
from fastdup.sources.kind_reader import KindReader
from fastdup.sources.kinds import SourceKind
from fastdup.sources.local_reader import LocalReader, image_error
from fastdup.sources.reader_options import ReaderOptions
from fastdup.sources.registry import load_reader
from fastdup.sources.source_reader import check_reader

T = TypeVar("T")

_END = object()
#: Stamps are stored as 64-bit numbers.
_MOST = 1 << 63


class RegisteredReader(KindReader):
    """Reads the images of a registered kind; see `KindReader`.

    Parameters
    ----------
    kind : SourceKind
        The kind.
    options : ReaderOptions
        Handed to its class.

    Raises
    ------
    SourceError
        When its class cannot be imported, or is none.
    """

    def __init__(self, kind: SourceKind, options: ReaderOptions) -> None:
        self._kind = kind
        reader = load_reader(kind)
        try:
            check_reader(reader)
        except ConfigError as exc:
            owner = f" of the package {kind.distribution}" if kind.distribution else ""
            raise SourceError(f"the source {kind.name}{owner}: {exc}") from exc
        self._class_name = reader.__qualname__
        self._reader = self._called(kind.name, lambda: reader(options))
        self._failures: dict[str, ImageError] = {}

    def find(self, uri: str) -> str | None:
        """Return the file or URL whose images `uri` names, None when it is of another kind."""
        if self._kind.schemes:
            return uri
        return next(filter(os.path.isfile, self._kind.paths_in(uri)), None)

    def uris(self, path: str) -> Iterator[str]:
        """Yield the images at a place; a file without any, or a damaged one, yields itself too."""
        failure = ImageError(f"{self._kind.noun} without images", reason=Reason.NOT_AN_IMAGE)
        n_images = 0
        try:
            for uri in self._listed(path):
                n_images += 1
                yield uri
        except ImageError as exc:
            if self._kind.schemes:
                raise SourceError(f"{path} cannot be listed: {exc}") from exc
            failure, n_images = exc, 0
        if self._kind.endings and not n_images:
            self._failures[path] = failure
            yield path

    def _listed(self, path: str) -> Iterator[str]:
        listed: Any = self._called(path, lambda: self._reader.uris(path))
        if isinstance(listed, str | bytes):
            raise self._wrong("uris", path, listed, "an iterator of str")
        images: Iterator[Any] = self._called(path, lambda: iter(listed))
        while (uri := self._called(path, lambda: next(images, _END))) is not _END:
            if not isinstance(uri, str):
                raise self._wrong("uris", path, uri, "str", verb="yielded")
            yield uri

    def stamp(self, uri: str) -> Stamp:
        """Return size and time of change, `UNREACHABLE` when there is no such image."""
        if self._is_file(uri):
            return LocalReader().stamp(uri)
        try:
            found: Any = self._called(uri, lambda: self._reader.stamp(uri))
        except ImageError:
            return UNREACHABLE
        is_pair = isinstance(found, tuple | list) and len(found) == 2
        if not (
            is_pair and all(isinstance(n, Integral) and -_MOST <= int(n) < _MOST for n in found)
        ):
            expected = "two ints of 64 bits, size in bytes and time of change in nanoseconds"
            raise self._wrong("stamp", uri, found, expected)
        return Stamp(*map(int, found))

    def read(self, uri: str, max_bytes: int | None = None) -> bytes:
        """Return the bytes of an image, only the first `max_bytes` when that is given."""
        if self._is_file(uri):
            detail = f"{self._kind.noun}, not an image"
            raise self._failures.get(uri) or ImageError(detail, reason=Reason.NOT_AN_IMAGE)
        data: Any = self._called(uri, lambda: self._reader.read(uri, max_bytes))
        if isinstance(data, bytearray | memoryview):
            data = bytes(data)
        if not isinstance(data, bytes):
            raise self._wrong("read", uri, data, "bytes")
        return data[:max_bytes]

    def _is_file(self, uri: str) -> bool:
        """Return whether `uri` is a file of images itself."""
        return self._kind.has_ending(uri) if self._kind.endings else False

    def label(self, uri: str) -> str | None:
        """Return the label of an image."""
        label: Any = self._called(uri, lambda: self._reader.label(uri))
        if not isinstance(label, str | None):
            raise self._wrong("label", uri, label, "str or None")
        return label

    def prefetch(self, uris: Sequence[str], skip: Skip | None = None) -> None:
        """Prepare for images that will be read next."""
        self._called(uris[0], lambda: self._reader.prefetch(uris, skip))

    def close(self) -> None:
        """Release all that is open."""
        try:
            self._called("close", self._reader.close)
        except ImageError as exc:
            raise SourceError(f"the source {self._kind.name} failed at close ({exc})") from exc

    def _wrong(
        self, method: str, uri: str, value: object, expected: str, *, verb: str = "returned"
    ) -> SourceError:
        try:
            shown = " ".join(reprlib.repr(value).split())
        except Exception:  # an int of thousands of digits, or a repr of someone else
            shown = f"a {type(value).__name__}"
        return SourceError(
            f"the source {self._kind.name}: {self._class_name}.{method} {verb} {shown} for {uri}: "
            f"it is to be {expected}"
        )

    def _called(self, uri: str, call: Callable[[], T]) -> T:
        """Return what a call of the class returns.

        Raises
        ------
        ImageError
            When this image cannot be read.
        SourceError
            When the class fails in any other way.
        """
        try:
            return call()
        except FastdupError:
            raise
        except OSError as exc:
            raise image_error(exc) from exc
        except Exception as exc:  # whatever the code of someone else raises
            reason = " ".join(f"{type(exc).__name__}: {exc}".split())
            raise SourceError(f"the source {self._kind.name} failed at {uri} ({reason})") from exc
