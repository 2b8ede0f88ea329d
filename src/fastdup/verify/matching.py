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
    # ±1 for each bit: the product counts the bits that agree less those that differ.
    bits = (N_BITS - signs(first) @ signs(second).T) / 2
    rows, nearest = np.arange(len(bits)), bits.argmin(1)
    least, back = bits[rows, nearest], bits.argmin(0)
    bits[rows, nearest] = np.inf
    is_match = (least < _RATIO * bits.min(1)) & (least < _MAX_BITS) & (back[nearest] == rows)
    return np.stack([rows[is_match], nearest[is_match]], axis=1)


def signs(features: LocalFeatures) -> NDArray[np.float32]:
    """Return the (m, 256) bits of the descriptors as −1 and 1."""
    bits = np.unpackbits(np.ascontiguousarray(features.descriptors).view(np.uint8), axis=1)
    return bits.astype(np.float32) * 2 - 1
