"""Points of two pictures that look the same: each is the other's nearest, and clearly so.

The four words of a descriptor change places when a picture is mirrored or inverted. So the bits in
common with all these variants are sums and differences of the same products (a Walsh-Hadamard
transform over the words), and all of them take little more than one.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastdup.verify.keypoints import N_BITS, LocalFeatures

#: A match is nearer than this share of the next best one (Lowe 2004), and than so many bits.
_RATIO, _MAX_BITS = 0.82, 72
_FEWEST = 4


class Variant(NamedTuple):
    """Which points look the same when the second picture is mirrored, a negative, or both.

    Attributes
    ----------
    is_mirrored, is_inverted : bool
    pairs : (m, 2) int64 array
        Point numbers of the first and of the second picture.
    """

    is_mirrored: bool
    is_inverted: bool
    pairs: NDArray[np.int64]


def match(first: LocalFeatures, second: LocalFeatures) -> NDArray[np.int64]:
    """Return the (m, 2) pairs of point numbers, of the first and of the second picture."""
    return next(match_variants(first, second, negatives=False)).pairs


def match_variants(
    first: LocalFeatures, second: LocalFeatures, *, negatives: bool
) -> Iterator[Variant]:
    """Yield the matches of the second as it is and mirrored, then of its negative, if asked for."""
    if len(first) < _FEWEST or len(second) < _FEWEST:
        yield Variant(False, False, np.empty((0, 2), np.int64))
        return
    ours, theirs = first.spectrum, second.spectrum
    # What mirroring keeps, and what it turns into its opposite; whole numbers, so exact.
    kept, turned = (ours[which] @ theirs[which].T for which in (_KEPT, _TURNED))
    yield Variant(False, False, _matches((kept + turned) / 4))
    yield Variant(True, False, _matches((kept - turned) / 4))
    if negatives:
        # The halves that a negative turns into their opposite, too, are counted twice less.
        width = ours.shape[2] // 2
        for products, which in ((kept, _KEPT), (turned, _TURNED)):
            products -= 2 * (ours[which][:, width:] @ theirs[which][:, width:].T)
        yield Variant(False, True, _matches((kept + turned) / 4))
        yield Variant(True, True, _matches((kept - turned) / 4))


#: Which rows of a `spectrum` these are.
_KEPT, _TURNED = 0, 1


def _matches(products: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return the matches, given for each two points the bits that agree less those that differ."""
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
