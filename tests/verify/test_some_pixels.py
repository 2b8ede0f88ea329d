"""Small pictures that differ in a few pixels are not the same."""

import pytest
from PIL import Image, ImageDraw, ImageFont

from fastdup.verify import Picture, Verdict, judge
from pictures import reopened


def sign(text, size=32):
    image = Image.new("RGB", (128, 128), "white")
    font = ImageFont.load_default(size=100)
    ImageDraw.Draw(image).text((64, 64), text, "black", font, anchor="mm")
    return image.resize((size, size), Image.Resampling.LANCZOS)


def card(corner, size=(72, 100)):
    """Return a card with seven symbols, whose upper corners are round or pointed."""
    image = Image.new("RGB", (250, 350), "white")
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((2, 2, 247, 347), 15, outline="black", width=3)
    draw.text((30, 35), "7", "black", ImageFont.load_default(size=44), anchor="mm")
    for number in range(7):
        x, y = 85 + 80 * (number % 2), 60 + 76 * (number // 2)
        draw.ellipse((x - 20, y - 4, x, y + 16), "black")
        draw.ellipse((x, y - 4, x + 20, y + 16), "black")
        draw.polygon([(x - 3, y), (x + 3, y), (x + 8, y + 26), (x - 8, y + 26)], "black")
        if corner == "round":
            draw.ellipse((x - 10, y - 22, x + 10, y - 2), "black")
        else:
            draw.polygon([(x, y - 26), (x - 19, y + 2), (x + 19, y + 2)], "black")
    return image.resize(size, Image.Resampling.LANCZOS)


def verdict_of(first, second):
    return judge(Picture(first, first.size), Picture(second, second.size)).verdict


@pytest.mark.parametrize("texts", ["OQ", "08", "B8", "EF"])
@pytest.mark.parametrize("size", [28, 32, 48])
def test_another_letter_is_not_the_same(texts, size):
    one, other = (sign(text, size) for text in texts)
    assert verdict_of(one, other) is not Verdict.SAME_PICTURE


def test_a_card_of_another_suit_is_not_the_same():
    one, other = (reopened(card(corner), 85) for corner in ("round", "pointed"))
    assert verdict_of(one, other) is not Verdict.SAME_PICTURE


@pytest.mark.parametrize(
    "edit",
    [
        lambda image: reopened(image, 30),
        lambda image: image.resize((58, 80), Image.Resampling.LANCZOS),
        lambda image: image.resize((144, 200), Image.Resampling.BICUBIC),
    ],
    ids=["saved", "smaller", "larger"],
)
def test_a_small_picture_saved_again_or_resized_is_the_same(edit):
    image = card("pointed")
    assert verdict_of(image, edit(image)) is Verdict.SAME_PICTURE


def receipt(total, size=(380, 620)):
    image = Image.new("RGB", (380, 620), "white")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(size=13)
    for row in range(22):
        draw.text((20, 20 + 25 * row), f"{row * 7919} things of a kind", "black", font)
        draw.text((300, 20 + 25 * row), f"{row * 37 % 90}.{row * 53 % 90 + 10}", "black", font)
    draw.text((20, 590), f"Total {total}", "black", font)
    return image.resize(size, Image.Resampling.LANCZOS)


@pytest.mark.parametrize(
    ("total", "size"), [("12.84", (380, 620)), ("72.34", (380, 620)), ("12.84", (300, 490))]
)
def test_another_digit_of_small_letters_is_seen(total, size):
    one, other = receipt("12.34"), reopened(receipt(total, size), 85)
    assert verdict_of(one, other) is not Verdict.SAME_PICTURE


@pytest.mark.parametrize(
    "edit",
    [
        lambda image: reopened(image, 20),
        lambda image: image.resize((234, 384), Image.Resampling.BILINEAR),
        lambda image: image.resize((570, 930), Image.Resampling.BICUBIC),
        lambda image: image.crop((1, 1, 379, 619)),
    ],
    ids=["saved", "smaller", "larger", "cut"],
)
def test_small_letters_saved_again_or_resized_are_the_same(edit):
    image = receipt("12.34")
    assert verdict_of(image, edit(image)) is Verdict.SAME_PICTURE
