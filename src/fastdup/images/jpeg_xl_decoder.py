"""Decodes JPEG XL by imagecodecs, an extra: Pillow's own decoders are under the GPL."""

from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fastdup.images.cut_short import ends_early
from fastdup.images.jpeg_xl import jpeg_xl_depth

try:
    from imagecodecs import jpegxl_decode
except (ImportError, AttributeError) as exc:  # a build without libjxl has no such name
    raise ImportError("imagecodecs cannot decode JPEG XL here") from exc

#: What libjxl says when the file ends.
_ENDS_EARLY = "NEED_MORE_INPUT"


def open_jpeg_xl(file: BytesIO) -> Image.Image:
    """Return the first picture of a JPEG XL file, upright.

    Raises
    ------
    ImageError
        TRUNCATED: the file ends early.
    """
    data = file.getvalue()
    # Broad on purpose: `decode` translates whatever decoders raise.
    try:
        pixels = jpegxl_decode(data, index=0, numthreads=1)
    except Exception as exc:
        if _ENDS_EARLY not in str(exc):
            raise
        raise ends_early("JPEG XL", data) from exc
    return Image.fromarray(_as_levels(np.asarray(pixels), jpeg_xl_depth(data)))


def _as_levels(pixels: NDArray[Any], depth: int) -> NDArray[Any]:
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
