"""Single edits, each described by its word."""

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from fastdup.analysis.difference import Difference, compare
from pictures import scene

SIZE = (480, 360)


@pytest.fixture(scope="module")
def picture():
    """A scene with fine detail of its own, as photos have."""
    image = scene(3, SIZE)
    draw = ImageDraw.Draw(image)
    rng = np.random.default_rng(3)
    for _ in range(400):
        x, y, r = rng.integers(0, SIZE[0]), rng.integers(0, SIZE[1]), rng.integers(2, 14)
        draw.ellipse((x, y, x + r, y + r), fill=tuple(map(int, rng.integers(30, 225, 3))))
    return image


def saved(image, quality=88):
    data = io.BytesIO()
    image.convert("RGB").save(data, "JPEG", quality=quality)
    return Image.open(data).convert("RGB")


def difference_of(first, second):
    return compare(first, second, first.size, second.size)


def with_logo(image):
    image = image.copy()
    logo = Image.fromarray(np.random.default_rng(0).integers(0, 255, (4, 4, 3), np.uint8))
    image.paste(logo.resize((90, 90), Image.Resampling.NEAREST), (10, 10))
    return image


def with_noise(image):
    grain = np.random.default_rng(0).normal(0, 18, (*SIZE[::-1], 3))
    return Image.fromarray((np.asarray(image) + grain).clip(0, 255).astype(np.uint8))


EDITS = {
    "re-encoded": lambda im: saved(im, 50),
    "mirrored": ImageOps.mirror,
    "mirrored top to bottom": ImageOps.flip,
    "rotated 90°": lambda im: im.transpose(Image.Transpose.ROTATE_270),
    "rotated 180°": lambda im: im.transpose(Image.Transpose.ROTATE_180),
    "tilted by about 4°": lambda im: im.rotate(4, Image.Resampling.BICUBIC),
    "cropped to about 70 %": lambda im: im.crop((40, 30, 442, 331)),
    "smaller": lambda im: im.resize((240, 180)),
    "larger": lambda im: im.resize((960, 720)),
    "stretched": lambda im: im.resize((400, 360)),
    "brighter": lambda im: ImageEnhance.Brightness(im).enhance(1.3),
    "darker": lambda im: ImageEnhance.Brightness(im).enhance(0.7),
    "more contrast": lambda im: ImageEnhance.Contrast(im).enhance(1.5),
    "less contrast": lambda im: ImageEnhance.Contrast(im).enhance(0.6),
    "grey": ImageOps.grayscale,
    "paler": lambda im: ImageEnhance.Color(im).enhance(0.4),
    "more colourful": lambda im: ImageEnhance.Color(im).enhance(1.6),
    "blurred": lambda im: im.filter(ImageFilter.GaussianBlur(2)),
    "sharper": lambda im: im.filter(ImageFilter.UnsharpMask(3, 200, 2)),
    "noisy": with_noise,
    "bordered": lambda im: ImageOps.expand(im, 36, (20, 20, 20)),
    "something added": with_logo,
}


@pytest.mark.parametrize("word", EDITS)
def test_an_edit_is_described_in_its_word(word, picture):
    assert difference_of(picture, saved(EDITS[word](picture))).second == (word,)
    assert difference_of(picture, saved(EDITS[word](picture))).first == ()


@pytest.mark.parametrize(
    ("edit", "second", "first"),
    [
        ("smaller", ("larger",), ()),
        ("darker", ("brighter",), ()),
        ("grey", (), ("grey",)),
        ("blurred", (), ("blurred",)),
        ("noisy", (), ("noisy",)),
        ("bordered", (), ("bordered",)),
        ("cropped to about 70 %", (), ("cropped to about 70 %",)),
    ],
)
def test_the_other_way_round_the_words_stay_with_their_picture(edit, second, first, picture):
    difference = difference_of(saved(EDITS[edit](picture)), picture)
    assert (difference.second, difference.first) == (second, first)


def test_several_edits_are_described_together(picture):
    edited = ImageEnhance.Brightness(ImageOps.mirror(picture).resize((240, 180))).enhance(0.7)
    assert set(difference_of(picture, saved(edited)).second) == {"mirrored", "smaller", "darker"}


def test_the_placement_leads_from_the_second_to_the_first(picture):
    a, b, c, d, e, f = difference_of(picture, saved(picture.crop((120, 90, 360, 270)))).placement
    assert [a, b, c, d, e, f] == pytest.approx([0.5, 0, 0, 0.5, 0.25, 0.25], abs=0.01)
    turned = difference_of(picture, saved(ImageOps.mirror(picture))).placement
    assert turned == (-1, 0, 0, 1, 1, 0)


def test_of_unlike_pictures_nothing_is_said(picture):
    noise = np.random.default_rng(1).integers(0, 256, (360, 480, 3), dtype=np.uint8)
    difference = difference_of(picture, Image.fromarray(noise))
    assert difference == type(difference)()


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (3, 200), (200, 3), (17, 5)])
def test_pictures_of_any_size_can_be_compared(size, picture):
    small = picture.resize(size)
    same = difference_of(small, small)
    assert same.first == ()
    assert set(same.second) <= {"re-encoded"}
    for pair in ((picture, small), (small, picture)):
        assert all(isinstance(word, str) for word in difference_of(*pair).second)


def test_flat_pictures_can_be_compared():
    white, black = (Image.new("RGB", (60, 40), colour) for colour in ("white", "black"))
    for pair in ((white, white), (white, black)):
        assert difference_of(*pair) == Difference(first=(), second=(), placement=None)


def test_the_pictures_are_left_as_they_are(picture):
    before = picture.tobytes()
    difference_of(picture, ImageOps.mirror(picture))
    assert picture.tobytes() == before
