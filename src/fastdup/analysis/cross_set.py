"""Neighbours between two sets of images, and not within either: test against training images."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import BoolArray, IntArray
from fastdup.index import Neighbours, nearest


def nearest_in_other_set(
    features: NDArray[Any],
    is_query: BoolArray,
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
    every = Neighbours.none(len(features), k)
    rows, others = np.flatnonzero(is_query), np.flatnonzero(~is_query)
    found = nearest_among(features, rows, others, k, distance, n_threads)
    every.indices[rows], every.similarities[rows] = found
    return every


def nearest_among(
    features: NDArray[Any], rows: IntArray, others: IntArray, k: int, distance: str, n_threads: int
) -> Neighbours:
    """Return the k nearest of the rows `others` for each of `rows`, numbered as in `features`.

    Parameters
    ----------
    features : (n, d) array
    rows, others : int64 arrays
        Row numbers.
    k : int
        At least 1.
    distance, n_threads
        As for `fastdup.index.nearest`.
    """
    found = nearest(features[others], features[rows], k, distance=distance, n_threads=n_threads)
    if not len(others):
        return found
    return Neighbours(np.where(found.indices < 0, -1, others[found.indices]), found.similarities)
