"""Pictures of other sharpness, and a coarser grid on which they can be compared.

A photocopy, a print, a blurred or a noisy copy shows the same at a coarser scale, and less or
something else at the finest. Two photos of one scene differ at the finest scale too, but are about
equally sharp: so only pictures of other sharpness are compared coarsely.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from fastdup.verify.cells import whole_cells
from fastdup.verify.registration import Aligned

#: Which steps of grey levels are compared: those of plain parts, which noise raises, and those of
#: edges, which blur lowers.
_PLAIN, _EDGES = 0.3, 0.95
#: From so many doublings on, the steps are those of other sharpness.
_OTHER = 0.5
#: Grey levels that count as none.
_ROUNDING = 2.0
_LEAST_SIDE = 16
#: Radius of the blur in which dots as large as in a newspaper vanish, at half the scale.
_DOTS = 2.0


def differ_in_sharpness(aligned: Aligned) -> bool:
    """Return whether one picture is clearly more blurred, or has more noise, than the other."""
    inside = np.nonzero(aligned.inside)
    if not len(inside[0]):
        return False
    top, left = (int(places.min()) for places in inside)
    bottom, right = (int(places.max()) + 1 for places in inside)
    if min(bottom - top, right - left) < 2 * _LEAST_SIDE:
        return False
    one, other = (
        _steps(picture[top:bottom, left:right]) for picture in (aligned.first, aligned.second)
    )
    ratio = np.log2((other + _ROUNDING) / (one + _ROUNDING))
    return bool(np.abs(ratio).max() > _OTHER)


def coarser(aligned: Aligned, factor: int) -> Aligned:
    """Return both pictures on a grid of `factor` times fewer rows and columns."""
    first, second = (
        np.asarray(Image.fromarray(picture).reduce(factor))
        for picture in (aligned.first, aligned.second)
    )
    return Aligned(first, second, whole_cells(aligned.inside, factor), aligned.to_first)


def softened(aligned: Aligned) -> Aligned:
    """Return both pictures on half as many rows and columns, without the dots of a print."""
    half = coarser(aligned, 2)
    first, second = (
        np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(_DOTS)))
        for picture in (half.first, half.second)
    )
    return Aligned(first, second, half.inside, half.to_first)


def edges(picture: NDArray[np.uint8]) -> float:
    """Return the grey levels by which the edges of an RGB picture stand out, 0 to 1020."""
    return float(_steps(picture)[1])


def fine_detail(one: Image.Image, other: Image.Image) -> tuple[float, float]:
    """Return how much fine detail each of two pictures has, at equal scale.

    Both are brought to the longer side of the smaller one. Pictures of the same scene whose values
    are equal are equally sharp; twice the value is about half the blur.

    Returns
    -------
    two float
        Grey levels by which the edges stand out from around, 0 to 1020.
    """
    side = min(max(one.size), max(other.size))
    return edges(np.asarray(_at_most(one, side))), edges(np.asarray(_at_most(other, side)))


def _at_most(picture: Image.Image, side: int) -> Image.Image:
    scale = side / max(picture.size)
    size = [max(2 * _LEAST_SIDE, round(length * scale)) for length in picture.size]
    grey = picture.convert("RGB").convert("L")
    return grey.resize((size[0], size[1]), Image.Resampling.LANCZOS)


def _steps(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the grey levels by which pixels differ from those around, in plain parts and edges."""
    grey = np.asarray(Image.fromarray(picture).convert("L").reduce(2), np.float32)
    around = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:]
    return np.quantile(np.abs(4 * grey[1:-1, 1:-1] - around), (_PLAIN, _EDGES)).astype(np.float32)
