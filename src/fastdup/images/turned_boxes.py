"""What a rotated box shows, upright."""

import math
from collections.abc import Sequence

from PIL import Image

from fastdup.errors import ImageError, Reason


def straighten(image: Image.Image, corners: Sequence[float]) -> Image.Image:
    """Return what lies between four corners as an upright picture; outside, it is black.

    Parameters
    ----------
    image : PIL.Image.Image
        The whole picture.
    corners : (x1, y1, x2, y2, x3, y3, x4, y4)
        In pixels, in the order upper left, upper right, lower right, lower left of the result.

    Raises
    ------
    ImageError
        With reason ``empty`` when there is nothing between them, or they are outside the picture.
    """
    first, second, third, fourth = zip(corners[::2], corners[1::2], strict=True)
    width, height = round(math.dist(first, second)), round(math.dist(second, third))
    across, down = (sorted(corners[start::2]) for start in (0, 1))
    is_outside = across[-1] <= 0 or down[-1] <= 0
    is_outside = is_outside or across[0] >= image.width or down[0] >= image.height
    # What shows mostly black is no part of the picture, and would take any amount of memory.
    is_far = width * height > 4 * image.width * image.height
    if width < 1 or height < 1 or is_outside or is_far:
        detail = f"the box is empty or outside the picture of {image.width} x {image.height}"
        raise ImageError(detail, reason=Reason.EMPTY)
    around = (*first, *fourth, *third, *second)
    size = (width, height)
    return image.transform(size, Image.Transform.QUAD, around, Image.Resampling.BILINEAR)
