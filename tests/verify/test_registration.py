"""A rough alignment is refined to a fraction of a pixel, and pictures are drawn on one grid."""

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageOps

from fastdup.verify.orientation import ORIENTATIONS
from fastdup.verify.registration import overlay, pixel_scale, refine
from pictures import jpeg, opened_jpeg, textured_scene
from warped import moved, pixels_off, seen_from_the_side, warped

CASES = {
    "as it is": {},
    "smaller": {"scale": 0.7},
    "larger": {"scale": 1.4},
    "turned": {"degrees": 25},
    "on its head": {"degrees": 180},
    "mirrored": {"is_mirrored": True, "degrees": -40},
    "shifted": {"shift": (31.4, -17.2)},
}


def by_pixels(off, size):
    """Return the map of unit coordinates that moves by some pixels."""
    return moved(np.array(off) / size)


@pytest.mark.parametrize("off", [(4, 0), (0, -4), (-2.8, 2.8)])
@pytest.mark.parametrize("case", CASES)
def test_an_alignment_that_is_4_pixels_off_is_brought_to_within_a_third(case, off):
    scene = textured_scene(1)
    second, true = warped(scene, **CASES[case])
    rough = by_pixels(off, scene.size) @ true
    found = refine(scene.convert("L"), second.convert("L"), rough)
    assert pixels_off(rough, true, scene.size) == pytest.approx(np.hypot(*off))
    assert pixels_off(found, true, scene.size) < 0.3


CORNERS = {
    "from the left": ((0.05, 0.05), (0.9, 0.2), (0.9, 0.8), (0.05, 0.95)),
    "from above": ((0.05, 0.1), (0.95, 0.05), (0.8, 0.9), (0.15, 0.95)),
}


@pytest.mark.parametrize("side", CORNERS)
def test_a_projective_map_is_refined_as_such(side):
    scene = textured_scene(9)
    second, true = seen_from_the_side(scene, CORNERS[side])
    rough = by_pixels((1.5, -1), scene.size) @ true @ by_pixels((0, 1), scene.size)
    rough[2, 0] += 0.02
    assert pixels_off(rough, true, scene.size) > 3
    found = refine(scene.convert("L"), second.convert("L"), rough)
    assert pixels_off(found, true, scene.size) < 0.4


@pytest.mark.parametrize("side", CORNERS)
def test_the_overlay_is_drawn_in_perspective(side):
    scene = textured_scene(9)
    second, true = seen_from_the_side(scene, CORNERS[side])
    aligned = overlay(scene, second, true)
    steps = np.abs(aligned.first.astype(np.int16) - aligned.second).max(2)[aligned.inside]
    assert np.median(steps) <= 8
    assert aligned.inside.mean() > 0.9
    back = overlay(second, scene, np.linalg.inv(true))
    assert back.inside.mean() == pytest.approx(area(CORNERS[side]), abs=0.05)


def area(corners):
    """Return the area of a quadrilateral."""
    x, y = np.array(corners).T
    return abs((x * np.roll(y, -1) - y * np.roll(x, -1)).sum() / 2)


@pytest.mark.parametrize(
    "edit",
    [
        lambda p: opened_jpeg(jpeg(p, 30)),
        lambda p: ImageEnhance.Brightness(p).enhance(0.5),
        lambda p: ImageEnhance.Contrast(p).enhance(1.5),
        lambda p: ImageOps.grayscale(p).convert("RGB"),
    ],
    ids=["saved", "dark", "contrast", "grey"],
)
def test_refinement_stands_other_tones_and_compression(edit):
    scene = textured_scene(2)
    second, true = warped(scene, 0.9, 12, (6, 3))
    rough = by_pixels((3, -2), scene.size) @ true
    found = refine(scene.convert("L"), edit(second).convert("L"), rough)
    assert pixels_off(found, true, scene.size) < 0.3


def test_a_negative_is_refined_with_its_sign():
    scene = textured_scene(3)
    second, true = warped(scene, 1.0, 8)
    negative = ImageOps.invert(second.convert("L"))
    found = refine(scene.convert("L"), negative, by_pixels((2, 2), scene.size) @ true, -1.0)
    assert pixels_off(found, true, scene.size) < 0.3


def test_a_covered_quarter_does_not_pull_the_alignment_away():
    scene = textured_scene(4)
    second, true = warped(scene, 1.0, 5)
    second.paste((250, 250, 250), (200, 0, 400, 150))
    found = refine(scene.convert("L"), second.convert("L"), by_pixels((3, 1), scene.size) @ true)
    assert pixels_off(found, true, scene.size) < 0.5


def test_pictures_of_one_colour_and_tiny_ones_keep_their_map():
    for picture in (Image.new("L", (300, 200), 90), Image.new("L", (5, 4), 90)):
        assert np.allclose(refine(picture, picture, np.eye(3)), np.eye(3))


@pytest.mark.parametrize("case", CASES)
def test_the_overlay_shows_nearly_the_same_pixels(case):
    scene = textured_scene(5)
    second, true = warped(scene, **CASES[case])
    aligned = overlay(scene, second, true)
    assert aligned.first.shape == aligned.second.shape
    assert aligned.inside.shape == aligned.first.shape[:2]
    steps = np.abs(aligned.first.astype(np.int16) - aligned.second).max(2)[aligned.inside]
    assert len(steps) > 0.3 * aligned.inside.size
    assert np.median(steps) <= 6
    assert np.quantile(steps, 0.9) <= 24


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_a_picture_turned_by_quarters_lies_exactly_on_the_original(orientation):
    scene = textured_scene(6)
    second = Image.fromarray(orientation.apply(np.asarray(scene)))
    aligned = overlay(scene, second, np.linalg.inv(orientation.matrix()))
    same = (aligned.first == aligned.second).all(2)
    assert same[aligned.inside].all()
    assert aligned.inside.mean() > 0.9


def test_the_grid_is_that_of_the_coarser_picture():
    scene = textured_scene(7)
    small = scene.resize((200, 150))
    assert overlay(scene, small, np.eye(3)).first.shape == (150, 200, 3)
    assert overlay(small, scene, np.eye(3)).first.shape == (150, 200, 3)
    assert pixel_scale(scene.size, small.size, np.eye(3)) == pytest.approx(0.5)


def test_only_what_both_cover_is_inside():
    scene = textured_scene(8)
    aligned = overlay(scene, scene, moved((0.5, 0)))
    assert not aligned.inside[:, :200].any()
    assert aligned.inside[10:-10, 210:-10].all()
