"""What differs locally between two pictures on one grid: changed regions as boxes.

A pixel differs where it lies beyond the range of the other picture's pixels around it, colours
mapped first. How much pixels differ is measured against what they differ by elsewhere in the
same pictures at the same texture, so that re-encoding, noise and resampling raise the limit.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from fastdup.arrays import BoolArray
from fastdup.verify.cells import Grey, cell_means, clusters
from fastdup.verify.colour_map import IDENTITY, ToneMap, fit_tone
from fastdup.verify.registration import Aligned

#: Side of the cells that are judged, in pixels of the common grid.
CELL = 8
#: How far above the pictures' own level of differences a cell counts as changed.
_SPREADS, _LEAST_RATIO, _LEAST_LEVELS = 8.0, 0.12, 3.0
#: A region is reported from so many times the limit on, in one cell or in all together.
_STRONG, _TOGETHER = 1.5, 3.0
#: Differences are measured beside the texture, and this many grey levels of texture at least.
_TEXTURE_FLOOR = 6.0
_GAP = 2
#: Squared correlation from which on a part shows the same detail; variances that say so.
_SAME_DETAIL, _LEAST_POWER = 0.92, 30.0
#: Levels at which brightness is cut off, and how near the other picture must come there.
_CUT, _NEAR_CUT = 4, 24
#: Where a colour is cut off, the map of colours is this many levels wrong.
_CLIPPED = 24
_PIXEL_LEVELS = 8
Levels = NDArray[np.uint8]


@dataclass(frozen=True)
class Region:
    """A part that differs.

    Attributes
    ----------
    box : (left, top, right, bottom)
        In unit coordinates of the first picture.
    share : float
        Of the overlap that differs here, from 0 to 1.
    """

    box: tuple[float, float, float, float]
    share: float


@dataclass(frozen=True, eq=False)
class Changes:
    """What differs locally.

    Attributes
    ----------
    regions : tuple of Region
        The largest first.
    share : float
        Of the overlap that differs, from 0 to 1.
    level : float
        What the rest differs by, beside its texture: 0 for the same pixels.
    tone : ToneMap
        From one picture's colours to the other's.
    cells : (rows, columns) bool array
        Which cells of the common grid changed.
    """

    regions: tuple[Region, ...]
    share: float
    level: float
    tone: ToneMap
    cells: BoolArray


def find_changes(aligned: Aligned) -> Changes:
    """Return what differs between two pictures on one grid; nothing where they do not overlap."""
    is_inside = cell_means(aligned.inside, CELL) > 0.9
    if not is_inside.any():
        return Changes((), 0.0, 0.0, IDENTITY, is_inside)
    one, other, colours = _same_tone(aligned)
    difference = _beyond(one, other)
    difference[_is_clipped(aligned) & (difference < _CLIPPED)] = 0
    texture = np.maximum(_texture(one), _texture(other))
    level = np.sqrt(cell_means(difference * difference, CELL))
    ratio = level / (texture + _TEXTURE_FLOOR)
    usual = float(np.median(ratio[is_inside]))
    spread = 1.4826 * float(np.median(np.abs(ratio[is_inside] - usual)))
    excess = ratio / (usual + _SPREADS * spread + _LEAST_RATIO)
    excess = np.minimum(excess, level / (_LEAST_LEVELS + _TEXTURE_FLOOR * usual))
    is_changed = is_inside & (excess > 1) & ~_same_detail(one, other)
    regions = []
    for cells in clusters(is_changed, _GAP):
        found = excess[cells[:, 0], cells[:, 1]]
        if found.max() > _STRONG or found.sum() > _TOGETHER:
            regions.append(_region(cells, difference, is_inside))
        else:
            is_changed[cells[:, 0], cells[:, 1]] = False
    regions.sort(key=lambda region: -region.share)
    share = float(is_changed.sum() / is_inside.sum())
    return Changes(tuple(regions), share, usual, colours, is_changed)


def _same_tone(aligned: Aligned) -> tuple[Levels, Levels, ToneMap]:
    """Return both pictures in grey, slightly smoothed, with the colours of the plainer one."""
    forth = fit_tone(aligned.first, aligned.second, aligned.inside)
    back = fit_tone(aligned.second, aligned.first, aligned.inside)
    one, other = Image.fromarray(aligned.first), Image.fromarray(aligned.second)
    if forth.explained >= back.explained:
        return _smooth(forth.apply(one)), _smooth(other), forth
    return _smooth(one), _smooth(back.apply(other)), back


def _smooth(picture: Image.Image) -> Levels:
    return np.asarray(picture.convert("L").filter(ImageFilter.BoxBlur(1)))


def _beyond(one: Levels, other: Levels) -> Grey:
    """Return how far each pixel lies beyond the other picture's 3 × 3 pixels, in grey levels."""
    found = np.zeros(one.shape, np.uint8)
    for values, around in ((one, other), (other, one)):
        highest, lowest = _extreme(np.maximum, around), _extreme(np.minimum, around)
        np.maximum(found, np.maximum(values, highest) - highest, out=found)
        np.maximum(found, lowest - np.minimum(values, lowest), out=found)
    found[_cut_off(one, other)] = 0
    return found.astype(np.float32)


def _is_clipped(aligned: Aligned) -> BoolArray:
    """Return where a colour of either picture is cut off at black or white."""
    found = np.zeros_like(aligned.inside)
    for picture in (aligned.first, aligned.second):
        is_cut = (picture >= 255 - _CUT) | (picture <= _CUT)
        for channel in range(3):
            found |= is_cut[:, :, channel]
    return found


def _cut_off(one: Levels, other: Levels) -> BoolArray:
    """Return where both pictures are nearly white or black and one is cut off there."""
    highest, lowest = np.maximum(one, other), np.minimum(one, other)
    white = (highest >= 255 - _CUT) & (lowest >= 255 - _NEAR_CUT)
    return white | ((lowest <= _CUT) & (highest <= _NEAR_CUT))


def _extreme(choose: np.ufunc, values: Levels) -> Levels:
    padded = np.pad(values, 1, mode="edge")
    rows = choose(choose(padded[:-2], padded[1:-1]), padded[2:])
    found: Levels = choose(choose(rows[:, :-2], rows[:, 1:-1]), rows[:, 2:])
    return found


def _texture(picture: Levels) -> Grey:
    """Return the standard deviation of grey levels within each cell."""
    grey = picture.astype(np.float32)
    mean = cell_means(grey, CELL)
    squares = cell_means(grey * grey, CELL)
    deviation: Grey = np.sqrt(np.maximum(squares - mean * mean, 0))
    return deviation


def _same_detail(one: Levels, other: Levels) -> BoolArray:
    """Return the cells that show the same detail, lighter or darker."""
    a, b = one.astype(np.float32), other.astype(np.float32)
    mean_a, mean_b = cell_means(a, CELL), cell_means(b, CELL)
    power_a = cell_means(a * a, CELL) - mean_a * mean_a
    power_b = cell_means(b * b, CELL) - mean_b * mean_b
    product = cell_means(a * b, CELL) - mean_a * mean_b
    has_detail = np.minimum(power_a, power_b) > _LEAST_POWER
    return has_detail & (product * product > _SAME_DETAIL * power_a * power_b)


def _region(cells: NDArray[np.int64], difference: Grey, is_inside: BoolArray) -> Region:
    """Return the box around the pixels that differ in and beside some cells."""
    height, width = difference.shape
    top, left = np.maximum(cells.min(0) * CELL - CELL // 2, 0)
    bottom, right = (cells.max(0) + 1) * CELL + CELL // 2
    y, x = np.nonzero(difference[top:bottom, left:right] > _PIXEL_LEVELS)
    if len(y):
        top, bottom = top + y.min(), top + y.max() + 1
        left, right = left + x.min(), left + x.max() + 1
    box = (left / width, top / height, min(1.0, right / width), min(1.0, bottom / height))
    return Region(tuple(map(float, box)), len(cells) / int(is_inside.sum()))  # type: ignore[arg-type]
