"""Distances between two blocks of rows by matrix product, with a bound on their rounding."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastdup.index.metrics import Metric

Block = NDArray[np.floating[Any]]


def distance_lower_bounds(queries: Block, rows: Block, metric: Metric) -> Block:
    """Return lower bounds of distances: the true distances, less a bound on the rounding.

    A row that is not among the smallest bounds is therefore surely as far away as the last one
    that is: this is how an exact provider knows that it missed nothing.

    Parameters
    ----------
    queries : (q, d) float32 or float64 array
        Of length 1 for cosine (or all zero).
    rows : (r, d) array of the same dtype
        At least one row.
    metric : Metric

    Returns
    -------
    (q, r) array of the same dtype
        At least 0: 1 − cos for cosine, ‖a − b‖₂² for the euclidean ones, ‖a − b‖₁ for manhattan.
    """
    slack = _rounding(queries.dtype, queries.shape[1])
    distances: Block
    if metric is Metric.COSINE:
        return cosine_distance_lower_bounds(queries @ rows.T, queries.shape[1])
    if metric is Metric.MANHATTAN:
        distances = _manhattan(queries, rows)
        distances *= queries.dtype.type(1 - slack)
    else:
        distances = _squared_euclidean(queries, rows, slack)
    np.maximum(distances, 0, out=distances)
    return distances


def cosine_distance_lower_bounds(products: Block, dim: int) -> Block:
    """Turn inner products of rows of length 1 and width `dim`, in place, into such bounds."""
    np.subtract(products.dtype.type(1 - _rounding(products.dtype, dim)), products, out=products)
    np.maximum(products, 0, out=products)
    return products


def use_one_omp_thread() -> None:
    """Keep faiss, which adds up the absolute differences, on the calling thread."""
    import faiss

    faiss.omp_set_num_threads(1)


def _rounding(dtype: np.dtype[np.floating[Any]], dim: int) -> float:
    """Return a bound on the relative error of a sum of d products, a few times what is seen.

    The error of one sum is a random walk of d steps of half a unit in the last place.
    """
    return float((4 * np.sqrt(dim) + 8) * np.finfo(dtype).eps / 2)


def _squared_euclidean(queries: Block, rows: Block, slack: float) -> Block:
    # ‖a‖² + ‖b‖² − 2ab loses its digits when both lengths dwarf the distance, so both are
    # measured from the middle of the block; the rounding left is relative to the lengths.
    centre = rows.mean(axis=0)
    queries, rows = queries - centre, rows - centre
    kept = queries.dtype.type(1 - slack)
    distances: Block = (queries * queries.dtype.type(-2)) @ rows.T
    distances += kept * np.einsum("ij,ij->i", queries, queries)[:, None]
    distances += kept * np.einsum("ij,ij->i", rows, rows)[None, :]
    return distances


def _manhattan(queries: Block, rows: Block) -> Block:
    if queries.dtype == np.float32:
        import faiss  # adds up absolute differences ten times as fast as NumPy can

        return np.asarray(faiss.pairwise_distances(queries, rows, metric=faiss.METRIC_L1))
    distances = np.empty((len(queries), len(rows)), queries.dtype)
    for query, out in zip(queries, distances, strict=True):
        np.abs(rows - query).sum(axis=1, out=out)
    return distances
