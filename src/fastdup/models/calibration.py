"""The map from a model's cosines to the reported similarities."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastdup.errors import ModelError


@dataclass(frozen=True)
class Calibration:
    """A strictly increasing, piecewise linear map from cosine (-1 to 1) to similarity (0 to 1).

    Attributes
    ----------
    cosine, similarity : tuple of float
        The knots, both strictly increasing, from (-1, 0) to (1, 1).
    """

    cosine: tuple[float, ...]
    similarity: tuple[float, ...]

    def __post_init__(self) -> None:
        """Refuse knots that make no strictly increasing map onto 0 to 1."""
        good = (
            len(self.cosine) == len(self.similarity) >= 2
            and np.all(np.diff(self.cosine) > 0)
            and np.all(np.diff(self.similarity) > 0)
            and (self.cosine[0], self.cosine[-1]) == (-1, 1)
            and (self.similarity[0], self.similarity[-1]) == (0, 1)
        )
        if not good:
            raise ModelError(
                "the calibration must rise strictly from (-1, 0) to (1, 1): "
                f"cosine={list(self.cosine)}, similarity={list(self.similarity)}"
            )

    def apply(self, cosine: ArrayLike) -> NDArray[np.float64]:
        """Return the similarities of `cosine`, an array of any shape."""
        return np.interp(np.asarray(cosine, np.float64), self.cosine, self.similarity)
