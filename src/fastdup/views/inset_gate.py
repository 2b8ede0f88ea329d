"""Which pictures may show other pictures, by their features alone: pages, grids, screenshots.

A linear classifier of the built-in model's features; `training/inset_gate.py` fits it. It spares
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

_FILE = Path(__file__).with_name("inset_gate.npz")
_BLOCK_ROWS = 1024


def may_show_others(features: NDArray[Any], rows: IntArray, n_threads: int = 1) -> BoolArray:
    """Return which of some rows may be of pictures that show others.

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
    weights, least = _classifier()
    is_likely = np.empty(len(rows), np.bool_)

    def classify(span: tuple[int, int]) -> int:
        block = np.ascontiguousarray(features[rows[slice(*span)]], np.float32)
        is_likely[slice(*span)] = matmul(block, weights)[:, 0] >= least
        return len(block)

    release = releasing_pages(features)
    for_each(classify, spans(len(rows), _BLOCK_ROWS), n_threads, on_done=release)
    return is_likely


@cache
def _classifier() -> tuple[NDArray[np.float32], float]:
    """Return the weights, (d, 1), and the least product with them."""
    with np.load(_FILE) as stored:
        return stored["weights"][:, None], float(stored["least"])
