"""On which of two pictures something was drawn."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fastdup.arrays import BoolArray
from fastdup.verify.changes import CELL, Changes
from fastdup.verify.registration import Aligned

#: Grey levels by which a pixel was changed; pixels beside it that happen to be alike.
_CHANGED, _HOLES = 12, 8


def is_on_second(aligned: Aligned, changes: Changes) -> bool:
    """Return whether what differs was put on the second picture, not on the first.

    Where something was put on a picture it ends with an edge, which the other has not.
    """
    is_changed = changed_pixels(changes, aligned.inside)
    y, x = np.nonzero(is_changed)
    part = slice(y.min(), y.max() + 1), slice(x.min(), x.max() + 1)
    one, other = (_grey(picture[part]) for picture in (aligned.first, aligned.second))
    mask = (np.abs(one - other) > _CHANGED) & is_changed[part]
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


def changed_pixels(changes: Changes, inside: BoolArray) -> BoolArray:
    """Return which pixels the changed cells cover."""
    large = changes.cells.repeat(CELL, axis=0).repeat(CELL, axis=1)
    covered = np.zeros_like(inside)
    covered[: large.shape[0], : large.shape[1]] = large
    return covered & inside


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
