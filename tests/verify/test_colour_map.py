"""The map of colours of one picture to those of another."""

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageOps

from fastdup.verify.colour_map import fit_tone
from pictures import textured_scene


def hue_turned(picture):
    hue, saturation, value = picture.convert("HSV").split()
    turned = hue.point(lambda level: (level + 20) % 256)
    return Image.merge("HSV", (turned, saturation, value)).convert("RGB")


TONES = {
    "the same": lambda p: p,
    "brighter": lambda p: ImageEnhance.Brightness(p).enhance(1.3),
    "darker": lambda p: ImageEnhance.Brightness(p).enhance(0.4),
    "contrast": lambda p: ImageEnhance.Contrast(p).enhance(1.5),
    "gamma": lambda p: p.point(lambda v: round(255 * (v / 255) ** 1.8)),
    "hue": hue_turned,
    "grey": lambda p: ImageOps.grayscale(p).convert("RGB"),
    "negative": ImageOps.invert,
    "swapped": lambda p: Image.merge("RGB", p.split()[::-1]),
}


def everywhere(picture):
    return np.ones((picture.height, picture.width), bool)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", TONES)
def test_a_tone_is_recovered(name, seed):
    scene = textured_scene(seed)
    toned = TONES[name](scene)
    tone = fit_tone(np.asarray(scene), np.asarray(toned), everywhere(scene))
    steps = np.abs(np.asarray(tone.apply(scene), np.int16) - np.asarray(toned)).max(2)
    most = 12 if name == "hue" else 4
    assert np.median(steps) <= most
    assert tone.error <= most
    assert tone.explained > 0.9


def test_what_was_put_on_top_does_not_change_the_map():
    scene = textured_scene(4)
    toned = ImageEnhance.Brightness(scene).enhance(1.2)
    toned.paste((255, 0, 0), (0, 0, 200, 120))
    tone = fit_tone(np.asarray(scene), np.asarray(toned), everywhere(scene))
    mapped = np.asarray(tone.apply(scene), np.int16)[140:, 210:]
    assert np.median(np.abs(mapped - np.asarray(toned)[140:, 210:])) <= 4


def test_another_scene_is_not_explained():
    one, other = (np.asarray(textured_scene(seed)) for seed in (5, 6))
    assert fit_tone(one, other, np.ones(one.shape[:2], bool)).explained < 0.5


def test_only_pixels_inside_count():
    scene = textured_scene(7)
    toned = np.array(ImageEnhance.Brightness(scene).enhance(1.2))
    toned[:, 200:] = np.asarray(textured_scene(8))[:, 200:]
    inside = everywhere(scene)
    inside[:, 200:] = False
    assert fit_tone(np.asarray(scene), toned, inside).error <= 3
