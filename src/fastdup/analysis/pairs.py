"""The pairs of similar images: those at or above the threshold."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import FloatArray, IntArray


class Pairs(NamedTuple):
    """Directed pairs, most similar first, ties by (source, target).

    Attributes
    ----------
    sources, targets : (m,) int64 arrays
        Row numbers of the images.
    similarities : (m,) float64 array
        In [0, 1].
    """

    sources: IntArray
    targets: IntArray
    similarities: FloatArray

    def picked(self, which: NDArray[Any] | slice) -> "Pairs":
        """Return the pairs at some places, or those for which a mask is true."""
        return Pairs(self.sources[which], self.targets[which], self.similarities[which])

    def followed_by(self, other: "Pairs") -> "Pairs":
        """Return these pairs and then others, which may be any."""
        return Pairs(
            np.concatenate([self.sources, other.sources]),
            np.concatenate([self.targets, other.targets]),
            np.concatenate([self.similarities, other.similarities]),
        )

    def reaching(self, threshold: float) -> "Pairs":
        """Return the pairs whose similarity reaches `threshold`, inclusive."""
        return self.picked(self.similarities >= threshold)

    def in_order(self) -> "Pairs":
        """Return these pairs, which may be in any order, as `Pairs` are ordered."""
        return self.picked(np.lexsort((self.targets, self.sources, -self.similarities)))


def select_pairs(indices: IntArray, similarities: FloatArray, threshold: float) -> Pairs:
    """Return one pair per image and neighbour whose similarity reaches `threshold`.

    Parameters
    ----------
    indices : (n, k) int64 array
        Neighbours of each image, -1 where there are fewer.
    similarities : (n, k) float64 array
        Their similarities, in [0, 1], as `fastdup.scale` rounds them.
    threshold : float
        Smallest similarity kept, inclusive.
    """
    sources, columns = np.nonzero((indices >= 0) & (similarities >= threshold))
    targets, values = indices[sources, columns], similarities[sources, columns]
    return Pairs(sources, targets, values).in_order()
