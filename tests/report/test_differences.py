"""What differs between two shown images, as the pages get it."""

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from fastdup.judging import Finding
from fastdup.report.differences import MOST_BOXES, Seen, describe_difference
from fastdup.report.thumbnails import look_at
from fastdup.verify import Verdict
from pictures import jpeg, textured_scene

SIZE = (480, 360)
FONT = ImageFont.load_default(size=44)
IDENTITY = [1, 0, 0, 0, 1, 0, 0, 0, 1]


def seen(image, quality=90):
    data = jpeg(image, quality)
    return Seen.of(look_at("a.jpg", 320, lambda path: data, to_compare=True))


@pytest.fixture(scope="module")
def picture():
    return textured_scene(5, SIZE)


def captioned(picture):
    picture = picture.copy()
    ImageDraw.Draw(picture).text((60, 280), "Hello from here", "white", FONT)
    return picture


def mapped_back(point, placement):
    """Return where a point of the first picture lies in the second."""
    x, y, depth = np.linalg.inv(np.reshape(placement, (3, 3))) @ [*point, 1]
    return x / depth, y / depth


def test_the_same_bytes_are_not_looked_at(picture):
    found = describe_difference(seen(picture), seen(picture))
    assert found == {"text": "same bytes", "kinds": ["same bytes"], "t": IDENTITY}


def test_what_was_drawn_is_framed_in_both_pictures(picture):
    turned = captioned(picture).transpose(Image.Transpose.ROTATE_270)
    found = describe_difference(seen(picture), seen(turned))
    assert found["kinds"] == ["turned", "captioned"]
    assert found["text"].startswith("turned by 90° clockwise, captioned (")
    assert found["at"] == ["along the bottom"]
    [(left, top, right, bottom)] = found["boxes"]
    drawn = ImageDraw.Draw(picture).textbbox((60, 280), "Hello from here", FONT)
    assert (480 * left, 360 * top, 480 * right, 360 * bottom) == pytest.approx(drawn, abs=8)
    # The bottom of the first picture is the left side of the second.
    x, y = mapped_back((left, bottom), found["t"])
    assert (x, y) == pytest.approx((1 - bottom, left), abs=0.01)


def test_of_unlike_pictures_there_is_nothing_to_lay_over(picture):
    found = describe_difference(seen(picture), seen(textured_scene(6, SIZE)))
    assert found == {"text": "look-alike", "kinds": ["look-alike"]}


@pytest.mark.parametrize(
    ("stored", "text", "placement"),
    [
        (Finding.identical(Verdict.SAME_PIXELS), "same pixels", IDENTITY),
        (Finding(verdict=Verdict.LOOK_ALIKE), "look-alike", None),
        (
            Finding(verdict=Verdict.SAME_PICTURE, kinds=("resized",), scale=0.5),
            "same picture, saved again at half the size",
            IDENTITY,
        ),
    ],
)
def test_what_a_run_found_is_not_judged_again(stored, text, placement, picture):
    """The second picture is another one: only by what is stored can they be the same."""
    found = describe_difference(seen(picture), seen(textured_scene(6, SIZE)), stored)
    assert found["text"] == text
    assert found.get("t") == placement


def test_the_verdict_of_the_run_counts_where_a_look_finds_another(picture):
    stored = Finding(verdict=Verdict.ALTERED, kinds=("overlaid",), overlap=1, scale=1, changed=0.03)
    found = describe_difference(seen(picture), seen(captioned(picture)), stored)
    assert found["text"] == "parts differ (3 %)"
    assert len(found["boxes"]) == 1


def test_where_both_agree_the_words_are_those_of_the_run_and_the_numbers_of_the_look(picture):
    stored = Finding(verdict=Verdict.EDITED, kinds=("cropped", "noisy"), overlap=0.5, scale=1)
    copy = picture.crop((0, 0, 240, 324))
    found = describe_difference(seen(picture), seen(copy), stored)
    assert found["text"] in (
        "cropped to 45 % of the area, noisy",
        "cropped to 46 % of the area, noisy",
    )
    assert found["kinds"] == ["cropped", "noisy"]


def test_a_file_that_was_changed_since_the_run_is_judged_anew(picture):
    stored = Finding.identical(Verdict.SAME_BYTES)
    found = describe_difference(seen(picture), seen(picture, quality=60), stored)
    assert found["text"] == "same picture, saved again"


def test_of_what_cannot_be_shown_or_is_tiny_nothing_is_said(picture):
    gone = Seen.of(look_at("/nowhere/gone.jpg", 320))
    assert describe_difference(seen(picture), gone) == {}
    assert describe_difference(gone, seen(picture)) == {}
    icon = seen(picture.resize((12, 12)))
    assert describe_difference(seen(picture), icon) == {}


def test_boxes_are_limited(picture):
    rng = np.random.default_rng(0)
    copy = picture.copy()
    for x in range(20, 460, 72):
        for y in range(20, 340, 64):
            patch = Image.fromarray(rng.integers(0, 256, (10, 10, 3), dtype=np.uint8))
            copy.paste(patch, (x, y))
    found = describe_difference(seen(picture), seen(copy))
    assert len(found["boxes"]) == MOST_BOXES
    sizes = [(right - left) * (bottom - top) for left, top, right, bottom in found["boxes"]]
    assert min(sizes) > 0


def test_a_picture_to_compare_is_decoded_large_enough():
    large = textured_scene(1, (2400, 1800))
    buffer = io.BytesIO()
    large.save(buffer, "JPEG", quality=80)
    for to_compare, least in ((False, 320), (True, 480)):
        look = look_at("a.jpg", 320, lambda _: buffer.getvalue(), to_compare=to_compare)
        assert least <= min(look[1].size) < 2 * least
