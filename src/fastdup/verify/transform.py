"""Where the second picture lies in the first, from matched points: a robust affine map.

A similarity transform is found by random pairs of matches (RANSAC, Fischler and Bolles 1981) and
then fitted to all that agree with it, as an affine map, so that stretched pictures fit too.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastdup.verify.keypoints import LocalFeatures
from fastdup.verify.matching import match_variants
from fastdup.verify.planes import Matrix

_N_TRIALS = 300
_SEED = 0
#: A match agrees with a map that brings it so many pixels near, of the picture that was described.
_TOLERANCE = 6.0
#: Pairs of points nearer than this say little of scale and angle.
_MIN_BASE = 10.0
_MIN_SCALE, _MAX_SCALE = 0.12, 8.0
#: Points in one cell of so many pixels count once: a heap of points on one spot is weak evidence.
_CELL = 8
_FEWEST = 4
#: Fewer matches than this agree by chance.
FEWEST_INLIERS = 6
#: From so many inliers on, no other variant is tried.
_ENOUGH = 20


class Matches(NamedTuple):
    """Points that look the same, those that agree with the map and those that do not.

    Attributes
    ----------
    points, targets : (m, 2) arrays
        Unit coordinates in the second picture, and in the first.
    sizes : two (int, int)
        Width and height of the second picture and the first as they were described, in pixels.
    """

    points: Matrix
    targets: Matrix
    sizes: tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True, eq=False)
class Transform:
    """How the second picture lies in the first.

    Attributes
    ----------
    to_first : (3, 3) array
        Unit coordinates of the second picture, as it is, to unit coordinates of the first.
    n_inliers : int
        Matched points that agree, those in one spot counted once; 0 when no points were matched.
    is_inverted : bool
        Whether the second is matched as a negative.
    matches : Matches or None
        None when no points were matched.
    agreeing : float
        Share of all matched points that agree, from 0 to 1.
    """

    to_first: Matrix
    n_inliers: int
    is_inverted: bool = False
    matches: Matches | None = None
    agreeing: float = 0.0


_MIRROR = np.array([[-1.0, 0, 1], [0, 1, 0], [0, 0, 1]])


def find_transform(
    first: LocalFeatures, second: LocalFeatures, *, negatives: bool = True
) -> Transform | None:
    """Return the map that most matches agree with, None when too few points match.

    The second picture is tried upright and mirrored, and as a negative of both if `negatives` are
    asked for; each at any angle.
    """
    best: Transform | None = None
    for is_mirrored, is_inverted, pairs in match_variants(first, second, negatives=negatives):
        found = _fit(first, second.mirrored() if is_mirrored else second, pairs)
        if found is None or (best and found.n_inliers <= best.n_inliers):
            continue
        best = _unmirrored(found) if is_mirrored else found
        best = replace(best, is_inverted=is_inverted)
        if best.n_inliers >= _ENOUGH:
            return best
    return best


def _unmirrored(found: Transform) -> Transform:
    """Return the map of the picture whose mirror image was matched."""
    matches = found.matches
    if matches is not None:
        matches = matches._replace(points=matches.points * [-1, 1] + [1, 0])
    return replace(found, to_first=found.to_first @ _MIRROR, matches=matches)


def _fit(first: LocalFeatures, second: LocalFeatures, pairs: NDArray[np.int64]) -> Transform | None:
    """Return the map that most matches of one variant agree with."""
    if len(pairs) < FEWEST_INLIERS:
        return None
    ours = first.points[pairs[:, 0]].astype(np.float64) * first.size
    theirs = second.points[pairs[:, 1]].astype(np.float64) * second.size
    agrees = _consensus(theirs, ours)
    if agrees is None or agrees.sum() < _FEWEST:
        return None
    matrix, agrees = _fit_affine(theirs, ours, agrees)
    n_inliers = min(count_spots(ours[agrees]), count_spots(theirs[agrees]))
    unit = np.diag([1 / first.size[0], 1 / first.size[1], 1]) @ matrix @ np.diag([*second.size, 1])
    matches = Matches(theirs / second.size, ours / first.size, (second.size, first.size))
    return Transform(unit, n_inliers, matches=matches, agreeing=float(agrees.mean()))


def _consensus(points: Matrix, targets: Matrix) -> NDArray[np.bool_] | None:
    """Return which matches the best of many similarity transforms brings near their targets."""
    given, wanted = points @ [1, 1j], targets @ [1, 1j]
    one, other = _pairs_to_try(len(points))
    base = given[one] - given[other]
    is_usable = np.abs(base) > _MIN_BASE
    one, other, base = one[is_usable], other[is_usable], base[is_usable]
    turns = (wanted[one] - wanted[other]) / base
    is_usable = (np.abs(turns) > _MIN_SCALE) & (np.abs(turns) < _MAX_SCALE)
    turns, shifts = turns[is_usable], (wanted[one] - turns * given[one])[is_usable]
    if not len(turns):
        return None
    misses = np.abs(turns[:, None] * given + shifts[:, None] - wanted)
    agrees = misses < _TOLERANCE * np.maximum(1, np.abs(turns))[:, None]
    best: NDArray[np.bool_] = agrees[agrees.sum(1).argmax()]
    return best


@lru_cache(maxsize=1024)
def _pairs_to_try(n_matches: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return all pairs of matches, or as many as are tried, drawn by chance."""
    if n_matches * (n_matches - 1) <= 2 * _N_TRIALS:
        return np.triu_indices(n_matches, 1)
    generator = np.random.default_rng(_SEED)
    one = generator.integers(0, n_matches, _N_TRIALS)
    other = (one + 1 + generator.integers(0, n_matches - 1, _N_TRIALS)) % n_matches
    return one, other


def _fit_affine(
    points: Matrix, targets: Matrix, agrees: NDArray[np.bool_]
) -> tuple[Matrix, NDArray[np.bool_]]:
    """Return the (3, 3) map fitted to the matches that agree, and those that agree with it."""
    given = np.column_stack([points, np.ones(len(points))])
    matrix = np.eye(3)
    for _ in range(3):
        if agrees.sum() < _FEWEST:
            matrix[:2] = _fit_similarity(points[agrees], targets[agrees])
            return matrix, agrees
        solution, *_ = np.linalg.lstsq(given[agrees], targets[agrees], rcond=None)
        matrix[:2] = solution.T
        scale = np.sqrt(abs(np.linalg.det(matrix)))
        misses = np.linalg.norm(given @ matrix[:2].T - targets, axis=1)
        agrees = misses < 0.7 * _TOLERANCE * max(1.0, scale)
    return matrix, agrees


def _fit_similarity(points: Matrix, targets: Matrix) -> Matrix:
    """Return the (2, 3) similarity transform that fits best."""
    if not len(points):
        return np.eye(3)[:2]
    given, wanted = points @ [1, 1j], targets @ [1, 1j]
    centred = given - given.mean()
    power = max(float((np.abs(centred) ** 2).sum()), 1e-9)
    turn = (np.conj(centred) * (wanted - wanted.mean())).sum() / power
    shift = wanted.mean() - turn * given.mean()
    return np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]])


def count_spots(points: Matrix) -> int:
    """Return how many points there are, in pixels, (m, 2), those in one small cell counted once."""
    x, y = np.floor(points.T / _CELL).astype(np.int64)
    return len(np.unique((y << 32) + x))
