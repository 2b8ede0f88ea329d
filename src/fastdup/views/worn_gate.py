"""Which pictures may be prints made of dots, or covered in part, by their features alone.

Linear classifiers of the built-in model's features; `training/worn_gate.py` fits them. They spare
nearly all photos a closer look.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import BoolArray, IntArray
from fastdup.views.feature_gate import excess

_FILE = Path(__file__).with_name("worn_gate.npz")


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
    return np.asarray(excess(_FILE, features, rows, n_threads) >= 0)
