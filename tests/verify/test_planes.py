"""Affine and projective maps of a plane: points, scales, and what lies behind the horizon."""

import numpy as np
import pytest

from fastdup.verify.planes import covered_share, is_affine, linear_part, mapped, pixel_scale

AFFINE = np.array([[0.8, 0.1, 0.2], [-0.1, 0.7, 0.05], [0, 0, 1]])
PROJECTIVE = np.array([[0.8, 0.1, 0.2], [-0.1, 0.7, 0.05], [0.3, -0.2, 1]])


@pytest.mark.parametrize("matrix", [AFFINE, PROJECTIVE, 3 * PROJECTIVE], ids=["a", "p", "3p"])
def test_points_are_mapped_as_the_matrix_says(matrix):
    x, y = mapped(matrix, np.array([0.0, 0.5, 1]), np.array([0.2, 0.4, 0.9]))
    for number, point in enumerate([(0, 0.2, 1), (0.5, 0.4, 1), (1, 0.9, 1)]):
        u, v, depth = matrix @ point
        assert (x[number], y[number]) == pytest.approx((u / depth, v / depth))


def test_only_maps_without_a_horizon_are_affine():
    assert is_affine(AFFINE)
    assert is_affine(np.linalg.inv(AFFINE))
    assert not is_affine(PROJECTIVE)


def test_what_lies_behind_the_horizon_is_in_no_picture():
    steep = np.array([[1.0, 0, 0], [0, 1, 0], [-2, 0, 1]])  # the horizon is at x = 0.5
    x, y = mapped(steep, np.array([0.25, 0.5, 0.75]), np.array([0.5, 0.5, 0.5]))
    assert (x[0], y[0]) == pytest.approx((0.5, 1))
    assert (x[1:] < -100).all()
    assert (y[1:] < -100).all()


@pytest.mark.parametrize("matrix", [AFFINE, PROJECTIVE, 3 * PROJECTIVE], ids=["a", "p", "3p"])
def test_the_linear_part_is_the_slope_at_a_point(matrix):
    step = 1e-6
    x, y = np.array([0.3, 0.3 + step, 0.3]), np.array([0.6, 0.6, 0.6 + step])
    u, v = mapped(matrix, x, y)
    slope = np.array([[u[1] - u[0], u[2] - u[0]], [v[1] - v[0], v[2] - v[0]]]) / step
    assert np.allclose(linear_part(matrix, 0.3, 0.6), slope, atol=1e-4)


def test_the_scale_is_that_in_the_middle_of_the_second_picture():
    half = np.diag([0.5, 0.5, 1])
    assert pixel_scale((400, 300), (400, 300), np.linalg.inv(half)) == pytest.approx(2)
    assert pixel_scale((400, 300), (200, 150), np.linalg.inv(half)) == pytest.approx(1)
    seen = PROJECTIVE / PROJECTIVE[2, 2]
    area = abs(np.linalg.det(linear_part(seen)))
    assert pixel_scale((100, 100), (100, 100), np.linalg.inv(seen)) == pytest.approx(area**-0.5)


def test_the_covered_share_is_that_of_the_unit_square():
    assert covered_share(np.eye(3)) == 1
    assert covered_share(np.diag([0.5, 0.5, 1])) == 0.25
    assert covered_share(np.diag([2.0, 0.5, 1])) == 0.5
    assert covered_share(np.array([[1.0, 0, 2], [0, 1, 0], [0, 0, 1]])) == 0
    narrow = np.array(
        [[0.5, 0, 0], [0, 1, 0], [-0.5, 0, 1]]
    )  # its right side is at 1, twice as high
    assert covered_share(narrow) == pytest.approx(1, abs=0.02)
