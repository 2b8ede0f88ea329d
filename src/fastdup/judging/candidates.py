"""Which pairs of pictures are looked at: those that count as copies, and those that stand out.

No one number separates copies from look-alikes in all collections. Where all pictures are alike,
look-alikes come close; where they differ, a crop stays far. So each row has its own scale: how near
its nearest others are that are no copies. A pair that stands out from both is looked at.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastdup.index import Neighbours

#: Neighbours of each row that are searched, however few are reported.
N_SEARCHED = 10
#: By how much of the cosine a pair stands out; less is enough where each is the other's nearest.
LEAST_GAP, _NEAREST_GAP = 0.07, 0.04
#: Similarity below which others count as no copies.
_NO_COPY = 0.85
#: So many nearest others make the scale of a row.
_N_NEAREST = 5
#: Cosine that others have in any case: in a small collection there may be none at all.
_LEAST_LEVEL = 0.27


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


def choose_pairs(
    near: Neighbours,
    cosines: NDArray[np.float64],
    threshold: float,
    *,
    all_of_them: bool = False,
    one_way: bool = False,
) -> Candidates:
    """Return the pairs of neighbours to look at.

    Parameters
    ----------
    near : Neighbours
        Of n rows, of which no two are the same; similarities as `fastdup.scale` rounds them.
    cosines : (n, k) float64 array
        Of the same neighbours.
    threshold : float
        Pairs at or above this similarity are all looked at.
    all_of_them : bool
        Whether all other pairs are, too.
    one_way : bool
        Whether no row that has neighbours is one.
    """
    is_there = near.indices >= 0
    gap = cosines - (own_levels(near, cosines) + levels_of_others(near, cosines)) / 2
    least_gap = np.full(gap.shape, LEAST_GAP)
    least_gap[_are_nearest(near), 0] = _NEAREST_GAP
    is_wanted = is_there & (all_of_them | (near.similarities >= threshold) | (gap >= least_gap))
    rows, columns = np.nonzero(is_wanted)
    others = near.indices[rows, columns]
    low, high = (rows, others) if one_way else (np.minimum(rows, others), np.maximum(rows, others))
    _, first = np.unique(low * len(near.indices) + high, return_index=True)
    rows, columns = rows[first], columns[first]
    values = cosines[rows, columns], near.similarities[rows, columns]
    return Candidates(low[first], high[first], *values)


def _are_nearest(near: Neighbours) -> NDArray[np.bool_]:
    """Return which rows are the nearest of their own nearest neighbour."""
    nearest = near.indices[:, 0]
    return np.asarray((nearest >= 0) & (nearest[nearest] == np.arange(len(nearest))))


def own_levels(
    near: Neighbours, cosines: NDArray[np.float64], no_copy: float = _NO_COPY
) -> NDArray[np.float64]:
    """Return the scale of each row without each of its neighbours.

    Parameters
    ----------
    near : Neighbours
        Of n rows.
    cosines : (n, k) float64 array
        Of the same neighbours.
    no_copy : float
        Similarity below which others count as no copies.

    Returns
    -------
    (n, k) float64 array
    """
    is_below = (near.indices >= 0) & (near.similarities < no_copy)
    values = np.where(is_below, cosines, 0.0)
    place = np.cumsum(is_below, axis=1)  # 1 for the nearest
    is_near, is_next = is_below & (place <= _N_NEAREST), is_below & (place == _N_NEAREST + 1)
    total = (values * is_near).sum(axis=1, keepdims=True)
    count = is_near.sum(axis=1, keepdims=True)
    following = (values * is_next).sum(axis=1, keepdims=True)
    has_following = is_next.any(axis=1, keepdims=True)
    totals = np.where(is_near, total - values + following, total)
    counts = np.where(is_near, count - 1 + has_following, count)
    return np.asarray(np.maximum(totals / np.maximum(counts, 1), _LEAST_LEVEL))


def levels_of_others(
    near: Neighbours, cosines: NDArray[np.float64], no_copy: float = _NO_COPY
) -> NDArray[np.float64]:
    """Return the scale of each neighbour without the row it is one of; see `own_levels`."""
    n_rows = len(near.indices)
    own = own_levels(near, cosines, no_copy)
    whole = own_levels(*_with_nobody(near, cosines), no_copy)[:, -1]
    levels = np.where(near.indices >= 0, whole[near.indices], _LEAST_LEVEL)
    # Where the row is among the neighbour's neighbours, it is left out there.
    rows, columns = np.nonzero(near.indices >= 0)
    keys = rows * n_rows + near.indices[rows, columns]
    order = np.argsort(keys)
    back = near.indices[rows, columns] * n_rows + rows
    place = np.searchsorted(keys[order], back)
    is_mutual = place < len(keys)
    is_mutual[is_mutual] = keys[order][place[is_mutual]] == back[is_mutual]
    mirrored = order[place[is_mutual]]
    levels[rows[is_mutual], columns[is_mutual]] = own[rows[mirrored], columns[mirrored]]
    return levels


def _with_nobody(
    near: Neighbours, cosines: NDArray[np.float64]
) -> tuple[Neighbours, NDArray[np.float64]]:
    """Return the neighbours with one more column, of nobody."""
    nobody, nothing = np.full((len(cosines), 1), -1), np.zeros((len(cosines), 1))
    indices = np.concatenate([near.indices, nobody], axis=1)
    similarities = np.concatenate([near.similarities, nothing], axis=1)
    return Neighbours(indices, similarities), np.concatenate([cosines, nothing], axis=1)
