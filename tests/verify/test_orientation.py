"""The guess that one picture shows all of the other, turned, mirrored or inverted."""

import numpy as np
import pytest
from PIL import Image, ImageFilter, ImageOps

from fastdup.verify.orientation import ORIENTATIONS, glance, snapped, whole_frame
from fastdup.verify.transform import Transform
from pictures import scene, textured_scene


def look_at(first, second):
    return whole_frame(glance(first), glance(second)).transform


def test_negatives_are_suspected_where_dark_and_light_are_swapped():
    picture = textured_scene(4).convert("L")
    assert whole_frame(glance(picture), glance(ImageOps.invert(picture))).may_be_negative
    assert not whole_frame(glance(picture), glance(picture)).may_be_negative


POINTS = np.array([[0.1, 0.9, 0.3], [0.2, 0.4, 0.8], [1, 1, 1]])


@pytest.mark.parametrize("is_inverted", [False, True])
@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_each_of_the_8_orientations_is_found_in_pictures_without_points(orientation, is_inverted):
    plain = scene(3).filter(ImageFilter.GaussianBlur(12)).convert("L")
    # The second becomes the first when it is turned so.
    second = Image.fromarray(np.rot90(np.asarray(plain), -orientation.quarter_turns))
    second = ImageOps.mirror(second) if orientation.mirrored else second
    second = ImageOps.invert(second) if is_inverted else second
    found = look_at(plain, second.resize((90, 70)))
    assert np.allclose(found.to_first, orientation.matrix())
    assert found.is_inverted == is_inverted
    assert found.n_inliers == 0


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_the_matrix_says_where_the_pixels_go(orientation):
    picture = np.zeros((40, 60), np.float32)
    picture[10, 15] = 1  # at 15.5 / 60, 10.5 / 40
    turned = orientation.apply(picture)
    row, column = np.argwhere(turned)[0]
    place = (column + 0.5) / turned.shape[1], (row + 0.5) / turned.shape[0]
    wanted = orientation.matrix() @ [15.5 / 60, 10.5 / 40, 1]
    assert place == pytest.approx(tuple(wanted[:2]))


def test_other_scenes_do_not_look_like_a_whole_frame():
    scenes = [textured_scene(seed).convert("L") for seed in range(8)]
    found = [look_at(a, b) for a in scenes for b in scenes if a is not b]
    assert found == [None] * 56


def test_pictures_of_one_colour_are_the_same_or_not_by_their_level():
    greys = [Image.new("L", (60, 40), level) for level in (0, 100, 255)]
    found = [[look_at(a, b) for b in greys] for a in greys]
    for row, transforms in enumerate(found):
        for column, transform in enumerate(transforms):
            assert (transform is not None) == (row == column)


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_a_map_near_that_of_the_whole_picture_becomes_it(orientation):
    off = np.array([[0.005, 0, -0.004], [0, 0.004, 0], [0, 0, 0]])
    near = orientation.matrix() + off
    found = snapped(Transform(near, 31, is_inverted=True))
    assert np.array_equal(found.to_first, orientation.matrix())
    assert (found.n_inliers, found.is_inverted) == (31, True)


def test_a_crop_is_not_taken_for_the_whole_picture():
    assert snapped(Transform(np.diag([0.95, 0.95, 1]), 31)) is None
