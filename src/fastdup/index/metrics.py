"""The four distances, and the formula that maps each of them to a similarity."""

import difflib
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from fastdup.arrays import FloatArray
from fastdup.errors import ConfigError


class Metric(StrEnum):
    """How far two rows a, b of width d are from one another, and how similar that makes them.

    ====================  =======================  ================================================
    metric                distance                 raw similarity
    ====================  =======================  ================================================
    cosine                1 − cos(a, b)            cos(a, b), from −1 to 1; 0 when a row is all zero
    euclidean             e = ‖a − b‖₂             1 / (1 + e²/2)
    squared_euclidean     e²                       1 / (1 + e²/2)
    manhattan             m = ‖a − b‖₁             1 / (1 + e²/2) with e = m · √(π / 2d)
    ====================  =======================  ================================================

    The last three lie in (0, 1]. For rows of length 1, e²/2 = 1 − cos: near 1 they agree with the
    cosine. Manhattan's e estimates ‖a − b‖₂ from ‖a − b‖₁; on average it is exact when the
    differences are Gaussian. `similarities_from_raw` makes the raw similarity one from 0 to 1.
    """

    COSINE = "cosine"
    EUCLIDEAN = "euclidean"
    SQUARED_EUCLIDEAN = "squared_euclidean"
    MANHATTAN = "manhattan"

    @classmethod
    def of(cls, name: str) -> "Metric":
        """Return the metric called `name`.

        Raises
        ------
        ConfigError
            There is none of that name.
        """
        try:
            return cls(name)
        except ValueError:
            names = [metric.value for metric in cls]
            near = difflib.get_close_matches(str(name), names, n=1)
            hint = f"; type distance={near[0]!r}" if near else ""
            raise ConfigError(
                f"distance={name!r} is unknown: it may be {', '.join(names)}{hint}"
            ) from None


def raw_similarities(distances: FloatArray, metric: Metric, dim: int) -> FloatArray:
    """Return the raw similarities of `distances`.

    Parameters
    ----------
    distances : float64 array
        1 − cos for cosine, ‖a − b‖₂² for euclidean and squared_euclidean, ‖a − b‖₁ for manhattan:
        the unit in which providers of neighbours compare. Infinity is allowed.
    metric : Metric
    dim : int
        Width d of the rows.
    """
    if metric is Metric.COSINE:
        return 1.0 - distances
    if metric is Metric.MANHATTAN:
        distances = distances**2 * (np.pi / (2 * dim))
    return 1.0 / (1.0 + distances / 2)


def similarities_from_raw(raw: ArrayLike) -> FloatArray:
    """Return the similarities, from 0 to 1, that the raw similarities stand for.

    A cosine below 0 becomes 0; every other raw similarity, of any metric, is one already.
    """
    return np.clip(np.asarray(raw, np.float64), 0.0, 1.0)


def cosine_equivalent(raw: ArrayLike, metric: Metric | str) -> FloatArray:
    """Return the cosine, from −1 to 1, that two rows of length 1 with this raw similarity have.

    A model's calibration reads it. For cosine it is `raw` itself; for the other metrics
    1 − e²/2 = 2 − 1/raw, and −1 wherever rows of length 1 could not be as far apart.
    """
    raw = np.asarray(raw, np.float64)
    if Metric.of(metric) is not Metric.COSINE:
        raw = 2.0 - 1.0 / np.maximum(raw, 1 / 3)
    return np.clip(raw, -1.0, 1.0)
