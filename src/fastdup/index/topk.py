"""The k nearest rows found so far for each query."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import BoolArray, FloatArray, IntArray

# The low bits of a float64 make room for a column number; what is left resolves 1 in 10**12.
_COLUMN_BITS = 12
_COLUMN_MASK = (1 << _COLUMN_BITS) - 1
MAX_COLUMNS = 1 << _COLUMN_BITS


class TopK:
    """The `n_kept` smallest distances of each query, while blocks of distances are added.

    Attributes
    ----------
    distances : (q, n_kept) float64 array
        Ascending; infinity where nothing was added yet.
    indices : (q, n_kept) int64 array
        Rows at these distances, ties by lower index; -1 where nothing was added yet.
    """

    def __init__(self, n_queries: int, n_kept: int) -> None:
        self.distances = np.full((n_queries, n_kept), np.inf)
        self.indices = np.full((n_queries, n_kept), -1, np.int64)

    @property
    def bounds(self) -> FloatArray:
        """Largest distance kept, of each query; shape (q,)."""
        return self.distances[:, -1]

    def add(self, distances: NDArray[np.floating[Any]], ids: IntArray) -> None:
        """Add a block of distances to the same rows for all queries.

        Parameters
        ----------
        distances : (q, c) array
            At least 0; c at most `MAX_COLUMNS`. Distances in float64 that differ by less than
            1 in 10**12 count as equal, so that their ties are broken by index and not by
            rounding; those in float32 are compared as they are.
        ids : (c,) int64 array
            The rows, ascending; none of them added before.
        """
        if distances.dtype == np.float32:
            hits = distances < self.bounds[:, None].astype(np.float32)
            if np.count_nonzero(hits) <= 8 * self.distances.size:
                self._merge_few(distances, ids, hits)
                return
        self.merge(*smallest(distances, ids, self.distances.shape[1]))

    def add_overlapping(
        self,
        distances: NDArray[np.floating[Any]],
        ids: IntArray,
        queries: IntArray | slice = slice(None),
    ) -> None:
        """Add a block for some `queries`, of which some rows may have been added before."""
        new_distances, new_ids = smallest(distances, ids, self.distances.shape[1])
        known = (new_ids[:, :, None] == self.indices[queries][:, None, :]).any(axis=2)
        new_distances[known] = np.inf
        new_ids[known] = -1
        self.merge(new_distances, new_ids, queries)

    def add_sorted(
        self, distances: NDArray[np.floating[Any]], ids: IntArray, queries: slice = slice(None)
    ) -> None:
        """Add (q, c) ascending distances to different rows for each query, none added before."""
        first, _, _ = queries.indices(len(self.indices))
        (nearer,) = np.nonzero(distances[:, 0] < self.distances[queries, -1])
        self.merge(distances[nearer], ids[nearer], nearer + first)

    def merge(
        self,
        new_distances: NDArray[np.floating[Any]],
        new_ids: IntArray,
        queries: IntArray | slice = slice(None),
    ) -> None:
        """Add (q, c) distances to different rows for each query, none added before."""
        n_kept = self.distances.shape[1]
        distances = np.concatenate([self.distances[queries], new_distances], axis=1)
        indices = np.concatenate([self.indices[queries], new_ids], axis=1)
        order = np.lexsort((indices, distances), axis=1)[:, :n_kept]
        self.distances[queries] = np.take_along_axis(distances, order, axis=1)
        self.indices[queries] = np.take_along_axis(indices, order, axis=1)

    def _merge_few(
        self, distances: NDArray[np.floating[Any]], ids: IntArray, hits: BoolArray
    ) -> None:
        """Merge only the `hits`: later blocks have few, and sorting whole blocks costs most."""
        rows, columns = np.nonzero(hits)
        if not len(rows):
            return
        n_queries, n_kept = self.distances.shape
        all_rows = np.concatenate([np.repeat(np.arange(n_queries), n_kept), rows])
        all_distances = np.concatenate([self.distances.ravel(), distances[rows, columns]])
        all_indices = np.concatenate([self.indices.ravel(), ids[columns]])
        order = np.lexsort((all_indices, all_distances, all_rows))
        starts = np.searchsorted(all_rows[order], np.arange(n_queries))
        kept = order[starts[:, None] + np.arange(n_kept)]
        self.distances, self.indices = all_distances[kept], all_indices[kept]


def smallest(
    distances: NDArray[np.floating[Any]], ids: IntArray, n_wanted: int
) -> tuple[FloatArray, IntArray]:
    """Return the `n_wanted` smallest of each row, ties by lower column, and their ids.

    Parameters
    ----------
    distances : (q, c) array
        At least 0, infinity allowed; c at most `MAX_COLUMNS`.
    ids : (c,) int64 array
    n_wanted : int

    Returns
    -------
    distances, ids : (q, min(c, n_wanted)) float64 and int64 arrays
        In no particular order.
    """
    n_columns = distances.shape[1]
    # A float64 that is not negative sorts like its bits: with the column in the lowest bits, one
    # partition of integers finds the smallest and breaks the ties.
    keys = distances.astype(np.float64).view(np.int64)
    keys += 1 << (_COLUMN_BITS - 1)
    keys &= ~_COLUMN_MASK
    keys |= np.arange(n_columns)
    if n_columns > n_wanted:
        keys = np.partition(keys, n_wanted - 1, axis=1)[:, :n_wanted]
    return (keys & ~_COLUMN_MASK).view(np.float64), ids[keys & _COLUMN_MASK]
