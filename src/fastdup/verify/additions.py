"""Whether what changed was put on one of two pictures: a caption, a logo, a cover."""

import numpy as np
from numpy.typing import NDArray

from fastdup.verify.changes import CELL, Changes
from fastdup.verify.registration import Aligned

#: One picture has so many times the edges of the other there, as a power of two, or so much more
#: that is flat.
_ONE_SIDED, _FLATTER = 0.5, 0.35
#: Steps below this are flat, in grey levels.
_FLAT = 8.0
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def is_addition(aligned: Aligned, changes: Changes) -> bool:
    """Return whether the changed cells show more in one picture than in the other.

    Where content was replaced (another number, another caption) both show about as much.
    """
    where = _pixels(changes, aligned.inside)
    if not where.any():
        return False
    edges = [_edges(picture)[where] for picture in (aligned.first, aligned.second)]
    sums = [float(steps.sum()) + 1 for steps in edges]
    steepest = [float(np.quantile(steps, 0.9)) + 1 for steps in edges]
    flat = [float((steps < _FLAT).mean()) for steps in edges]
    return bool(
        abs(np.log2(sums[0] / sums[1])) > _ONE_SIDED
        or abs(np.log2(steepest[0] / steepest[1])) > _ONE_SIDED
        or abs(flat[0] - flat[1]) > _FLATTER
    )


def _edges(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the steps of grey levels to the pixels on the left and above, added up."""
    grey = picture.astype(np.float32) @ _LUMA
    edges = np.zeros_like(grey)
    edges[:, 1:] += np.abs(np.diff(grey, axis=1))
    edges[1:] += np.abs(np.diff(grey, axis=0))
    return edges


def _pixels(changes: Changes, inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which pixels the changed cells cover."""
    large = changes.cells.repeat(CELL, axis=0).repeat(CELL, axis=1)
    covered = np.zeros_like(inside)
    covered[: large.shape[0], : large.shape[1]] = large
    return covered & inside
