"""A picture seen from the side is found in the other by its matched points."""

import numpy as np
import pytest

from fastdup.verify.homography import fit_homography
from fastdup.verify.planes import mapped
from fastdup.verify.transform import Matches

SIZES = ((320, 240), (320, 240))
SEEN = np.array([[0.9, 0.05, 0.02], [0.04, 0.8, 0.08], [0.15, -0.1, 1]])


def matches(n_points, n_wrong=0, noise=0.5, to_first=SEEN, seed=0):
    """Return points and where they lie in the first, some of them anywhere."""
    rng = np.random.default_rng(seed)
    points = rng.random((n_points, 2))
    targets = np.stack(mapped(to_first, *points.T), axis=1)
    targets += rng.normal(0, noise, targets.shape) / SIZES[1]
    targets[:n_wrong] = rng.random((n_wrong, 2))
    return Matches(points, targets, SIZES)


def nearest_affine(to_first):
    """Return the affine map nearest to a projective one, as matching finds it."""
    x, y = np.meshgrid(np.linspace(0, 1, 9), np.linspace(0, 1, 9))
    given = np.stack([x.ravel(), y.ravel(), np.ones(x.size)], axis=1)
    wanted = np.stack(mapped(to_first, given[:, 0], given[:, 1]), axis=1)
    matrix = np.eye(3)
    matrix[:2] = np.linalg.lstsq(given, wanted, rcond=None)[0].T
    return matrix


def pixels_off(found, true):
    x, y = np.meshgrid(np.linspace(0, 1, 9), np.linspace(0, 1, 9))
    off = np.array(mapped(found, x, y)) - np.array(mapped(true, x, y))
    return np.abs(off * np.array(SIZES[1])[:, None, None]).max()


@pytest.mark.parametrize("n_wrong", [0, 20])
def test_the_map_is_found_though_some_points_match_wrongly(n_wrong):
    start = nearest_affine(SEEN)
    assert pixels_off(start, SEEN) > 5
    found = fit_homography(matches(60, n_wrong), start)
    assert pixels_off(found, SEEN) < 2
    assert found[2, 2] == 1


def test_few_points_give_no_map():
    assert fit_homography(matches(11), nearest_affine(SEEN)) is None
    assert fit_homography(matches(60, n_wrong=60), np.eye(3)) is None


def test_a_picture_at_the_horizon_gives_no_map():
    steep = np.array([[0.3, 0, 0], [0, 0.3, 0], [-0.8, 0, 1]])
    assert fit_homography(matches(200, noise=0.1, to_first=steep), nearest_affine(steep)) is None
