"""What differs locally between two pictures on one grid: changed regions as boxes.

A pixel differs where it lies beyond the range of the other picture's pixels around it, once both
have the same colours and the same sharpness. How much pixels differ is measured against what they
differ by elsewhere in the same pictures at the same texture, so that re-encoding, noise and
resampling raise the limit.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ImageFilter

from fastdup.arrays import BoolArray
from fastdup.verify.cells import Grey, cell_deviations, cell_means, clusters
from fastdup.verify.colour_map import IDENTITY, ToneMap
from fastdup.verify.colour_steps import ColourSteps, may_explain
from fastdup.verify.equalise import Equalised, Levels, equalise
from fastdup.verify.luma import LUMA_32
from fastdup.verify.registration import Aligned

#: Side of the cells that are judged, in pixels of the common grid.
CELL = 8
#: How far above the pictures' own level of differences a cell counts as changed.
_SPREADS, _LEAST_RATIO, _LEAST_LEVELS = 8.0, 0.12, 5.0
#: Cells with so much texture, in grey levels, are compared with each other, if there are so many.
_TEXTURED, _LEAST_CELLS = 5.0, 20
#: The level of differences of textured cells, and its spread, count up to here: where much was
#: changed, they are those of the change.
_MOST_USUAL, _MOST_SPREAD = 0.2, 0.06
#: The quieter cells say what is usual where much was changed: these shares of so many at least.
_QUIETEST, _QUIET, _LEAST_QUIET_CELLS = 0.05, 0.25, 8
#: Fewer cells beyond them say nothing: they are the edges of a small picture.
_LEAST_BEYOND = 4
#: A region is reported from so many times the limit on, in one cell or in all together.
_STRONG, _TOGETHER = 1.5, 3.0
#: Cells beside a changed one need so much of the limit, so many cells far.
_WEAK, _REACH = 0.45, 2
#: Differences are measured beside the texture, and this many grey levels of texture at least.
_TEXTURE_FLOOR = 6.0
_GAP = 2
#: Squared correlation from which on a part shows the same detail; variances that say so.
_SAME_DETAIL, _LEAST_POWER = 0.92, 30.0
#: Levels at which brightness is cut off, and how near the other picture must come there.
_CUT, _NEAR_CUT = 4, 24
#: Where a colour is cut off, the map of colours is this many levels wrong.
_CLIPPED = 24
#: Grey levels from which on a pixel bounds a region, and the share of what most pixels there differ
#: by: text beside it may be a little different, too.
_PIXEL_LEVELS, _OF_PEAK, _PEAK = 8, 0.25, 0.9
#: Colours are compared without their brightness, in blocks of so many pixels; how far above the
#: pictures' own level of such differences, in grey levels, a cell counts as changed.
_BLOCK, _CHROMA_LEVELS, _CHROMA_SPREADS = 4, 36.0, 8.0
#: Doublings of fine detail between pictures of which one was blurred or sharpened: what differs
#: then in a region, but not if it is smoothed by so many pixels, is that. In grey levels, of one
#: pixel in ten it is up to 19, of what was drawn on copies from 26 on.
_OTHER_SHARPNESS, _SMOOTHING, _SMOOTHED_LEVELS = 0.6, 4, 20
#: Share of the cells from which on a region is too large to be explained by its colours.
_LARGE_PART = 0.1
#: In grey levels, the mean difference of a cell below which its colours do not differ by so much.
_LEAST_SHIFT = 12.0


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
    equal : Equalised or None
        The pictures as they were compared; None where they do not overlap.
    beyond_quiet : float
        Share of the cells that differ by more than the quieter ones explain, from 0 to 1. Noise and
        saving change all cells alike; a watermark all over changes many, and raises what is usual.
    """

    regions: tuple[Region, ...]
    share: float
    level: float
    tone: ToneMap
    cells: BoolArray
    equal: Equalised | None = None
    beyond_quiet: float = 0.0

    @property
    def shift(self) -> float:
        """By how many grey levels colours differ before any map."""
        return self.equal.shift if self.equal else 0.0

    @property
    def in_common(self) -> float:
        """Share of the cells with fine detail that show the same in both, from 0 to 1."""
        return self.equal.sharpness.in_common if self.equal else 0.0

    @property
    def n_colours(self) -> int:
        """How many colours there are, counted coarsely; see `Equalised`."""
        return self.equal.n_colours if self.equal else 0


def find_changes(aligned: Aligned) -> Changes:
    """Return what differs between two pictures on one grid; nothing where they do not overlap."""
    is_inside = cell_means(aligned.inside, CELL) > 0.9
    if not is_inside.any():
        return Changes((), 0.0, 0.0, IDENTITY, is_inside)
    equal = equalise(aligned)
    difference = _beyond(equal.one, equal.other)
    difference[~aligned.inside] = 0
    if not equal.tone.is_identity:
        difference[_is_clipped(aligned) & (difference < _CLIPPED)] = 0
    excess, usual, beyond_quiet = _excess(equal, difference, is_inside)
    colour = _colour_excess(equal, is_inside)
    if colour is not None:
        excess = np.maximum(excess, colour)
    may_differ = is_inside & (excess > _WEAK)
    is_same = _same_detail(equal.one, equal.other, may_differ)
    if colour is not None:
        is_same &= colour < 1
    is_changed = _grown(excess, may_differ & ~is_same)
    if is_changed.any() and abs(equal.sharpness.gain) > _OTHER_SHARPNESS:
        is_changed = _of_smoothed(equal, is_changed, aligned.inside)
    if is_changed.any() and may_explain(equal):
        is_changed = _unexplained(aligned, equal, is_changed)
    regions = [_region(cells, difference, is_inside) for cells in clusters(is_changed, _GAP)]
    regions.sort(key=lambda region: -region.share)
    share = float(is_changed.sum() / is_inside.sum())
    return Changes(tuple(regions), share, usual, equal.tone, is_changed, equal, beyond_quiet)


def _excess(equal: Equalised, difference: Grey, is_inside: BoolArray) -> tuple[Grey, float, float]:
    """Return by how many times each cell is above its limit, what is usual, and `beyond_quiet`."""
    texture = np.maximum(cell_deviations(equal.one, CELL), cell_deviations(equal.other, CELL))
    level = _root(cell_means(difference * difference, CELL))
    ratio: Grey = np.asarray(level / (texture + _TEXTURE_FLOOR), np.float32)
    usual, spread = _median_and_spread(ratio[is_inside])
    is_textured = is_inside & (texture > _TEXTURED)
    high, wide = usual, spread
    if is_textured.sum() >= _LEAST_CELLS:
        high, wide = _median_and_spread(ratio[is_textured])
        high = max(min(high, _MOST_USUAL), usual)
        wide = max(min(wide, _MOST_SPREAD), spread)
    expected = np.where(is_textured, np.float32(high), np.float32(usual))
    spreads = np.where(is_textured, np.float32(wide), np.float32(spread))
    excess = ratio / (expected + _SPREADS * spreads + _LEAST_RATIO)
    by_level = level / (_LEAST_LEVELS + _TEXTURE_FLOOR * expected)
    found = np.minimum(excess, by_level)
    parts = (is_textured, is_inside & ~is_textured)
    n_beyond = sum(_n_beyond_quiet(ratio[part], level[part]) for part in parts)
    beyond_quiet = n_beyond / is_inside.sum() if n_beyond >= _LEAST_BEYOND else 0.0
    return np.asarray(found, np.float32), usual, float(beyond_quiet)


def _n_beyond_quiet(ratio: Grey, level: Grey) -> int:
    """Return how many cells differ by more than the quieter ones explain."""
    if len(ratio) < _LEAST_QUIET_CELLS:
        return 0
    quietest, quiet = np.quantile(ratio, [_QUIETEST, _QUIET])
    limit = quiet + _SPREADS * (quiet - quietest) + _LEAST_RATIO
    is_clear = level > _LEAST_LEVELS + _TEXTURE_FLOOR * quiet
    return int(((ratio > limit) & is_clear).sum())


def _colour_excess(equal: Equalised, is_inside: BoolArray) -> Grey | None:
    """Return the same for colours of the same brightness; None where they say nothing.

    They do not where one picture was toned, nor where no colours differ.
    """
    if not equal.tone.is_identity or equal.largest_shift < _LEAST_SHIFT:
        return None
    one, other = (
        np.asarray(picture.reduce(_BLOCK), np.float32) for picture in (equal.first, equal.second)
    )
    steps = one - other
    chroma = np.abs(steps - (steps @ LUMA_32)[:, :, None]).max(2)
    rows, columns = is_inside.shape
    side = CELL // _BLOCK
    squares = cell_means((chroma * chroma)[: rows * side, : columns * side], side)
    level = _root(squares)
    usual, spread = _median_and_spread(level[is_inside])
    found: Grey = level / np.float32(_CHROMA_LEVELS + usual + _CHROMA_SPREADS * spread)
    return found


def _median_and_spread(values: Grey) -> tuple[float, float]:
    median = float(np.median(values))
    return median, 1.4826 * float(np.median(np.abs(values - median)))


def _grown(excess: Grey, may_differ: BoolArray) -> BoolArray:
    """Return the cells that changed: those of strong regions, and what is beside them."""
    found = np.zeros_like(may_differ)
    for cells in clusters(may_differ & (excess > 1), _GAP):
        values = excess[cells[:, 0], cells[:, 1]]
        if values.max() > _STRONG or values.sum() > _TOGETHER:
            found[cells[:, 0], cells[:, 1]] = True
    if found.any():
        for _ in range(_REACH):
            found |= _extreme(np.maximum, found) & may_differ
    return found


def _of_smoothed(equal: Equalised, is_changed: BoolArray, inside: BoolArray) -> BoolArray:
    """Return the changed cells without regions that differ in nothing but their sharpness."""
    one, other = (
        np.asarray(picture.filter(ImageFilter.BoxBlur(_SMOOTHING)), np.int16)
        for picture in (equal.first, equal.second)
    )
    steps = np.abs(one - other).max(2)

    def differs(part: BoolArray) -> bool:
        return bool(np.quantile(steps[pixels_of(part, inside)], _PEAK) > _SMOOTHED_LEVELS)

    return _regions_that(differs, is_changed)


def _unexplained(aligned: Aligned, equal: Equalised, is_changed: BoolArray) -> BoolArray:
    """Return the changed cells without regions that differ as their colours do elsewhere."""
    steps = ColourSteps(aligned, equal, pixels_of(is_changed, aligned.inside))

    def differs(part: BoolArray) -> bool:
        is_small = part.sum() < _LARGE_PART * part.size
        return not (is_small and steps.explain(pixels_of(part, aligned.inside)))

    return _regions_that(differs, is_changed)


def _regions_that(differ: Callable[[BoolArray], bool], is_changed: BoolArray) -> BoolArray:
    """Return the changed cells of those regions for whose cells `differ` is true."""
    found = np.zeros_like(is_changed)
    for cells in clusters(is_changed, _GAP):
        part = np.zeros_like(is_changed)
        part[cells[:, 0], cells[:, 1]] = True
        if differ(part):
            found |= part
    return found


def pixels_of(cells: BoolArray, inside: BoolArray) -> BoolArray:
    """Return which pixels some cells cover."""
    large = cells.repeat(CELL, axis=0).repeat(CELL, axis=1)
    covered = np.zeros_like(inside)
    covered[: large.shape[0], : large.shape[1]] = large
    return covered & inside


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


def _extreme(choose: np.ufunc, values: NDArray[Any]) -> NDArray[Any]:
    """Return the largest or smallest of the 3 × 3 values around each."""
    padded = np.pad(values, 1, mode="edge")
    rows = choose(choose(padded[:-2], padded[1:-1]), padded[2:])
    found: NDArray[Any] = choose(choose(rows[:, :-2], rows[:, 1:-1]), rows[:, 2:])
    return found


def _root(values: Grey) -> Grey:
    found: Grey = np.sqrt(values)
    return found


def _same_detail(one: Levels, other: Levels, chosen: BoolArray) -> BoolArray:
    """Return which of the chosen cells show the same detail, lighter or darker."""
    found = np.zeros_like(chosen)
    rows, columns = np.nonzero(chosen)
    if not len(rows):
        return found
    a, b = (_pixels_of(picture, rows, columns) for picture in (one, other))
    a, b = a - a.mean(1, keepdims=True), b - b.mean(1, keepdims=True)
    power, power_other, product = ((p * q).mean(1) for p, q in ((a, a), (b, b), (a, b)))
    has_detail = np.minimum(power, power_other) > _LEAST_POWER
    found[rows, columns] = has_detail & (product * product > _SAME_DETAIL * power * power_other)
    return found


def _pixels_of(picture: Levels, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> Grey:
    """Return the pixels of some cells, a row for each."""
    height, width = (side // CELL for side in picture.shape)
    grid = picture[: height * CELL, : width * CELL].reshape(height, CELL, width, CELL)
    return grid[rows, :, columns].reshape(len(rows), -1).astype(np.float32)


def _region(cells: NDArray[np.int64], difference: Grey, is_inside: BoolArray) -> Region:
    """Return the box around the pixels that differ in and beside some cells."""
    height, width = difference.shape
    top, left = np.maximum(cells.min(0) * CELL - CELL // 2, 0)
    bottom, right = (cells.max(0) + 1) * CELL + CELL // 2
    part = difference[top:bottom, left:right]
    differs = part[part > _PIXEL_LEVELS]
    least = max(_PIXEL_LEVELS, _OF_PEAK * float(np.quantile(differs, _PEAK))) if len(differs) else 0
    y, x = np.nonzero(part > least)
    if len(y):
        top, bottom = top + y.min(), top + y.max() + 1
        left, right = left + x.min(), left + x.max() + 1
    box = (left / width, top / height, min(1.0, right / width), min(1.0, bottom / height))
    return Region(tuple(map(float, box)), len(cells) / int(is_inside.sum()))  # type: ignore[arg-type]
