"""The scale of similarities: from what two rows of features have in common to a number to read."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastdup.arrays import FloatArray, IntArray
from fastdup.index import Metric, Neighbours, Rows
from fastdup.index.metrics import cosine_equivalent, similarities_from_raw
from fastdup.index.rerank import exact_similarities
from fastdup.index.rows import spans
from fastdup.models import Calibration, find_calibration
from fastdup.workdir import WorkDir
from fastdup.workdir.commits import read_signature

#: Decimals of a similarity, wherever it is compared, shown or written: so all of them agree.
DECIMALS = 6


def rounded(values: ArrayLike) -> FloatArray:
    """Return similarities, or shares, with `DECIMALS` decimals; an array of the same shape."""
    return np.asarray(values, np.float64).round(DECIMALS)


def decimal(value: float) -> str:
    """Return a similarity, or a share, as it is written in a table."""
    return f"{value:.{DECIMALS}f}"


@dataclass(frozen=True)
class Scale:
    """What raw similarities of some features stand for.

    Attributes
    ----------
    metric : Metric
        How the rows were compared.
    calibration : Calibration or None
        That of the model that made the features. None: a model without one, or features of
        one's own; these keep the metric's similarity.
    """

    metric: Metric
    calibration: Calibration | None = None

    @classmethod
    def of(cls, work: WorkDir, model_path: str | None, distance: str) -> "Scale":
        """Return the scale of the features in a work folder, compared by `distance`."""
        signature = read_signature(work.journal)
        calibration = signature and find_calibration(str(signature["model"]), model_path)
        return cls(Metric.of(distance), calibration or None)

    def between(self, features: NDArray[np.float32], row: int, others: IntArray) -> FloatArray:
        """Return the similarities of one row of features with several."""
        return self.similarities(self.raw_between(features, row, others))

    def of_pairs(
        self, features: NDArray[np.float32], rows: IntArray, others: IntArray
    ) -> FloatArray:
        """Return the similarities of m rows of features with one other row each."""
        every = Rows(features, self.metric)
        raw = exact_similarities(every, every.choose(rows), others[:, None])
        return self.similarities(raw[:, 0])

    def raw_between(self, features: NDArray[np.float32], row: int, others: IntArray) -> FloatArray:
        """Return the raw similarities of one row of features with several."""
        if not len(others):
            return np.empty(0)
        one, several = Rows(features[[row]], self.metric), Rows(features[others], self.metric)
        return np.asarray(exact_similarities(several, one, np.arange(len(others))[None])[0])

    def similarities(self, raw: FloatArray) -> FloatArray:
        """Return the similarities of `raw`, in [0, 1], rounded; an array of the same shape."""
        found = np.empty(np.shape(raw))
        for start, stop in spans(len(raw)):
            found[start:stop] = self.of_even(self.even(raw[start:stop]))
        return found

    def neighbours(self, raw: Neighbours) -> Neighbours:
        """Return the same neighbours with their similarities."""
        return Neighbours(raw.indices, self.similarities(raw.similarities))

    def even(self, raw: FloatArray) -> FloatArray:
        """Return `raw` on a scale that is not stretched, so that means make sense: the cosine.

        A model's calibration stretches what lies between copies and others, and compresses the
        rest. Without one, the similarities themselves.
        """
        if self.calibration is None:
            return similarities_from_raw(raw)
        return cosine_equivalent(raw, self.metric)

    def of_even(self, values: FloatArray) -> FloatArray:
        """Return the similarities, rounded, of values on the scale of `even`."""
        return rounded(values if self.calibration is None else self.calibration.apply(values))
