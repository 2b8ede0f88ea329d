"""A thing that is drawn in two colours is two things; a drawing with other tones is a copy."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

from fastdup.verify import Picture, Verdict, judge
from pictures import jpeg, opened_jpeg

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
