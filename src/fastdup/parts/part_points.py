"""The points by which a picture is found as a part of others, and others as parts of it.

What a page shows small, it shows at its finest; the picture itself looks like that when it is
shrunk. So each picture has two sets of points: fine ones, of all its places, and coarse ones, of
several small versions of the whole. A part is found where coarse points of one picture match fine
points of another. The small versions are close in size, so that one of them fits well.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fastdup.arrays import BoolArray
from fastdup.verify.keypoints import Detail, LocalFeatures, describe
from fastdup.verify.pyramid import shrunk

#: A point, in 24 bytes. ``words``: half of its descriptor, as drawn and mirrored. ``x``, ``y``: its
#: place, in units of 1 / 65,535 of the longest side. ``side``: longest side in pixels of the
#: version in which it was found. ``direction``: see `LocalFeatures`. ``is_fine``: of which set.
POINT = np.dtype(
    {
        "names": ["words", "x", "y", "side", "direction", "is_fine"],
        "formats": [("<u8", 2), "<u2", "<u2", "<u2", "u1", "u1"],
        "offsets": [0, 16, 18, 20, 22, 23],
        "itemsize": 24,
    }
)
#: Units of a place.
UNITS = 65_535
#: Longest side of the finest version, the factor between versions, how many there are, and how
#: many points are looked at in the finest. The first one is left out where nothing small is shown.
_FINE_SIDE, _FINE_FACTOR, _N_FINE, _FINE_POINTS = 640, 1.35, 4, 900
#: The same for coarse ones, in each of which so many points are looked at and kept.
_COARSE_SIDE, _COARSE_FACTOR, _N_COARSE, _COARSE_POINTS, _COARSE_KEPT = 288, 1.26, 6, 36, 24
#: Of each cell of so many pixels, the points that say most are kept.
_CELL, _PER_CELL = 64, 10
#: Bits by which a patch has to differ from its mirror image and from that as a negative. A plain
#: corner or edge is the same mirrored, and is found in all pictures.
_LEAST_ODD = 36


def describe_points(grey: Image.Image, *, may_show_others: bool = True) -> NDArray[np.void]:
    """Return the points of a picture.

    Parameters
    ----------
    grey : PIL image, mode L
        At any size; shrunk to the size of each version, never enlarged.
    may_show_others : bool
        Whether the picture is looked at most closely, for it may show others small.

    Returns
    -------
    (m,) array of POINT
        The fine ones first. The same for the same pixels, on any machine.
    """
    skipped = 0 if may_show_others else 1
    grey = shrunk(grey, round(_FINE_SIDE / _FINE_FACTOR**skipped))
    details = [*_fine_details(max(grey.size), skipped), *_coarse_details(max(grey.size))]
    versions = [describe(grey, detail) for detail in details]
    n_fine = _N_FINE - skipped
    counts = [len(version) for version in versions]
    number = np.repeat(np.arange(len(versions)), counts)
    odd = np.concatenate([_odd_bits(version) for version in versions])
    cells = np.concatenate([_cells(version) for version in versions])
    place = _place_among((number, cells), odd)
    is_fine = number < n_fine
    # Of a coarse version, the oddest of all cells come first, then the second ones of all.
    is_kept = np.where(
        is_fine, place < _PER_CELL, _place_among((number,), odd - (place << 8)) < _COARSE_KEPT
    )
    is_kept &= odd >= _LEAST_ODD
    return _points(versions, counts, is_fine)[is_kept]


def _fine_details(side: int, skipped: int) -> Iterator[Detail]:
    for number in range(_N_FINE - skipped):
        n_points = _FINE_POINTS / _FINE_FACTOR ** (2 * (number + skipped))
        yield Detail(round(side / _FINE_FACTOR**number), round(n_points), n_levels=1)


def _coarse_details(side: int) -> Iterator[Detail]:
    for number in range(_N_COARSE):
        length = min(_COARSE_SIDE, side) / _COARSE_FACTOR**number
        yield Detail(round(length), _COARSE_POINTS, n_levels=1)


def _odd_bits(features: LocalFeatures) -> NDArray[np.int64]:
    """Return by how many bits each patch differs from its mirror image and its mirrored negative.

    A plain corner or edge is the same mirrored, and is found in all pictures.
    """
    words = features.descriptors
    mirrored, both = (np.bitwise_count(words[:, 0] ^ words[:, other]) for other in (1, 3))
    return np.asarray(mirrored.astype(np.int64) + both)


def _cells(features: LocalFeatures) -> NDArray[np.int64]:
    x, y = (features.points * features.size // _CELL).astype(np.int64).T
    return np.asarray((y << 8) + x)


def _place_among(
    groups: Sequence[NDArray[np.int64]], worth: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the place of each point among those of its group, the worthiest first."""
    key = np.zeros(len(worth), np.int64)
    for group in groups:
        key = (key << 32) + group
    order = np.lexsort((-worth, key))
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order)) - np.searchsorted(key[order], key[order])
    return place


def _points(
    versions: Sequence[LocalFeatures], counts: Sequence[int], is_fine: BoolArray
) -> NDArray[np.void]:
    points = np.zeros(sum(counts), POINT)
    longest = [max(version.size) for version in versions]
    scales = (np.array(version.size) * (UNITS / max(version.size)) for version in versions)
    pairs = zip(versions, scales, strict=True)
    places = np.concatenate([version.points * scale for version, scale in pairs])
    points["x"], points["y"] = np.round(places).clip(0, UNITS).astype(np.uint16).T
    points["words"] = np.concatenate([version.descriptors[:, :2] for version in versions])
    points["direction"] = np.concatenate([version.directions for version in versions])
    points["side"] = np.repeat(longest, counts)
    points["is_fine"] = is_fine
    return points
