"""The scale of each row: how near its nearest others are that are no copies.

No one number separates copies from look-alikes in all collections. Where all pictures are alike,
look-alikes come close; where they differ, a crop stays far.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastdup.index import Neighbours

#: Similarity below which others count as no copies.
NO_COPY = 0.85
#: Cosine that others have in any case: in a small collection there may be none at all.
LEAST_LEVEL = 0.27
#: So many nearest others make the scale of a row.
_N_NEAREST = 5


def own_levels(
    near: Neighbours, cosines: NDArray[np.float64], no_copy: float = NO_COPY
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
    return np.asarray(np.maximum(totals / np.maximum(counts, 1), LEAST_LEVEL))


class PairLevels(NamedTuple):
    """The scales of n rows and of their k neighbours, each without the other of the two.

    Attributes
    ----------
    own, of_others : (n, k) float64 arrays
        Of the row and of its neighbour; see `own_levels`.
    back : (n, k) int64 array
        See `mirrored`.
    """

    own: NDArray[np.float64]
    of_others: NDArray[np.float64]
    back: NDArray[np.int64]


def pair_levels(
    near: Neighbours, cosines: NDArray[np.float64], no_copy: float = NO_COPY
) -> PairLevels:
    """Return the scales of both rows of each pair of neighbours; see `own_levels`."""
    own = own_levels(near, cosines, no_copy)
    whole = own_levels(*_with_nobody(near, cosines), no_copy)[:, -1]
    levels = np.where(near.indices >= 0, whole[near.indices], LEAST_LEVEL)
    # Where the row is among the neighbour's neighbours, it is left out there.
    back = mirrored(near)
    return PairLevels(own, np.where(back >= 0, own.reshape(-1)[back], levels), back)


def mirrored(near: Neighbours) -> NDArray[np.int64]:
    """Return where each row is among the neighbours of its neighbours.

    Parameters
    ----------
    near : Neighbours
        Of n rows.

    Returns
    -------
    (n, k) int64 array
        Places in the flattened neighbours; -1 for no place.
    """
    n_rows, k = near.indices.shape
    rows, columns = np.nonzero(near.indices >= 0)
    places = np.full((n_rows, k), -1)
    if not len(rows):
        return places
    others = near.indices[rows, columns]
    keys = rows * n_rows + others
    order = np.argsort(keys)
    found = np.minimum(np.searchsorted(keys[order], others * n_rows + rows), len(keys) - 1)
    is_mutual = keys[order[found]] == others * n_rows + rows
    back = order[found[is_mutual]]
    places[rows[is_mutual], columns[is_mutual]] = rows[back] * k + columns[back]
    return places


def _with_nobody(
    near: Neighbours, cosines: NDArray[np.float64]
) -> tuple[Neighbours, NDArray[np.float64]]:
    """Return the neighbours with one more column, of nobody."""
    nobody, nothing = np.full((len(cosines), 1), -1), np.zeros((len(cosines), 1))
    indices = np.concatenate([near.indices, nobody], axis=1)
    similarities = np.concatenate([near.similarities, nothing], axis=1)
    return Neighbours(indices, similarities), np.concatenate([cosines, nothing], axis=1)
