"""Decodes ordinary JPEG files by libjpeg-turbo without Pillow's detours: the same pixels, sooner.

Pillow uses the same library. What differs from an ordinary file, and whatever the library only
warns about, is left to Pillow; so is all where simplejpeg is not installed.
"""

import threading
from collections.abc import Callable
from functools import cache
from typing import Any

from PIL import Image, ImageFile

#: Mode → what simplejpeg calls it, and bytes of a pixel. CMYK has another rule than Pillow's.
_COLOURS = {"L": ("GRAY", 1), "RGB": ("RGB", 3)}
#: The sides of a smaller picture fit two scales.
_LEAST_SIDE = 8
#: Of larger pictures, the copy costs more than is gained.
_MOST_PIXELS = 2**20

#: A buffer for each thread: to allocate it anew would cost a tenth of the decoding.
_of_thread = threading.local()


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
    pixels = _decode(image.mode, image.size, data)
    if pixels is None:
        image.load()
        return image
    shown = Image.frombytes(image.mode, image.size, pixels)
    shown.info = image.info
    return shown


def _decode(mode: str, size: tuple[int, int], data: bytes) -> memoryview | None:
    """Return the pixels at the scale that has this size, valid until the thread's next call.

    None where Pillow should decode them.
    """
    decode_jpeg, (width, height) = _turbo(), size
    is_fit = max(size) >= _LEAST_SIDE and width * height <= _MOST_PIXELS
    if decode_jpeg is None or mode not in _COLOURS or not is_fit:
        return None
    name, pixel_bytes = _COLOURS[mode]
    n_bytes = width * height * pixel_bytes
    buffer = _buffer(n_bytes)
    try:
        found = decode_jpeg(data, name, min_height=height, min_width=width, buffer=buffer)
    except Exception:  # whatever it is, Pillow decides what becomes of the file
        return None
    return memoryview(buffer)[:n_bytes] if found.shape[:2] == (height, width) else None


def _buffer(n_bytes: int) -> bytearray:
    buffer: bytearray | None = getattr(_of_thread, "buffer", None)
    if buffer is None or len(buffer) < n_bytes:
        buffer = _of_thread.buffer = bytearray(n_bytes)
    return buffer


@cache
def _turbo() -> Callable[..., Any] | None:
    """Return the function of simplejpeg, which raises ValueError for what libjpeg warns about."""
    try:
        from simplejpeg import decode_jpeg
    except ImportError:
        return None
    return decode_jpeg  # type: ignore[no-any-return]
