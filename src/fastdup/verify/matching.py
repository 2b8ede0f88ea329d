"""Points of two pictures that look the same: each is the other's nearest, and clearly so."""

import numpy as np
from numpy.typing import NDArray

from fastdup.verify.keypoints import N_BITS, LocalFeatures

#: A match is nearer than this share of the next best one (Lowe 2004), and than so many bits.
_RATIO, _MAX_BITS = 0.82, 72
_FEWEST = 4


def match(first: LocalFeatures, second: LocalFeatures) -> NDArray[np.int64]:
    """Return the (m, 2) pairs of point numbers, of the first and of the second picture."""
    if len(first) < _FEWEST or len(second) < _FEWEST:
        return np.empty((0, 2), np.int64)
    # The product counts the bits that agree less those that differ: whole numbers, so exact.
    products = first.signs @ second.signs.T
    rows = np.arange(len(products))
    nearest = products.argmax(1)
    most = products[rows, nearest]
    products[rows, nearest] = -N_BITS
    least, next_least = ((N_BITS - of) / 2 for of in (most, products.max(1)))
    products[rows, nearest] = most
    is_near = (least < _RATIO * next_least) & (least < _MAX_BITS)
    rows, nearest = rows[is_near], nearest[is_near]
    is_mutual = products[:, nearest].argmax(0) == rows
    return np.stack([rows[is_mutual], nearest[is_mutual]], axis=1)
