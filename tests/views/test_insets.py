"""Where a picture shows others: found by straight edges."""

import pytest
from PIL import Image, ImageFilter

from composites import grid_of, page_with, phone_screen
from fastdup.views.insets import Box, find_insets
from pictures import photo, scene, textured_scene

WHOLE = Box(0.0, 0.0, 1.0, 1.0)


def best_overlap(picture, box):
    return max((box.overlap(found) for found in find_insets(picture)), default=0.0)


@pytest.mark.parametrize("make", [photo, textured_scene])
def test_the_four_of_a_grid_are_found(make):
    grid = grid_of([make(number) for number in range(4)])
    for top in (0.0, 0.5):
        for left in (0.0, 0.5):
            assert best_overlap(grid, Box(left, top, left + 0.5, top + 0.5)) > 0.9


@pytest.mark.parametrize("gap", [1, 2, 3])
def test_the_four_of_a_grid_are_found_between_thin_lines(gap):
    grid = grid_of([photo(number) for number in range(4)], side=100, gap=gap)
    for top in (0.0, 0.5):
        for left in (0.0, 0.5):
            assert best_overlap(grid, Box(left, top, left + 0.5, top + 0.5)) > 0.9


def test_the_four_of_a_grid_are_found_where_one_middle_is_hardly_seen():
    above = [photo(1), photo(2)]
    below = [picture.transpose(Image.Transpose.FLIP_TOP_BOTTOM) for picture in above]
    below[1].paste(photo(3).crop((380, 0, 640, 480)), (380, 0))  # only there it is seen
    grid = grid_of([*above, *below], gap=0)
    for top in (0.0, 0.5):
        for left in (0.0, 0.5):
            assert best_overlap(grid, Box(left, top, left + 0.5, top + 0.5)) > 0.9


@pytest.mark.parametrize("is_turned", [False, True])
def test_both_of_two_pictures_are_found_whatever_cuts_them_further(is_turned):
    two = Image.new("RGB", (640, 240))
    two.paste(photo(1).resize((320, 240)), (0, 0))
    other = photo(2).resize((320, 240))
    other.paste("white", (150, 0, 160, 240))
    two.paste(other, (320, 0))
    boxes = [Box(0.0, 0.0, 0.5, 1.0), Box(0.5, 0.0, 1.0, 1.0)]
    if is_turned:
        two = two.transpose(Image.Transpose.TRANSPOSE)
        boxes = [Box(0.0, 0.0, 1.0, 0.5), Box(0.0, 0.5, 1.0, 1.0)]
    assert all(best_overlap(two, box) > 0.9 for box in boxes)


def test_a_small_picture_in_a_page_is_found():
    page = page_with(photo(1), 260, (330, 420))
    box = Box(330 / 700, 420 / 900, 590 / 700, 615 / 900)
    assert best_overlap(page, box) > 0.9


@pytest.mark.parametrize("number", range(3))
def test_a_picture_on_a_screen_is_found(number):
    screen = phone_screen(photo(number))
    assert best_overlap(screen, Box(0.0, 280 / 860, 1.0, 580 / 860)) > 0.95


def test_a_turned_page_has_the_turned_inset():
    page = page_with(photo(1), 260, (330, 420)).transpose(Image.Transpose.ROTATE_90)
    box = Box(420 / 900, 110 / 700, 615 / 900, 370 / 700)
    assert best_overlap(page, box) > 0.9


@pytest.mark.parametrize("number", range(4))
def test_a_picture_without_straight_edges_shows_no_other(number):
    assert find_insets(photo(number).filter(ImageFilter.GaussianBlur(6))) == []


@pytest.mark.parametrize(
    "picture",
    [
        Image.new("RGB", (300, 200), "teal"),
        Image.new("RGB", (1, 1)),
        Image.new("RGB", (3000, 2)),
        Image.new("L", (64, 64)).convert("RGB"),
    ],
)
def test_a_picture_of_one_colour_or_hardly_any_pixels_has_no_insets(picture):
    assert find_insets(picture) == []


def test_insets_are_a_few_different_parts():
    for number in range(12):
        picture = scene(number, (320, 240))
        insets = find_insets(picture)
        assert len(insets) <= 13
        for place, box in enumerate(insets):
            assert 0 <= box.left < box.right <= 1
            assert 0 <= box.top < box.bottom <= 1
            assert 0 < box.area < 0.99
            assert all(box.overlap(other) < 0.75 for other in insets[place + 1 :])


def test_boxes_overlap_by_what_they_share():
    left, right = Box(0.0, 0.0, 0.5, 1.0), Box(0.5, 0.0, 1.0, 1.0)
    assert left.overlap(right) == 0
    assert left.overlap(left) == 1
    assert left.overlap(WHOLE) == 0.5
    assert left.corners(101, 50) == (0, 0, 50, 50)
