"""Vectors like those of a large photo collection, made from the features of a small one.

A row is a mixture of two real rows plus noise with the spectrum of real rows, so that rows lie in
clusters as photos do; every tenth is planted near an earlier row instead, at a cosine drawn evenly
from 0.6 to 1.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

BLOCK_ROWS = 50_000
PLANTED_ONE_IN = 10
LEAST_PLANTED_COSINE = 0.6
NOISE = 0.55

Matrix = NDArray[np.float32]


def unit(rows: Matrix) -> Matrix:
    """Return the rows at length 1."""
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def write_vectors(real: Matrix, n_rows: int, path: Path, seed: int = 0) -> None:
    """Write `n_rows` rows of unit length, float32, to `path`; the same for the same seed.

    Parameters
    ----------
    real : (m, d) float32 array
        Features of photos.
    """
    real = unit(np.asarray(real, np.float32))
    spread = np.linalg.cholesky(np.cov(real.T) + 1e-6 * np.eye(real.shape[1])).astype(np.float32)
    rng = np.random.default_rng(seed)
    with open(path, "wb") as file:
        for start in range(0, n_rows, BLOCK_ROWS):
            block = _block(real, spread, min(BLOCK_ROWS, n_rows - start), rng)
            file.write(np.ascontiguousarray(block, "<f4").tobytes())


def _block(real: Matrix, spread: Matrix, n_rows: int, rng: np.random.Generator) -> Matrix:
    first, second = rng.integers(0, len(real), (2, n_rows))
    share = rng.beta(2, 1, (n_rows, 1)).astype(np.float32)
    noise = unit(rng.standard_normal((n_rows, real.shape[1]), np.float32) @ spread.T)
    rows = unit(share * real[first] + (1 - share) * real[second] + NOISE * noise)
    planted = np.arange(PLANTED_ONE_IN - 1, n_rows, PLANTED_ONE_IN)
    near = rows[planted - rng.integers(1, PLANTED_ONE_IN, len(planted))]
    cosine = rng.uniform(LEAST_PLANTED_COSINE, 1, (len(planted), 1)).astype(np.float32)
    aside = noise[planted] - (noise[planted] * near).sum(axis=1, keepdims=True) * near
    rows[planted] = cosine * near + np.sqrt(1 - cosine**2) * unit(aside)
    return unit(rows[rng.permutation(n_rows)])
