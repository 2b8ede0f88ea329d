"""Projected rows as they are stored: float32, or codes of 7 bits, a quarter of the size.

Inner products of codes are sums of integers. They are exact, so every processor finds the same,
whether it multiplies bytes by VNNI, by AVX2 or one by one; and all of them do so faster than
they multiply float32.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastdup.index.metrics import Metric

Matrix = NDArray[np.float32]
Codes = NDArray[np.int8]

#: Processors without VNNI add two products in 16 bits: of larger codes, these would overflow.
LARGEST_CODE = 63
#: Of so many codes, twice the largest product fits into 23 bits.
MOST_COMPONENTS = 1024


def code_step(sample: Matrix, metric: Metric) -> float:
    """Return the difference between two numbers of neighbouring codes; 0 to store float32.

    Codes are enough for rows of length 1. Others may lie close together far from their mean.

    Parameters
    ----------
    sample : (m, p) float32 array
        Projected rows. The largest number in them gets the largest code, as do larger ones.
    metric : Metric
    """
    if metric is not Metric.COSINE:
        return 0.0
    return float(np.abs(sample).max(initial=1e-6)) / LARGEST_CODE


def storage_dtype(step: float) -> type[np.generic]:
    """Return the type in which projected rows are stored; see `code_step`."""
    return np.int8 if step else np.float32


def to_storage(rows: Matrix, step: float) -> NDArray[Any]:
    """Return float32 rows as they are stored: as they are, or rounded to codes."""
    if not step:
        return rows
    codes = np.rint(rows * np.float32(1 / step))
    return np.asarray(np.clip(codes, -LARGEST_CODE, LARGEST_CODE)).astype(np.int8)


def to_float32(stored: NDArray[Any], step: float) -> Matrix:
    """Return stored rows as float32."""
    if not step:
        return np.asarray(stored)
    return np.asarray(np.multiply(stored, np.float32(step), dtype=np.float32))
