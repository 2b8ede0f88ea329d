"""Decodes image files; the only module that calls a decoder."""

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile

from fastdup.config.options import DEFAULT_MAX_PIXELS
from fastdup.errors import ImageError, Reason
from fastdup.images import rgb
from fastdup.images.colour_profile import bring_to_srgb, is_other_than_srgb
from fastdup.images.completeness import ESSENTIALS, require_complete
from fastdup.images.decoders import HEADER_SIZES, REPACKERS, load, opener, require_supported
from fastdup.images.deep_colour import with_low_bytes
from fastdup.images.embedded import Embedded
from fastdup.images.frame_times import gif_canvas
from fastdup.images.header import NO_HEADER, Header, read_header
from fastdup.images.look_through import look_through
from fastdup.images.pillow_failures import as_image_error, pillow_warnings_ignored
from fastdup.images.quiet_libtiff import quiet_libtiff
from fastdup.images.rasters import psd_has_opacity
from fastdup.images.sampling import PAGED, choose_samples
from fastdup.images.signatures import HEAD_BYTES, sniff, sniff_whole
from fastdup.images.tiff import exif_orientation, is_camera_raw, without_lost_extras
from fastdup.images.turned_boxes import straighten
from fastdup.images.unwrapping import UNWRAPPERS, unwrap
from fastdup.images.value_range import OWN_RANGE

#: Raised whenever some pictures are decoded otherwise; `workdir.older_decoding` knows which.
RULES = 5

#: How the detail of a file begins whose content is that of no image.
UNKNOWN_FORMAT = "no image format is known"
_BITS_PER_SAMPLE = 258
_PHOTOMETRIC = 262
#: Bits of a channel of which Pillow keeps the high byte, and the formats without loss in which
#: small values mean something.
_DEEP, _SPREAD = 16, frozenset({"BMP", "PNG", "TIFF"})

#: Why a file is bad of which only what is beside the picture may be.
_OF_PARTS = (Reason.DECODE_ERROR, Reason.TRUNCATED)
#: The last file of each thread, up to so many pixels. If it were freed at once, its memory would go
#: back to the system, and to ask for it again takes as long as decoding a WebP.
_of_thread, _MOST_KEPT = threading.local(), 2**20
#: Numbers of the corners of a rotated box.
_N_OF_ROTATED = 8
#: Formats in which programs leave the bytes for opacity at 0.
_UNUSED_OPACITY = frozenset({"BMP", "TGA"})


@dataclass(frozen=True, slots=True, eq=False)
class DecodedImage:
    """One picture as a viewer would show it.

    Attributes
    ----------
    image : PIL.Image.Image
        Mode RGB, or L if `decode` was asked for grey levels; upright; smaller than the full picture
        if it was reduced.
    width, height : int
        Size of the upright full picture in pixels, before any reduction.
    header : Header
        What the file holds besides; of a part of a picture, that of the whole.
    frames : tuple of DecodedImage or None
        Of an animation, or of several pages: the frames that were asked for; None for one that
        is blank. Empty for a single picture. The same frame may be there several times.
    n_beyond : int
        Frames after the last that can be asked for.
    """

    image: Image.Image
    width: int
    height: int
    header: Header = NO_HEADER
    frames: tuple["DecodedImage | None", ...] = ()
    n_beyond: int = 0

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """The picture as a new (H, W, 3) uint8 array, RGB, C-contiguous, read-only."""
        return np.asarray(self.image)

    @property
    def shown(self) -> Mapping["DecodedImage", int]:
        """What it shows: each different frame that is not blank, and how often; or itself, once."""
        return Counter(frame for frame in self.frames if frame) or {self: 1}


@contextmanager
def _memory_errors_translated() -> Iterator[None]:
    """Raise MemoryError as an ImageError, so that one huge picture does not end a run."""
    try:
        yield
    except MemoryError as exc:
        raise ImageError("not enough memory to decode it", reason=Reason.TOO_LARGE) from exc


@_memory_errors_translated()
def cut_out(whole: DecodedImage, corners: tuple[float, ...]) -> DecodedImage:
    """Return a crop of a picture.

    Parameters
    ----------
    whole : DecodedImage
        At full size, not reduced.
    corners : (left, top, right, bottom), or (x1, y1, x2, y2, x3, y3, x4, y4)
        In pixels: of an upright box, right and bottom exclusive, inside the picture; or the four
        corners of a rotated one, as for `straighten`.

    Raises
    ------
    ImageError
        With reason ``empty`` when the crop has no pixels.
    """
    if len(corners) == _N_OF_ROTATED:
        part = straighten(whole.image, corners)
        return DecodedImage(part, part.width, part.height, whole.header)
    left, top, right, bottom = map(int, corners)
    if right <= left or bottom <= top:
        detail = f"the box is empty or outside the picture of {whole.width} x {whole.height}"
        raise ImageError(detail, reason=Reason.EMPTY)
    return DecodedImage(
        whole.image.crop((left, top, right, bottom)), right - left, bottom - top, whole.header
    )


@_memory_errors_translated()
def reduced(picture: DecodedImage, min_side: int | None) -> DecodedImage:
    """Return the picture reduced by the same rule as in `decode`."""
    image = rgb.reduce(picture.image, min_side)
    return DecodedImage(image, picture.width, picture.height, picture.header)


@_memory_errors_translated()
def decode(
    data: bytes,
    *,
    min_side: int | None = None,
    max_pixels: int = DEFAULT_MAX_PIXELS,
    grey: bool = False,
    frames: bool | int = False,
) -> DecodedImage:
    """Return the upright RGB picture in an image file.

    If a file holds several pictures (animation, multi-page TIFF, HEIC collection), it is the first
    or primary one that is not blank. Thread-safe; decoding releases the GIL.

    Parameters
    ----------
    data : bytes
        The whole file. Its content decides the format.
    min_side : int, optional
        The picture is reduced to 1/2, 1/4, 1/8, … of its size, as far as both sides keep at least
        this many pixels. So all pictures have a similar scale, and a JPEG is decoded at the
        reduced scale, which is much faster. None: full size.
    max_pixels : int
        Largest width × height, inclusive. It is checked before any pixel is decoded. For TIFF and
        WebP, Pillow's limit of twice ``PIL.Image.MAX_IMAGE_PIXELS`` applies too; it belongs to the
        host process, and is 179 megapixels by default.
    grey : bool
        Whether grey levels are enough: a JPEG is decoded without its colours, which takes a third
        less time.
    frames : bool or int
        Whether several frames of an animation are wanted, and several pages, too. A number: those
        at so many moments, and so many pages at most, blank ones too.

    Returns
    -------
    DecodedImage

    Raises
    ------
    ImageError
        Whatever the bytes are, no other exception is raised. Its message is one line.
    """
    name = _identify(data)
    n_moments = 0 if isinstance(frames, bool) else frames
    wanted = _Wanted(min_side, max_pixels, grey=grey, frames=bool(frames), n_moments=n_moments)
    if name in UNWRAPPERS:
        inner = unwrap(name, data)
        return _as_outer(_decode_translated(inner.name, inner.data, wanted), inner)
    try:
        return _decode_translated(name, data, wanted)
    except ImageError as error:
        if name not in ESSENTIALS or error.reason not in _OF_PARTS:
            raise
    # Perhaps only a profile or a text is damaged, or too short or long. The picture does not need
    # them.
    return _decode_translated(name, ESSENTIALS[name](data), wanted)


class _Wanted(NamedTuple):
    """How to decode; see `decode`."""

    min_side: int | None
    max_pixels: int
    grey: bool
    frames: bool
    n_moments: int


def _as_outer(picture: DecodedImage, inner: Embedded) -> DecodedImage:
    """Return the picture inside a file, turned as the file around it says, with that file's EXIF.

    The picture has been turned already if it says itself how.
    """
    if not inner.exif:
        return picture
    is_turned = exif_orientation(picture.header.exif) != 1
    orientation = 1 if is_turned else exif_orientation(inner.exif)
    size = (picture.width, picture.height)
    if orientation >= 5:
        size = (picture.height, picture.width)
    header = replace(picture.header, exif=inner.exif)
    return DecodedImage(rgb.turn_upright(picture.image, orientation), *size, header)


def _identify(data: bytes) -> str:
    """Return the format of `data`, which is one that can be decoded."""
    if not data:
        raise ImageError("the file is empty", reason=Reason.EMPTY)
    name = sniff(data[:HEAD_BYTES]) or sniff_whole(data)
    if name is None:
        raise _not_an_image(data)
    if name == "TIFF" and is_camera_raw(data):
        name = "camera raw"
    require_supported(name)
    return name


def require_image(head: bytes) -> None:
    """Refuse a file that is not an image by its first `HEAD_BYTES`, before the rest is read.

    Raises
    ------
    ImageError
        With reason ``not_an_image``.
    """
    if sniff(head) is None:
        raise _not_an_image(head)


def _not_an_image(data: bytes) -> ImageError:
    detail = f"{UNKNOWN_FORMAT} to begin with {data[:8]!r}"
    return ImageError(detail, reason=Reason.NOT_AN_IMAGE)


def _decode_translated(name: str, data: bytes, wanted: _Wanted) -> DecodedImage:
    """Decode; raise the decoder's exceptions as an ImageError."""
    try:
        noisy = quiet_libtiff() if name == "TIFF" else nullcontext()
        with pillow_warnings_ignored(), noisy:
            return _decode(name, data, wanted)
    except (ImageError, MemoryError):
        raise
    # Broad on purpose. On damaged files Pillow raises OSError, SyntaxError, ValueError, TypeError,
    # KeyError, IndexError, AttributeError, AssertionError, EOFError, OverflowError, RuntimeError,
    # ZeroDivisionError, struct.error, zlib.error, DecompressionBombError and more. The list changes
    # with its releases, and one exception that is not caught ends a run over millions of images.
    except Exception as exc:
        require_complete(name, data)  # if the file is truncated, that explains the failure better
        raise as_image_error(name, exc) from exc


def _decode(name: str, data: bytes, wanted: _Wanted) -> DecodedImage:
    if name == "TIFF":  # Pillow reads a directory only as far as its fields can be read
        data = without_lost_extras(data)
    image, n_passed = _open(name, data, wanted.max_pixels)
    full = image.size
    _of_thread.last = image if full[0] * full[1] <= _MOST_KEPT else None
    if name == "JPEG" and (wanted.min_side is not None or wanted.grey):
        keeps_colours = is_other_than_srgb(image.info.get("icc_profile"), image.mode)
        mode = "L" if wanted.grey and not keeps_colours else None
        image.draft(mode, (wanted.min_side, wanted.min_side) if wanted.min_side else None)
    loaded = load(name, image, data)
    header = read_header(name, image, data, n_passed)
    samples = choose_samples(name, data, header.n_frames, full[0] * full[1], wanted.n_moments)
    if len(samples.places) == 1:
        return _finish(name, loaded, data, header, full, wanted)
    start = image.tell()

    def show(place: int) -> DecodedImage:
        size = full
        if place != start:
            if name == "GIF":  # Pillow allocates the canvas for a frame when it goes to it
                _check_size(gif_canvas(data), wanted.max_pixels)
            image.seek(place)
            _check_size(image.size, wanted.max_pixels)
            image.load()
            size = image.size
        frame = _finish(name, image, data, header, size, wanted)
        # What is decoded next must not take its place.
        return replace(frame, image=image.copy()) if frame.image is image else frame

    are_pages = name in PAGED
    return look_through(
        samples,
        start,
        show,
        all_of_them=wanted.frames,
        are_pages=are_pages,
        keeps_blank=wanted.n_moments > 0,
    )


def _finish(
    name: str,
    image: Image.Image,
    data: bytes,
    header: Header,
    full: tuple[int, int],
    wanted: _Wanted,
) -> DecodedImage:
    """Return the frame that is loaded as a viewer would show it; `full` is its size."""
    if name != "JPEG":  # only JPEG is decoded at a smaller scale
        full = image.size
    # Pillow itself rotates TIFF, libheif rotates HEIC.
    orientation = 1 if name in ("TIFF", "HEIC") else exif_orientation(header.exif)
    shown = _to_srgb(name, image, data, header, wanted)
    is_grey_jpeg = name == "JPEG" and shown.mode == "L"
    shown = shown if wanted.grey and is_grey_jpeg else _to_rgb(name, shown, image, data)
    small = rgb.reduce(shown.convert("L") if wanted.grey else shown, wanted.min_side)
    if orientation >= 5:
        full = (full[1], full[0])
    if OWN_RANGE in small.info:
        header = replace(header, own_range=small.info[OWN_RANGE])
    return DecodedImage(rgb.turn_upright(small, orientation), *full, header)


def _open(name: str, data: bytes, max_pixels: int) -> tuple[ImageFile.ImageFile, int]:
    """Read the header; check the size and that the file is complete before decoding any pixel.

    Returns the picture, and how many pictures `require_complete` passed.
    """
    if name in HEADER_SIZES:  # Pillow allocates their canvas when it opens the file
        _check_size(HEADER_SIZES[name](data), max_pixels)
    image = opener(name)(BytesIO(data))
    _check_size(image.size, max_pixels)
    n_passed = require_complete(name, data)
    if name in REPACKERS:
        image = opener(name)(BytesIO(REPACKERS[name](data)))
    return image, n_passed


def _to_srgb(
    name: str, image: Image.Image, data: bytes, header: Header, wanted: _Wanted
) -> Image.Image:
    """Return the picture with all that its values mean: deep colours, its colour profile."""

    def reopen() -> ImageFile.ImageFile:
        again, _ = _open(name, data, wanted.max_pixels)
        again.seek(image.tell())
        return again

    if header.bits == _DEEP and name in _SPREAD:
        spread = with_low_bytes(image, reopen)
        if spread is not None:
            return spread
    profile = image.info.get("icc_profile")
    if not profile:
        return rgb.spread_labels(image) if name in _SPREAD else image
    shown = image
    if image.mode == "P":
        shown = image.convert("RGBA" if image.has_transparency_data else "RGB")
    if not is_other_than_srgb(profile, shown.mode):
        return image
    if shown.mode != "RGBA":  # fewer pixels to convert
        shown = rgb.reduce(shown, wanted.min_side)
    return bring_to_srgb(shown, profile)


def _to_rgb(name: str, shown: Image.Image, image: Image.Image, data: bytes) -> Image.Image:
    """Convert to RGB, with values of the file that Pillow leaves to its caller."""
    if name == "PNG":
        rgb.scale_png_transparency(shown, depth=data[24])
    if name in _UNUSED_OPACITY:
        shown = rgb.without_unused_opacity(shown)
    if name == "PSD" and shown.mode in ("LA", "RGBA") and not psd_has_opacity(data):
        shown = shown.convert(shown.mode[:-1])
    if name != "TIFF":
        return rgb.to_rgb(shown)
    tags = cast(Any, image).tag_v2
    bits = int(tags.get(_BITS_PER_SAMPLE, (16,))[0])
    return rgb.to_rgb(shown, grey_bits=bits, white_is_zero=tags.get(_PHOTOMETRIC) == 0)


def _check_size(size: tuple[int, int], max_pixels: int) -> None:
    width, height = size
    if width * height > max_pixels:
        raise ImageError(
            f"{width} x {height} = {width * height} pixels are more than the limit of {max_pixels}",
            reason=Reason.TOO_LARGE,
        )
