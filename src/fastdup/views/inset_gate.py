"""Which pictures may show other pictures, by their features alone: pages, grids, screenshots.

A linear classifier of the built-in model's features; `training/inset_gate.py` fits it. It spares
nearly all photos a closer look.
"""

from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from fastdup.arrays import BoolArray, IntArray
from fastdup.views.feature_gate import chosen_rows

_FILE = Path(__file__).with_name("inset_gate.npz")


def may_show_others(
    features: NDArray[Any], rows: IntArray, n_threads: int = 1, slack: float = 0.0
) -> BoolArray:
    """Return which of some rows may be of pictures that show others.

    Parameters
    ----------
    features : (n, d) array
        Of the built-in model.
    rows : (m,) int64 array
        Row numbers, ascending.
    n_threads : int
    slack : float
        0 for one photo in six; more for more.

    Returns
    -------
    (m,) bool array
    """
    return chosen_rows(_FILE, features, rows, n_threads, slack)
