"""Whether two pictures that show all of each other are the same, by their aligned pixels alone.

Tiny pictures, skies and other smooth ones have no points, and hardly any cells with detail. Of a
copy, what little they show is the same.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from fastdup.verify.cells import Grey
from fastdup.verify.registration import Aligned

#: Share of the variance of grey levels that the other picture must explain.
_EXPLAINED = 0.985
#: Standard deviation in grey levels below which a picture shows nothing to compare.
_PLAIN = 4.0
#: Share of the pixels in one of 32 steps of grey from which on a picture is on a plain ground.
_GROUND = 0.5
#: Share of the first picture that must be in both, and fewest pixels.
_NEARLY_ALL, _FEWEST = 0.6, 150


def pixels_agree(aligned: Aligned) -> bool:
    """Return whether the grey levels of one picture explain nearly all of the other's.

    False for plain pictures, which any other plain picture explains, and for pages and drawings
    on a plain ground, which is most of what agrees.

    Parameters
    ----------
    aligned : Aligned
        Both pictures whole, on one grid.
    """
    inside = aligned.inside
    if inside.sum() < _FEWEST or inside.mean() < _NEARLY_ALL:
        return False
    one, other = (_smooth(picture)[inside] for picture in (aligned.first, aligned.second))
    if max(_largest_share(one), _largest_share(other)) > _GROUND:
        return False
    one, other = one - one.mean(), other - other.mean()
    power, power_other = float((one * one).mean()), float((other * other).mean())
    if min(power, power_other) < _PLAIN**2:
        return False
    in_common = float((one * other).mean())
    return in_common > 0 and in_common**2 > _EXPLAINED * power * power_other


def _smooth(picture: NDArray[np.uint8]) -> Grey:
    """Return grey levels without the finest noise of encoding."""
    grey = Image.fromarray(picture).convert("L").filter(ImageFilter.BoxBlur(1))
    return np.asarray(grey, np.float32)


def _largest_share(grey: Grey) -> float:
    counts = np.bincount(grey.astype(np.int64) >> 3, minlength=32)
    return float(counts.max() / len(grey))
