"""Groups at any threshold, found anew from the pairs in the time between two frames."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastdup.analysis import Components, Pairs, connect

#: Groupings kept, so that going back and forth finds nothing anew.
_KEPT = 8


class Grouping:
    """The groups at one threshold.

    Attributes
    ----------
    pairs : Pairs
        Those at or above the threshold.
    groups : Components
        What they connect.
    starts : (c + 1,) int64 array
        Where each group begins in ``groups.members``.
    """

    def __init__(self, pairs: Pairs, n_images: int) -> None:
        self.pairs = pairs
        self.groups: Components = connect(pairs, n_images)
        self.starts = np.concatenate([[0], np.cumsum(self.groups.counts)]).astype(np.int64)
        self._group_of = np.full(n_images, -1, np.int64)
        self._group_of[self.groups.members] = self.groups.component_ids

    @property
    def n_groups(self) -> int:
        """Number of groups."""
        return len(self.groups.counts)

    def members(self, group: int) -> NDArray[np.int64]:
        """Return the rows of a group, ascending."""
        return self.groups.members[self.starts[group] : self.starts[group + 1]]

    def group_of(self, row: int) -> int:
        """Return the group that an image is in, -1 when it is in none."""
        return int(self._group_of[row])

    def is_grouped(self) -> NDArray[np.bool_]:
        """Tell of each image whether it is in a group."""
        return self._group_of >= 0

    def any_of(self, rows: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Tell of each group whether it has one of the images for which `rows` is true."""
        return self._over_groups(np.logical_or, rows).astype(bool)

    def spare(self, sizes: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return of each group the bytes beyond its largest file."""
        largest: NDArray[np.float64] = self._over_groups(np.maximum, sizes)
        summed: NDArray[np.float64] = self._over_groups(np.add, sizes)
        return summed - largest

    def _over_groups(self, reduce: np.ufunc, values: NDArray[Any]) -> NDArray[Any]:
        if not self.n_groups:
            return np.zeros(0, values.dtype)
        found: NDArray[Any] = reduce.reduceat(values[self.groups.members], self.starts[:-1])
        return found


def grouping_by_threshold(pairs: Pairs, n_images: int) -> Callable[[float], Grouping]:
    """Return what gives the groups at a threshold, and remembers the last few.

    Parameters
    ----------
    pairs : Pairs
        Each there once, most similar first.
    n_images : int
    """
    falling = -pairs.similarities

    @lru_cache(_KEPT)
    def at(threshold: float) -> Grouping:
        n_kept = int(np.searchsorted(falling, -threshold, side="right"))
        sources, targets, similarities = pairs
        kept = Pairs(sources[:n_kept], targets[:n_kept], similarities[:n_kept])
        return Grouping(kept, n_images)

    return at
