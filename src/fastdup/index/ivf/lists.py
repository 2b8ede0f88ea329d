"""The inverted lists: which rows each list holds, and where they are laid out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import IntArray
from fastdup.index.group_by import group_by


@dataclass(frozen=True)
class InvertedLists:
    """Rows laid out list after list. A *slot* is a place in this layout.

    Attributes
    ----------
    order : (n,) int64 array
        The position of the row in each slot; ascending within a list.
    starts : (n_lists + 1,) int64 array
        List i holds the slots ``starts[i]`` to ``starts[i + 1]``.
    """

    order: IntArray
    starts: IntArray

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def sizes(self) -> IntArray:
        """Rows in each list."""
        return np.diff(self.starts)

    def slots(self, number: int) -> tuple[int, int]:
        """Return the half-open range of slots of one list."""
        return int(self.starts[number]), int(self.starts[number + 1])

    def positions(self, slots: IntArray) -> IntArray:
        """Return the positions of the rows in some slots; -1 stays -1."""
        return np.where(slots < 0, -1, self.order[slots])


def fill_lists(list_of_row: NDArray[np.int32], n_lists: int) -> InvertedLists:
    """Return the inverted lists, given the list of each of n rows."""
    return InvertedLists(*group_by(list_of_row, n_lists))
