"""One image file → pixels ready for the model, its statistics and its metadata."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from fastdup import images
from fastdup.embed import Embedder, ModelInput
from fastdup.errors import ImageError, Reason
from fastdup.image_stats import measure
from fastdup.metadata.describe import describe
from fastdup.progress import Stopwatch
from fastdup.sources import Reader, Stamp
from fastdup.sources.side_files import advice_on_packed, is_side_file, other_archive

#: Of larger files the head is checked first, so that a film among photos is not read whole.
LOOK_FIRST_BYTES = 32 * 2**20
#: Larger files are not read.
MAX_FILE_BYTES = 2**31


def read_image_file(reader: Reader, uri: str, stamp: Stamp) -> bytes:
    """Return the bytes of a file that may be an image.

    Raises
    ------
    ImageError
        When it cannot be read, is too large, or is large and not an image.
    """
    if stamp.size_bytes > LOOK_FIRST_BYTES:
        head = reader.read(uri, images.HEAD_BYTES)
        with side_files_named(uri, head):
            images.require_image(head)
    if stamp.size_bytes > MAX_FILE_BYTES:
        raise ImageError(f"a file of {stamp.size_bytes:,} bytes", reason=Reason.TOO_LARGE)
    return reader.read(uri)


@contextmanager
def side_files_named(uri: str, data: bytes) -> Iterator[None]:
    """Give a file that was refused as no image the reason ``side_file``, if it is not meant as one.

    An archive of a kind that is not read is unsupported.

    Parameters
    ----------
    uri : str
        Its name.
    data : bytes
        Its first bytes, or all.
    """
    try:
        yield
    except ImageError as exc:
        if exc.reason is Reason.NOT_AN_IMAGE and (kind := other_archive(data)):
            detail = f"{kind} archives are not read: unpack it, or pack it as a zip"
            raise ImageError(detail, reason=Reason.UNSUPPORTED) from exc
        is_no_image = exc.reason in (Reason.NOT_AN_IMAGE, Reason.EMPTY)
        is_side = is_no_image and is_side_file(uri, data[: images.HEAD_BYTES])
        advice = advice_on_packed(data) if exc.reason is Reason.NOT_AN_IMAGE else None
        if is_side or advice:
            reason = Reason.SIDE_FILE if is_side else exc.reason
            raise ImageError(advice or str(exc), reason=reason) from exc
        raise


class Prepared(NamedTuple):
    """An image ready for the model.

    Attributes
    ----------
    pixels : ModelInput
    stats : sequence of str
        The columns of ``stats.csv`` after the filename.
    metadata : str
        Those of ``metadata.csv``, as a part of a line of CSV.
    content : ModelInput or None
        The image as the model for content needs it, where there is one.
    """

    pixels: ModelInput
    stats: Sequence[str]
    metadata: str
    content: ModelInput | None = None


class PartDecoder:
    """Decodes pictures, and the parts of pictures that URIs name. Thread-safe.

    Parameters
    ----------
    reader : Reader
        Knows which part a URI names.
    max_pixels : int
        Largest width × height to decode, inclusive.
    """

    def __init__(self, reader: Reader, max_pixels: int) -> None:
        self._reader = reader
        self._max_pixels = max_pixels
        self._last = threading.local()

    def is_part(self, uri: str) -> bool:
        """Return whether a URI names a part of a picture."""
        return self._reader.crop(uri) is not None

    def decode(
        self,
        uri: str,
        data: bytes,
        min_side: int | None = None,
        *,
        grey: bool = False,
        frames: bool | int = False,
    ) -> images.DecodedImage:
        """Return the picture in `data`, or the part that `uri` names, as `images.decode` does.

        Raises
        ------
        ImageError
            When it cannot be decoded.
        """
        crop = self._reader.crop(uri)
        if crop is None:
            return images.decode(
                data, min_side=min_side, max_pixels=self._max_pixels, grey=grey, frames=frames
            )
        whole = self._whole(data)
        part = images.cut_out(whole, crop.box.corners(whole.width, whole.height))
        return images.reduced(part, min_side)

    def _whole(self, data: bytes) -> images.DecodedImage:
        """Return the whole picture in `data`, cached for the next crop of the same picture."""
        kept: tuple[bytes, images.DecodedImage] | None = getattr(self._last, "whole", None)
        if kept and kept[0] == data:
            return kept[1]
        whole = images.decode(data, max_pixels=self._max_pixels)
        self._last.whole = (data, whole)
        return whole


class Preparer:
    """Reads and decodes images.

    Parameters
    ----------
    reader : Reader
        Reads the files.
    embedder : Embedder
        Knows the model's input size.
    max_pixels : int
        Largest width × height to decode, inclusive.
    least_sides : tuple of (int, int)
        Smallest width and height to use, in pixels, inclusive.
    content_embedder : Embedder or None
        Knows the input size of a model for content. The image is decoded once more for it, so that
        the other model gets the same pixels with and without it.
    """

    def __init__(
        self,
        reader: Reader,
        embedder: Embedder,
        max_pixels: int,
        least_sides: tuple[int, int] = (0, 0),
        content_embedder: Embedder | None = None,
    ) -> None:
        self._content_embedder = content_embedder
        self._reader = reader
        self._embedder = embedder
        self._max_pixels = max_pixels
        self._least_sides = least_sides
        self._parts = PartDecoder(reader, max_pixels)

    def __reduce__(self) -> tuple[type["Preparer"], tuple[Any, ...]]:
        own = self._reader, self._embedder, self._max_pixels, self._least_sides
        return Preparer, (*own, self._content_embedder)

    def read(self, uri: str, stamp: Stamp) -> bytes:
        """Return the bytes of a file that may be an image; see `read_image_file`."""
        return read_image_file(self._reader, uri, stamp)

    def prepare(self, uri: str, data: bytes, watch: Stopwatch) -> Prepared:
        """Return the image in `data`, or the crop that `uri` names, ready for the model.

        Raises
        ------
        ImageError
            When it cannot be decoded, or is too small.
        """
        with watch.stage("decode"), side_files_named(uri, data):
            decoded = self.decode(uri, data)
        least_width, least_height = self._least_sides
        if decoded.width < least_width or decoded.height < least_height:
            raise ImageError(
                f"{decoded.width} × {decoded.height} pixels, and {least_width} × {least_height} "
                "are asked for",
                reason=Reason.TOO_SMALL,
            )
        with watch.stage("measure"):
            stats = measure(
                decoded.image, width=decoded.width, height=decoded.height, file_size=len(data)
            )
            metadata = describe(decoded.header)
        with watch.stage("resize"):
            pixels = self._embedder.prepare_frames(decoded)
        content = self._prepare_content(uri, data, watch)
        return Prepared(pixels, stats.as_text(), metadata.as_csv(), content)

    def _prepare_content(self, uri: str, data: bytes, watch: Stopwatch) -> ModelInput | None:
        embedder = self._content_embedder
        if embedder is None:
            return None
        with watch.stage("decode"):
            decoded = self._parts.decode(uri, data, embedder.min_side, frames=True)
        with watch.stage("resize"):
            return embedder.prepare_frames(decoded)

    def decode(self, uri: str, data: bytes) -> images.DecodedImage:
        """Return the picture in `data`, or the crop that `uri` names, at the model's scale."""
        return self._parts.decode(uri, data, self._embedder.min_side, frames=True)
