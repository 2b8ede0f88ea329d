"""Identical rows: found first, searched as one, and expanded again in the result."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import FloatArray, IntArray
from fastdup.index.base import Neighbours
from fastdup.index.digests import row_digests
from fastdup.index.group_by import group_by
from fastdup.index.rerank import sort_neighbours
from fastdup.index.rows import spans, squared_norms


@dataclass(frozen=True)
class DistinctRows:
    """The u different rows among n, and which rows are copies of each.

    Attributes
    ----------
    inverse : (n,) int64 array
        Which different row each row is. They are numbered by their first row.
    members : (n,) int64 array
        Row numbers, one different row after the other, ascending for each.
    starts : (u + 1,) int64 array
        Different row i is the rows ``members[starts[i]:starts[i + 1]]``.
    """

    inverse: IntArray
    members: IntArray
    starts: IntArray

    @classmethod
    def all_different(cls, n_rows: int) -> "DistinctRows":
        """Return `n_rows` rows of which no two are copies."""
        return cls(np.arange(n_rows), np.arange(n_rows), np.arange(n_rows + 1))

    @property
    def first(self) -> IntArray:
        """Lowest row number of each different row, ascending; shape (u,)."""
        return self.members[self.starts[:-1]]

    @property
    def counts(self) -> IntArray:
        """Number of rows that are the same as each; shape (u,)."""
        return np.diff(self.starts)


def dedupe_rows(
    features: NDArray[Any], n_threads: int = 1, norms: FloatArray | None = None
) -> DistinctRows:
    """Return the different rows by their float32 values; −0.0 counts as 0.0.

    Parameters
    ----------
    features : (n, d) array
        Of finite values.
    n_threads : int
    norms : (n,) float64 array, optional
        Their `squared_norms`, where they are known.
    """
    norms = squared_norms(features, n_threads) if norms is None else norms
    like = np.arange(len(norms))  # the lowest row of the same content
    alike = _of_equal_norm(norms)
    digests = row_digests(features, n_threads, alike)
    order = np.lexsort(digests.T)  # stable: the first of a run is the lowest row of its content
    differs = (digests[order[1:]] != digests[order[:-1]]).any(axis=1)
    begins = np.concatenate([np.ones(min(1, len(order)), bool), differs])
    like[alike[order]] = alike[order[begins]][np.cumsum(begins) - 1]
    is_first = like == np.arange(len(like))
    inverse = (np.cumsum(is_first) - 1)[like]
    return DistinctRows(inverse, *group_by(inverse, int(is_first.sum())))


def _of_equal_norm(norms: FloatArray) -> IntArray:
    """Return the rows that share their norm with others, ascending: all that may be the same."""
    order = np.argsort(norms, kind="stable")
    same = norms[order[1:]] == norms[order[:-1]]
    shared = np.zeros(len(norms), bool)
    shared[order[1:][same]] = shared[order[:-1][same]] = True
    return np.flatnonzero(shared)


def expand_duplicates(
    distinct: DistinctRows, neighbours: Neighbours, k: int, *, zero_row: int = -1
) -> Neighbours:
    """Return the k neighbours of each row from those of the different rows.

    The copies of a row come with similarity 1.0, those of another row with that row's similarity;
    ties by lower row number.

    Parameters
    ----------
    distinct : DistinctRows
        u different rows among n.
    neighbours : Neighbours
        The nearest k (or all) others of each different row; shape (u, k).
    k : int
    zero_row : int
        Which different row is all zero, when the metric is cosine: it has similarity 0.0 with
        every row, its copies too. -1 for none.

    Returns
    -------
    Neighbours
        Of shape (n, k).
    """
    if len(distinct.counts) == len(distinct.inverse) and zero_row < 0:
        return neighbours
    n_rows = len(distinct.inverse)
    found = Neighbours.none(n_rows, k)
    for start, stop in spans(n_rows):
        kinds, places = np.unique(distinct.inverse[start:stop], return_inverse=True)
        indices, raw = _members(distinct, neighbours, kinds, k + 1, zero_row)
        indices, raw = indices[places], raw[places]
        raw[indices == np.arange(start, stop)[:, None]] = -np.inf
        part = slice(start, stop)
        found.indices[part], found.similarities[part] = sort_neighbours(indices, raw, k)
    return found


def _members(
    distinct: DistinctRows, neighbours: Neighbours, kinds: IntArray, n_wanted: int, zero_row: int
) -> tuple[IntArray, FloatArray]:
    """Return the nearest rows of some different rows, the copies of each among its own, (m, n)."""
    indices = np.full((len(kinds), n_wanted), -1, np.int64)
    raw = np.full((len(kinds), n_wanted), -np.inf)
    others = neighbours.indices[kinds]
    values = np.where(others < 0, -np.inf, neighbours.similarities[kinds])
    own_value = np.where(kinds == zero_row, 0.0, 1.0)[:, None]
    _list_members(
        distinct,
        np.concatenate([kinds[:, None], others], axis=1),
        np.concatenate([own_value, values], axis=1),
        indices,
        raw,
    )
    if zero_row >= 0:
        n_listed = min(n_wanted, len(distinct.inverse))
        indices[kinds == zero_row, :n_listed] = np.arange(n_listed)
        raw[kinds == zero_row, :n_listed] = 0.0
    return indices, raw


def _list_members(
    distinct: DistinctRows, listed: IntArray, values: FloatArray, indices: IntArray, raw: FloatArray
) -> None:
    """Write the first rows that are the `listed` ones, best first, into `indices` and `raw`."""
    n_wanted = indices.shape[1]
    counts = np.where(listed < 0, 0, np.minimum(distinct.counts[listed], n_wanted)).ravel()
    ends = np.cumsum(counts)
    within = np.arange(ends[-1]) - np.repeat(ends - counts, counts)
    members = distinct.members[np.repeat(distinct.starts[listed.ravel()], counts) + within]
    member_values = np.repeat(values.ravel(), counts)
    rows = np.repeat(np.repeat(np.arange(len(listed)), listed.shape[1]), counts)
    order = np.lexsort((members, -member_values, rows))
    places = np.arange(len(order)) - np.searchsorted(rows, rows)
    kept = order[places < n_wanted]
    places = places[places < n_wanted]
    indices[rows[kept], places] = members[kept]
    raw[rows[kept], places] = member_values[kept]
