"""What was drawn on which of two pictures."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fastdup.arrays import BoolArray
from fastdup.verify.additions import ChangedPart, cut_changed
from fastdup.verify.cells import cell_means, clusters
from fastdup.verify.changes import CELL, Changes, Region, pixels_of
from fastdup.verify.equalise import TONED, Equalised
from fastdup.verify.registration import Aligned

#: Grey levels by which a pixel was changed; pixels beside it that happen to be alike.
_CHANGED, _HOLES = 12, 8
#: Pixels along edges, of which one picture goes on at all but a few, from which on these say on
#: which of the two something was put; how far the share lies from a half. Of 376 copies with
#: something on them, seen from either side, they and the rules below are wrong for 7.
_MANY, _ONE_SIDED = 100, 0.3
#: Share of the overlap from which on a cover is large.
_LARGE = 0.12
#: A line of words is so many times as long as it is high, and crossed from left to right it has so
#: many strokes, by the median of its rows; a longer one fewer, for small letters grow together. Of
#: 383 copies of 48 photos with words, boxes, marks, stickers or other pictures on them, two more
#: are captioned so, and rightly.
_LINES = ((2.4, 4.0), (5.0, 2.0))
#: Pixels of the height of a line, below which it is none.
_LEAST_HEIGHT = 4
#: Share of what was put on a picture that words must be.
_MOSTLY = 0.5


def is_on_second(aligned: Aligned, changes: Changes, part: ChangedPart) -> bool:
    """Return whether what differs was put on the second picture, not on the first.

    Where something was put on a picture, the other goes on along its edges as it does around.
    Where too few pixels show that, a large cover is where only one is plain; a small part may be
    the plain ground of the other. And what was put on ends with an edge, which the other has not.
    """
    if changes.shift < TONED and changes.equal is not None:
        if not changes.tone.is_identity:
            changes, part = _without_map(aligned, changes, changes.equal)
        share, n_pixels = part.broken_off
        if n_pixels >= _MANY and abs(share - 0.5) > _ONE_SIDED:
            return share > 0.5
    if part.plain is not None and changes.share > _LARGE:
        return part.plain == 1
    return _ends_on_second(aligned, changes)


def _without_map(
    aligned: Aligned, changes: Changes, equal: Equalised
) -> tuple[Changes, ChangedPart]:
    """Return the changes with all that differs beside them, and no colours mapped.

    Few colours differ, so those of a cover may have been taken for a tone.
    """
    first, second = (Image.fromarray(picture) for picture in (aligned.first, aligned.second))
    steps = np.abs(aligned.first.astype(np.int16) - aligned.second).max(2).astype(np.float32)
    rows, columns = changes.cells.shape
    differs = cell_means(steps, CELL)[:rows, :columns] > _CHANGED
    differs &= cell_means(aligned.inside, CELL)[:rows, :columns] > 0.9
    cells = changes.cells.copy()
    for linked in clusters(differs | cells, 1):
        at = linked[:, 0], linked[:, 1]
        cells[at] |= cells[at].any()
    share = float(cells.sum() / max(1, aligned.inside.sum() / CELL**2))
    equal = replace(equal, first=first, second=second)
    changed = replace(changes, cells=cells, share=share, equal=equal)
    return changed, cut_changed(aligned, cells, equal)


def _ends_on_second(aligned: Aligned, changes: Changes) -> bool:
    """Return whether what differs ends with edges of the second picture more than of the first."""
    is_changed = pixels_of(changes.cells, aligned.inside)
    y, x = np.nonzero(is_changed)
    place = slice(y.min(), y.max() + 1), slice(x.min(), x.max() + 1)
    one, other = (_grey(picture[place]) for picture in (aligned.first, aligned.second))
    mask = (np.abs(one - other) > _CHANGED) & is_changed[place]
    mask = np.pad(mask, _HOLES)
    for choose in (np.maximum, np.minimum):  # fills holes
        for _ in range(_HOLES):
            mask = _extreme(choose, mask)
    mask = mask[_HOLES:-_HOLES, _HOLES:-_HOLES]
    border = _extreme(np.maximum, mask) & ~_extreme(np.minimum, mask)
    if not border.any():
        return True
    more = _spread(other)[border] - _spread(one)[border]
    return bool((more > 0).sum() >= (more < 0).sum())


def are_words(aligned: Aligned, changes: Changes, part: ChangedPart) -> bool:
    """Return whether what differs is mostly lines of words: long, and made of many strokes."""
    height, width = aligned.inside.shape
    words = sum(
        region.share for region in changes.regions if _has_words(part, region, (width, height))
    )
    return words > _MOSTLY * changes.share


def _has_words(part: ChangedPart, region: Region, size: tuple[int, int]) -> bool:
    """Return whether most of the rows that differ in a region are those of lines of words."""
    box = (round(end * side) for end, side in zip(region.box, size * 2, strict=True))
    left, top, right, bottom = (
        max(0, end - corner) for end, corner in zip(box, part.corner * 2, strict=True)
    )
    drawn = part.clearly[top:bottom, left:right]
    is_row = np.pad(drawn.any(1), 1).astype(np.int8)
    starts, ends = np.nonzero(np.diff(is_row) > 0)[0], np.nonzero(np.diff(is_row) < 0)[0]
    lines = [drawn[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
    n_rows = sum(len(line) for line in lines if _is_line(line))
    return n_rows > _MOSTLY * int(is_row.sum())


def _is_line(rows: BoolArray) -> bool:
    """Return whether rows of pixels that differ look like a line of words."""
    columns = np.nonzero(rows.any(0))[0]
    length = columns[-1] - columns[0] + 1
    if len(rows) < _LEAST_HEIGHT:
        return False
    per_row = (np.diff(np.pad(rows, ((0, 0), (1, 0))).astype(np.int8), axis=1) > 0).sum(1)
    n_strokes = float(np.median(per_row))
    return any(length >= long * len(rows) and n_strokes >= least for long, least in _LINES)


def _grey(picture: NDArray[np.uint8]) -> NDArray[np.int16]:
    return np.asarray(Image.fromarray(picture).convert("L"), np.int16)


def _spread(grey: NDArray[np.int16]) -> NDArray[np.int16]:
    """Return highest minus lowest level of the 3 × 3 pixels around each."""
    spread: NDArray[np.int16] = _extreme(np.maximum, grey) - _extreme(np.minimum, grey)
    return spread


def _extreme(choose: np.ufunc, values: NDArray[Any]) -> NDArray[Any]:
    """Return the largest, or smallest, of the 3 × 3 values around each."""
    padded = np.pad(values, 1, mode="edge")
    rows = choose(choose(padded[:-2], padded[1:-1]), padded[2:])
    found: NDArray[Any] = choose(choose(rows[:, :-2], rows[:, 1:-1]), rows[:, 2:])
    return found
