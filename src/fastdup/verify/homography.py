"""How a flat picture lies in another when it was seen from the side: a projective map.

The map is fitted to matched points by the direct linear transform with normalised coordinates
(Hartley 1997), again and again to all that agree with the last one (Hartley and Zisserman 2004).
"""

import numpy as np
from numpy.typing import NDArray

from fastdup.verify.planes import Matrix, is_affine, mapped, pixel_scale
from fastdup.verify.transform import Matches, count_spots

#: A match agrees with a map that brings it so many pixels near, first and last.
_WIDE, _NEAR = 6.0, 4.0
_ROUNDS = 8
#: Fewer points do not fix the 8 numbers of the map.
_FEWEST = 12
#: The far end of a picture is drawn at least so large, for the near end.
_STEEPEST = 0.25


def fit_homography(matches: Matches, to_first: Matrix) -> Matrix | None:
    """Return the projective map that most matches agree with, None where none is plausible.

    Parameters
    ----------
    matches : Matches
    to_first : (3, 3) array
        An affine map that fits some of them, in unit coordinates.

    Returns
    -------
    to_first : (3, 3) array or None
        In unit coordinates; the last number is 1.
    """
    found = to_first
    agrees = _agreeing(matches, found, _WIDE)
    for number in range(_ROUNDS):
        if agrees.sum() < _FEWEST:
            return None
        found = _direct_linear(matches.points[agrees], matches.targets[agrees])
        tolerance = _WIDE if number < _ROUNDS // 2 else _NEAR
        before, agrees = agrees, _agreeing(matches, found, tolerance)
        if tolerance == _NEAR and np.array_equal(before, agrees):
            break
    return found if agrees.sum() >= _FEWEST and _is_plausible(found) else None


def _agreeing(matches: Matches, to_first: Matrix, tolerance: float) -> NDArray[np.bool_]:
    second, first = matches.sizes
    x, y = mapped(to_first, *matches.points.T)
    misses = (np.stack([x, y], axis=1) - matches.targets) * first
    scale = 1 / pixel_scale(first, second, np.linalg.inv(to_first))
    near: NDArray[np.bool_] = np.linalg.norm(misses, axis=1) < tolerance * max(1.0, scale)
    return near


def agreeing_with(matches: Matches, to_first: Matrix) -> tuple[int, float]:
    """Return how many matches agree with a map, those in one spot counted once, and their share."""
    agrees = _agreeing(matches, to_first, _NEAR)
    second, first = matches.sizes
    spots = matches.points[agrees] * second, matches.targets[agrees] * first
    return min(map(count_spots, spots)), float(agrees.mean())


def _direct_linear(points: Matrix, targets: Matrix) -> Matrix:
    """Return the map with the least algebraic error."""
    given, to_given = _normalised(points)
    wanted, to_wanted = _normalised(targets)
    whole = np.column_stack([given, np.ones(len(given))])
    nothing = np.zeros_like(whole)
    rows = np.concatenate(
        [
            np.column_stack([whole, nothing, -wanted[:, :1] * whole]),
            np.column_stack([nothing, whole, -wanted[:, 1:] * whole]),
        ]
    )
    # The eigenvector of the 9 × 9 matrix is cheaper than the singular vectors of all rows.
    _, vectors = np.linalg.eigh(rows.T @ rows)
    found = np.linalg.inv(to_wanted) @ vectors[:, 0].reshape(3, 3) @ to_given
    return np.asarray(found / found[2, 2])


def _normalised(points: Matrix) -> tuple[Matrix, Matrix]:
    """Return the points around 0 at a mean distance of √2, and the map that brought them there."""
    middle = points.mean(0)
    scale = np.sqrt(2) / max(float(np.linalg.norm(points - middle, axis=1).mean()), 1e-9)
    matrix = np.array([[scale, 0, -scale * middle[0]], [0, scale, -scale * middle[1]], [0, 0, 1]])
    return (points - middle) * scale, matrix


def _is_plausible(matrix: Matrix) -> bool:
    """Return whether all of the second picture lies before the horizon, not too far away."""
    if not np.isfinite(matrix).all() or is_affine(matrix) or not np.linalg.det(matrix):
        return False
    depths = matrix[2] @ _CORNERS
    return bool(depths.min() > _STEEPEST * depths.max())


_CORNERS = np.array([[0.0, 1, 0, 1], [0, 0, 1, 1], [1, 1, 1, 1]])
