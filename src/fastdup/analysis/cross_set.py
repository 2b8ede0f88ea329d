"""Neighbours between two sets of images, and not within either: test against training images."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastdup.index import Neighbours, nearest


def nearest_in_other_set(
    features: NDArray[Any],
    is_query: NDArray[np.bool_],
    k: int,
    *,
    distance: str = "cosine",
    n_threads: int = 1,
) -> Neighbours:
    """Return for each query its k nearest rows among those that are not queries.

    Parameters
    ----------
    features : (n, d) array
        Of both sets.
    is_query : (n,) bool array
        Which rows are queries.
    k : int
        At least 1.
    distance, n_threads
        As for `fastdup.index.nearest`.

    Returns
    -------
    Neighbours
        Of n rows, numbered as in `features`; rows that are not queries have none.
    """
    indices = np.full((len(features), k), -1, np.int64)
    similarities = np.zeros((len(features), k))
    others = np.flatnonzero(~is_query)
    found = nearest(features[others], features[is_query], k, distance=distance, n_threads=n_threads)
    present = found.indices >= 0
    if len(others):
        indices[is_query] = np.where(present, others[found.indices], -1)
    similarities[is_query] = np.where(present, found.similarities, 0.0)
    return Neighbours(indices, similarities)
