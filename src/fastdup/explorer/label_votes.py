"""Labels in doubt by a vote of the nearest neighbours, the surest doubt first."""

from typing import NamedTuple

import numpy as np

from fastdup.arrays import FloatArray, IntArray
from fastdup.scale import rounded

#: Neighbours that vote, and the share of their weight that another label needs, exclusive.
N_VOTERS, _LEAST_SHARE = 5, 0.5


class Doubts(NamedTuple):
    """Images whose label is in doubt, the largest score × similarity first, ties by row.

    Attributes
    ----------
    images, labels, nearest : (m,) int64 arrays
        The image, the label that its neighbours suggest, the nearest one that carries it.
    scores, similarities : (m,) float64 arrays
        The share of the weight for that label; the similarity to that neighbour, 0 to 1.
    """

    images: IntArray
    labels: IntArray
    nearest: IntArray
    scores: FloatArray
    similarities: FloatArray


def vote_on_labels(
    indices: IntArray, similarities: FloatArray, labels: IntArray, lowest: float
) -> Doubts:
    """Return the images most of whose neighbours, weighted by similarity, carry one other label.

    Parameters
    ----------
    indices, similarities : (n, k) arrays
        The nearest others of each image, the most similar first; index -1 where there are fewer.
    labels : (n,) int64 array
        The label of each image as a number, -1 for one without.
    lowest : float
        Neighbours less similar than this do not vote.
    """
    indices, similarities = indices[:, :N_VOTERS], similarities[:, :N_VOTERS]
    theirs = np.where(indices >= 0, labels[indices], -1)
    votes = (theirs >= 0) & (similarities >= lowest)
    weights = np.where(votes, similarities, 0.0)
    sums = np.zeros(theirs.shape)
    for column in range(theirs.shape[1]):
        alike = theirs == theirs[:, column, None]
        sums[:, column] = np.where(alike, weights, 0.0).sum(axis=1)
    sums[~votes | (theirs == labels[:, None])] = 0.0
    best = sums.argmax(axis=1)  # the first, and so the nearest, of equals
    every, totals = np.arange(len(labels)), weights.sum(axis=1)
    scores = rounded(sums[every, best] / np.where(totals > 0, totals, 1.0))
    rows = np.flatnonzero((labels >= 0) & (scores > _LEAST_SHARE))
    # A score of 1 by one distant neighbour says less than one of 0.9 by copies.
    surety = scores[rows] * similarities[rows, best[rows]]
    rows = rows[np.argsort(-rounded(surety), kind="stable")]
    columns = best[rows]
    return Doubts(
        images=rows,
        labels=theirs[rows, columns],
        nearest=indices[rows, columns],
        scores=scores[rows],
        similarities=similarities[rows, columns],
    )
