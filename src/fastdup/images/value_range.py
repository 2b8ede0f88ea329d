"""Numbers of any range → grey levels: labels, measurements, depths, exposures.

Numbers that have a natural range, such as the 16 bits of a photo, keep it. Others are scaled by
their own range, so that pictures of small values differ. Where that gives two of a few different
values one grey level, as of labels, each value has a level of its own.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

#: Where a picture that was scaled has its own range, in `info`.
OWN_RANGE = "fastdup_own_range"

#: Grey levels that values must span in their natural range; of fewer, too little is left.
FEWEST_LEVELS = 32
#: A lowest or highest value that is farther from all others than this share of the whole range
#: stands for "no data". It is black or white, and the others have the levels from here on.
_GAP, _WITHOUT_DATA = 0.9, 64.0
#: Grey levels there are; a picture of no more different values may hold labels.
_N_LEVELS = 256
#: So many values of a picture are looked at first, as nearly all pictures have more different ones.
_N_SAMPLED = 4096


def scale_by_own_range(values: NDArray[np.generic]) -> NDArray[np.uint8]:
    """Return numbers as grey levels, the lowest black and the highest white.

    Not a number counts as the lowest, infinity as the lowest or the highest. A picture of one
    value is black.

    Parameters
    ----------
    values : array of any shape, integers or floats

    Returns
    -------
    uint8 array of the same shape
    """
    with np.errstate(invalid="ignore"):  # NaN is handled below
        numbers = values.astype(np.float64)  # high - low may overflow float32
    is_finite = np.isfinite(numbers)
    finite = numbers if is_finite.all() else numbers[is_finite]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    numbers = np.nan_to_num(numbers, nan=low, posinf=high, neginf=low)
    if high <= low:
        return np.zeros(values.shape, np.uint8)
    span = high - low
    second = float(numbers.min(where=numbers > low, initial=high))
    last = float(numbers.max(where=numbers < high, initial=low))
    if second < high and second - low > _GAP * span:
        levels = _scaled(numbers, second, high, _WITHOUT_DATA, 255.0)
        levels[numbers == low] = 0
    elif last > low and high - last > _GAP * span:
        levels = _scaled(numbers, low, last, 0.0, 255.0 - _WITHOUT_DATA)
        levels[numbers == high] = 255
    else:
        levels = _scaled(numbers, low, high, 0.0, 255.0)
    return _kept_apart(numbers, (levels + 0.5).astype(np.uint8))


def as_picture(values: NDArray[np.generic]) -> Image.Image:
    """Return numbers as a picture, scaled by their own range, which it has in its `info`."""
    picture = Image.fromarray(scale_by_own_range(values))
    finite = values[np.isfinite(values)]
    if finite.size:
        picture.info[OWN_RANGE] = (float(finite.min()), float(finite.max()))
    return picture


def from_16_bits(values: NDArray[np.uint16], bits: int = 16) -> Image.Image:
    """Return values of 8 to 16 bits as a grey picture.

    They are cut to their high byte, as most programs do, unless that leaves so few levels that
    what they show is lost; then they are scaled by their own range. So is one dark value all over,
    as of a label, which stays what it is.
    """
    low, high = (int(values.min()), int(values.max())) if values.size else (0, 0)
    if high > low and high - low < FEWEST_LEVELS << (bits - 8):
        return as_picture(values)
    cut = (values >> (bits - 8)).astype(np.uint8)
    levels = _kept_apart(values, cut)
    picture = Image.fromarray(levels)
    if levels is not cut or 0 < low == high < FEWEST_LEVELS << (bits - 8):
        picture.info[OWN_RANGE] = (float(low), float(high))
    return picture


def _kept_apart(values: NDArray[Any], levels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the levels; evenly spaced ones if two of a few different values have the same."""
    sampled = values.ravel()[:: max(1, values.size // _N_SAMPLED)]
    if np.unique(sampled).size > _N_LEVELS:
        return levels
    different = np.unique(values)
    if different.size > _N_LEVELS or np.unique(levels).size == different.size:
        return levels
    spaced = np.linspace(0, _N_LEVELS - 1, different.size).round().astype(np.uint8)
    return spaced[np.searchsorted(different, values)]


def _scaled(
    numbers: NDArray[np.float64], low: float, high: float, darkest: float, brightest: float
) -> NDArray[np.float64]:
    """Return numbers so that `low` becomes `darkest` and `high` `brightest`."""
    return (numbers.clip(low, high) - low) / (high - low) * (brightest - darkest) + darkest
