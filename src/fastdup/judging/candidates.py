"""Which pairs of pictures are looked at: those that count as copies, and those that stand out."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import BoolArray
from fastdup.index import Neighbours
from fastdup.judging.levels import LEAST_LEVEL, own_levels
from fastdup.judging.pair_evidence import N_COUNTED, copy_odds

#: Neighbours of each row that are searched, however few are reported.
N_SEARCHED = 10
#: By how much of the cosine a pair of two sets stands out. What else is near to the second picture
#: is not known there.
_LEAST_GAP = 0.07
#: Rounds after the first one, and by how much the logarithms of the odds differ from one to the
#: next: each brings about as many pairs as all before.
_N_MORE, _STEP = 7, 2 / 3
#: The number of a round that never comes.
_NEVER = _N_MORE + 1


class Candidates(NamedTuple):
    """Pairs of rows to look at, each there once, ordered by rows.

    Attributes
    ----------
    low, high : (m,) int64 arrays
        The two rows, the lower one first; or the query first, where only queries have neighbours.
    cosine, similarity : (m,) float64 arrays
        Of their features.
    """

    low: NDArray[np.int64]
    high: NDArray[np.int64]
    cosine: NDArray[np.float64]
    similarity: NDArray[np.float64]


def choose_in_rounds(
    near: Neighbours,
    cosines: NDArray[np.float64],
    threshold: float,
    *,
    shows_others: NDArray[np.float32] | None = None,
    all_of_them: bool = False,
    one_way: bool = False,
) -> Iterator[Candidates]:
    """Yield the pairs of neighbours to look at in any case, then ever less likely copies.

    Parameters
    ----------
    near : Neighbours
        Of n rows, of which no two are the same; similarities as `fastdup.scale` rounds them.
    cosines : (n, k) float64 array
        Of the same neighbours.
    threshold : float
        Pairs at or above this similarity are all looked at.
    shows_others : (n,) float32 array, optional
        How likely the picture of a row shows others, 0 or more if it may; see `inset_scores`.
    all_of_them : bool
        Whether all other pairs are, too; no more follow then.
    one_way : bool
        Whether no row that has neighbours is one; no more follow then.
    """
    is_there = near.indices >= 0
    is_wanted = is_there & (all_of_them | (near.similarities >= threshold))
    if one_way:
        # The others have no neighbours, so that theirs is the least level.
        gap = cosines - (own_levels(near, cosines) + LEAST_LEVEL) / 2
        is_wanted |= is_there & (gap >= _LEAST_GAP)
    if one_way or all_of_them:
        yield _pairs_of(near, cosines, is_wanted, one_way=one_way)
        return
    del is_there
    # Only the number of its round is kept of each neighbour: of many images more would not fit.
    rounds = np.full(is_wanted.shape, _NEVER, np.int8)
    for rows, odds in copy_odds(near, cosines, shows_others):
        rounds[rows, :N_COUNTED] = _rounds(odds)
    rounds[is_wanted] = 0
    del is_wanted
    for number in range(_N_MORE + 1):
        yield _pairs_of(near, cosines, rounds == number)


def _rounds(odds: NDArray[np.float64]) -> NDArray[np.int8]:
    """Return the number of the round that looks at each neighbour, from 0."""
    found = np.zeros(odds.shape, np.int8)
    for number in range(_N_MORE + 1):
        found += odds < -number * _STEP
    return found


def _pairs_of(
    near: Neighbours, cosines: NDArray[np.float64], is_wanted: BoolArray, *, one_way: bool = False
) -> Candidates:
    """Return pairs of rows and neighbours, each once."""
    rows, columns = np.nonzero(is_wanted)
    others = near.indices[rows, columns]
    low, high = (rows, others) if one_way else (np.minimum(rows, others), np.maximum(rows, others))
    _, first = np.unique(low * len(near.indices) + high, return_index=True)
    rows, columns = rows[first], columns[first]
    values = cosines[rows, columns], near.similarities[rows, columns]
    return Candidates(low[first], high[first], *values)
