"""Whether two pictures are of one sharpness, which tells a print from a second photo."""

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageFilter

from fastdup.verify.registration import overlay
from fastdup.verify.sharpness import coarser, differ_in_sharpness
from pictures import jpeg, opened_jpeg, textured_scene


def aligned(edit, seed=1):
    scene = textured_scene(seed)
    return overlay(scene, edit(scene), np.eye(3))


def noisy(picture):
    noise = np.random.default_rng(0).normal(0, 25, (picture.height, picture.width, 1))
    return Image.fromarray((np.asarray(picture) + noise).clip(0, 255).astype(np.uint8))


OTHER = {"blurred": lambda p: p.filter(ImageFilter.GaussianBlur(2)), "noisy": noisy}
ALIKE = {
    "the same": lambda p: p,
    "saved": lambda p: opened_jpeg(jpeg(p, 75)),
    "lighter": lambda p: ImageEnhance.Brightness(p).enhance(1.2),
    "another scene": lambda p: textured_scene(7),
}


@pytest.mark.parametrize("name", OTHER)
def test_blurred_and_noisy_pictures_differ_in_sharpness(name):
    assert differ_in_sharpness(aligned(OTHER[name]))


@pytest.mark.parametrize("name", ALIKE)
def test_pictures_equally_sharp_do_not(name):
    assert not differ_in_sharpness(aligned(ALIKE[name]))


def test_without_an_overlap_nothing_differs():
    scene = textured_scene(1)
    apart = np.array([[1.0, 0, 3], [0, 1, 0], [0, 0, 1]])
    assert not differ_in_sharpness(overlay(scene, OTHER["blurred"](scene), apart))


def test_a_coarser_grid_shows_means_of_pixels_and_only_what_is_wholly_inside():
    fine = aligned(ALIKE["the same"])
    found = coarser(fine, 2)
    assert found.first.shape == (150, 200, 3)
    assert found.inside.shape == (150, 200)
    assert found.first[10, 10, 0] == pytest.approx(fine.first[20:22, 20:22, 0].mean(), abs=1)
    assert found.inside.sum() * 4 <= fine.inside.sum()
    assert found.inside[10:-10, 10:-10].all()
    assert found.to_first is fine.to_first
