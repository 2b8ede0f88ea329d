"""How tones differ, by value, from either side."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

from fastdup.verify.registration import Aligned
from fastdup.verify.tone import describe_tone, is_of_brightness
from pictures import jpeg, opened_jpeg, textured_scene

SIZE = (480, 360)


def tones_of(first, second, inside=None):
    one, other = (np.asarray(opened_jpeg(jpeg(p.convert("RGB")))) for p in (first, second))
    inside = np.ones(one.shape[:2], bool) if inside is None else inside
    return describe_tone(Aligned(one, other, inside, np.eye(3)))


def with_hue_turned(picture):
    hue, saturation, value = picture.convert("HSV").split()
    turned = hue.point(lambda h: (h + 40) % 256)
    return Image.merge("HSV", (turned, saturation, value)).convert("RGB")


#: Name → edit, what it is, and what it is seen from the copy.
EDITS = {
    "nothing": (lambda p: p, (), ()),
    "more light": (lambda p: p.point(lambda v: min(255, v + 30)), ("brighter",), ("darker",)),
    "less light": (
        lambda p: ImageEnhance.Brightness(p).enhance(0.6),
        ("darker",),
        ("brighter",),
    ),
    "contrast": (
        lambda p: ImageEnhance.Contrast(p).enhance(0.5),
        ("less contrast",),
        ("more contrast",),
    ),
    "no colour": (ImageOps.grayscale, ("grey",), ("in colour",)),
    "little colour": (
        lambda p: ImageEnhance.Color(p).enhance(0.3),
        ("paler",),
        ("more colourful",),
    ),
    "another hue": (with_hue_turned, ("other colours",), ("other colours",)),
    "dark and grey": (
        lambda p: ImageEnhance.Brightness(ImageOps.grayscale(p)).enhance(0.5),
        ("grey", "darker"),
        ("in colour", "brighter"),
    ),
}


@pytest.mark.parametrize("name", EDITS)
def test_a_change_of_tone_is_named_from_either_side(name):
    edit, there, back = EDITS[name]
    picture = ImageEnhance.Color(textured_scene(3, SIZE)).enhance(1.8)
    assert tones_of(picture, edit(picture)) == there
    assert tones_of(edit(picture), picture) == back


def test_saturation_is_named_where_colours_are_cut_off():
    picture = textured_scene(3, SIZE)
    vivid = np.asarray(ImageEnhance.Color(picture).enhance(2.0)) * [1.0, 0.5, 0.3] + [0, 0, 0]
    red = Image.fromarray((vivid / vivid.max() * 250).astype(np.uint8))
    more = ImageEnhance.Color(red).enhance(1.8)
    assert tones_of(red, more) == ("more colourful",)
    assert tones_of(more, red) == ("paler",)


def test_saving_with_the_lowest_quality_gives_no_other_colours():
    picture = ImageEnhance.Color(textured_scene(3, SIZE)).enhance(0.8)
    assert tones_of(picture, opened_jpeg(jpeg(picture, 8))) == ()


def test_only_what_both_show_counts():
    picture = textured_scene(3, SIZE)
    copy = picture.copy()
    copy.paste("black", (0, 0, 480, 200))
    inside = np.zeros(SIZE[::-1], bool)
    assert tones_of(picture, copy, inside) == ()
    inside[200:] = True
    assert tones_of(picture, copy, inside) == ()
    assert tones_of(picture, copy) == ("darker",)


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (200, 3)])
def test_pictures_of_any_size_have_tones(size):
    small = Image.new("RGB", size, (90, 60, 30))
    assert tones_of(small, small) == ()


def test_brightness_is_not_taken_for_other_colours_of_a_drawing():
    drawing = Image.new("RGB", (120, 90), (250, 220, 60))
    ImageDraw.Draw(drawing).ellipse((20, 10, 90, 80), fill=(60, 90, 200))
    darker = drawing.point(lambda value: value // 4)
    red, green, blue = drawing.split()
    recoloured = Image.merge("RGB", (blue, red, green))
    inside = np.ones((90, 120), bool)
    for other, is_so in ((darker, True), (drawing, True), (recoloured, False)):
        aligned = Aligned(np.asarray(drawing), np.asarray(other), inside, np.eye(3))
        assert is_of_brightness(aligned) is is_so
