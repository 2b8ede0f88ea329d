"""How many pairs reach each threshold, and which share of them is right: arrays in, arrays out."""

from typing import NamedTuple

import numpy as np

from fastdup.analysis.components import connected_roots
from fastdup.analysis.proportion import wilson_interval
from fastdup.arrays import BoolArray, FloatArray, IntArray

#: Thresholds are multiples of this.
STEP = 0.001


class ThresholdCounts(NamedTuple):
    """How many pairs reach each of t thresholds.

    Attributes
    ----------
    thresholds : (t,) float64 array
        Ascending.
    copies, others, unknown : (t,) int64 arrays
        Pairs that are copies, that are none, and of which nobody knows.
    """

    thresholds: FloatArray
    copies: IntArray
    others: IntArray
    unknown: IntArray

    @property
    def pairs(self) -> IntArray:
        """All pairs; shape (t,)."""
        return self.copies + self.others + self.unknown

    def precision(self, place: int) -> tuple[float | None, float, float]:
        """Return the share of copies among the pairs that reach a threshold, and its 95 % interval.

        The pairs of which nobody knows count as no copies, but at the upper end of the interval as
        copies. None: no pair reaches the threshold, or nothing is known of any.
        """
        copies, n_pairs = int(self.copies[place]), int(self.pairs[place])
        low, _ = wilson_interval(copies, n_pairs)
        _, high = wilson_interval(copies + int(self.unknown[place]), n_pairs)
        n_known = copies + int(self.others[place])
        return (copies / n_pairs if n_known else None), low if n_known else 0.0, high

    def lowest(self, precision: float, *, surely: bool = False, from_place: int = 0) -> int | None:
        """Return where the lowest threshold of at least this precision is; None if none has it.

        Parameters
        ----------
        precision : float
        surely : bool
            Whether the lower end of the interval must reach it.
        from_place : int
            The first threshold that is looked at.
        """
        for place in range(from_place, len(self.thresholds)):
            found, low, _ = self.precision(place)
            if found is not None and (low if surely else found) >= precision:
                return place
        return None


def count_pairs(
    similarities: FloatArray, is_copy: BoolArray, is_known: BoolArray
) -> ThresholdCounts:
    """Return how many of m pairs reach each threshold, from 0 to 1 in steps of `STEP`."""
    thresholds = np.linspace(0, 1, round(1 / STEP) + 1, dtype=np.float64).round(3)

    def reaching(which: BoolArray) -> IntArray:
        values = np.sort(similarities[which])
        return len(values) - np.searchsorted(values, thresholds, side="left")

    return ThresholdCounts(
        thresholds,
        reaching(is_copy & is_known),
        reaching(~is_copy & is_known),
        reaching(~is_known),
    )


def surplus(low: IntArray, high: IntArray, sizes: IntArray) -> tuple[int, int]:
    """Return how many rows may go if one of each component stays, the largest, and their sizes.

    Parameters
    ----------
    low, high : (m,) int64 arrays
        The pairs that connect rows.
    sizes : (n,) int64 array
        Bytes of each row.

    Returns
    -------
    n_rows, n_bytes : int
    """
    roots = connected_roots(low, high, len(sizes))
    largest = np.zeros(len(sizes), np.int64)
    np.maximum.at(largest, roots, sizes)
    is_root = roots == np.arange(len(sizes))
    return int((~is_root).sum()), int(sizes.sum() - largest[is_root].sum())
