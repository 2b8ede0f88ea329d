"""How sure linear classifiers of the built-in model's features are; the gates share it."""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import IntArray
from fastdup.index.matmul import matmul
from fastdup.index.parallel import for_each
from fastdup.index.rows import releasing_pages, spans

_BLOCK_ROWS = 1024


def excess(
    path: Path, features: NDArray[Any], rows: IntArray, n_threads: int = 1
) -> NDArray[np.float32]:
    """Return by how much the classifiers in a file exceed what they need to choose some rows.

    Parameters
    ----------
    path : Path
        An npz file: `weights`, (d,) or (d, c), and the `least` product with each column.
    features : (n, d) array
        Of the built-in model.
    rows : (m,) int64 array
        Row numbers, ascending.
    n_threads : int

    Returns
    -------
    (m,) float32 array
        The largest difference of any classifier; 0 or more: chosen.
    """
    weights, least = _classifiers(path)
    found = np.empty(len(rows), np.float32)

    def classify(span: tuple[int, int]) -> int:
        block = np.ascontiguousarray(features[rows[slice(*span)]], np.float32)
        found[slice(*span)] = (matmul(block, weights) - least).max(axis=1)
        return len(block)

    release = releasing_pages(features)
    for_each(classify, spans(len(rows), _BLOCK_ROWS), n_threads, on_done=release)
    return found


@cache
def _classifiers(path: Path) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the weights, (d, c), and the least product with each column."""
    with np.load(path) as stored:
        weights = stored["weights"]
        return weights.reshape(len(weights), -1), np.atleast_1d(stored["least"])
