"""Which pictures may be prints made of dots, or covered in part, by their features alone.

Linear classifiers of the built-in model's features; `training/worn_gate.py` fits them. They spare
nearly all photos a closer look.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import IntArray
from fastdup.views.feature_gate import excess

_FILE = Path(__file__).with_name("worn_gate.npz")


def worn_scores(features: NDArray[Any], rows: IntArray, n_threads: int = 1) -> NDArray[np.float32]:
    """Return how likely the pictures of some rows are prints made of dots, or covered.

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
        0 or more: worth a look; one photo in twenty has that.
    """
    return excess(_FILE, features, rows, n_threads)
