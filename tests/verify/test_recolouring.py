"""A thing that is drawn in two colours is two things; a drawing with other tones is a copy."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

from fastdup.verify import Picture, Verdict, judge
from fastdup.verify.recolouring import is_toned_throughout
from fastdup.verify.registration import Aligned
from pictures import jpeg, opened_jpeg, textured_scene

GROUND, BLUE, GREEN, GREY = (240, 240, 240), (90, 110, 150), (100, 130, 120), (120, 130, 150)
MUTED = (120, 150, 115)


def shirt(colour, ground=GROUND):
    picture = Image.new("RGB", (300, 400), ground)
    outline = [(90, 60), (210, 60), (280, 140), (245, 170), (220, 140)]
    outline += [(220, 360), (80, 360), (80, 140), (55, 170), (20, 140)]
    ImageDraw.Draw(picture).polygon(outline, fill=colour)
    return opened_jpeg(jpeg(picture, 90))


def verdict(first, second):
    return judge(*(Picture(picture, picture.size) for picture in (first, second))).verdict


def with_other_hue(picture):
    hue, saturation, value = picture.convert("HSV").split()
    turned = Image.fromarray(np.asarray(hue) + np.uint8(100))
    return Image.merge("HSV", (turned, saturation, value)).convert("RGB")


@pytest.mark.parametrize(("one", "other"), [(BLUE, GREEN), (BLUE, GREY), (GREEN, GREY)])
def test_a_thing_in_another_colour_is_another_thing(one, other):
    assert verdict(shirt(one), shirt(other)) is Verdict.LOOK_ALIKE


@pytest.mark.parametrize(
    "edit",
    [
        lambda picture: picture,
        lambda picture: ImageEnhance.Brightness(picture).enhance(0.7),
        lambda picture: ImageEnhance.Color(picture).enhance(0.4),
        lambda picture: ImageOps.grayscale(picture).convert("RGB"),
        lambda picture: ImageOps.posterize(picture, 4),
        with_other_hue,
    ],
)
def test_a_drawing_with_other_tones_is_a_copy(edit):
    picture = shirt(MUTED)
    made = opened_jpeg(jpeg(edit(picture), 90))
    assert verdict(picture, made) in {Verdict.SAME_PICTURE, Verdict.EDITED}


INKS = ("black", (150, 40, 60), (40, 90, 60))


def map_of_signs(seed=1, ground="white", inks=INKS):
    """Return a drawing of few colours with many signs on it."""
    rng = np.random.default_rng(seed)
    picture = Image.new("RGB", (400, 300), ground)
    draw = ImageDraw.Draw(picture)
    for number in range(40):
        x, y = (int(side) for side in rng.integers(10, (370, 260)))
        draw.text((x, y), chr(65 + int(rng.integers(26))), inks[number % 3], font_size=26)
    return picture


def in_two_colours(picture):
    """Return brightness in two colours, as on a poster."""
    return ImageOps.colorize(ImageOps.grayscale(picture), (60, 10, 80), (230, 200, 90))


def faded(picture):
    """Return the picture in brown, darker in the corners."""
    values = np.asarray(picture, np.float32).mean(2, keepdims=True) * (0.9, 0.78, 0.6)
    y, x = np.mgrid[-1:1:300j, -1:1:400j]
    corners = 1 - 0.35 * (x * x + y * y)
    return Image.fromarray((40 + values * corners[:, :, None] * 0.8).clip(0, 255).astype(np.uint8))


def blended(picture):
    """Return the picture with another one that shines through."""
    return Image.blend(picture, textured_scene(3, picture.size), 0.3)


def with_channels_swapped(picture):
    return Image.merge("RGB", picture.split()[::-1])


@pytest.mark.parametrize("edit", [in_two_colours, faded, blended])
def test_a_drawing_whose_colours_all_differ_is_a_copy_that_was_toned(edit):
    picture = map_of_signs()
    made = opened_jpeg(jpeg(edit(picture), 90))
    assert verdict(picture, made) is Verdict.EDITED
    assert verdict(made, picture) is Verdict.EDITED
    assert verdict(map_of_signs(2), made) is Verdict.LOOK_ALIKE


def test_a_drawing_with_red_and_blue_exchanged_is_a_copy():
    picture = map_of_signs(ground=(0, 32, 72), inks=("white", (200, 120, 60), (90, 140, 190)))
    made = opened_jpeg(jpeg(with_channels_swapped(picture), 90))
    assert verdict(picture, made) is Verdict.EDITED


def test_a_drawing_on_another_ground_keeps_the_colours_of_its_signs():
    one, other = (map_of_signs(ground=ground) for ground in ("white", (250, 190, 90)))
    aligned = Aligned(np.asarray(one), np.asarray(other), np.ones((300, 400), bool), np.eye(3))
    assert not is_toned_throughout(aligned)
