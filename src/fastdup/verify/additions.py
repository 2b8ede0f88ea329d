"""Whether what changed was put on one of two pictures: a caption, a logo, a cover.

Where something was put on one picture, the other goes on there as it does around. Where content was
replaced (another number, another caption), each picture has edges that the other has not, and each
colour is here in one picture and there in the other.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import BoolArray
from fastdup.verify.cells import Grey
from fastdup.verify.changes import CELL, Changes
from fastdup.verify.colour_modes import label_colours
from fastdup.verify.equalise import Equalised
from fastdup.verify.luma import LUMA_32
from fastdup.verify.registration import Aligned

#: Pixels around the changed cells that are looked at, and up to which changed pixels may lie.
_MARGIN, _REACH = 16, 4
#: Grey levels up to which pixels are the same, and from which on they clearly differ; levels up to
#: which their colours are the same.
_SAME, _DIFFERENT, _SAME_COLOUR = 12, 30, 18
#: Fewer clearly different pixels than this are too few; so are fewer than this share of those whose
#: colours clearly differ.
_FEWEST, _OF_COLOURS = 20, 0.4
#: Pixels are the same only where so many within a radius are: a few may be so by chance.
_WIDE, _MOSTLY = 4, 0.4
#: Radius within which the pixels around say what would be there, and the share of such pixels.
_NEAR, _LEAST_NEAR = 2, 0.15
#: By how many grey levels, and deviations of the pixels around, one picture must be nearer to what
#: would be there.
_NEARER, _DEVIATIONS = 15, 2
#: Steps of grey levels below which a picture shows nothing sharp, and those that are flat.
_SHARP, _FLAT = 10.0, 8.0
#: Share of the pixels along the edges where it is the other picture that goes on, up to which
#: something was put on one of them; the same if no colours are exchanged.
_ONE_SIDED, _MOSTLY_ONE_SIDED = 0.03, 0.06
#: The same for what is thick, with the share of pixels whose colours may be exchanged.
_IN_THICK, _FEW_EXCHANGED = ((0.04, 0.3), (0.12, 0.08)), 0.08
#: From this share of pixels away from all edges on, what was put on is a cover or a badge.
_THICK = 0.75
#: Share of one colour from which on a picture is plain there, and below which it is not.
_PLAIN, _NOT_PLAIN, _LARGE = 0.9, 0.75, 0.5
#: By how much more one picture has of edges, as a power of two, of what is flat, or of what its
#: three most frequent colours cover.
_MORE_EDGES, _FLATTER, _FEWER_COLOURS = 0.7, 0.3, 0.12
#: The first of these where a part was blurred: its edges are fewer and less steep.
_LOST_EDGES = 0.8
_N_SAMPLES = 4000


def is_addition(aligned: Aligned, changes: Changes) -> bool:
    """Return whether what changed was put on one of the two pictures.

    A blurred or blackened part counts as put on, too.
    """
    if changes.equal is None or not changes.cells.any():
        return False
    part = cut_changed(aligned, changes.cells, changes.equal)
    if part.is_faint:
        return not part.differs.any()
    if part.is_smudged or part.is_covered:
        return True
    if part.thickness >= _THICK:
        return part.is_uneven and any(
            part.shared_edges <= shared and part.exchanged <= exchanged
            for shared, exchanged in _IN_THICK
        )
    if part.sharpest_step < _SHARP or part.shared_edges <= _ONE_SIDED:
        return True
    return part.shared_edges <= _MOSTLY_ONE_SIDED and part.exchanged < _FEW_EXCHANGED


def is_cover(aligned: Aligned, changes: Changes) -> bool:
    """Return whether what changed is plain in one picture alone, and large: it was covered."""
    if changes.equal is None or not changes.cells.any():
        return False
    return cut_changed(aligned, changes.cells, changes.equal).is_covered


@dataclass(frozen=True, eq=False)
class ChangedPart:
    """The part of two pictures that holds all changed cells.

    Attributes
    ----------
    pictures : two (h, w, 3) uint8 arrays
    values : two (h, w, k) float32 arrays
        Their grey levels, or their colours where these alone differ.
    differs, clearly : (h, w) bool arrays
        Pixels that differ, and those that clearly do.
    same : (h, w) bool array
        Pixels that do not differ.
    corner : (left, top)
        Of the part, in pixels of the common grid.
    """

    pictures: tuple[NDArray[np.uint8], NDArray[np.uint8]]
    values: tuple[Grey, Grey]
    differs: BoolArray
    clearly: BoolArray
    same: BoolArray
    corner: tuple[int, int]

    @cached_property
    def steps(self) -> tuple[Grey, Grey]:
        """By how much each pixel differs from the ones on the left and above."""
        one, other = (_steps(picture.astype(np.float32) @ LUMA_32) for picture in self.pictures)
        return one, other

    @cached_property
    def along_edges(self) -> BoolArray:
        """The clearly different pixels that have pixels of the same kind in both around."""
        return self.clearly & (_box(self.same.astype(np.float32), _NEAR) > _LEAST_NEAR)

    @cached_property
    def thickness(self) -> float:
        """Share of the clearly different pixels that have none such around."""
        return 1 - float(self.along_edges.sum() / self.clearly.sum())

    @cached_property
    def sharpest_step(self) -> float:
        """How sharp the steps at the edges are in the picture in which they are less so."""
        edges = self.differs & (_box(self.along_edges.astype(np.float32), 1) > 0)
        if not edges.any():
            return 0.0
        return min(float(np.quantile(steps[edges], 0.9)) for steps in self.steps)

    @cached_property
    def shared_edges(self) -> float:
        """Share of the pixels along edges that speak for the other picture, from 0 to 0.5."""
        if self.broken_off[1] < _FEWEST:
            return 0.0
        return min(self.broken_off[0], 1 - self.broken_off[0])

    @cached_property
    def broken_off(self) -> tuple[float, int]:
        """Share of some pixels along edges at which the first goes on and the second does not.

        Of those at which just one of the two goes on as it does around; and how many these are.
        """
        one, other = self.values
        same = self.same[:, :, None]
        near = np.maximum(_box(self.same.astype(np.float32), _NEAR), 0.01)[:, :, None]
        middle = np.where(same, (one + other) / 2, 0)
        expected = _box(middle, _NEAR) / near
        variance = _box(middle * middle, _NEAR) / near - expected * expected
        edges = self.along_edges
        deviation = np.sqrt(np.maximum(variance, 0))[edges].max(1)
        misses, of_other = (np.abs(values - expected)[edges].max(1) for values in self.values)
        is_clear = np.abs(of_other - misses) > _NEARER + _DEVIATIONS * deviation
        n_clear = int(is_clear.sum())
        return float((of_other > misses)[is_clear].mean()) if n_clear else 0.5, n_clear

    @cached_property
    def more_edges(self) -> tuple[float, float]:
        """How much more one picture has of edges in all, and how much steeper, as powers of two."""
        steps = [values[self.differs] for values in self.steps]
        sums = [float(values.sum()) + 1 for values in steps]
        steepest = [float(np.quantile(values, 0.9)) + 1 for values in steps]
        return float(np.log2(sums[0] / sums[1])), float(np.log2(steepest[0] / steepest[1]))

    @property
    def is_faint(self) -> bool:
        """Whether cells differ and no pixel clearly does, as where all of a picture was blurred."""
        return not self.clearly.any()

    @property
    def is_covered(self) -> bool:
        """Whether one picture is plain there and the other is not, in a large part."""
        return not self.is_faint and self.plain is not None and self.thickness >= _LARGE

    @property
    def is_smudged(self) -> bool:
        """Whether one picture lost its edges there."""
        more, steeper = self.more_edges
        steepest = min(float(np.quantile(steps[self.differs], 0.9)) for steps in self.steps)
        return steepest < _SHARP and min(more * np.sign(steeper), abs(steeper)) > _LOST_EDGES

    @property
    def plain(self) -> int | None:
        """Which of the two is plain where they differ, 0 or 1; None if it is not just one."""
        shares = [_largest_share(labels) for labels in self.labels]
        is_one = max(shares) >= _PLAIN > _NOT_PLAIN > min(shares)
        return int(shares[1] > shares[0]) if is_one else None

    @property
    def is_uneven(self) -> bool:
        """Whether one picture is plain there, or shows clearly more edges, or fewer colours."""
        if max(_largest_share(labels) for labels in self.labels) >= _PLAIN:
            return True
        few, more = sorted(_largest_share(labels, 3) for labels in self.labels)
        flat = [float((steps[self.differs] < _FLAT).mean()) for steps in self.steps]
        return bool(
            more - few > _FEWER_COLOURS
            or max(map(abs, self.more_edges)) > _MORE_EDGES
            or abs(flat[0] - flat[1]) > _FLATTER
        )

    @cached_property
    def labels(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The frequent colours of the clearly different pixels, by number; 0 for all others."""
        step = int(self.clearly.sum()) // _N_SAMPLES + 1
        one, other = (picture[self.clearly][::step] for picture in self.pictures)
        return label_colours(one, other)

    @cached_property
    def exchanged(self) -> float:
        """Share of the pixels whose two colours are exchanged in other pixels, from 0 to 1."""
        one, other = self.labels
        n_labels = int(max(one.max(), other.max())) + 1
        counts = np.bincount(one * n_labels + other, minlength=n_labels**2)
        pairs = counts.reshape(n_labels, n_labels)
        np.fill_diagonal(pairs, 0)
        return float(np.minimum(pairs, pairs.T).sum() / max(1, pairs.sum()))


def cut_changed(aligned: Aligned, changed_cells: BoolArray, equal: Equalised) -> ChangedPart:
    """Return the part of both pictures around what changed."""
    place = _around_cells(changed_cells, aligned.inside.shape)
    inside = aligned.inside[place]
    box = place[1].start, place[0].start, place[1].stop, place[0].stop
    first, second = (picture.crop(box) for picture in (equal.first, equal.second))
    one, other = np.asarray(first), np.asarray(second)
    grey, grey_other = (np.asarray(p.convert("L"), np.float32) for p in (first, second))
    cells = changed_cells.repeat(CELL, axis=0).repeat(CELL, axis=1)
    changed = np.zeros(aligned.inside.shape, bool)
    changed[: cells.shape[0], : cells.shape[1]] = cells
    changed = inside & (_box(changed[place].astype(np.float32), _REACH) > 0)
    levels = np.abs(grey - grey_other)
    colours = np.abs(one.astype(np.int16) - other).max(2)
    clearly, by_colour = changed & (levels > _DIFFERENT), changed & (colours > _DIFFERENT)
    values = grey[:, :, None], grey_other[:, :, None]
    if clearly.sum() < max(_FEWEST, _OF_COLOURS * by_colour.sum()):
        # Ink of the same brightness as the ground shows in its colour alone.
        levels, clearly = colours, by_colour
        values = one.astype(np.float32), other.astype(np.float32)
    differs = changed & (colours > _SAME)
    if clearly.sum() < _FEWEST:
        clearly = differs
    same = inside & (levels < _SAME) & (colours < _SAME_COLOUR)
    same &= _box(same.astype(np.float32), _WIDE) > _MOSTLY
    return ChangedPart((one, other), values, differs, clearly, same, box[:2])


def _around_cells(cells: BoolArray, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """Return the rows and columns of pixels that hold all changed cells and a margin."""
    found = []
    for axis, side in enumerate(shape):
        flags = np.flatnonzero(cells.any(axis=1 - axis))
        first, last = int(flags[0]) * CELL - _MARGIN, (int(flags[-1]) + 1) * CELL + _MARGIN
        found.append(slice(max(0, first), min(side, last)))
    return found[0], found[1]


def _steps(grey: Grey) -> Grey:
    across = np.abs(np.diff(grey, axis=1, prepend=grey[:, :1]))
    down = np.abs(np.diff(grey, axis=0, prepend=grey[:1]))
    found: Grey = np.maximum(across, down)
    return found


def _largest_share(labels: NDArray[np.int64], n_colours: int = 1) -> float:
    """Return the share of pixels that the most frequent colours have together."""
    counts = np.sort(np.bincount(labels)[1:])
    return float(counts[-n_colours:].sum() / len(labels))


def _box(values: Grey, radius: int) -> Grey:
    """Return the mean of each square window along the first two axes, zero beyond the borders."""
    side = 2 * radius + 1
    borders = [(radius + 1, radius)] * 2 + [(0, 0)] * (values.ndim - 2)
    sums = np.pad(values, borders).astype(np.float64)
    sums = sums.cumsum(0).cumsum(1)
    found = sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
    return np.asarray(found / side**2, np.float32)
