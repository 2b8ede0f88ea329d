"""A plain box that covers much of one of two pictures, and what they show beside it.

What is under the box says nothing about whether the rest is the same, but it is detail that one
picture has alone, the border of the box is detail that only the other has, and the colours of both
differ there: enough to make two other pictures of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fastdup.arrays import BoolArray
from fastdup.verify.agreement import Agreement, compare_detail
from fastdup.verify.cells import clusters, flat_cells, whole_cells
from fastdup.verify.changes import CELL, Changes, Region, pixels_of
from fastdup.verify.picture import Picture
from fastdup.verify.registration import Aligned, overlay, refine_outlines
from fastdup.verify.transform import Transform

Cells = NDArray[np.int16]

#: Grey levels by which the colour of a plain cell differs from the box's, at most; levels by which
#: a cell differs from the other picture's, or from the box it lies beside.
_SAME, _OTHER = 8, 16
#: Share of the overlap that a box may cover: less is no matter, and of more too little is left.
_LEAST, _MOST = 0.06, 0.5
#: Share of the box that is plain, at least, and that the other picture has of one colour, at most:
#: a thing that was given another colour is plain in both.
_FILLED, _NOT_PLAIN = 0.9, 0.85
#: Share of the cells around it that differ from it: the ground of a drawing goes on there.
_BORDERED = 0.6
#: Inliers, and their share of the matched points, from which on pictures may be the same beside a
#: box; share of the cells there that agree then, how many, and share that shows other detail. Of 25
#: photos and drawings with a box over a third they are 12, 0.74, 0.97, 20 and 0.05; of other
#: pictures with plain boxes no more than 13, 0.8, 0.34, 70, and 0.4 at least.
_POINTS, _AGREEING, _SAME_BESIDE, _CELLS_BESIDE, _DIFFERS_BESIDE = 12, 0.7, 0.95, 20, 0.08


@dataclass(frozen=True, eq=False)
class Cover:
    """A box that covers a part of one picture.

    Attributes
    ----------
    aligned, rest : Aligned
        Both pictures, and both without it.
    cells : (rows, columns) bool array
        What it covers of the common grid.
    share : float
        Of the overlap, from 0 to 1.
    """

    aligned: Aligned
    rest: Aligned
    cells: BoolArray
    share: float

    def added_to(self, changes: Changes) -> Changes:
        """Return the changes of the rest, with the box as the largest of them."""
        rows, columns = np.nonzero(self.cells)
        height, width = self.rest.inside.shape
        box = (
            float(columns.min() * CELL / width),
            float(rows.min() * CELL / height),
            min(1.0, float((columns.max() + 1) * CELL / width)),
            min(1.0, float((rows.max() + 1) * CELL / height)),
        )
        return replace(
            changes,
            regions=(Region(box, self.share), *changes.regions),
            share=self.share + (1 - self.share) * changes.share,
            cells=changes.cells | self.cells,
        )


def look_beside_cover(
    first: Picture, second: Picture, transform: Transform, aligned: Aligned
) -> tuple[Cover, Agreement] | None:
    """Return a box on one of two pictures beside which they agree, and how far; None without it.

    Parameters
    ----------
    first, second : Picture
    transform : Transform
        By matched points.
    aligned : Aligned
        As the whole pictures agree most, which the tones under the box may have led astray.
    """
    if transform.n_inliers < _POINTS or transform.agreeing < _AGREEING:
        return None
    for seen in _alignments(first, second, transform, aligned):
        cover = find_cover(seen)
        if cover is None:
            continue
        found = compare_detail(cover.rest)
        differs = max(found.only_first, found.only_second)
        is_same = found.same >= _SAME_BESIDE and differs <= _DIFFERS_BESIDE
        if is_same and found.n_cells >= _CELLS_BESIDE:
            return cover, found
    return None


def _alignments(
    first: Picture, second: Picture, transform: Transform, aligned: Aligned
) -> Iterator[Aligned]:
    """Yield both pictures as they were aligned, by the points alone, and by outlines."""
    yield aligned
    yield overlay(first.image, second.image, transform.to_first)
    outlined = refine_outlines(first.grey, second.grey, transform.to_first)
    yield overlay(first.image, second.image, outlined)


def find_cover(aligned: Aligned) -> Cover | None:
    """Return the plain box that covers most of one of two pictures; None where there is none."""
    height, width = aligned.inside.shape
    rows, columns = height // CELL, width // CELL
    inside = whole_cells(aligned.inside, CELL)[:rows, :columns]
    pictures = [_cells_of(p, rows, columns) for p in (aligned.first, aligned.second)]
    best: BoolArray | None = None
    for (one, is_flat), (other, other_is_flat) in (pictures, pictures[::-1]):
        differs = (np.abs(one - other).max(2) > _OTHER) | ~other_is_flat
        for box in _boxes(one, is_flat & inside, differs):
            is_other_plain = _share_of_one_colour(other[box], other_is_flat[box]) > _NOT_PLAIN
            cells = np.zeros_like(inside)
            cells[box] = True
            if not is_other_plain and (best is None or cells.sum() > best.sum()):
                best = cells
    n_inside = max(1, int(inside.sum()))
    if best is None or not _LEAST <= (best & inside).sum() / n_inside <= _MOST:
        return None
    near = _grown(_grown(best))  # so far its border counts as detail
    rest = replace(aligned, inside=aligned.inside & ~pixels_of(near, aligned.inside))
    return Cover(aligned, rest, best, float((best & inside).sum() / n_inside))


def _cells_of(picture: NDArray[np.uint8], rows: int, columns: int) -> tuple[Cells, BoolArray]:
    """Return the mean colour of each cell, and which cells are of one colour."""
    means = np.asarray(Image.fromarray(picture).reduce(CELL), np.int16)[:rows, :columns]
    return means, flat_cells(picture, CELL)


def _boxes(colours: Cells, is_flat: BoolArray, differs: BoolArray) -> Iterator[tuple[slice, slice]]:
    """Yield the rows and columns of plain boxes that the other picture has not."""
    for cells in clusters(is_flat & differs, 1):
        colour = np.median(colours[cells[:, 0], cells[:, 1]], axis=0)
        is_of_it = is_flat & (np.abs(colours - colour).max(2) <= _SAME)
        (top, left), (bottom, right) = cells.min(0), cells.max(0) + 1
        box = slice(top, bottom), slice(left, right)
        if len(cells) < 4 or is_of_it[box].mean() < _FILLED:
            continue
        inner = np.zeros_like(is_flat)
        inner[box] = True
        around = _grown(_grown(inner)) & ~_grown(inner)
        goes_on = is_of_it[around].mean() if around.any() else 1.0
        if goes_on <= 1 - _BORDERED:
            yield box


def _grown(cells: BoolArray) -> BoolArray:
    """Return the cells, and those beside them."""
    padded = np.pad(cells, 1)
    rows = padded[:-2] | padded[1:-1] | padded[2:]
    return np.asarray(rows[:, :-2] | rows[:, 1:-1] | rows[:, 2:])


def _share_of_one_colour(colours: Cells, is_flat: BoolArray) -> float:
    """Return the share of the cells that are flat and of the usual colour."""
    if not is_flat.any():
        return 0.0
    usual = np.median(colours[is_flat], axis=0)
    return float((is_flat & (np.abs(colours - usual).max(2) <= _SAME)).mean())
