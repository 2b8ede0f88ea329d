"""What is too small where pictures are compared is seen at full size."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from fastdup.verify import Picture, Verdict, judge
from fastdup.verify.full_detail import look_at_full_detail, shows_more_at_full_size
from fastdup.verify.registration import overlay
from fastdup.verify.some_pixels import may_differ_in_some_pixels
from pictures import reopened, textured_scene

SIZE = (1000, 1400)


def invoice(number):
    page = Image.new("RGB", SIZE, "white")
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(size=20)
    draw.text((80, 60), f"Invoice {number}", "black", font)
    for row in range(40):
        words = f"{row * 7919} hours of service, month {row % 12}, {row * 37 % 900}.00"
        draw.text((80, 120 + 30 * row), words, "black", font)
    return page


def at_full_size(first, second):
    judgement = judge(Picture(first, first.size), Picture(second, second.size))
    assert judgement.verdict is Verdict.SAME_PICTURE
    assert shows_more_at_full_size(judgement, first.size, second.size)
    return look_at_full_detail(first, second, judgement)


def smaller(picture, factor):
    return picture.resize((int(picture.width * factor), int(picture.height * factor)))


@pytest.mark.parametrize("quality", [95, 60])
def test_another_digit_on_a_large_page_is_seen(quality):
    first, second = (
        reopened(invoice(number), quality=quality) for number in ("2023-0118", "2023-0119")
    )
    found = at_full_size(first, second)
    assert found.verdict in (Verdict.ALTERED, Verdict.EDITED)
    left, top, right, bottom = found.regions[0].box
    assert top < 0.06 < bottom + 0.01
    assert right - left < 0.1
    assert "overlaid" in found.kinds


@pytest.mark.parametrize("make", [invoice, lambda _: textured_scene(3, SIZE)])
@pytest.mark.parametrize(
    "edit",
    [
        lambda p: reopened(p, quality=30),
        lambda p: reopened(smaller(p, 0.8), quality=70),
        lambda p: p.point(lambda level: min(255, level + 3)),
    ],
    ids=["saved", "smaller", "brighter"],
)
def test_saving_again_and_resizing_change_nothing_at_full_size(make, edit):
    picture = reopened(make("2023-0118"), quality=92)
    assert at_full_size(picture, edit(picture)).verdict is Verdict.SAME_PICTURE


def test_small_pictures_are_not_looked_at_again():
    picture = textured_scene(3, (600, 400))
    judgement = judge(Picture(picture, picture.size), Picture(picture, picture.size))
    assert not shows_more_at_full_size(judgement, picture.size, (4000, 2700))


@pytest.mark.parametrize(
    ("edit", "is_worth_while"),
    [(lambda p: reopened(p, quality=80), False), (lambda _: reopened(invoice("2023-0119")), True)],
)
def test_only_where_some_pixels_may_differ_is_it_looked_for_what_changed(edit, is_worth_while):
    page = reopened(invoice("2023-0118"))
    aligned = overlay(page, edit(page), np.eye(3))
    assert may_differ_in_some_pixels(aligned) is is_worth_while


def list_of(last_digit):
    page = Image.new("RGB", SIZE, "white")
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(size=10)
    for row in range(60):
        digit = last_digit if row == 33 else "8"
        words = f"{row * 7919} hours of service, month {row % 12}, {row * 37 % 900}.00 {digit}"
        draw.text((80, 120 + 20 * row), words, "black", font)
    return page


def test_a_digit_too_small_for_a_region_of_its_own_is_seen():
    first, second = (reopened(list_of(digit), quality=80) for digit in "85")
    found = at_full_size(first, second)
    assert found.verdict is Verdict.ALTERED
    assert found.regions == ()
