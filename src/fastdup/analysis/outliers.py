"""The images that stand apart from the others, and those that resemble none."""

from typing import NamedTuple

import numpy as np

from fastdup.analysis.nearest_others import NearestOthers
from fastdup.analysis.pairs import Pairs
from fastdup.arrays import BoolArray, FloatArray, IntArray

#: An image is compared with so many of its nearest.
N_NEAREST = 20
#: In small collections with fewer: this share of all other images.
_SHARE_OF_ALL = 3
#: With fewer different pictures than that, nothing can be said of their distribution.
FEWEST_PICTURES = 30
#: How many deviations below the median an image stands apart. Chosen on the training photos.
_N_DEVIATIONS = 3.75
#: The median deviation from the median is this share of the standard deviation of a normal one.
_NORMAL_SHARE = 1 / 1.4826
#: Least deviation of the logarithms: collections of all but equal scores have no outliers.
_LEAST_DEVIATION = 0.01
#: Least mean similarity, so that there is a logarithm.
_LEAST_MEAN = 0.01


class OutlierScores(NamedTuple):
    """How close each of n images is to the others; the least close ones stand apart.

    Attributes
    ----------
    means : (n,) float64 array
        Mean similarity to the nearest images, copies left out; NaN where there are none.
    nearest : (n,) int64 array
        The nearest image that is no copy; -1 where there is none.
    similarities : (n,) float64 array
        To that image; NaN where there is none.
    is_apart : (n,) bool array
        Whether the image stands apart from all others.
    has_enough : bool
        Whether there are enough different pictures to see which stand apart; else none does.
    """

    means: FloatArray
    nearest: IntArray
    similarities: FloatArray
    is_apart: BoolArray
    has_enough: bool

    def order(self) -> IntArray:
        """Return the rows that have a score, the one that stands apart most first."""
        rows = np.flatnonzero(self.nearest >= 0)
        return rows[np.lexsort((rows, self.means[rows]))]

    def lowest(self, share: float) -> IntArray:
        """Return the rows that stand apart most, a share of all, rounded down.

        Images with equal scores are not divided: none of them is returned.
        """
        order = self.order()
        n_lowest = int(share * len(order))
        if n_lowest == len(order):
            return order
        means = self.means[order]
        return order[: int(np.searchsorted(means, means[n_lowest]))]


def score_outliers(near: NearestOthers) -> OutlierScores:
    """Return how close each image is to its nearest: the mean over up to 20 of them.

    A single near image does not hide one that differs from all others, nor do its copies. The
    logarithms of the means are compared with their median: an image stands apart if it is more
    than 3.75 median absolute deviations (× 1.4826) below. Both are robust, so that the odd images
    hardly change them (Iglewicz and Hoaglin 1993). Logarithms, since means are skewed: with them
    precision on the training photos is higher at every recall.

    Parameters
    ----------
    near : NearestOthers
        Of n rows.
    """
    few = near.nearest(_n_nearest(near.kinds))
    n_found = (few.indices >= 0).sum(axis=1)
    has_any = n_found > 0
    means, similarities = np.full((2, len(few.kinds)), np.nan)
    means[has_any] = np.maximum(few.values[has_any], 0).sum(axis=1) / n_found[has_any]
    similarities[has_any] = few.values[has_any, 0]
    # One of several copies stands for all: copies of a picture do not make it more usual.
    is_first = has_any & (few.kinds == np.arange(len(few.kinds)))
    has_enough = int(is_first.sum()) >= FEWEST_PICTURES
    is_apart = has_any & has_enough
    if has_enough:
        is_apart[has_any] = means[has_any] < _limit(means[is_first])
    return OutlierScores(means, few.indices[:, 0], similarities, is_apart, has_enough)


def _n_nearest(kinds: IntArray) -> int:
    n_others = int((kinds == np.arange(len(kinds))).sum()) - 1  # each kind has its first row
    return min(N_NEAREST, max(n_others // _SHARE_OF_ALL, 1))


def _limit(means: FloatArray) -> float:
    """Return the mean below which images stand apart."""
    logs = np.log(np.maximum(means, _LEAST_MEAN))
    median = np.median(logs)
    deviation = np.median(np.abs(logs - median)) / _NORMAL_SHARE
    limit = np.exp(median - _N_DEVIATIONS * max(float(deviation), _LEAST_DEVIATION))
    return float(limit)


def find_outliers(indices: IntArray, similarities: FloatArray, lower_threshold: float) -> Pairs:
    """Return the images whose most similar other image stays below `lower_threshold`.

    Parameters
    ----------
    indices, similarities : (n, k) arrays
        Neighbours of each image, the most similar first; index -1 where there are none.
        Similarities as `fastdup.scale` rounds them.
    lower_threshold : float
        Similarities below it, exclusive, make an outlier.

    Returns
    -------
    Pairs
        Each outlier and the image most similar to it, least similar first, ties by row number.
    """
    nearest, values = indices[:, 0], similarities[:, 0]
    return pairs_with_nearest(
        np.flatnonzero((nearest >= 0) & (values < lower_threshold)), nearest, values
    )


def pairs_with_nearest(rows: IntArray, nearest: IntArray, similarities: FloatArray) -> Pairs:
    """Return some rows and the nearest image of each, least similar first, ties by row number.

    Parameters
    ----------
    rows : (m,) int64 array
    nearest, similarities : (n,) arrays
        Of all rows.
    """
    order = rows[np.lexsort((rows, similarities[rows]))]
    return Pairs(order, nearest[order], similarities[order])
