"""A picture's points: fine ones of all its places, coarse ones of small versions of the whole."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from fastdup.parts.part_points import POINT, UNITS, describe_points
from fastdup.verify.keypoints import Detail, describe
from pictures import photo


def grey(seed=0, size=(640, 480)):
    return photo(seed, size).convert("L")


@pytest.fixture(scope="module")
def points():
    return describe_points(grey())


def test_points_take_24_bytes_each_and_a_busy_picture_has_below_a_thousand(points):
    assert POINT.itemsize == 24
    assert points.dtype == POINT
    assert 200 < len(points) < 1000


def test_fine_points_come_first_and_are_of_larger_versions(points):
    is_fine = points["is_fine"].astype(bool)
    assert is_fine[: is_fine.sum()].all()
    assert set(points["side"][is_fine]) == {640, 474, 351, 260}
    assert points["side"][~is_fine].max() == 288
    assert len(set(points["side"][~is_fine])) >= 5
    assert max(np.bincount(points["side"][~is_fine])) <= 24


def test_a_picture_that_hardly_shows_others_lacks_the_finest_version():
    points = describe_points(grey(), may_show_others=False)
    assert set(points["side"][points["is_fine"] == 1]) == {474, 351, 260}


def test_places_are_shares_of_the_longest_side(points):
    assert points["x"].max() <= UNITS
    assert UNITS / 2 < points["y"].max() <= UNITS * 480 / 640
    lower = describe_points(grey().transpose(Image.Transpose.FLIP_TOP_BOTTOM))
    assert lower["y"].min() < UNITS / 8


def test_points_are_spread_over_the_picture(points):
    fine = points[points["is_fine"] == 1]
    x, y = (np.minimum(fine[axis] // (UNITS // 6), 5) for axis in ("x", "y"))
    assert len(set(zip(x.tolist(), y.tolist(), strict=True))) >= 20


def test_hardly_a_point_is_what_looks_the_same_mirrored():
    """A plain corner is found in all pictures."""
    page = Image.new("L", (512, 384), 255)
    draw = ImageDraw.Draw(page)
    for left in range(30, 450, 100):
        for top in range(25, 330, 90):
            draw.rectangle((left, top, left + 60, top + 50), fill=0)
    shares = []
    for picture in (page, grey(0, (512, 384))):
        points = describe_points(picture)
        n_kept = ((points["side"] == 512) & (points["is_fine"] == 1)).sum()
        shares.append(n_kept / len(describe(picture, Detail(512, 600, 1))))
    assert shares[0] < 0.1
    assert shares[1] > 0.4


@pytest.mark.parametrize("size", [(1, 1), (20, 20), (300, 12), (64, 64)])
def test_small_pictures_have_few_points_or_none(size):
    assert len(describe_points(grey(0, (640, 480)).resize(size))) < 60


def test_a_picture_is_never_enlarged():
    points = describe_points(grey(0, (200, 150)))
    assert points["side"].max() == 200
