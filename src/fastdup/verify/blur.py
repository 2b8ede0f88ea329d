"""Which of two pictures on one grid shows finer detail, and both made equally sharp.

Sharpness is compared where both pictures show the same detail, cell by cell, so that neither noise
nor what was put on one of them counts; and at half scale, where saving and resampling change
little.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from fastdup.arrays import BoolArray
from fastdup.verify.cells import Grey

Levels = NDArray[np.uint8]

#: Side of the cells, in pixels at half scale.
_CELL = 4
#: Rows that are looked at, and columns, in which noise is measured.
_STRIP = (2, 16)
#: Rows that are looked at for noise, and for the filter: one of so many.
_STEP = 4
#: Power of fine detail that counts, and the squared correlation that makes it the same detail.
_LEAST_POWER, _SAME_DETAIL = 4.0, 0.5
#: Grey levels of power that count as none.
_ROUNDING = 0.3
#: So many cells are needed.
_LEAST_CELLS = 12
#: Doublings of fine detail from which on the sharper picture is filtered.
_OTHER = 0.15
#: The share of cells, the quietest, that noise is measured in.
_QUIET = 0.3
_N_SAMPLES, _ROUNDS = 3000, 4


@dataclass(frozen=True, eq=False)
class Sharpness:
    """What the second picture has of fine detail, beside the first.

    Attributes
    ----------
    gain : float
        Doublings of its amplitude from the first picture to the second: below 0 the second is more
        blurred, above 0 the first. 0 where too little detail is in common to say.
    noise : float
        By how many grey levels more the second has that is not in the first, than the reverse.
    in_common : float
        Share of the cells with fine detail that show the same in both, from 0 to 1.
    cells : (rows, columns) bool array
        Cells of 8 × 8 pixels, from the second pixel on, that show the same fine detail.
    """

    gain: float
    noise: float
    in_common: float
    cells: BoolArray


def compare_sharpness(one: Image.Image, other: Image.Image, inside: BoolArray) -> Sharpness:
    """Return what the second picture has of fine detail, beside the first.

    Parameters
    ----------
    one, other : PIL images, mode L
        On one grid, in the same tone.
    inside : (h, w) bool array
        Pixels to look at.
    """
    first, second = (_laplacian(np.asarray(p.reduce(2), np.float32)) for p in (one, other))
    height, width = (side // 2 * 2 for side in inside.shape)
    seen = inside[:height, :width][2:-2:2, 2:-2:2]
    first, second = (
        first[: seen.shape[0], : seen.shape[1]],
        second[: seen.shape[0], : seen.shape[1]],
    )
    power, power_other, product = _powers(first, second, (_CELL, _CELL))
    is_textured = _all(seen, (_CELL, _CELL)) & (np.maximum(power, power_other) > _LEAST_POWER)
    is_alike = (product > 0) & (product * product > _SAME_DETAIL * power * power_other)
    is_common = is_textured & is_alike
    # A strong blur leaves nothing in common at this scale: then all cells count.
    chosen = is_common if is_common.sum() >= _LEAST_CELLS else is_textured
    if chosen.sum() < _LEAST_CELLS:
        return Sharpness(0.0, 0.0, 1.0, is_common)
    ratio = (power_other[chosen] + _ROUNDING) / (power[chosen] + _ROUNDING)
    gain = float(np.median(np.log2(ratio))) / 2
    in_common = float(is_common.sum() / is_textured.sum())
    return Sharpness(gain, _more_noise(one, other, inside), in_common, is_common)


def match_sharpness(one: Levels, other: Levels, sharpness: Sharpness) -> tuple[Levels, Levels]:
    """Return both pictures, the sharper one filtered to be as sharp as the other.

    Parameters
    ----------
    one, other : (h, w) uint8 arrays
    sharpness : Sharpness
        Of the same pictures.
    """
    is_swapped = sharpness.gain > 0
    if abs(sharpness.gain) < _OTHER or sharpness.cells.sum() < _LEAST_CELLS:
        return one, other
    sharp, soft = (other, one) if is_swapped else (one, other)
    image = Image.fromarray(sharp)
    smooth, smoother = (np.asarray(image.filter(ImageFilter.BoxBlur(r))) for r in (1, 3))
    flags = np.zeros(sharp.shape, bool)
    large = sharpness.cells.repeat(2 * _CELL, axis=0).repeat(2 * _CELL, axis=1)
    height, width = (min(a, b - 2) for a, b in zip(large.shape, sharp.shape, strict=True))
    flags[2 : 2 + height, 2 : 2 + width] = large[:height, :width]
    y, x = np.nonzero(flags[::_STEP])
    step = max(1, len(y) // _N_SAMPLES)
    y, x = y[::step] * _STEP, x[::step]
    first, second = _fit_filter(
        *(p[y, x].astype(np.float32) for p in (sharp, smooth, smoother, soft))
    )
    grey = sharp.astype(np.float32)
    grey += first * (smooth - grey) + second * (smoother - grey)
    filtered = np.clip(grey, 0, 255).astype(np.uint8)
    return (soft, filtered) if is_swapped else (filtered, soft)


def _fit_filter(sharp: Grey, smooth: Grey, smoother: Grey, soft: Grey) -> tuple[np.float32, ...]:
    """Return the weights of two smoothed pictures that bring the sharp one nearest to the soft."""
    terms, targets = np.stack([smooth - sharp, smoother - sharp], axis=1), soft - sharp
    weights: Grey
    weights, found = np.ones(len(targets), np.float32), np.zeros(2, np.float32)
    for _ in range(_ROUNDS):
        weighted = terms * weights[:, None]
        normal = (weighted.T @ terms).astype(np.float64)
        normal[np.diag_indices(2)] += len(targets) / 2
        found = np.linalg.solve(normal, weighted.T @ targets).astype(np.float32)
        misses = np.abs(terms @ found - targets)
        weights = np.asarray(1 / (1 + (misses / (2 * np.median(misses) + 1)) ** 2), np.float32)
    return found[0], found[1]


def _more_noise(one: Image.Image, other: Image.Image, inside: BoolArray) -> float:
    """Return by how many levels more the second has that the first has not, than the reverse."""
    first, second = (_laplacian(np.asarray(p, np.float32), _STEP) for p in (one, other))
    is_whole = _all(inside[1:-1:_STEP, 1:-1], _STRIP)
    if not is_whole.any():
        return 0.0
    power, power_other, product = _powers(first, second, _STRIP)
    common = product * product
    levels = [
        float(np.quantile((own - common / (others + 1e-6))[is_whole], _QUIET))
        for own, others in ((power, power_other), (power_other, power))
    ]
    return float(np.sqrt(max(0.0, levels[1])) - np.sqrt(max(0.0, levels[0])))


def _laplacian(grey: Grey, step: int = 1) -> Grey:
    """Return how much pixels differ from the mean of the four around, in one of `step` rows."""
    inner = grey[1:-1:step]
    around = grey[:-2:step, 1:-1] + grey[2::step, 1:-1] + inner[:, :-2] + inner[:, 2:]
    return np.asarray(inner[:, 1:-1] - around / 4, np.float32)


def _powers(first: Grey, second: Grey, side: tuple[int, int]) -> tuple[Grey, Grey, Grey]:
    """Return the mean square of each cell of both, and the mean of their product."""
    return (
        _means(first * first, side),
        _means(second * second, side),
        _means(first * second, side),
    )


def _means(values: Grey, side: tuple[int, int]) -> Grey:
    found: Grey = _cells(values, side).mean((1, 3))
    return found


def _all(flags: BoolArray, side: tuple[int, int]) -> BoolArray:
    return np.asarray(_cells(flags, side).all((1, 3)))


def _cells(values: NDArray[Any], side: tuple[int, int]) -> NDArray[Any]:
    """Return the whole cells of a grid, (rows, height, columns, width)."""
    rows, columns = values.shape[0] // side[0], values.shape[1] // side[1]
    cut = values[: rows * side[0], : columns * side[1]]
    return cut.reshape(rows, side[0], columns, side[1])
