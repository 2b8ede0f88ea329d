"""Whether two pictures on one grid show the same detail, cell by cell.

Copies agree in nearly every cell that has detail in both. Pictures that are only alike, with a
layout in common or a few points matched by chance, do not.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from fastdup.verify.cells import Grey, cell_means
from fastdup.verify.registration import Aligned

#: Cells along the longer side of the grid.
_N_CELLS = 28
_LEAST_SIDE = 8
#: Grey levels of detail from which on a cell counts, in one picture and in both.
_DETAIL, _DETAIL_IN_BOTH = 2.5, 1.5
#: Correlation of the same detail, and of other detail.
_SAME, _OTHER = 0.6, 0.4
#: Grey levels of noise in either picture: without it, flat cells would correlate by rounding.
_NOISE = 2.0


@dataclass(frozen=True)
class Agreement:
    """How far two pictures on one grid agree.

    Attributes
    ----------
    n_cells : int
        Cells with detail in both pictures.
    same : float
        Share of these that show the same detail, from 0 to 1.
    only_first, only_second : float
        Share of all cells with detail that show it in one picture alone, or other detail there.
    """

    n_cells: int
    same: float
    only_first: float
    only_second: float


def compare_detail(aligned: Aligned) -> Agreement:
    """Return how far two pictures on one grid agree."""
    height, width = aligned.inside.shape
    side = max(_LEAST_SIDE, round(max(height, width) / _N_CELLS))
    one, other = (_detail(picture, side) for picture in (aligned.first, aligned.second))
    power_one, power_other = cell_means(one * one, side), cell_means(other * other, side)
    product = cell_means(one * other, side)
    alike = np.abs(product) / np.sqrt((power_one + _NOISE) * (power_other + _NOISE))
    is_inside = cell_means(aligned.inside, side) > 0.98
    deviation_one, deviation_other = np.sqrt(power_one), np.sqrt(power_other)
    has_detail = is_inside & (np.maximum(deviation_one, deviation_other) > _DETAIL)
    in_both = has_detail & (np.minimum(deviation_one, deviation_other) > _DETAIL_IN_BOTH)
    differs = has_detail & (alike < _OTHER)
    n_detail = max(1, int(has_detail.sum()))
    return Agreement(
        n_cells=int(in_both.sum()),
        same=float((alike[in_both] > _SAME).mean()) if in_both.any() else 0.0,
        only_first=float((differs & (deviation_one > deviation_other)).sum() / n_detail),
        only_second=float((differs & (deviation_one <= deviation_other)).sum() / n_detail),
    )


def _detail(picture: NDArray[np.uint8], side: int) -> Grey:
    """Return grey levels without what is smooth over a cell, and without the finest noise."""
    grey = Image.fromarray(picture).convert("L")
    fine = np.asarray(grey.filter(ImageFilter.BoxBlur(1)), np.float32)
    smooth = np.asarray(grey.filter(ImageFilter.BoxBlur(max(3, side // 2))), np.float32)
    return fine - smooth
