"""Strict components: all images of one are copies of its centre."""

import numpy as np

from fastdup.analysis.components import Components, connect, distinct_pairs
from fastdup.analysis.pairs import Pairs
from fastdup.analysis.stars import Similarity, grow_stars


def find_strict_components(
    pairs: Pairs, n_images: int, threshold: float, similarity: Similarity
) -> Components:
    """Return the components of images that are all copies of one of them, its centre.

    The image in most pairs is the first centre, of equal ones the first; its copies join it. Then
    the same among the images that are left.

    Parameters
    ----------
    pairs : Pairs
        Those that may join components.
    n_images : int
    threshold : float
        Smallest similarity with the centre, inclusive.
    similarity : callable
        Returns the similarities of one row with several, for pairs that are not in `pairs`.
    """
    each_once = distinct_pairs(pairs)
    low, high, values = each_once
    degrees = np.bincount(np.concatenate([low, high]), minlength=n_images)
    (rows,) = np.nonzero(degrees)
    order = rows[np.lexsort((rows, -degrees[rows]))].tolist()
    centre_of = np.full(n_images, -1, np.int64)
    spokes: list[tuple[int, int, float]] = []
    for star in grow_stars(each_once, order, threshold=threshold, similarity=similarity):
        centre_of[[star.kept, *star.copies]] = star.kept
        spokes += [(star.kept, row, value) for row, value in star.copies.items()]
    is_inside = (centre_of[low] >= 0) & (centre_of[low] == centre_of[high])
    inside = Pairs(
        np.append(low[is_inside], np.array([spoke[0] for spoke in spokes], np.int64)),
        np.append(high[is_inside], np.array([spoke[1] for spoke in spokes], np.int64)),
        np.append(values[is_inside], np.array([spoke[2] for spoke in spokes], np.float64)),
    )
    return connect(distinct_pairs(inside), n_images)
