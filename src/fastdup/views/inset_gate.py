"""Which pictures may show other pictures, by their features alone: pages, grids, screenshots.

A linear classifier of the built-in model's features; `training/inset_gate.py` fits it. It spares
nearly all photos a closer look.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import BoolArray, IntArray
from fastdup.views.feature_gate import excess

_FILE = Path(__file__).with_name("inset_gate.npz")


def inset_scores(features: NDArray[Any], rows: IntArray, n_threads: int = 1) -> NDArray[np.float32]:
    """Return how likely the pictures of some rows show others: one photo in six has 0 or more.

    Parameters
    ----------
    features : (n, d) array
        Of the built-in model.
    rows : (m,) int64 array
        Row numbers, ascending.
    n_threads : int

    Returns
    -------
    (m,) float32 array
    """
    return excess(_FILE, features, rows, n_threads)


def may_show_others(features: NDArray[Any], rows: IntArray, n_threads: int = 1) -> BoolArray:
    """Return which of some rows may be of pictures that show others; see `inset_scores`."""
    return np.asarray(inset_scores(features, rows, n_threads) >= 0)
