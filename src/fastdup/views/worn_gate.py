"""Which pictures may be prints made of dots, or covered in part, by their features alone.

Linear classifiers of the built-in model's features; `training/worn_gate.py` fits them. They spare
nearly all photos a closer look.
"""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import BoolArray, IntArray
from fastdup.index.matmul import matmul
from fastdup.index.parallel import for_each
from fastdup.index.rows import releasing_pages, spans

_FILE = Path(__file__).with_name("worn_gate.npz")
_BLOCK_ROWS = 1024


def may_be_worn(features: NDArray[Any], rows: IntArray, n_threads: int = 1) -> BoolArray:
    """Return which of some rows may be of prints made of dots, or of covered pictures.

    Parameters
    ----------
    features : (n, d) array
        Of the built-in model.
    rows : (m,) int64 array
        Row numbers, ascending.
    n_threads : int

    Returns
    -------
    (m,) bool array
    """
    weights, least = _classifiers()
    is_likely = np.empty(len(rows), np.bool_)

    def classify(span: tuple[int, int]) -> int:
        block = np.ascontiguousarray(features[rows[slice(*span)]], np.float32)
        is_likely[slice(*span)] = (matmul(block, weights) >= least).any(axis=1)
        return len(block)

    release = releasing_pages(features)
    for_each(classify, spans(len(rows), _BLOCK_ROWS), n_threads, on_done=release)
    return is_likely


@cache
def _classifiers() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the weights, (d, 2), and the least product with each column."""
    with np.load(_FILE) as stored:
        return stored["weights"], stored["least"]
