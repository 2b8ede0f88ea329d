"""Decodes ordinary JPEG files by libjpeg-turbo without a detour, in two thirds of Pillow's time.

Pillow uses the same library, so the pixels are the same. What differs from an ordinary file, and
whatever the library only warns about, is left to Pillow; so is all where it is not installed.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from PIL import Image, ImageFile

#: Mode → what the pixels are called here. CMYK would be converted by another rule than Pillow's.
_COLOURS = {"L": "GRAY", "RGB": "RGB"}
#: The shorter sides of a smaller picture fit two scales.
_LEAST_SIDE = 8
#: Of larger pictures, both libraries' arrays would need too much memory.
_MOST_PIXELS = 2**25


def load_jpeg(image: ImageFile.ImageFile, data: bytes) -> Image.Image:
    """Return the pixels of a JPEG, with the `info` of the file.

    Parameters
    ----------
    image : PIL image
        The file, opened by Pillow, and set to the mode and scale that are wanted.
    data : bytes
        The whole file.

    Raises
    ------
    Exception
        Whatever Pillow raises for it.
    """
    width, height = image.size
    decode_jpeg = _turbo()
    is_fit = max(image.size) >= _LEAST_SIDE and width * height <= _MOST_PIXELS
    if decode_jpeg is None or image.mode not in _COLOURS or not is_fit:
        image.load()
        return image
    colours = _COLOURS[image.mode]
    try:
        pixels = decode_jpeg(data, colours, min_height=height, min_width=width)
    except (ValueError, RuntimeError):
        pixels = None
    if pixels is None or pixels.shape[:2] != (height, width):
        image.load()
        return image
    shown = Image.fromarray(pixels if image.mode == "RGB" else pixels[:, :, 0])
    shown.info = image.info
    return shown


@cache
def _turbo() -> Callable[..., Any] | None:
    """Return the function of simplejpeg, which raises ValueError for what libjpeg warns about."""
    try:
        from simplejpeg import decode_jpeg
    except ImportError:
        return None
    return decode_jpeg  # type: ignore[no-any-return]
