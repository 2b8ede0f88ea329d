"""Maps of one plane to another, as 3 × 3 matrices: affine ones, and projective ones.

A projective map (homography) is how a flat picture looks from anywhere. It is divided by the depth
of each point, which the third row gives; an affine map has the depth 1 everywhere.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.floating[Any]]

#: Depths below this lie at or behind the horizon, where nothing is mapped to.
_LEAST_DEPTH = 1e-3
#: Where points behind the horizon are said to lie: outside of every picture.
_NOWHERE = -1e6
#: Points along a side by which areas are compared.
_GRID = 64


def is_affine(matrix: Matrix) -> bool:
    """Return whether a map keeps parallels."""
    return not matrix[2, :2].any()


def mapped(matrix: Matrix, x: Matrix, y: Matrix) -> tuple[Matrix, Matrix]:
    """Return x and y of points after a map; far outside for points behind the horizon."""
    u = matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 2]
    v = matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 2]
    if is_affine(matrix):
        return u, v
    depth = (matrix[2, 0] * x + matrix[2, 1] * y + matrix[2, 2]) / matrix[2, 2]
    is_before = depth > _LEAST_DEPTH
    depth = np.where(is_before, depth, 1.0) * matrix[2, 2]
    return np.where(is_before, u / depth, _NOWHERE), np.where(is_before, v / depth, _NOWHERE)


def linear_part(matrix: Matrix, x: float = 0.5, y: float = 0.5) -> Matrix:
    """Return the (2, 2) matrix of what a map does near one point."""
    if is_affine(matrix):
        return matrix[:2, :2]
    depth = matrix[2, 0] * x + matrix[2, 1] * y + matrix[2, 2]
    point = matrix[:2] @ [x, y, 1] / depth
    linear: Matrix = (matrix[:2, :2] - point[:, None] * matrix[2, :2]) / depth
    return linear


def pixel_scale(first: tuple[int, int], second: tuple[int, int], to_second: Matrix) -> float:
    """Return how many pixels of the second picture there are for one of the first, along a side."""
    ratio = (second[0] * second[1]) / (first[0] * first[1])
    linear = linear_part(np.linalg.inv(to_second))  # in the middle of the second
    return float(np.sqrt(ratio / abs(np.linalg.det(linear))))


def covered_share(matrix: Matrix) -> float:
    """Return the share of the unit square that the mapped unit square covers, on a grid."""
    points = (np.arange(_GRID) + 0.5) / _GRID
    u, v = mapped(np.linalg.inv(matrix), *np.meshgrid(points, points))
    return float(((u >= 0) & (u <= 1) & (v >= 0) & (v <= 1)).mean())
