"""Single edits: the words for how the second picture differs, from either side."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps

from fastdup.verify import Picture, judge
from fastdup.verify.kind_words import most_exact
from pictures import jpeg, opened_jpeg, textured_scene
from warped import seen_from_the_side

SIZE = (480, 360)


def kinds_of(first, second):
    return most_exact(judge(*(Picture(image, image.size) for image in (first, second))).kinds)


def saved(image):
    return opened_jpeg(jpeg(image.convert("RGB"), 88))


def with_logo(image):
    image = image.copy()
    ImageDraw.Draw(image).ellipse((360, 20, 450, 110), fill=(250, 40, 40), outline="black", width=4)
    ImageDraw.Draw(image).text((382, 48), "NEW", "white", ImageFont.load_default(size=22))
    return image


def with_words(image):
    image = image.copy()
    font = ImageFont.load_default(size=34)
    style = {"stroke_width": 2, "stroke_fill": "black"}
    ImageDraw.Draw(image).text((40, 290), "a day at the lake", "white", font, **style)
    return image


def with_cover(image):
    image = image.copy()
    ImageDraw.Draw(image).rectangle((0, 0, 220, 170), fill=(40, 60, 90))
    return image


def on_a_screen(image):
    """Return it within a larger picture of something else."""
    screen = Image.fromarray(
        np.random.default_rng(0).integers(0, 255, (18, 20, 3), np.uint8)
    ).resize((640, 560), Image.Resampling.NEAREST)
    screen.paste(image, (70, 110))
    return screen


#: Name → edit, what it is, and what it is seen from the copy.
EDITS = {
    "a crop": (lambda p: p.crop((60, 40, 440, 320)), {"cropped"}, {"extended"}),
    "a frame": (lambda p: ImageOps.expand(p, 40, (20, 20, 20)), {"framed"}, {"unframed"}),
    "bars above and below": (
        lambda p: ImageOps.expand(p, (0, 50), "black"),
        {"framed"},
        {"unframed"},
    ),
    "a screen": (on_a_screen, {"in a larger picture"}, {"cut out"}),
    "a tilt": (
        lambda p: p.rotate(8, Image.Resampling.BICUBIC, expand=True),
        {"turned"},
        {"turned"},
    ),
    "a tilt that cuts corners": (
        lambda p: p.rotate(8, Image.Resampling.BICUBIC),
        {"turned"},
        {"turned"},
    ),
    "a stretch": (lambda p: p.resize((480, 300)), {"stretched"}, {"stretched"}),
    "half the size": (lambda p: p.resize((240, 180)), {"resized"}, {"resized"}),
    "no colour": (ImageOps.grayscale, {"grey"}, {"in colour"}),
    "a logo": (with_logo, {"overlaid"}, {"uncovered"}),
    "words": (with_words, {"captioned"}, {"uncovered"}),
    "a cover": (with_cover, {"overlaid"}, {"uncovered"}),
    "a blur": (lambda p: p.filter(ImageFilter.GaussianBlur(2)), {"blurred"}, {"sharper"}),
    "twice the size": (
        lambda p: p.resize((640, 480), Image.Resampling.BICUBIC),
        {"enlarged"},
        {"resized"},
    ),
    "a mirror": (ImageOps.mirror, {"mirrored"}, {"mirrored"}),
    "nothing": (lambda p: p, set(), set()),
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_is_named_from_either_side(name):
    edit, there, back = EDITS[name]
    picture = textured_scene(3, SIZE)
    copy = saved(edit(picture))
    assert set(kinds_of(picture, copy)) == there
    assert set(kinds_of(copy, picture)) == back


def test_several_edits_are_named_together():
    picture = textured_scene(3, SIZE)
    copy = ImageEnhance.Brightness(ImageOps.mirror(picture).resize((240, 180))).enhance(0.6)
    assert set(kinds_of(picture, saved(copy))) == {"mirrored", "resized", "darker"}


def test_of_unlike_pictures_nothing_is_said():
    assert kinds_of(textured_scene(1, SIZE), textured_scene(2, SIZE)) == ()


@pytest.mark.parametrize("size", [(16, 16), (17, 200), (200, 17)])
def test_small_pictures_can_be_described(size):
    small = textured_scene(4, SIZE).resize(size)
    assert set(kinds_of(small, ImageOps.grayscale(small).convert("RGB"))) <= {"grey", "toned"}


def test_a_print_seen_from_the_side_is_said_to_be():
    picture = textured_scene(3, SIZE)
    corners = [(0.1, 0.05), (0.85, 0.2), (0.85, 0.8), (0.1, 0.95)]
    seen, _ = seen_from_the_side(picture, corners, ground=(90, 70, 50))
    there, back = kinds_of(picture, saved(seen)), kinds_of(saved(seen), picture)
    assert {"perspective", "in a larger picture"} <= set(there)
    assert {"perspective", "cut out"} <= set(back)
    assert "turned" not in there + back


def drawing():
    """Return a drawing on white paper: plain corners, lines that go on beyond any cut."""
    page = Image.new("RGB", SIZE, "white")
    draw, rng = ImageDraw.Draw(page), np.random.default_rng(1)
    for number in range(14):
        x, y = int(rng.integers(40, 400)), int(rng.integers(40, 290))
        colour = tuple(rng.integers(0, 200, 3).tolist())
        draw.ellipse((x, y, x + 60, y + 40), outline=colour, width=3)
        draw.text((x + 8, y + 10), f"part {number}", colour, ImageFont.load_default(size=13))
    return page


def with_other_hue(picture):
    hue, saturation, value = picture.convert("HSV").split()
    turned = hue.point(lambda level: (level + 40) % 256)
    return Image.merge("HSV", (turned, saturation, value)).convert("RGB")


def test_hues_that_no_smooth_map_has_are_nothing_that_was_drawn():
    picture = ImageEnhance.Color(textured_scene(2, SIZE)).enhance(1.8)
    copies = (saved(with_other_hue(one)) for one in (picture, with_logo(picture)))
    plain, marked = (kinds_of(picture, copy) for copy in copies)
    assert not {"overlaid", "uncovered"} & set(plain)
    assert "overlaid" in marked


def test_plain_corners_of_a_drawing_are_not_those_of_a_tilt():
    page = drawing()
    turned = page.rotate(20, Image.Resampling.BICUBIC, fillcolor="white")
    assert set(kinds_of(page, saved(turned.crop((90, 80, 400, 290))))) == {"turned", "cropped"}


def test_what_was_enlarged_into_a_page_is_not_blurred():
    picture = drawing().crop((80, 40, 330, 250))
    page = Image.new("RGB", (420, 900), (20, 22, 26))
    page.paste(picture.resize((420, 353), Image.Resampling.LANCZOS), (0, 120))
    assert set(kinds_of(picture, saved(page))) == {"framed", "resized"}


def test_a_sticker_over_a_plain_ground_is_on_the_picture_that_shows_it():
    page = drawing()
    copy = page.copy()
    copy.paste(textured_scene(2, (150, 120)), (300, 220))
    assert "overlaid" in kinds_of(page, saved(copy))
    assert "uncovered" in kinds_of(saved(copy), page)


def test_letters_that_were_blurred_with_all_else_are_not_drawn_on_either_picture():
    picture = textured_scene(3, SIZE).filter(ImageFilter.GaussianBlur(3))
    font = ImageFont.load_default(12)
    for row in range(6):
        place = (20, 12 + 18 * row)
        ImageDraw.Draw(picture).text(place, "words in small letters", (30, 30, 30), font)
    assert kinds_of(picture, saved(picture.filter(ImageFilter.GaussianBlur(3)))) == ("blurred",)


def test_colours_that_saving_changed_by_chance_are_no_tone():
    picture = ImageEnhance.Color(textured_scene(2, SIZE)).enhance(1.8)
    copy = opened_jpeg(jpeg(picture, 6)).crop((3, 3, *SIZE))
    assert kinds_of(picture, opened_jpeg(jpeg(copy, 9))) == ()


@pytest.mark.parametrize("seed", [4, 5])
def test_steps_between_few_levels_are_nothing_that_was_drawn(seed):
    picture = ImageEnhance.Color(textured_scene(seed, SIZE)).enhance(1.5)
    copies = (saved(ImageOps.posterize(one, 2)) for one in (picture, with_logo(picture)))
    plain, marked = (kinds_of(picture, copy) for copy in copies)
    assert plain == ("darker",)
    assert "overlaid" in marked


@pytest.mark.parametrize("seed", [2, 5])
def test_letters_that_grow_together_in_a_small_picture_are_words(seed):
    picture = textured_scene(seed, (192, 144))
    copy, font = picture.copy(), ImageFont.load_default(size=14)
    style = {"stroke_width": 2, "stroke_fill": "black"}
    ImageDraw.Draw(copy).text((8, 100), "summer with", "white", font, **style)
    assert kinds_of(picture, saved(copy)) == ("captioned",)
