"""A box over a large part of a picture hides what is under it, and says nothing about the rest."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from fastdup.verify import Picture, Verdict, judge
from fastdup.verify.covers import find_cover
from fastdup.verify.registration import Aligned
from pictures import reopened, textured_scene


def judged(first, second):
    return judge(*(Picture(picture, picture.size) for picture in (first, second)))


def with_box(picture, box, colour="black"):
    picture = picture.copy()
    ImageDraw.Draw(picture).rectangle(box, fill=colour)
    return picture


def chart(seed=1):
    """Return thin curves, marks and words on white paper: a drawing of few colours."""
    rng = np.random.default_rng(seed)
    picture = Image.new("RGB", (480, 360), "white")
    draw = ImageDraw.Draw(picture)
    for number in range(60):
        place = tuple(map(int, rng.integers(10, (440, 340))))
        end = tuple(map(int, rng.integers(-60, 60, 2) + place))
        draw.line((*place, *end), fill=(200, 40, 90) if number % 3 else "black", width=2)
        draw.text(place, chr(65 + int(rng.integers(26))), "black", font_size=18)
    return picture


def aligned(one, other):
    height, width = one.height, one.width
    inside = np.ones((height, width), bool)
    return Aligned(np.asarray(one), np.asarray(other), inside, np.eye(3))


BOX = (150, 100, 420, 300)


@pytest.mark.parametrize(("seed", "box"), [(1, (200, 60, 470, 330)), (4, BOX)])
def test_a_drawing_under_a_large_box_is_a_copy_whichever_comes_first(seed, box):
    whole = chart(seed)
    copy = reopened(with_box(whole, box), 88)
    for pair in ((whole, copy), (copy, whole)):
        found = judged(*pair)
        assert found.verdict == Verdict.EDITED
        assert "overlaid" in found.kinds
        sides = np.array(found.regions[0].box) * (480, 360, 480, 360)
        assert sides == pytest.approx(box, abs=12)


def thing_on_ground(seed):
    """Return a thing with detail on a plain ground."""
    picture = Image.new("RGB", (480, 360), (205, 210, 214))
    outline = Image.new("L", picture.size)
    corners = [(60, 300), (120, 80), (330, 40), (420, 150), (300, 330)]
    ImageDraw.Draw(outline).polygon(corners, fill=255)
    picture.paste(textured_scene(seed, picture.size), mask=outline)
    return picture


@pytest.mark.parametrize("seed", [2, 6])
def test_a_box_does_not_lead_the_map_of_a_thing_on_plain_ground_astray(seed):
    whole = thing_on_ground(seed)
    copy = reopened(with_box(whole, (150, 60, 400, 290)), 88)
    assert judged(whole, copy).verdict == Verdict.EDITED
    assert judged(copy, whole).verdict == Verdict.EDITED
    assert judged(thing_on_ground(seed + 1), copy).verdict == Verdict.LOOK_ALIKE


def test_a_box_makes_no_copy_of_another_drawing():
    assert judged(with_box(chart(1), BOX), chart(2)).verdict == Verdict.LOOK_ALIKE


def test_a_box_with_another_value_is_no_cover():
    one, other = with_box(chart(), BOX, "navy"), with_box(chart(), BOX, "maroon")
    assert find_cover(aligned(one, other)) is None


def test_plain_ground_that_goes_on_is_no_cover():
    drawn = textured_scene(14, (480, 360))
    ground = with_box(drawn, (0, 0, 480, 300), "white")
    more = ground.copy()
    more.paste(drawn.crop((100, 60, 380, 240)), (100, 60))
    assert find_cover(aligned(ground, more)) is None


def test_the_rest_is_what_no_box_covers():
    whole = textured_scene(14, (480, 360))
    cover = find_cover(aligned(with_box(whole, BOX), whole))
    assert cover is not None
    assert cover.share == pytest.approx(270 * 200 / (480 * 360), rel=0.1)
    assert not cover.rest.inside[100:300, 150:420].any()
    assert cover.rest.inside[:80].all()
