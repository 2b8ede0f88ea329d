"""Where one picture lies in another is found from their points, whichever of the two it is."""

import numpy as np
import pytest
from PIL import ImageOps

from composites import page_with
from fastdup.parts.part_place import find_part_place
from fastdup.parts.part_points import POINT, describe_points
from pictures import photo, reopened

PLACE, WIDTH = (310, 420), 300


def points_of(picture):
    return describe_points(reopened(picture, 90).convert("L"))


@pytest.fixture(scope="module")
def page():
    return points_of(page_with(photo(1), WIDTH, PLACE))


def corners(place, size):
    """Return where the upper left and the lower right corner lie in a page of 700 × 900."""
    ends = np.array([0, size[0] + 1j * size[1]]) / max(size)
    return place.in_whole(ends) * 900


def test_the_place_is_where_the_picture_was_pasted(page):
    place = find_part_place(page, points_of(photo(1)))
    assert place.is_first_whole
    assert not place.is_mirrored
    assert place.n_points >= 3
    first, last = corners(place, photo(1).size)
    height = WIDTH * photo(1).height / photo(1).width
    assert abs(first - (PLACE[0] + 1j * PLACE[1])) < 15
    assert abs(last - (PLACE[0] + WIDTH + 1j * (PLACE[1] + height))) < 15


def test_the_part_may_be_the_first_of_the_two(page):
    place = find_part_place(points_of(photo(1)), page)
    other = find_part_place(page, points_of(photo(1)))
    assert not place.is_first_whole
    assert place._replace(is_first_whole=True) == other


def test_a_mirrored_part_is_placed_the_other_way_round(page):
    place = find_part_place(page, points_of(ImageOps.mirror(photo(1))))
    assert place.is_mirrored
    first, last = corners(place, photo(1).size)
    assert first.real > last.real
    assert abs(first - (PLACE[0] + WIDTH + 1j * PLACE[1])) < 15


def test_another_picture_has_hardly_a_place(page):
    places = [find_part_place(page, points_of(photo(seed))) for seed in range(10, 22)]
    assert sum(place is not None for place in places) <= 3
    assert max((place.n_points for place in places if place), default=0) <= 4


def test_without_points_there_is_no_place(page):
    none = np.empty(0, POINT)
    assert find_part_place(none, none) is None
    assert find_part_place(page, none) is None
