"""The images that resemble no other."""

import numpy as np

from fastdup.analysis.pairs import Pairs
from fastdup.arrays import FloatArray, IntArray


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
    outliers = np.flatnonzero((nearest >= 0) & (values < lower_threshold))
    order = outliers[np.lexsort((outliers, values[outliers]))]
    return Pairs(order, nearest[order], values[order])


def share_cutoff(indices: IntArray, similarities: FloatArray, share: float) -> float:
    """Return the `lower_threshold` under which lie the least similar images, `share` of all.

    Parameters
    ----------
    indices, similarities : (n, k) arrays
        As for `find_outliers`.
    share : float
        0 to 1; rounded down to whole images. Equally similar images are not
        divided: none of them is below.
    """
    values = np.sort(similarities[indices[:, 0] >= 0, 0])
    n_below = int(share * len(values))
    return float(values[n_below]) if n_below < len(values) else float("inf")
