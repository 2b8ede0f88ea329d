"""The most different rows: each next one is the farthest from all that were chosen before.

Gonzalez, "Clustering to minimize the maximum intercluster distance", Theoretical Computer Science
38, 1985: no other choice of n rows covers the collection within less than half the distance.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import BoolArray, FloatArray, IntArray


def choose_farthest(
    rows: NDArray[Any], n_wanted: int, kinds: IntArray | None = None
) -> tuple[IntArray, FloatArray]:
    """Return rows that differ most, and how far each is from those chosen before it.

    The first is the one nearest to the mean. Of equally far ones, the lowest row is next.

    Parameters
    ----------
    rows : (n, d) array
    n_wanted : int
        From 0; at most n are chosen.
    kinds : (n,) int64 array or None
        The kind of each row, 0 or more: as many rows of each are chosen, as far as there are so
        many. None: all are of one kind.

    Returns
    -------
    chosen : (m,) int64 array
        In the order of choice: the first rows of a larger choice are the smaller choice, too.
    distances : (m,) float64 array
        Euclidean; 0 for the first.
    """
    values = np.asarray(rows, np.float32)
    n_wanted = min(n_wanted, len(values))
    if n_wanted < 1:
        return np.empty(0, np.int64), np.empty(0)
    quotas = _Quotas(np.zeros(len(values), np.int64) if kinds is None else kinds)
    middle = values.mean(axis=0, dtype=np.float64)
    may_be_next, distances = quotas.open_rows(), np.full(len(values), np.inf)
    chosen = [int(np.argmin(np.where(may_be_next, _squares(values, middle), np.inf)))]
    reach = [0.0]
    while True:
        quotas.take(chosen[-1])
        distances = np.minimum(distances, _squares(values, values[chosen[-1]]))
        if len(chosen) == n_wanted:
            return np.array(chosen, np.int64), np.sqrt(reach)
        row = int(np.argmax(np.where(quotas.open_rows(), distances, -1.0)))
        chosen.append(row)
        reach.append(float(distances[row]))


def shares_of(counts: IntArray, n_wanted: int) -> IntArray:
    """Return how many of each kind to choose: evenly, and what a small kind lacks from the others.

    Parameters
    ----------
    counts : (k,) int64 array
        How many there are of each kind.
    n_wanted : int
        Of all kinds together. What is left over when it is divided goes to the first kinds.
    """
    shares = np.zeros_like(counts)
    while (left := min(n_wanted, int(counts.sum())) - int(shares.sum())) > 0:
        (has_more,) = np.nonzero(shares < counts)
        each = max(left // len(has_more), 1)
        takers = has_more[: left if left < len(has_more) else None]
        shares[takers] = np.minimum(counts[takers], shares[takers] + each)
    return shares


class _Quotas:
    """Which rows may be chosen next: those of the kinds of which the fewest were chosen."""

    def __init__(self, kinds: IntArray) -> None:
        self._kinds = kinds
        self._is_free = np.ones(len(kinds), bool)
        self._n_left = np.bincount(kinds)
        self._n_chosen = np.zeros(len(self._n_left), np.int64)

    def open_rows(self) -> BoolArray:
        has_more = self._n_left > 0
        fewest = self._n_chosen[has_more].min(initial=len(self._kinds))
        is_next = has_more & (self._n_chosen == fewest)
        return np.asarray(self._is_free & is_next[self._kinds])

    def take(self, row: int) -> None:
        self._is_free[row] = False
        self._n_left[self._kinds[row]] -= 1
        self._n_chosen[self._kinds[row]] += 1


def _squares(values: NDArray[np.float32], point: NDArray[Any]) -> FloatArray:
    """Return the squared distance of each row to a point; by differences, so that 0 is 0."""
    squares = np.empty(len(values))
    for start in range(0, len(values), 4096):
        gaps = values[start : start + 4096] - point.astype(np.float32)
        squares[start : start + 4096] = np.einsum("ij,ij->i", gaps, gaps)
    return squares
