"""A few dimensions of the built-in model's features, in which a negative differs by signs alone.

`training/negatives.py` fits them.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import IntArray
from fastdup.index.matmul import matmul
from fastdup.index.parallel import for_each
from fastdup.index.rows import releasing_pages, spans

_FILE = Path(__file__).with_name("negatives.npz")
_BLOCK_ROWS = 1024
_LEAST_LENGTH = 1e-6

Projected = NDArray[np.float16]


@dataclass(frozen=True)
class ViewSpace:
    """A projection of rows of features.

    Attributes
    ----------
    mean : (d,) float32 array
        Subtracted first.
    components : (d, p) float32 array
        One per column.
    signs : (p,) float16 array
        1 where a picture and its negative have the same coordinate, -1 where they have the
        opposite.
    """

    mean: NDArray[np.float32]
    components: NDArray[np.float32]
    signs: Projected

    def project(self, features: NDArray[Any], rows: IntArray, n_threads: int = 1) -> Projected:
        """Return some rows of features in this space: (m, p), of length 1."""
        projected = np.empty((len(rows), len(self.signs)), np.float16)
        offset = matmul(self.mean[None], self.components)

        def project(span: tuple[int, int]) -> int:
            block = np.ascontiguousarray(features[rows[slice(*span)]], np.float32)
            values = matmul(block, self.components) - offset
            lengths = np.linalg.norm(values, axis=1, keepdims=True)
            values /= np.maximum(lengths, _LEAST_LENGTH)
            projected[slice(*span)] = values
            return len(block)

        release = releasing_pages(features)
        for_each(project, spans(len(rows), _BLOCK_ROWS), n_threads, on_done=release)
        return projected

    def negatives(self, projected: Projected) -> Projected:
        """Return where the negatives of pictures should be, given where these are: (m, p)."""
        return projected * self.signs


@cache
def view_space() -> ViewSpace:
    """Return the space of the built-in model's features."""
    with np.load(_FILE) as stored:
        components = stored["components"].astype(np.float32)
        return ViewSpace(stored["mean"], components, stored["signs"].astype(np.float16))
