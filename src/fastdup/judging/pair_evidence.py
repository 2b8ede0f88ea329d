"""What the neighbourhoods of two pictures say: whether the two may be copies.

Two copies are nearer to each other than to all else, and what else is near to them is no nearer to
them than usual. A linear classifier weighs that; `training/candidates.py` fits it.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import IntArray
from fastdup.index import Neighbours
from fastdup.index.rows import spans
from fastdup.judging.levels import LEAST_LEVEL, NO_COPY, PairLevels

_FILE = Path(__file__).with_name("candidates.npz")
#: So many neighbours of a row count; those beyond say nothing.
N_COUNTED = 10
#: Others that are no copies and nearer, of which more say no more.
_MOST_NEARER = 5
_BLOCK_ROWS = 4096

Values = NDArray[np.float64]


def copy_odds(
    near: Neighbours, cosines: Values, shows_others: NDArray[np.float32] | None = None
) -> Iterator[tuple[slice, Values]]:
    """Yield how likely neighbours of rows are copies of them, some rows at a time.

    Parameters
    ----------
    near : Neighbours
        Of n rows, of which no two are the same; similarities as `fastdup.scale` rounds them.
    cosines : (n, k) float64 array
        Of the same neighbours.
    shows_others : (n,) float32 array, optional
        How likely the picture of a row shows others, 0 or more if it may.

    Yields
    ------
    rows : slice
    odds : (m, min(k, N_COUNTED)) float64 array
        Logarithms of the odds; 0 or more: worth a look in any collection. -inf: nothing is known.
        The same for both rows of a pair, if each is a neighbour of the other.
    """
    with np.load(_FILE) as stored:
        weights, least = stored["weights"], stored["least"]
    evidence = Evidence(near, cosines, shows_others)
    for start, stop in spans(len(near.indices), _BLOCK_ROWS):
        rows = slice(start, stop)
        odds = evidence.of_rows(rows) @ weights - least
        yield rows, np.where(near.indices[rows, :N_COUNTED] >= 0, odds, -np.inf)


class Evidence:
    """What there is to say about each row and its neighbours.

    Parameters
    ----------
    near, cosines, shows_others
        As for `may_be_copies`.
    """

    def __init__(
        self, near: Neighbours, cosines: Values, shows_others: NDArray[np.float32] | None = None
    ) -> None:
        k = min(near.indices.shape[1], N_COUNTED)
        near = Neighbours(near.indices[:, :k], near.similarities[:, :k])
        self._near, self._cosines = near, cosines[:, :k]
        self._levels = PairLevels(near, self._cosines)
        n_rows = len(near.indices)
        self._n_nearer = np.empty((n_rows, k), np.int8)
        self._first, self._last = np.full((2, n_rows), LEAST_LEVEL)
        for start, stop in spans(n_rows, _BLOCK_ROWS):
            rows = slice(start, stop)
            is_no_copy = (near.indices[rows] >= 0) & (near.similarities[rows] < NO_COPY)
            n_nearer: IntArray = np.cumsum(is_no_copy, axis=1) - is_no_copy
            self._n_nearer[rows] = np.minimum(n_nearer, _MOST_NEARER)
            known = self._known(rows, slice(None))
            self._first[rows] = known[:, :1].max(axis=1, initial=LEAST_LEVEL)
            if k == N_COUNTED:
                self._last[rows] = np.maximum(known[:, -1], LEAST_LEVEL)
        none = np.zeros(n_rows, np.float32)
        self._shows = none if shows_others is None else shows_others

    def _known(self, rows: slice | IntArray, columns: slice | IntArray) -> Values:
        """Return cosines of rows and neighbours; the least level where there is no neighbour."""
        is_there = self._near.indices[rows, columns] >= 0
        return np.where(is_there, self._cosines[rows, columns], LEAST_LEVEL)

    def _following(self, rows: slice | IntArray, columns: NDArray[Any]) -> Values:
        """Return the cosine of the neighbour that comes after each of some neighbours."""
        following = np.minimum(columns + 1, self._cosines.shape[1] - 1)
        return np.maximum(self._known(rows, following), LEAST_LEVEL)

    def of_rows(self, rows: slice) -> Values:
        """Return the evidence of each neighbour of some rows.

        Returns
        -------
        (m, k, 15) float64 array
            The cosine; of the levels of both rows the lower and the higher; how many others are
            nearer to either, the lower number and the higher; by how much the next neighbour of
            either is farther, the lower difference and the higher; whether each is a neighbour of
            the other; the cosine of the last neighbour of either, the lower and the higher; by how
            much the first neighbour of either is nearer, the higher difference and the lower; how
            likely either shows others, the higher value and the lower; and 1. It is the same for
            both rows of a pair, if each is a neighbour of the other.
        """
        own, of_other, back = self._levels.of_rows(rows)
        cosines, is_mutual = self._known(rows, slice(None)), back >= 0
        others = np.maximum(self._near.indices[rows], 0)
        ours = self._following(rows, np.arange(cosines.shape[1]))
        theirs = np.where(is_mutual, self._following(others, back), self._last[others])
        n_nearer = np.where(is_mutual, self._n_nearer[others, back], _MOST_NEARER)
        columns = [
            cosines,
            *_in_order(own, of_other),
            *_in_order(self._n_nearer[rows], n_nearer),
            *_in_order(cosines - ours, cosines - theirs),
            is_mutual,
            *_in_order(self._last[rows, None], self._last[others]),
            *_in_order(self._first[rows, None] - cosines, self._first[others] - cosines)[::-1],
            *_in_order(self._shows[rows, None], self._shows[others])[::-1],
            np.ones(cosines.shape),
        ]
        return np.stack(columns, axis=-1, dtype=np.float64)


def _in_order(one: NDArray[Any], other: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the lower and the higher values."""
    return np.minimum(one, other), np.maximum(one, other)
