"""Flaws for which images may go, whether or not they are copies: how each one is measured."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from fastdup.arrays import BoolArray, FloatArray

#: Grey levels by which a picture that is all black or all white varies at most.
_PLAIN = 5.0
#: Columns of ``stats.csv`` that show flaws.
MEASURES = ("width", "height", "blur", "mean", "stdv")
Columns = Mapping[str, FloatArray]


class Measure(NamedTuple):
    """How a flaw is measured.

    Attributes
    ----------
    name : str
        Of the value, for a person.
    value : callable
        Columns of ``stats.csv`` → (n,) float64 array; NaN where it cannot be measured.
    is_above : bool
        Whether larger values are the flaw; else smaller ones.
    """

    name: str
    value: Callable[[Columns], FloatArray]
    is_above: bool = False

    def found(self, values: FloatArray, limit: float) -> BoolArray:
        """Return which values are a flaw; none that could not be measured."""
        return values > limit if self.is_above else values < limit

    def words(self, value: float, limit: float) -> str:
        """Return the value and the limit in words."""
        return f"{self.name} {value:.4g}, {'above' if self.is_above else 'below'} {limit:g}"


def _detail(columns: Columns) -> FloatArray:
    """Return the blur relative to the contrast, so that a pale or smooth picture may be sharp."""
    spread = columns["stdv"] ** 2
    detail = np.full(len(spread), np.nan)
    np.divide(columns["blur"], spread, out=detail, where=spread > 0)
    return detail


def _mean_if_plain(columns: Columns) -> FloatArray:
    return np.where(columns["stdv"] <= _PLAIN, columns["mean"], np.nan)


#: Flaw → how it is measured; "broken" is not.
_MEASURES: Mapping[str, Measure] = {
    "blurry": Measure("detail", _detail),
    "dark": Measure("mean", _mean_if_plain),
    "bright": Measure("mean", _mean_if_plain, is_above=True),
    "tiny": Measure("longer side", lambda columns: np.maximum(columns["width"], columns["height"])),
}


def find_flaws(columns: Columns, limits: Mapping[str, float]) -> dict[int, dict[str, str]]:
    """Return row → flaw → the measured value in words, of the images that have flaws.

    Parameters
    ----------
    columns : mapping of str to (n,) float64 array
        Those of `MEASURES`.
    limits : mapping of str to float
        Flaw → limit; see `offers.find_limits`.
    """
    flaws: dict[int, dict[str, str]] = {}
    for name, limit in limits.items():
        measure = _MEASURES.get(name)
        if measure is None:
            continue
        values = measure.value(columns)
        for row in np.flatnonzero(measure.found(values, limit)).tolist():
            flaws.setdefault(row, {})[name] = measure.words(float(values[row]), limit)
    return flaws
