"""Logistic regression by Newton's method, as the classifiers of features and pairs are fitted."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: Of the squared weights.
PENALTY = 1e-4

Floats = NDArray[np.float64]


def fit_logistic(rows: Floats, target: NDArray[np.bool_], n_rounds: int) -> Floats:
    """Return the weights that separate the wanted rows from the others.

    Parameters
    ----------
    rows : (n, f) array
        On one scale, with a column of ones.
    target : (n,) bool array
        Which rows are wanted.
    n_rounds : int
        Steps of Newton's method.

    Returns
    -------
    (f,) array
    """
    weights = np.zeros(rows.shape[1])
    for _ in range(n_rounds):
        chance = 1 / (1 + np.exp(-rows @ weights))
        slope = rows.T @ (chance - target) / len(rows) + PENALTY * weights
        bend = (rows * (chance * (1 - chance))[:, None]).T @ rows / len(rows)
        weights -= np.linalg.solve(bend + PENALTY * np.eye(len(weights)), slope)
    return weights
