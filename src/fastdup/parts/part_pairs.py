"""Pairs of pictures of which one may show a part of the other."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import BoolArray, IntArray
from fastdup.index.rows import spans
from fastdup.parts.part_place import FEWEST_POINTS, LEAST_SPREAD
from fastdup.parts.placing import Views, find_places
from fastdup.parts.point_index import Matches, find_matches

#: The whole is seen in a version of at least this share of the size of the part's.
_LEAST_SIZE = 0.8
#: Pairs of fewer points are often chance …
_SURE_POINTS = 6
#: … and by chance there are more, the more pictures there are. So many in all, or for each picture,
#: are judged. Where there are more, those of the fewest points are left out.
DOUBTFUL_PAIRS, DOUBTFUL_PER_PICTURE = 200, 0.5
#: Partners of a picture that are kept, those with the most points.
_MOST_PARTNERS = 10
#: Pictures whose fine points, and whose coarse points, are compared at a time: these and their
#: matches are held in memory. Which patterns are common is counted among them, so other numbers
#: may give other pairs.
FINE_BLOCK, COARSE_BLOCK = 2048, 16_384
#: Matches that are placed at a time, and more of the last picture.
MATCHES_AT_A_TIME = 500_000


class Points(NamedTuple):
    """The points of several pictures, one after the other.

    Attributes
    ----------
    points : (m,) array of POINT
    counts : (n,) int64 array
        How many each picture has.
    """

    points: NDArray[np.void]
    counts: IntArray


#: Half-open range of pictures → their points.
Load = Callable[[int, int], Points]
#: Two arrays of pictures → whether each two may be compared.
MayPair = Callable[[IntArray, IntArray], BoolArray]


class _Seen(NamedTuple):
    """Points of one kind, and the picture of each."""

    points: NDArray[np.void]
    pictures: IntArray


def find_part_pairs(load: Load, n_pictures: int, may_pair: MayPair, n_threads: int = 1) -> IntArray:
    """Return the pairs of pictures of which one may show a part of the other.

    Parameters
    ----------
    load : callable
        Reads the points of some pictures.
    n_pictures : int
    may_pair : callable
        Which pictures may be compared.
    n_threads : int

    Returns
    -------
    (m, 2) int64 array
        Each pair once, the lower number first, ordered. The same for any number of threads.
    """
    found = [np.empty((0, 3), np.int64)]
    for span in spans(n_pictures, FINE_BLOCK):
        fine = _seen(load, span, is_fine=True)
        for others in spans(n_pictures, COARSE_BLOCK):
            coarse = _seen(load, others, is_fine=False)
            found += _placed(fine, coarse, may_pair, n_threads)
    return _best(np.concatenate(found), n_pictures)


def _seen(load: Load, span: tuple[int, int], *, is_fine: bool) -> _Seen:
    points, counts = load(*span)
    is_wanted = points["is_fine"] == is_fine
    return _Seen(points[is_wanted], np.repeat(np.arange(*span), counts)[is_wanted])


def _placed(fine: _Seen, coarse: _Seen, may_pair: MayPair, n_threads: int) -> Iterator[IntArray]:
    """Yield whole, part and number of points of pairs that agree on where the part lies."""
    matches = find_matches(
        fine.points["words"], coarse.points["words"], fine.pictures, coarse.pictures, n_threads
    )
    # All matches of a part come one after the other, for the coarse points are in order.
    parts = coarse.pictures[matches.coarse] * 2 + matches.is_mirrored
    starts = np.append(np.flatnonzero(np.diff(parts, prepend=-1)), len(parts))
    cuts = starts[np.searchsorted(starts, np.arange(0, len(parts), MATCHES_AT_A_TIME))]
    for start, stop in pairwise(np.unique(np.append(cuts, len(parts))).tolist()):
        yield _placed_matches(fine, coarse, matches.picked(slice(start, stop)), may_pair)


def _placed_matches(fine: _Seen, coarse: _Seen, matches: Matches, may_pair: MayPair) -> IntArray:
    side = fine.points["side"][matches.fine]
    is_wanted = side >= _LEAST_SIZE * coarse.points["side"][matches.coarse]
    is_wanted &= may_pair(fine.pictures[matches.fine], coarse.pictures[matches.coarse])
    matches = matches.picked(is_wanted)
    pairs = np.column_stack(
        [fine.pictures[matches.fine], coarse.pictures[matches.coarse], matches.is_mirrored]
    )
    order = np.lexsort((matches.bits, *pairs.T[::-1]))
    pairs, matches = pairs[order], matches.picked(order)
    is_first = _differs_from_before(pairs)
    n_votes = np.diff(np.flatnonzero(is_first), append=len(pairs))
    has_votes = np.repeat(n_votes >= FEWEST_POINTS, n_votes)
    pairs, is_first, matches = pairs[has_votes], is_first[has_votes], matches.picked(has_votes)
    if not len(pairs):
        return np.empty((0, 3), np.int64)
    places = find_places(
        Views.of(fine.points[matches.fine]),
        Views.of(coarse.points[matches.coarse], matches.is_mirrored),
        matches.bits,
        np.flatnonzero(is_first),
    )
    is_placed = (places.n_points >= FEWEST_POINTS) & (places.spread >= LEAST_SPREAD)
    return np.column_stack([pairs[is_first][is_placed, :2], places.n_points[is_placed]])


def _best(found: IntArray, n_pictures: int) -> IntArray:
    """Return each pair once, without those that are among the best of neither picture."""
    low, high, n_points = found[:, :2].min(axis=1), found[:, :2].max(axis=1), found[:, 2]
    order = np.lexsort((-n_points, high, low))
    pairs, n_points = np.column_stack([low, high])[order], n_points[order]
    is_first = _differs_from_before(pairs)
    pairs, n_points = pairs[is_first], n_points[is_first]
    is_likely = n_points >= _fewest_points(n_points, n_pictures)
    pairs, n_points = pairs[is_likely], n_points[is_likely]
    place = _place_among_partners(pairs, n_points)
    return np.asarray(pairs[place.min(axis=0) < _MOST_PARTNERS])


def _fewest_points(n_points: IntArray, n_pictures: int) -> int:
    """Return how many points a pair needs, so that not too many are judged in vain."""
    most = max(DOUBTFUL_PAIRS, DOUBTFUL_PER_PICTURE * n_pictures)
    for fewest in range(FEWEST_POINTS, _SURE_POINTS):
        if ((n_points >= fewest) & (n_points < _SURE_POINTS)).sum() <= most:
            return fewest
    return _SURE_POINTS


def _differs_from_before(rows: IntArray) -> BoolArray:
    differs = np.ones(len(rows), bool)
    differs[1:] = (rows[1:] != rows[:-1]).any(axis=1)
    return differs


def _place_among_partners(pairs: IntArray, n_points: IntArray) -> IntArray:
    """Return the place of each pair among those of either picture, that with most points first."""
    pictures, partners = pairs.T.ravel(), pairs[:, ::-1].T.ravel()
    order = np.lexsort((partners, -np.tile(n_points, 2), pictures))
    ordered = pictures[order]
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order)) - np.searchsorted(ordered, ordered)
    return place.reshape(2, -1)
