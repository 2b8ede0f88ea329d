"""Converts a decoded picture of any colour mode to upright RGB.

The result is what a viewer would show, on white paper or on another ground on which it shows
(`ground`). Numbers without a natural range, and 16 bits of which the high byte shows nothing, are
scaled by their own range (`value_range`).
"""

from typing import cast

import numpy as np
from PIL import Image

from fastdup.images.colour_profile import lab_to_srgb
from fastdup.images.ground import lay_on_ground
from fastdup.images.value_range import FEWEST_LEVELS, OWN_RANGE, as_picture, from_16_bits

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
    ImageError
        NO_CONTENT: all of it is transparent.
    ValueError
        When Pillow cannot convert the mode.
    """
    if image.mode.startswith("I;16"):
        return _from_16_bit(image, grey_bits, white_is_zero)
    if image.mode in ("I", "F"):
        return as_picture(np.asarray(image)).convert("RGB")
    if image.has_transparency_data:
        return lay_on_ground(image.convert("RGBA"))
    if image.mode == "LAB":
        return lab_to_srgb(image)
    return image if image.mode == "RGB" else image.convert("RGB")


def spread_labels(image: Image.Image) -> Image.Image:
    """Return a grey picture of 8 bits scaled by its own range if all its values are nearly black.

    So labels and masks with values such as 0 and 1 show something; one other value, such as 255,
    stands for "no label". For pictures stored without loss: in others such values are noise.
    """
    if image.mode != "L" or "transparency" in image.info:
        return image
    lowest, highest = cast(tuple[int, int], image.getextrema())
    if lowest >= FEWEST_LEVELS or highest == 0:
        return image
    if lowest == highest:  # one label all over: it is shown as it is
        image.info[OWN_RANGE] = (float(lowest), float(highest))
        return image
    if highest >= FEWEST_LEVELS:
        counts = image.histogram()
        n_different = sum(map(bool, counts[:FEWEST_LEVELS]))
        if n_different < 2 or any(counts[FEWEST_LEVELS:highest]):
            return image
    return as_picture(np.asarray(image))


def without_unused_opacity(image: Image.Image) -> Image.Image:
    """Return a picture as it is, but without its opacity if that is 0 everywhere."""
    if image.mode != "RGBA" or image.getchannel("A").getextrema() != (0, 0):
        return image
    return image.convert("RGB")


def scale_png_transparency(image: Image.Image, *, depth: int) -> None:
    """Scale the transparent colour from the file's bit depth to the picture's 8 bits."""
    colour = image.info.get("transparency")
    if image.mode == "L" and isinstance(colour, int) and depth < 8:
        image.info["transparency"] = colour * 255 // (2**depth - 1)
    elif image.mode == "RGB" and isinstance(colour, tuple) and depth == 16:
        image.info["transparency"] = tuple(value >> 8 for value in colour)


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


def _from_16_bit(image: Image.Image, bits: int, white_is_zero: bool) -> Image.Image:
    # Pillow's own conversion clips everything above 255 to white.
    values = np.asarray(image)
    grey = from_16_bits(values, bits)
    if white_is_zero:
        grey = grey.point([255 - level for level in range(256)])
    transparent = image.info.get("transparency")
    shown = grey.convert("RGB")
    if not isinstance(transparent, int):
        return shown
    shown.putalpha(Image.fromarray(np.where(values == transparent, 0, 255).astype(np.uint8)))
    return lay_on_ground(shown)
