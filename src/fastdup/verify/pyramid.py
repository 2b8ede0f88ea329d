"""A picture at smaller and smaller scales: 1, 2/3, 1/2, 1/3, 1/4, 1/6, … of its size."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def pyramid(grey: Image.Image, n_levels: int, least_side: int) -> Iterator[NDArray[np.uint8]]:
    """Yield the levels of a picture, the largest first, while both sides have `least_side` pixels.

    Each pixel is the mean of those that it stands for, in a level before it. So all levels together
    take little more than the second one.

    Parameters
    ----------
    grey : PIL image, mode L
    n_levels : int
        At most so many.
    least_side : int
        At least 1.
    """
    images = [grey]
    for number in range(n_levels):
        if number:
            before, factor = (images[0], 1.5) if number == 1 else (images[number - 2], 2)
            width, height = (max(1, round(side / factor)) for side in before.size)
            images.append(
                before.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=1.0)
            )
        if min(images[number].size) < least_side:
            return
        yield np.asarray(images[number])
