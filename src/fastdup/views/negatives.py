"""Finds pictures near to the negative of a picture, colour or grey, by rows of features alone.

The network learned to see past changes of tone, but not past an inversion: a picture and its
negative are no neighbours. Yet in a basis of its features, the coordinates of the negative are
those of the picture, some with the opposite sign. So each row is searched with these signs changed.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import IntArray
from fastdup.index import Metric, Neighbours, Resources, Rows, nearest_rows
from fastdup.index.rerank import sort_neighbours
from fastdup.views.view_space import view_space


def nearest_to_negatives(
    features: NDArray[Any], rows: IntArray, others: IntArray, k: int, resources: Resources
) -> Neighbours:
    """Return which of `others` are nearest to the negatives of the pictures of `rows`.

    Parameters
    ----------
    features : (n, d) array
        Of the built-in model; no row is all zero.
    rows, others : (q,) and (m,) int64 arrays
        Row numbers, ascending; where they are the same, a row is not near to its own negative.
    k : int
        At least 1.
    resources : Resources

    Returns
    -------
    Neighbours
        Of shape (q, k): row numbers, and cosines in the `view_space`.
    """
    if not len(rows) or not len(others):
        return Neighbours(np.full((len(rows), k), -1), np.zeros((len(rows), k)))
    space = view_space()
    own = space.project(features, rows, resources.n_threads)
    of_others = own if rows is others else space.project(features, others, resources.n_threads)
    resources.progress.start("negatives", len(rows))
    found = nearest_rows(
        Rows(of_others, Metric.COSINE),
        Rows(space.negatives(own), Metric.COSINE),
        min(k + 1, len(others)),
        resources,
    )
    resources.progress.finish()
    indices = np.where(found.indices < 0, -1, others[found.indices])
    is_other = (indices >= 0) & (indices != rows[:, None])
    return Neighbours(*sort_neighbours(indices, np.where(is_other, found.similarities, -np.inf), k))
