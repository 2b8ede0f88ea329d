"""The scale of each row: how near its nearest others are that are no copies.

No one number separates copies from look-alikes in all collections. Where all pictures are alike,
look-alikes come close; where they differ, a crop stays far.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import IntArray
from fastdup.index import Neighbours
from fastdup.index.rows import spans

#: Similarity below which others count as no copies.
NO_COPY = 0.85
#: Cosine that others have in any case: in a small collection there may be none at all.
LEAST_LEVEL = 0.27
#: So many nearest others make the scale of a row.
_N_NEAREST = 5
#: Neighbours of neighbours that are looked at together: 8 MB, whatever the number of rows.
_MOST_COMPARED = 2**20


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


class LevelsOfRows(NamedTuple):
    """The scales of m of the rows and of their k neighbours, each without the other of the two.

    Attributes
    ----------
    own, of_others : (m, k) float64 arrays
        Of the row and of its neighbour; see `own_levels`.
    back : (m, k) int16 array
        Where the row is among the neighbours of its neighbour; -1 where it is not.
    """

    own: NDArray[np.float64]
    of_others: NDArray[np.float64]
    back: NDArray[np.int16]


class PairLevels:
    """The scales of rows and of their neighbours; those of some rows are put together on request.

    Parameters
    ----------
    near : Neighbours
        Of n rows.
    cosines : (n, k) float64 array
        Of the same neighbours.
    no_copy : float
        Similarity below which others count as no copies.
    """

    def __init__(
        self, near: Neighbours, cosines: NDArray[np.float64], no_copy: float = NO_COPY
    ) -> None:
        n_rows, k = near.indices.shape
        self._indices = near.indices
        self._own, self._whole = np.empty((n_rows, k)), np.empty(n_rows)
        self._back = np.empty((n_rows, k), np.int16)
        for start, stop in spans(n_rows, max(1, _MOST_COMPARED // max(k, 1) ** 2)):
            part = slice(start, stop)
            some = Neighbours(near.indices[part], near.similarities[part])
            self._own[part] = own_levels(some, cosines[part], no_copy)
            self._whole[part] = own_levels(*_with_nobody(some, cosines[part]), no_copy)[:, -1]
            self._back[part] = _mirrored(near.indices, start, stop)

    def of_rows(self, rows: slice) -> LevelsOfRows:
        """Return the scales of some rows and of their neighbours."""
        others, back = self._indices[rows], self._back[rows]
        levels = np.where(others >= 0, self._whole[others], LEAST_LEVEL)
        # Where the row is among the neighbour's neighbours, it is left out there.
        of_others = np.where(back >= 0, self._own[others, back], levels)
        return LevelsOfRows(self._own[rows], of_others, back)


def _mirrored(indices: IntArray, start: int, stop: int) -> NDArray[np.int16]:
    """Return where each of some rows is among the neighbours of its neighbours; -1 for no place."""
    others = indices[start:stop]
    is_it = indices[others] == np.arange(start, stop)[:, None, None]
    is_mutual = is_it.any(axis=2) & (others >= 0)
    return np.where(is_mutual, is_it.argmax(axis=2), -1).astype(np.int16)


def _with_nobody(
    near: Neighbours, cosines: NDArray[np.float64]
) -> tuple[Neighbours, NDArray[np.float64]]:
    """Return the neighbours with one more column, of nobody."""
    nobody, nothing = np.full((len(cosines), 1), -1), np.zeros((len(cosines), 1))
    indices = np.concatenate([near.indices, nobody], axis=1)
    similarities = np.concatenate([near.similarities, nothing], axis=1)
    return Neighbours(indices, similarities), np.concatenate([cosines, nothing], axis=1)
