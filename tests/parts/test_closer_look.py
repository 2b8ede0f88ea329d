"""A small picture in a large one is a part of it, by the place where it lies; another is not."""

from itertools import permutations

import numpy as np
import pytest
from PIL import Image

from composites import screen_with
from fastdup.images import DecodedImage
from fastdup.parts.closer_look import look_closer
from fastdup.parts.part_place import PartPlace, find_part_place
from fastdup.parts.part_points import describe_points
from fastdup.verify import Picture, Verdict, judge
from pictures import photo, reopened

SCREEN, PLACE, SIZE = (1200, 800), (770, 300), (240, 180)


def as_judged(picture):
    """Return the picture as judging sees it."""
    return Picture(picture, picture.size)


def decoded(picture):
    return DecodedImage(picture, *picture.size)


def points_of(picture):
    return describe_points(as_judged(picture).grey)


@pytest.fixture(scope="module")
def screen():
    return reopened(screen_with(photo(1), SIZE[0], PLACE), 88)


@pytest.fixture(scope="module")
def place(screen):
    return find_part_place(points_of(screen), points_of(photo(1)))


def test_a_picture_on_a_screen_is_a_part_of_it_where_it_lies(screen, place):
    found = look_closer(decoded(screen), decoded(photo(1)), place)
    assert found.verdict is Verdict.PART_OF
    assert "cropped" in found.kinds
    corners = found.placement.to_first @ np.array([[0, 1], [0, 1], [1, 1]])
    ends = np.array([PLACE, np.add(PLACE, SIZE)]).T
    assert np.abs(corners[:2] * np.array(SCREEN)[:, None] - ends).max() < 3
    shares = found.placement.of_first, found.placement.of_second
    assert shares == pytest.approx((SIZE[0] * SIZE[1] / (1200 * 800), 1.0), abs=0.02)
    assert found.placement.scale == pytest.approx(photo(1).width / SIZE[0], rel=0.02)


def test_as_wholes_the_same_two_have_too_little_in_common(screen):
    assert judge(as_judged(screen), as_judged(photo(1))).verdict is Verdict.LOOK_ALIKE


def test_the_other_way_round_it_is_the_same(screen, place):
    turned = place._replace(is_first_whole=False)
    one = look_closer(decoded(screen), decoded(photo(1)), place)
    other = look_closer(decoded(photo(1)), decoded(screen), turned)
    assert other.verdict is Verdict.PART_OF
    assert "framed" in other.kinds
    back = np.linalg.inv(other.placement.to_first)
    assert np.abs(back / back[2, 2] - one.placement.to_first).max() < 0.01


def test_a_picture_that_was_read_at_half_scale_has_the_scale_of_the_full_one(screen, place):
    half = DecodedImage(screen.resize((600, 400)), *SCREEN)
    found = look_closer(half, decoded(photo(1)), place)
    assert found.verdict is Verdict.PART_OF
    assert found.placement.scale == pytest.approx(photo(1).width / SIZE[0], rel=0.02)


def test_another_picture_in_that_place_is_none(screen, place):
    for seed in range(2, 8):
        assert look_closer(decoded(screen), decoded(photo(seed)), place) is None


def test_a_plain_picture_is_no_part_of_a_plain_place():
    sky = Image.linear_gradient("L").resize((640, 480)).convert("RGB")
    screen = Image.new("RGB", SCREEN, "white")
    screen.paste(sky.resize(SIZE), PLACE)
    middle = complex(PLACE[0] + SIZE[0] / 2, PLACE[1] + SIZE[1] / 2) / 1200
    at = PartPlace(True, False, middle, SIZE[0] / 1200, 0.5 + 0.375j, 3)
    assert look_closer(decoded(screen), decoded(sky), at) is None


@pytest.mark.parametrize("scale", [0.02, 0.9, 3.0])
def test_a_place_that_is_tiny_or_nearly_all_of_the_picture_is_not_looked_at(scale, screen, place):
    for one, other in permutations((screen, photo(1))):
        at = place._replace(scale=scale, centre=0.3 + 0.3j, is_first_whole=one is screen)
        assert look_closer(decoded(one), decoded(other), at) is None
