"""Which pictures are near to views of pictures: the view space is searched as features are."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import IntArray
from fastdup.index import Metric, Neighbours, Resources, Rows, nearest_rows
from fastdup.index.join import nearest_to_each
from fastdup.index.rerank import sort_neighbours


def nearest_to_views(
    views: NDArray[Any],
    own: IntArray,
    pictures: NDArray[Any],
    others: IntArray,
    k: int,
    resources: Resources,
) -> Neighbours:
    """Return which pictures are nearest to each view, but for the picture that it is a view of.

    Parameters
    ----------
    views : (q, p) array
        In the `ViewSpace`, or features.
    own : (q,) int64 array
        Which picture each is a view of.
    pictures : (n, p) array
        In the same space.
    others : (m,) int64 array
        The pictures to search, ascending.
    k : int
        At least 1.
    resources : Resources

    Returns
    -------
    Neighbours
        Of shape (q, k): numbers of pictures, and cosines in the space.
    """
    if not len(views) or not len(others):
        return Neighbours.none(len(views), k)
    found = nearest_rows(
        Rows(pictures, Metric.COSINE, others),
        Rows(views, Metric.COSINE),
        min(k + 1, len(others)),
        resources,
    )
    return _without_own(found, others, own, k)


def nearest_to_each_view(
    views: NDArray[Any],
    pictures: NDArray[Any],
    k: int,
    resources: Resources,
    digests: NDArray[np.uint64],
    known: Path | None,
) -> Neighbours:
    """Return the same for a view of each picture; only what is new is compared.

    Parameters
    ----------
    views, pictures : (n, p) arrays
        In the same space.
    k : int
        At least 1.
    resources : Resources
    digests : (n, 2) uint64 array
        Fingerprints of all that determines a picture's rows.
    known : Path or None
        The file that keeps what was found; None for none.
    """
    if not len(views):
        return Neighbours.none(0, k)
    rows, queries = Rows(pictures, Metric.COSINE), Rows(views, Metric.COSINE)
    n_wanted = min(k + 1, len(pictures))
    found = nearest_to_each(rows, queries, n_wanted, resources, digests, known)
    every = np.arange(len(views))
    return _without_own(found, every, every, k)


def _without_own(found: Neighbours, others: IntArray, own: IntArray, k: int) -> Neighbours:
    indices = np.where(found.indices < 0, -1, others[found.indices])
    is_other = (indices >= 0) & (indices != own[:, None])
    raw = np.where(is_other, found.similarities, -np.inf)
    return Neighbours(*sort_neighbours(indices, raw, k))
