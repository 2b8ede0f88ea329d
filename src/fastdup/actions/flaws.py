"""Flaws for which images may go, whether or not they are copies: how each one is measured."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from fastdup.actions.screenshots import screenshot_signs
from fastdup.arrays import BoolArray, FloatArray, IntArray

#: Columns of ``stats.csv`` that show flaws.
MEASURES = ("width", "height", "blur", "mean", "stdv")
#: Standard deviations from the mean at which the lightest and the darkest parts are taken to be.
_PARTS = 2.0


class Measured(NamedTuple):
    """What is known of n images.

    Attributes
    ----------
    stats : mapping of str to (n,) float64 array
        The columns `MEASURES` of ``stats.csv``.
    paths : sequence of n str
    cameras : sequence of n str
        "" where it is not known; empty when the metadata was not read.
    coloured : callable or None
        Returns the share of each image that has a colour to be seen, 0 to 1, NaN where that is not
        known, as an (n,) float64 array; None: not known of any.
    """

    stats: Mapping[str, FloatArray]
    paths: Sequence[str] = ()
    cameras: Sequence[str] = ()
    coloured: Callable[[], FloatArray] | None = None


class Measure(NamedTuple):
    """How a flaw is measured.

    Attributes
    ----------
    name : str
        Of the value, for a person.
    value : callable
        `Measured` → (n,) float64 array; NaN where it cannot be measured.
    span : (float, float, float)
        The least and the largest limit that a person is offered, and the step between two.
    is_above : bool
        Whether larger values are the flaw; else smaller ones.
    """

    name: str
    value: Callable[[Measured], FloatArray]
    span: tuple[float, float, float]
    is_above: bool = False

    def found(self, values: FloatArray, limit: float) -> BoolArray:
        """Return which values are a flaw; none that could not be measured."""
        return values > limit if self.is_above else values < limit

    def rows(self, values: FloatArray, limit: float) -> IntArray:
        """Return the images that have the flaw, the worst first, ties by row."""
        rows = np.flatnonzero(self.found(values, limit))
        return rows[np.argsort(-values[rows] if self.is_above else values[rows], kind="stable")]

    def words(self, value: float, limit: float) -> str:
        """Return the value and the limit in words."""
        return f"{self.name} {value:.4g}, {'above' if self.is_above else 'below'} {limit:g}"


def _detail(found: Measured) -> FloatArray:
    """Return the blur relative to the contrast, so that a pale or smooth picture may be sharp."""
    spread = found.stats["stdv"] ** 2
    detail = np.full(len(spread), np.nan)
    np.divide(found.stats["blur"], spread, out=detail, where=spread > 0)
    return detail


def _light_parts(found: Measured) -> FloatArray:
    """Return how light the lightest parts are: a moon in the night is not dark."""
    return found.stats["mean"] + _PARTS * found.stats["stdv"]


def _dark_parts(found: Measured) -> FloatArray:
    return found.stats["mean"] - _PARTS * found.stats["stdv"]


def _percent_coloured(found: Measured) -> FloatArray:
    if found.coloured is None:
        return np.full(len(found.stats["width"]), np.nan)
    return 100 * found.coloured()


def _longer_side(found: Measured) -> FloatArray:
    return np.maximum(found.stats["width"], found.stats["height"])


def _aspect(found: Measured) -> FloatArray:
    shorter = np.maximum(np.minimum(found.stats["width"], found.stats["height"]), 1.0)
    return _longer_side(found) / shorter


def _oddness_of_size(found: Measured) -> FloatArray:
    """Return how many times as large as the median along the sides, or the inverse; 1 or more."""
    sizes = np.sqrt(np.maximum(found.stats["width"] * found.stats["height"], 1.0))
    usual = float(np.median(sizes)) if len(sizes) else 1.0
    return np.maximum(sizes / usual, usual / sizes)


def _signs(found: Measured) -> FloatArray:
    sides = found.stats["width"], found.stats["height"]
    return screenshot_signs(found.paths, found.cameras, *sides)


#: Flaw → how it is measured; "broken" is not.
FLAW_MEASURES: Mapping[str, Measure] = {
    "blurry": Measure("detail", _detail, (0.0, 0.5, 0.005)),
    "dark": Measure("lightest parts", _light_parts, (0.0, 160.0, 1.0)),
    "bright": Measure("darkest parts", _dark_parts, (96.0, 255.0, 1.0), is_above=True),
    "plain": Measure("spread of tones", lambda found: found.stats["stdv"], (0.0, 40.0, 0.5)),
    "grey": Measure("percentage in colour", _percent_coloured, (0.0, 5.0, 0.05)),
    "tiny": Measure("longer side", _longer_side, (0.0, 1024.0, 16.0)),
    "odd_aspect": Measure("long side to short", _aspect, (1.0, 10.0, 0.1), is_above=True),
    "odd_size": Measure("times the usual size", _oddness_of_size, (1.0, 30.0, 0.5), is_above=True),
    "screenshot": Measure("signs of a screenshot", _signs, (0.0, 3.0, 1.0), is_above=True),
}


def find_flaws(found: Measured, limits: Mapping[str, float]) -> dict[int, dict[str, str]]:
    """Return row → flaw → the measured value in words, of the images that have flaws.

    Parameters
    ----------
    found : Measured
    limits : mapping of str to float
        Flaw → limit; see `offers.find_limits`.
    """
    flaws: dict[int, dict[str, str]] = {}
    for name, limit in limits.items():
        measure = FLAW_MEASURES.get(name)
        if measure is None:
            continue
        values = measure.value(found)
        for row in np.flatnonzero(measure.found(values, limit)).tolist():
            flaws.setdefault(row, {})[name] = measure.words(float(values[row]), limit)
    return flaws
