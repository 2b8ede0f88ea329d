"""Grouping by small numbers, in time that grows as what is grouped."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import IntArray

_DIGIT_BITS = 16
_DIGIT_MASK = (1 << _DIGIT_BITS) - 1


def group_by(labels: NDArray[np.integer[Any]], n_labels: int) -> tuple[IntArray, IntArray]:
    """Return the places of each label, label after label, and where those of each begin.

    Parameters
    ----------
    labels : (n,) integer array
        From 0 to n_labels - 1.
    n_labels : int

    Returns
    -------
    order : (n,) int64 array
        Label i is at the places ``order[starts[i]:starts[i + 1]]``, ascending.
    starts : (n_labels + 1,) int64 array
    """
    starts = np.concatenate([[0], np.cumsum(np.bincount(labels, minlength=n_labels))])
    return radix_argsort(labels, n_labels), starts.astype(np.int64, copy=False)


def radix_argsort(labels: NDArray[np.integer[Any]], n_labels: int) -> IntArray:
    """Return the stable order of labels by digits of 16 bits, which NumPy sorts by counting.

    Parameters
    ----------
    labels : (n,) integer array
        From 0 to n_labels - 1.
    n_labels : int

    Returns
    -------
    (n,) int64 array
        As ``np.argsort(labels, kind="stable")``, several times as fast.
    """
    order = np.argsort((labels & _DIGIT_MASK).astype(np.uint16), kind="stable")
    shift = _DIGIT_BITS
    while n_labels > 1 << shift:
        digits = (labels[order] >> shift & _DIGIT_MASK).astype(np.uint16)
        order = order[np.argsort(digits, kind="stable")]
        shift += _DIGIT_BITS
    return order
