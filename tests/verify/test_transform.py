"""A known scale, angle, shift and mirror image are found again; other scenes give none."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from fastdup.verify.keypoints import describe
from fastdup.verify.transform import find_transform
from pictures import textured_scene
from warped import pixels_off, warped

#: The size at which pictures are described: a pixel is one of these.
SIZE = (320, 240)


def found_between(first, second):
    return find_transform(*(describe(picture.convert("L")) for picture in (first, second)))


@settings(max_examples=12)
@given(
    scale=st.floats(0.75, 1.5),
    degrees=st.floats(-180, 180),
    shift=st.tuples(st.floats(-40, 40), st.floats(-30, 30)),
    is_mirrored=st.booleans(),
    seed=st.integers(0, 20),
)
def test_scale_angle_shift_and_mirror_are_found_within_a_pixel(
    scale, degrees, shift, is_mirrored, seed
):
    scene = textured_scene(seed, SIZE)
    second, true = warped(scene, scale, degrees, shift, is_mirrored)
    found = found_between(scene, second)
    assert found.n_inliers >= 20
    assert not found.is_inverted
    assert pixels_off(found.to_first, true, scene.size) < max(1, 1 / scale)  # of the coarser one


@pytest.mark.parametrize("is_mirrored", [False, True])
def test_negatives_are_found_upright_and_mirrored(is_mirrored):
    scene = textured_scene(1, SIZE)
    second, true = warped(scene, 0.9, 20, (5, -8), is_mirrored)
    found = found_between(scene, ImageOps.invert(second))
    assert found.is_inverted
    assert pixels_off(found.to_first, true, scene.size) < 1


def test_the_map_from_second_to_first_is_the_inverse_of_the_other():
    scene = textured_scene(2, SIZE)
    second, _ = warped(scene, 0.8, 35, (10, 10))
    forth, back = found_between(scene, second), found_between(second, scene)
    assert pixels_off(np.linalg.inv(back.to_first), forth.to_first, scene.size) < 1


def test_a_stretched_picture_is_found():
    scene = textured_scene(3, SIZE)
    found = found_between(scene, scene.resize((320, 160)))
    assert pixels_off(found.to_first, np.eye(3), scene.size) < 1


def test_parts_on_another_picture_are_found():
    off = []
    for seed, (left, top) in enumerate([(40, 260), (0, 0), (280, 30), (150, 150), (300, 300)]):
        scene, page = textured_scene(seed), textured_scene(seed + 5, (500, 500))
        page.paste(scene.crop((100, 50, 300, 250)), (left, top))
        found = found_between(scene, page)
        assert found.n_inliers >= 15
        true = [[500 / 400, 0, (100 - left) / 400], [0, 500 / 300, (50 - top) / 300], [0, 0, 1]]
        off.append(pixels_off(found.to_first, np.array(true), scene.size))
    assert np.median(off) < 1.5


def test_other_scenes_have_few_inliers():
    scenes = [describe(textured_scene(seed).convert("L")) for seed in range(12)]
    found = [find_transform(a, b) for a, b in pairwise(scenes)]
    assert max(f.n_inliers for f in found if f) <= 9


def test_pictures_without_points_have_no_transform():
    plain, scene = Image.new("RGB", (300, 200), "navy"), textured_scene(1)
    assert found_between(plain, scene) is None
    assert found_between(scene, plain) is None
