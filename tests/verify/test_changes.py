"""What was changed in one place is found there; what saving a picture again does is not."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont

from fastdup.verify.additions import is_addition
from fastdup.verify.changes import find_changes
from fastdup.verify.registration import overlay
from pictures import jpeg, opened_jpeg, photo, textured_scene


def changes_between(first, second):
    return find_changes(overlay(first, second, np.eye(3)))


def noisy(picture):
    noise = np.random.default_rng(1).normal(0, 6, (picture.height, picture.width, 3))
    return Image.fromarray((np.asarray(picture) + noise).clip(0, 255).astype(np.uint8))


HARMLESS = {
    "the same": lambda p: p,
    "jpeg q50": lambda p: opened_jpeg(jpeg(p, 50)),
    "jpeg q20": lambda p: opened_jpeg(jpeg(p, 20)),
    "smaller": lambda p: p.resize((round(p.width * 0.73), round(p.height * 0.73))),
    "down and up": lambda p: p.resize((p.width // 2, p.height // 2)).resize(p.size),
    "more contrast": lambda p: ImageEnhance.Contrast(p).enhance(1.6),
    "half": lambda p: p.resize((p.width // 2, p.height // 2)),
    "double": lambda p: p.resize((p.width * 2, p.height * 2), Image.Resampling.BICUBIC),
    "noise": noisy,
    "blur": lambda p: p.filter(ImageFilter.GaussianBlur(1)),
    "darker": lambda p: ImageEnhance.Brightness(p).enhance(0.7),
    "cut off": lambda p: ImageEnhance.Brightness(p).enhance(1.2),
    "grey": lambda p: p.convert("L").convert("RGB"),
}


def document():
    """Return a page with lines of numbers."""
    page = Image.new("RGB", (480, 360), "white")
    draw = ImageDraw.Draw(page)
    for line in range(12):
        text = f"{line + 1}.  Item {line * 37 % 11}        {line * 7919 % 9000 + 1000}.50"
        draw.text((30, 20 + line * 27), text, "black", ImageFont.load_default(size=18))
    return page


PICTURES = {"photo": textured_scene(1), "other photo": textured_scene(2), "document": document()}


@pytest.mark.parametrize("name", HARMLESS)
@pytest.mark.parametrize("kind", PICTURES)
def test_nothing_changed_after(name, kind):
    picture = PICTURES[kind]
    found = changes_between(picture, HARMLESS[name](picture))
    assert found.regions == ()
    assert found.share == 0
    assert not found.cells.any()


def patched(picture):
    picture = picture.copy()
    picture.paste(textured_scene(9).crop((200, 120, 260, 168)), (150, 100))
    return picture


def captioned(picture):
    picture = picture.copy()
    font = ImageFont.load_default(size=30)
    ImageDraw.Draw(picture).text((120, 220), "Hello there", "white", font)
    return picture


def one_digit_changed(picture):
    picture, font = picture.copy(), ImageFont.load_default(size=18)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((300, 151, 316, 176), fill="white")
    draw.text((301, 153), "8", "black", font)
    return picture


def logo_put_on(picture):
    picture = picture.copy()
    ImageDraw.Draw(picture).ellipse((20, 20, 64, 64), fill="gold", outline="black", width=3)
    return picture


def smudged(picture):
    picture, box = picture.copy(), (200, 60, 280, 130)
    picture.paste(picture.crop(box).filter(ImageFilter.GaussianBlur(9)), box)
    return picture


def box_of_difference(one, other):
    steps = np.abs(np.asarray(one, np.int16) - np.asarray(other, np.int16)).max(2)
    rows, columns = np.nonzero(steps > 16)
    return columns.min(), rows.min(), columns.max() + 1, rows.max() + 1


PLANTED = {
    "patch": (textured_scene(1), patched),
    "caption": (textured_scene(2), captioned),
    "digit": (document(), one_digit_changed),
    "logo": (textured_scene(3), logo_put_on),
    "smudge": (textured_scene(4), smudged),
}
SAVED = {name: HARMLESS[name] for name in ("the same", "jpeg q50", "noise", "darker")}


@pytest.mark.parametrize("saved", SAVED)
@pytest.mark.parametrize("name", PLANTED)
def test_a_change_is_boxed_within_10_pixels(name, saved):
    picture, plant = PLANTED[name]
    changed = plant(picture)
    found = changes_between(picture, SAVED[saved](changed))
    boxes = np.array([region.box for region in found.regions]) * [*picture.size, *picture.size]
    around = np.concatenate([boxes[:, :2].min(0), boxes[:, 2:].max(0)])
    assert np.abs(around - box_of_difference(picture, changed)).max() <= 10
    assert 0 < found.share < 0.1
    assert found.share == pytest.approx(sum(region.share for region in found.regions))


def test_two_places_are_two_regions_the_larger_first():
    picture = textured_scene(5)
    changed = logo_put_on(smudged(picture))
    large, small = changes_between(picture, changed).regions
    assert large.share > small.share
    assert large.box[0] > 0.4 > 0.2 > small.box[2]


def test_changes_are_the_same_from_either_side():
    picture, plant = PLANTED["patch"]
    changed = plant(picture)
    forth, back = changes_between(picture, changed), changes_between(changed, picture)
    assert np.array_equal(forth.cells, back.cells)
    assert [r.box for r in forth.regions] == [r.box for r in back.regions]


@pytest.mark.parametrize("plant", [captioned, logo_put_on])
def test_what_was_put_on_one_picture_is_an_addition(plant):
    aligned = overlay(textured_scene(6), plant(textured_scene(6)), np.eye(3))
    assert is_addition(aligned, find_changes(aligned))


def test_a_smudge_took_detail_away_from_one_picture():
    aligned = overlay(textured_scene(6), smudged(textured_scene(6)), np.eye(3))
    assert is_addition(aligned, find_changes(aligned))


def written(picture, text, size, place=(0.5, 0.9), ink="white"):
    """Return the picture with a caption, as memes have it."""
    picture = picture.copy()
    x, y = place[0] * picture.width, place[1] * picture.height
    style = {"anchor": "mm", "stroke_width": 2, "stroke_fill": "black"}
    ImageDraw.Draw(picture).text((x, y), text, ink, ImageFont.load_default(size=size), **style)
    return picture


OTHER_CAPTIONS = {
    "as long": ("MONDAY AGAIN", "NOT MY CAT", {}),
    "much longer": ("WAIT", "THIS IS WHAT THEY SAID", {}),
    "in another place": ("MONDAY AGAIN", "MONDAY AGAIN", {"place": (0.5, 0.1)}),
    "in another colour": ("MONDAY AGAIN", "NOT MY CAT", {"ink": "yellow"}),
}


@pytest.mark.parametrize("seed", range(20, 24))
@pytest.mark.parametrize("name", OTHER_CAPTIONS)
def test_another_caption_is_no_addition(name, seed):
    first, second, style = OTHER_CAPTIONS[name]
    scene = photo(seed)
    pictures = written(scene, first, 44), opened_jpeg(jpeg(written(scene, second, 44, **style), 85))
    aligned = overlay(*pictures, np.eye(3))
    assert not is_addition(aligned, find_changes(aligned))


@pytest.mark.parametrize("seed", range(20, 24))
@pytest.mark.parametrize("text", ["WAIT", "THIS IS WHAT THEY SAID"])
def test_a_caption_against_none_is_an_addition(text, seed):
    scene = photo(seed)
    aligned = overlay(scene, opened_jpeg(jpeg(written(scene, text, 44), 85)), np.eye(3))
    assert is_addition(aligned, find_changes(aligned))


@pytest.mark.parametrize("seed", range(20, 24))
@pytest.mark.parametrize("box", [(0, 0, 640, 140), (320, 230, 640, 480)], ids=["bar", "corner"])
def test_a_plain_cover_is_an_addition(box, seed):
    covered = photo(seed)
    ImageDraw.Draw(covered).rectangle(box, fill=(40, 60, 90))
    aligned = overlay(photo(seed), opened_jpeg(jpeg(covered, 85)), np.eye(3))
    assert is_addition(aligned, find_changes(aligned))


def test_what_was_replaced_is_no_addition():
    aligned = overlay(textured_scene(6), patched(textured_scene(6)), np.eye(3))
    assert not is_addition(aligned, find_changes(aligned))


def test_cells_in_which_no_pixel_clearly_differs_replace_nothing():
    aligned = overlay(photo(1), photo(1), np.eye(3))
    found = find_changes(aligned)
    cells = np.zeros_like(found.cells)
    cells[2:4, 3:6] = True
    assert is_addition(aligned, replace(found, cells=cells))


def test_pictures_that_do_not_overlap_have_no_changes():
    scene = textured_scene(7)
    away = np.array([[1.0, 0, 2], [0, 1, 0], [0, 0, 1]])
    found = find_changes(overlay(scene, scene, away))
    assert (found.regions, found.share) == ((), 0.0)


def bricks(seed):
    """A wall of bricks on one grid, each in a tone of its own."""
    rng = np.random.default_rng(seed)
    wall = Image.new("RGB", (400, 300), (190, 185, 175))
    draw = ImageDraw.Draw(wall)
    for row in range(13):
        for column in range(-1, 9):
            left, top = column * 50 + row % 2 * 25, row * 24
            tone = int(rng.integers(-25, 26))
            tones = (165 + tone, 85 + tone, 65 + tone)
            draw.rectangle((left + 2, top + 2, left + 47, top + 21), fill=tones)
    grain = rng.normal(0, 8, (300, 400, 1))
    return Image.fromarray((np.asarray(wall) + grain).clip(0, 255).astype(np.uint8))


@pytest.mark.parametrize("seed", range(4))
def test_tones_that_differ_by_chance_are_changes(seed):
    assert changes_between(bricks(seed), bricks(seed + 10)).regions
