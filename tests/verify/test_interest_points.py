"""Spots are found where they are, bright or dark, and spread over the picture."""

import numpy as np
import pytest
from PIL import Image

from fastdup.verify.interest_points import Points, find_points, spread
from fastdup.verify.pyramid import pyramid
from fastdup.verify.windows import box_sum

SIZE = (120, 90)


def points_of(pixels, margin=10, n_levels=1):
    levels = pyramid(Image.fromarray(pixels), n_levels, 2 * margin + 1)
    smooth = box_sum(levels.sheet.astype(np.int16).ravel(), levels.sheet.shape[1])
    return find_points(smooth, levels, margin)


def spotted(centres, height):
    """Return a grey ground with round spots, so much brighter or darker in the middle."""
    y, x = np.mgrid[: SIZE[1], : SIZE[0]]
    spots = [np.exp(-((x - u) ** 2 + (y - v) ** 2) / (2 * 2.0**2)) for u, v in centres]
    return (128 + height * np.sum(spots, axis=0)).round().astype(np.uint8)


@pytest.mark.parametrize("height", [60, -60], ids=["bright", "dark"])
def test_spots_are_found_between_pixels(height):
    centres = [(30.0, 25.0), (60.3, 40.6), (95.5, 70.0)]
    points = points_of(spotted(centres, height))
    strongest = np.argsort(-points.strength)[:3]
    found = np.stack([points.x + points.off_x, points.y + points.off_y], axis=1)[strongest]
    assert found[found[:, 0].argsort()] == pytest.approx(np.array(centres), abs=0.15)


def test_edges_and_plain_ground_have_no_points():
    plain = np.full(SIZE[::-1], 90, np.uint8)
    assert len(points_of(plain).x) == 0
    edge = plain.copy()
    edge[:, 60:] = 200
    assert len(points_of(edge).x) == 0


def test_no_point_lies_in_the_margin_of_its_level():
    noise = np.random.default_rng(1).integers(0, 256, (200, 300)).astype(np.uint8)
    points = points_of(noise, 12, 6)
    sizes = np.array([(300, 200), (200, 133), (150, 100), (100, 67), (75, 50), (50, 34)])
    assert set(points.level.tolist()) == set(range(6))
    assert min(points.x.min(), points.y.min()) >= 12
    assert (points.x < sizes[points.level, 0] - 12).all()
    assert (points.y < sizes[points.level, 1] - 12).all()


def test_each_cell_gives_its_strongest_before_any_gives_more():
    crowded, lonely = np.arange(40), np.array([100, 101])
    x = np.concatenate([crowded, lonely])
    strength = np.concatenate([1000 + crowded, [5, 6]]).astype(np.int16)
    zeros = np.zeros(len(x), np.int64)
    points = Points(x, zeros, x, zeros + 10, zeros, zeros, strength)
    assert spread(points, 10).x.tolist() == [*range(32, 40), 100, 101]
    two = Points(*(np.concatenate([values, values]) for values in points))
    two = two._replace(level=np.repeat([0, 1], len(x)))
    chosen = spread(two, 22)
    assert len(chosen.x) == 22
    assert sorted(chosen.x[chosen.x >= 100].tolist()) == [100, 100, 101, 101]
    assert spread(points, 42) is points
