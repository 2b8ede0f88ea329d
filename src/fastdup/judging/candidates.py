"""Which pairs of pictures are looked at: those that count as copies, and those that stand out.

No one number separates copies from look-alikes in all collections. Where all pictures are alike,
look-alikes come close; where they differ, a crop stays far. So each row has its own scale: how near
its nearest others are that are no copies. A pair that stands out from both is looked at.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import BoolArray
from fastdup.index import Neighbours

#: Neighbours of each row that are searched, however few are reported.
N_SEARCHED = 10
#: By how much of the cosine a pair stands out, and if each is the other's nearest but for copies.
_LEAST_GAP, _NEAREST_GAP = 0.1, 0.05
#: The same where one may show other pictures. Of 3,050 training photos with a copy each, these gaps
#: for all would bring 2 copies more, and a fifth more other pairs.
_SMALL_GAP, _SMALL_NEAREST_GAP = 0.07, 0.04
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
    may_show_others: BoolArray | None = None,
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
    may_show_others : (n,) bool array, optional
        Which rows may be of pictures that show others: a part stands out by less. None: all.
    all_of_them : bool
        Whether all other pairs are, too.
    one_way : bool
        Whether no row that has neighbours is one.
    """
    is_there = near.indices >= 0
    gap = cosines - (own_levels(near, cosines) + levels_of_others(near, cosines)) / 2
    stands_out = gap >= _least_gaps(near, may_show_others)
    is_wanted = is_there & (all_of_them | (near.similarities >= threshold) | stands_out)
    rows, columns = np.nonzero(is_wanted)
    others = near.indices[rows, columns]
    low, high = (rows, others) if one_way else (np.minimum(rows, others), np.maximum(rows, others))
    _, first = np.unique(low * len(near.indices) + high, return_index=True)
    rows, columns = rows[first], columns[first]
    values = cosines[rows, columns], near.similarities[rows, columns]
    return Candidates(low[first], high[first], *values)


def _least_gaps(near: Neighbours, may_show_others: BoolArray | None) -> NDArray[np.float64]:
    """Return by how much each neighbour has to stand out."""
    is_part = np.ones(near.indices.shape, bool)
    if may_show_others is not None:
        is_part = may_show_others[:, None] | may_show_others[near.indices]
    are_nearest = np.zeros(near.indices.shape, bool)
    are_nearest[_are_nearest(near)] = True
    of_nearest = np.where(is_part, _SMALL_NEAREST_GAP, _NEAREST_GAP)
    return np.where(are_nearest, of_nearest, np.where(is_part, _SMALL_GAP, _LEAST_GAP))


def _are_nearest(near: Neighbours) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows that are nearest to what is nearest to them, and the columns of these.

    Copies do not count: of a photo and its copies, a crop may be the nearest to none.
    """
    is_other = (near.indices >= 0) & (near.similarities < _NO_COPY)
    every, columns = np.arange(len(near.indices)), is_other.argmax(axis=1)
    nearest = np.where(is_other.any(axis=1), near.indices[every, columns], -1)
    (rows,) = np.nonzero((nearest >= 0) & (nearest[nearest] == every))
    return rows, columns[rows]


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
