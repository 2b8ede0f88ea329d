"""The one place where image decoders are called."""

import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from io import BytesIO
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile

from fastdup.config import DEFAULT_MAX_PIXELS
from fastdup.errors import ImageError, MissingExtraError, Reason
from fastdup.images import rgb
from fastdup.images.completeness import (
    essential_png,
    gif_frame_size,
    require_complete,
    webp_canvas_size,
)
from fastdup.images.signatures import HEAD_BYTES, sniff, sniff_tail
from fastdup.images.tiff import exif_orientation, is_camera_raw

_MAX_DETAIL = 200
_BITS_PER_SAMPLE = 258
_PHOTOMETRIC = 262

# Pillow tells kinds of failure apart only in words.
_WORDS = (
    (re.compile(r"truncated|end of file|premature", re.I), Reason.TRUNCATED),
    (re.compile(r"decompression bomb", re.I), Reason.TOO_LARGE),
    (
        re.compile(
            r"not (yet )?(supported|installed|available|implemented)"
            r"|unsupported|cannot handle|unknown pixel mode",
            re.I,
        ),
        Reason.UNSUPPORTED,
    ),
)


@dataclass(frozen=True, slots=True)
class DecodedImage:
    """One picture as a person sees it.

    Attributes
    ----------
    image : PIL.Image.Image
        Mode RGB, upright; maybe smaller than the full picture, when `decode` was allowed to
        reduce it.
    width, height : int
        Upright size of the full picture in pixels, before any reduction.
    """

    image: Image.Image
    width: int
    height: int

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """The picture as an (H, W, 3) uint8 array, RGB, C-contiguous, read-only; made anew."""
        return np.asarray(self.image)


def cut_out(whole: DecodedImage, corners: tuple[int, int, int, int]) -> DecodedImage:
    """Return a part of a picture of full size.

    Parameters
    ----------
    whole : DecodedImage
        Not reduced.
    corners : (left, top, right, bottom)
        In pixels, right and bottom exclusive, inside the picture.

    Raises
    ------
    ImageError
        With reason ``empty`` when nothing lies between the corners.
    """
    left, top, right, bottom = corners
    if right <= left or bottom <= top:
        detail = f"the box is empty or outside the picture of {whole.width} x {whole.height}"
        raise ImageError(detail, reason=Reason.EMPTY)
    return DecodedImage(whole.image.crop(corners), right - left, bottom - top)


def reduced(picture: DecodedImage, min_side: int | None) -> DecodedImage:
    """Return a picture reduced as `decode` does it."""
    image = rgb.reduce(picture.image, min_side)
    return DecodedImage(image, picture.width, picture.height)


def decode(
    data: bytes, *, min_side: int | None = None, max_pixels: int = DEFAULT_MAX_PIXELS
) -> DecodedImage:
    """Return the upright RGB picture in an image file.

    Of files with several pictures (animations, multi-page TIFF, HEIC collections) it is the first
    or primary one. Safe to call from many threads; decoding releases the GIL.

    Parameters
    ----------
    data : bytes
        The whole file. Its format is taken from its content.
    min_side : int, optional
        The picture is reduced to 1/2, 1/4, 1/8, … of its size as long as both sides keep at least
        this many pixels, so that pictures of any format and size come out at a like scale. A JPEG
        is decoded at the reduced scale, much faster. None: full size.
    max_pixels : int
        Largest width × height, inclusive; checked on the header, before any pixel is decoded.
        For TIFF and WebP twice ``PIL.Image.MAX_IMAGE_PIXELS``, which belongs to the host
        process, holds as well: 179 megapixels unless changed.

    Returns
    -------
    DecodedImage

    Raises
    ------
    ImageError
        And nothing else, whatever the bytes; MemoryError excepted. Its message is one line.
    """
    name = _identify(data)
    try:
        return _decode_translated(name, data, min_side, max_pixels)
    except ImageError as error:
        if name != "PNG" or error.reason is not Reason.DECODE_ERROR:
            raise
    # Maybe only a profile or a text is damaged or too long: the picture does not need them.
    return _decode_translated(name, essential_png(data), min_side, max_pixels)


def _identify(data: bytes) -> str:
    """Name the format of `data`, one that can be decoded."""
    if not data:
        raise ImageError("the file is empty", reason=Reason.EMPTY)
    name = sniff(data[:HEAD_BYTES]) or sniff_tail(data)
    if name is None:
        raise _no_image(data)
    if name == "TIFF" and is_camera_raw(data):
        name = "camera raw (DNG, NEF, ARW, …)"
    if name not in _OPENERS:
        raise ImageError(f"{name} files cannot be decoded", reason=Reason.UNSUPPORTED)
    return name


def require_image(head: bytes) -> None:
    """Refuse a file that is no image by its first `HEAD_BYTES`, before all of it is read.

    Raises
    ------
    ImageError
        With reason ``not_an_image``.
    """
    if sniff(head) is None:
        raise _no_image(head)


def _no_image(data: bytes) -> ImageError:
    detail = f"no image format is known to begin with {data[:8]!r}"
    return ImageError(detail, reason=Reason.NOT_AN_IMAGE)


def _decode_translated(
    name: str, data: bytes, min_side: int | None, max_pixels: int
) -> DecodedImage:
    """Decode, and raise whatever the decoder raises as an ImageError."""
    try:
        with _pillow_warnings_ignored():
            return _decode(name, data, min_side, max_pixels)
    except (ImageError, MemoryError):
        raise
    # Broad on purpose. On damaged files Pillow raises OSError, SyntaxError, ValueError, TypeError,
    # KeyError, IndexError, AttributeError, AssertionError, EOFError, OverflowError, RuntimeError,
    # ZeroDivisionError, struct.error, zlib.error, DecompressionBombError and more. No list of these
    # holds for its next release, and one exception that slips through ends a run over millions.
    except Exception as exc:
        require_complete(name, data)  # a file cut short explains any failure better
        raise _as_image_error(name, exc) from exc


def _decode(name: str, data: bytes, min_side: int | None, max_pixels: int) -> DecodedImage:
    image = _open(name, data, max_pixels)
    full = image.size
    if min_side is not None and name == "JPEG":
        image.draft(None, (min_side, min_side))
    image.load()
    if image.size[0] * image.size[1] >= full[0] * full[1]:
        full = image.size  # what the header said, but for TIFF and HEIC that were turned upright
    # Pillow turns TIFF upright itself, libheif HEIC.
    orientation = 1 if name in ("TIFF", "HEIC") else exif_orientation(image.info.get("exif") or b"")
    small = rgb.reduce(_to_rgb(name, image, data), min_side)
    if orientation >= 5:
        full = (full[1], full[0])
    return DecodedImage(rgb.turn_upright(small, orientation), *full)


def _open(name: str, data: bytes, max_pixels: int) -> ImageFile.ImageFile:
    """Read the header, and check the size and the end before any pixel is decoded."""
    if name in _HEADER_SIZES:  # their openers allocate the canvas already
        _check_size(_HEADER_SIZES[name](data), max_pixels)
    image = _opener(name)(BytesIO(data))
    _check_size(image.size, max_pixels)
    require_complete(name, data)
    return image


def _to_rgb(name: str, image: ImageFile.ImageFile, data: bytes) -> Image.Image:
    """Convert to RGB, with the help of what the file says and Pillow leaves to its caller."""
    if name == "PNG":
        _scale_png_transparency(image, depth=data[24])
    if name != "TIFF":
        return rgb.to_rgb(image)
    tags = cast(Any, image).tag_v2
    bits = int(tags.get(_BITS_PER_SAMPLE, (16,))[0])
    return rgb.to_rgb(image, grey_bits=bits, white_is_zero=tags.get(_PHOTOMETRIC) == 0)


def _check_size(size: tuple[int, int], max_pixels: int) -> None:
    width, height = size
    if width * height > max_pixels:
        raise ImageError(
            f"{width} x {height} = {width * height} pixels are more than the limit of {max_pixels}",
            reason=Reason.TOO_LARGE,
        )


def _scale_png_transparency(image: Image.Image, *, depth: int) -> None:
    """Bring the transparent colour, stored in the file's depth, to the picture's 8 bits."""
    colour = image.info.get("transparency")
    if image.mode == "L" and isinstance(colour, int) and depth < 8:
        image.info["transparency"] = colour * 255 // (2**depth - 1)
    elif image.mode == "RGB" and isinstance(colour, tuple) and depth == 16:
        image.info["transparency"] = tuple(value >> 8 for value in colour)


@cache
def _opener(name: str) -> Callable[[BytesIO], ImageFile.ImageFile]:
    """Return the class that reads files of this format; each is loaded on first use."""
    module, _, class_name = _OPENERS[name].partition(":")
    try:
        opener: Callable[[BytesIO], ImageFile.ImageFile] = getattr(
            import_module(module), class_name
        )
    except ImportError as exc:  # of the formats here, only HEIC's is an extra
        message = str(MissingExtraError.needed_for(name, extra="heic"))
        raise ImageError(message, reason=Reason.UNSUPPORTED) from exc
    return opener


def _as_image_error(name: str, exc: Exception) -> ImageError:
    text = " ".join(f"{exc}".split())[:_MAX_DETAIL]
    if " " not in text:  # a bare key or nothing
        text = f"{type(exc).__name__} {text}".rstrip()
    if isinstance(exc, Image.DecompressionBombError):
        return ImageError(text, reason=Reason.TOO_LARGE)
    if "not identified by this driver" in text:
        text = "the header is damaged, or tells a size of 0"
    reason = next((r for words, r in _WORDS if words.search(text)), Reason.DECODE_ERROR)
    return ImageError(f"{name}: {text}", reason=reason)


@contextmanager
def _pillow_warnings_ignored() -> Iterator[None]:
    """Keep Pillow's warnings about a file's metadata from the host process.

    Not ``warnings.catch_warnings``: that saves and restores all filters of the process, and two
    threads doing so in turn leave it with the wrong ones. This puts in one narrow filter and takes
    the same one out again, each a single atomic operation.
    """
    filters = cast(list[Any], warnings.filters)
    filters.insert(0, _IGNORE_PILLOW)
    try:
        yield
    finally:
        with suppress(ValueError):  # someone else reset all filters meanwhile
            filters.remove(_IGNORE_PILLOW)


_IGNORE_PILLOW = ("ignore", None, Warning, re.compile(r"PIL\.|pillow_heif\b"), 0)

# The classes themselves rather than Image.open, which would try every plugin that the host process
# has loaded, Ghostscript for EPS among them, and apply the host's limit of pixels.
_OPENERS = {
    "AVIF": "PIL.AvifImagePlugin:AvifImageFile",
    "BMP": "PIL.BmpImagePlugin:BmpImageFile",
    "GIF": "PIL.GifImagePlugin:GifImageFile",
    "HEIC": "pillow_heif:HeifImageFile",
    "JPEG": "PIL.JpegImagePlugin:JpegImageFile",
    "JPEG 2000": "PIL.Jpeg2KImagePlugin:Jpeg2KImageFile",
    "PNG": "PIL.PngImagePlugin:PngImageFile",
    "TIFF": "PIL.TiffImagePlugin:TiffImageFile",
    "WebP": "PIL.WebPImagePlugin:WebPImageFile",
}

_HEADER_SIZES: dict[str, Callable[[bytes], tuple[int, int]]] = {
    "GIF": gif_frame_size,
    "WebP": webp_canvas_size,
}
