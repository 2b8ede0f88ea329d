"""Decodes JPEG XL by imagecodecs, an extra: Pillow's own decoders are under the GPL."""

import hashlib
from functools import cache
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, TiffImagePlugin

from fastdup.config.machine import available_cores
from fastdup.errors import ImageError, Reason
from fastdup.images.cut_short import ends_early
from fastdup.images.jpeg_xl import N_FRAMES, jpeg_xl_kind
from fastdup.sources.containers.apart import Apart, Place

try:
    from imagecodecs import jpegxl_decode
except (ImportError, AttributeError) as exc:  # a build without libjxl has no such name
    raise ImportError("imagecodecs cannot decode JPEG XL here") from exc

#: What libjxl says when the file ends.
ENDS_EARLY = "NEED_MORE_INPUT"


def open_jpeg_xl(file: BytesIO) -> Image.Image:
    """Return the picture of a JPEG XL file, upright; of an animation, all that may be looked at.

    Raises
    ------
    ImageError
        TRUNCATED: the file ends early.
    """
    data = file.getvalue()
    kind = jpeg_xl_kind(data)
    if kind.is_animated:
        try:
            return _animation(data)
        except ImageError as exc:
            if exc.reason is not Reason.TOO_LARGE:
                raise
    # Broad on purpose: `decode` translates whatever decoders raise.
    try:
        pixels = jpegxl_decode(data, index=0, numthreads=1)
    except Exception as exc:
        if ENDS_EARLY not in str(exc):
            raise
        raise ends_early("JPEG XL", data) from exc
    return Image.fromarray(as_levels(np.asarray(pixels), kind.depth))


def _animation(data: bytes) -> Image.Image:
    """Return the frames as a TIFF, which Pillow goes through; how many there are is in its `info`.

    They are decoded in a process that may run out of memory, as nothing says how many there are.
    """
    name = hashlib.blake2b(data, digest_size=16).hexdigest()
    place = Place(name, len(data), 0, is_local=False)
    n_frames, tiff = _decoders().call("frames", place, opened=lambda: BytesIO(data))
    picture = TiffImagePlugin.TiffImageFile(BytesIO(tiff))
    picture.info[N_FRAMES] = int(n_frames)
    return picture


@cache
def _decoders() -> Apart:
    workshop = "fastdup.images.jpeg_xl_workshop:JpegXlWorkshop"
    return Apart(workshop, "an animation", available_cores())


def as_levels(pixels: NDArray[Any], depth: int) -> NDArray[Any]:
    """Return values that Pillow has a mode for: 8 bits, or 16 and 32 of a grey picture."""
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[:, :, 0]
    if pixels.dtype == np.uint8:
        return pixels
    if np.issubdtype(pixels.dtype, np.floating):
        if pixels.ndim == 2:
            return pixels.astype(np.float32)
        levels = np.nan_to_num(pixels.astype(np.float32)).clip(0, 1)
        return (levels * 255 + 0.5).astype(np.uint8)
    if pixels.dtype == np.uint16 and 8 < depth < 16:
        pixels = pixels << (16 - depth)
    return pixels if pixels.ndim == 2 else (pixels >> 8).astype(np.uint8)
