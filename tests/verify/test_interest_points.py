"""Spots are found where they are, bright or dark, and spread over the picture."""

import numpy as np
import pytest

from fastdup.verify.interest_points import Points, find_points, spread
from fastdup.verify.windows import box_sum

SIZE = (120, 90)


def points_of(pixels, margin=10):
    height, width = pixels.shape
    smooth = box_sum(pixels.astype(np.int16).ravel(), width)
    return find_points(smooth, (width, height), margin)


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


def test_no_point_lies_in_the_margin():
    noise = np.random.default_rng(1).integers(0, 256, SIZE[::-1]).astype(np.uint8)
    points = points_of(noise, 20)
    assert len(points.x) > 20
    assert points.x.min() >= 20
    assert points.y.min() >= 20
    assert points.x.max() < SIZE[0] - 20
    assert points.y.max() < SIZE[1] - 20


def test_each_cell_gives_its_strongest_before_any_gives_more():
    crowded, lonely = np.arange(40), np.array([100, 101])
    x = np.concatenate([crowded, lonely])
    strength = np.concatenate([1000 + crowded, [5, 6]]).astype(np.int16)
    nothing = np.zeros(len(x), np.float32)
    level = Points(x, np.full(len(x), 10), nothing, nothing, strength)
    (chosen,) = spread([level], 10)
    assert chosen.x.tolist() == [*range(32, 40), 100, 101]
    chosen, again = spread([level, level], 22)
    assert len(chosen.x) + len(again.x) == 22
    assert {100, 101} <= set(chosen.x.tolist()) & set(again.x.tolist())
    assert spread([level], 42) == [level]
    assert spread([], 5) == []
