"""Which rows a linear classifier of the built-in model's features chooses; the gates share it."""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import BoolArray, IntArray
from fastdup.index.matmul import matmul
from fastdup.index.parallel import for_each
from fastdup.index.rows import releasing_pages, spans

_BLOCK_ROWS = 1024


def chosen_rows(
    path: Path, features: NDArray[Any], rows: IntArray, n_threads: int = 1, slack: float = 0.0
) -> BoolArray:
    """Return which of some rows any of the classifiers in a file chooses.

    Parameters
    ----------
    path : Path
        An npz file: `weights`, (d,) or (d, c), and the `least` product with each column.
    features : (n, d) array
        Of the built-in model.
    rows : (m,) int64 array
        Row numbers, ascending.
    n_threads : int
    slack : float
        How much less than the least product is enough.

    Returns
    -------
    (m,) bool array
    """
    weights, least = _classifiers(path)
    is_chosen = np.empty(len(rows), np.bool_)

    def classify(span: tuple[int, int]) -> int:
        block = np.ascontiguousarray(features[rows[slice(*span)]], np.float32)
        is_chosen[slice(*span)] = (matmul(block, weights) >= least - slack).any(axis=1)
        return len(block)

    release = releasing_pages(features)
    for_each(classify, spans(len(rows), _BLOCK_ROWS), n_threads, on_done=release)
    return is_chosen


@cache
def _classifiers(path: Path) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the weights, (d, c), and the least product with each column."""
    with np.load(path) as stored:
        weights = stored["weights"]
        return weights.reshape(len(weights), -1), np.atleast_1d(stored["least"])
