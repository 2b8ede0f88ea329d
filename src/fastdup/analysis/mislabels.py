"""Images whose neighbours carry another label."""

from typing import NamedTuple

import numpy as np

from fastdup.arrays import FloatArray, IntArray
from fastdup.scale import rounded


class Mislabels(NamedTuple):
    """Images whose label is in doubt, the surest first, ties by similarity, then by row.

    Attributes
    ----------
    images : (m,) int64 array
        Row numbers.
    labels : (m,) int64 array
        What their neighbours suggest.
    scores : (m,) float64 array
        Share of the neighbours, weighted by similarity, that carry this label.
    nearest : (m,) int64 array
        The nearest neighbour that carries it.
    similarities : (m,) float64 array
        To that neighbour, in [0, 1].
    """

    images: IntArray
    labels: IntArray
    scores: FloatArray
    nearest: IntArray
    similarities: FloatArray


def find_mislabels(
    indices: IntArray,
    similarities: FloatArray,
    labels: IntArray,
    *,
    threshold: float,
    least_share: float,
) -> Mislabels:
    """Return the images where more than `least_share` of the neighbours carry one other label.

    Parameters
    ----------
    indices, similarities : (n, k) arrays
        Neighbours of each image, the most similar first; index -1 where there are none.
        Similarities as `fastdup.scale` rounds them.
    labels : (n,) int64 array
        The label of each image as a number, -1 for one without.
    threshold : float
        Neighbours less similar than this do not vote.
    least_share : float
        0 to 1, exclusive; at 0.5 a majority decides. The vote of a neighbour is weighted by its
        similarity; those without a label do not vote.
    """
    theirs = np.where(indices >= 0, labels[indices], -1)
    votes = (theirs >= 0) & (similarities >= threshold) & (similarities > 0)
    weights = np.where(votes, similarities, 0.0)
    alike = theirs[:, :, None] == theirs[:, None, :]
    sums = (alike * weights[:, None, :]).sum(axis=2)
    sums[~votes | (theirs == labels[:, None])] = 0.0
    best = sums.argmax(axis=1)  # the first, and so the nearest, of equals
    every = np.arange(len(labels))
    totals = weights.sum(axis=1)
    scores = rounded(sums[every, best] / np.where(totals > 0, totals, 1.0))
    found = np.flatnonzero((labels >= 0) & (scores > least_share))
    near = similarities[found, best[found]]
    order = found[np.lexsort((found, -near, -scores[found]))]
    columns = best[order]
    return Mislabels(
        images=order,
        labels=theirs[order, columns],
        scores=scores[order],
        nearest=indices[order, columns],
        similarities=similarities[order, columns],
    )
