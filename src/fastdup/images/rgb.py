"""Converts a decoded picture of any colour mode to upright RGB.

The result is what a viewer would show on white paper. Transparency is composed over white, 16 bits
are cut to their high byte, and numbers without a natural range (float, 32-bit integer) are scaled
from their own minimum and maximum.
"""

import numpy as np
from PIL import Image

WHITE = (255, 255, 255)

# How to transpose the stored picture, by EXIF orientation (Exif 2.32, tag 274).
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def to_rgb(image: Image.Image, *, grey_bits: int = 16, white_is_zero: bool = False) -> Image.Image:
    """Return `image` in mode ``"RGB"``; the same object if it has that mode already.

    Parameters
    ----------
    image : PIL.Image.Image
        A loaded picture of any mode that Pillow's decoders produce.
    grey_bits : int
        Significant bits of a 16-bit grey picture, 8 to 16 (TIFF has 12, too).
    white_is_zero : bool
        Whether 0 is white in a 16-bit grey picture, as TIFF allows.

    Raises
    ------
    ValueError
        When Pillow cannot convert the mode (LAB).
    """
    if image.mode.startswith("I;16"):
        return _from_16_bit(image, grey_bits, white_is_zero)
    if image.mode in ("I", "F"):
        return _from_numbers(image)
    if image.has_transparency_data:
        return _over_white(image.convert("RGBA"))
    return image if image.mode == "RGB" else image.convert("RGB")


def reduce(image: Image.Image, min_side: int | None) -> Image.Image:
    """Average over squares of 2, 4, 8, … pixels, as far as both sides keep `min_side` pixels."""
    factor = 1
    while min_side and min(image.size) // (2 * factor) >= min_side:
        factor *= 2
    return image if factor == 1 else image.reduce(factor)


def turn_upright(image: Image.Image, orientation: int) -> Image.Image:
    """Apply the rotation or mirroring that EXIF `orientation`, 1 to 8, asks for."""
    method = _UPRIGHT.get(orientation)
    return image if method is None else image.transpose(method)


def _over_white(image: Image.Image) -> Image.Image:
    paper = Image.new("RGB", image.size, WHITE)
    paper.paste(image, mask=image)
    return paper


def _from_16_bit(image: Image.Image, bits: int, white_is_zero: bool) -> Image.Image:
    # Pillow's own conversion clips everything above 255 to white.
    values = np.asarray(image)
    grey = (values >> (bits - 8)).astype(np.uint8)
    if white_is_zero:
        grey = 255 - grey
    transparent = image.info.get("transparency")
    if isinstance(transparent, int):
        grey[values == transparent] = 255
    return Image.fromarray(grey).convert("RGB")


def _from_numbers(image: Image.Image) -> Image.Image:
    with np.errstate(invalid="ignore"):  # NaN is handled below
        values = np.asarray(image).astype(np.float64)  # high - low may overflow float32
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    values = np.nan_to_num(values, nan=low, posinf=high, neginf=low)
    span = high - low
    scaled = (values - low) / span * 255.0 if span > 0 else np.zeros_like(values)
    return Image.fromarray((scaled + 0.5).astype(np.uint8)).convert("RGB")
