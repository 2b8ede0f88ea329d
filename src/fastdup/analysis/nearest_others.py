"""What is near to each picture when copies are left out: what its content is judged by."""

from typing import NamedTuple

import numpy as np

from fastdup.arrays import FloatArray, IntArray

#: Rows that are looked at together, so that memory does not grow with their number.
_ROWS_TOGETHER = 4096


class NearestOthers(NamedTuple):
    """The nearest other pictures of n rows, without copies, the most similar first.

    Attributes
    ----------
    kinds : (n,) int64 array
        Which picture each row shows: the lowest row among its copies.
    indices : (n, k) int64 array
        Row numbers, each of another picture; -1 where there are fewer.
    values : (n, k) float64 array
        How similar they are; 0 where there are fewer.
    """

    kinds: IntArray
    indices: IntArray
    values: FloatArray

    def nearest(self, k: int) -> "NearestOthers":
        """Return the same with the first k neighbours of each."""
        return NearestOthers(self.kinds, self.indices[:, :k], self.values[:, :k])


def nearest_others(kinds: IntArray, indices: IntArray, values: FloatArray) -> NearestOthers:
    """Return the neighbours of each row that are other pictures, each picture once.

    Of several copies of one picture the nearest stays, so that a picture that was saved ten times
    counts as one.

    Parameters
    ----------
    kinds : (n,) int64 array
        See `NearestOthers`.
    indices, values : (n, k) arrays
        Neighbours of each row, the most similar first; index -1 where there are none.
    """
    kept, similar = np.full(indices.shape, -1, np.int64), np.zeros(indices.shape)
    for start in range(0, len(indices), _ROWS_TOGETHER):
        part = slice(start, start + _ROWS_TOGETHER)
        near = indices[part]
        theirs = np.where(near >= 0, kinds[near], -1)
        is_other = (near >= 0) & (theirs != kinds[part, None])
        for column in range(1, near.shape[1]):
            seen = (theirs[:, :column] == theirs[:, column, None]).any(axis=1)
            is_other[seen, column] = False
        rows, columns = np.nonzero(is_other)
        places = (np.cumsum(is_other, axis=1) - 1)[rows, columns]
        kept[part][rows, places] = near[rows, columns]
        similar[part][rows, places] = values[part][rows, columns]
    return NearestOthers(kinds, kept, similar)
