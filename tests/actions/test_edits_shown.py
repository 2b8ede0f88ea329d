"""Which of two copies goes when nothing but the pictures tells which one was edited."""

import os

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageOps

import fastdup
from camera_files import photo_exif, saved
from fastdup.actions.candidate import Candidate
from fastdup.actions.evidence import add_evidence
from fastdup.actions.keep import CopyChoice
from fastdup.actions.may_go import Relation
from fastdup.actions.offers import ALSO
from fastdup.actions.original import original_key
from fastdup.actions.planning import make_plan
from fastdup.analysis.pairs import Pairs
from fastdup.verify.verdict import Verdict
from pictures import opened_jpeg, photo


def screenshot(image):
    """Return a picture below a bar and above buttons, as a phone shows it."""
    screen = Image.new("RGB", (image.width, image.height + 520), "#101014")
    draw = ImageDraw.Draw(screen)
    draw.text((30, 20), "12:33", "white", font_size=36)
    draw.text((30, 120), "IMG 4032", "white", font_size=44)
    for number in range(4):
        left = 40 + number * 150
        draw.rounded_rectangle(
            (left, image.height + 360, left + 90, image.height + 450), 20, "blue"
        )
    screen.paste(image, (0, 240))
    return screen


def with_logo(image):
    marked = image.copy()
    draw = ImageDraw.Draw(marked)
    draw.ellipse((430, 330, 610, 450), "yellow", "black", 8)
    draw.text((470, 360), "LOGO", "black", font_size=40)
    return marked


EDITS = {
    "framed": lambda image: ImageOps.expand(image, 50, "white"),
    "screenshot": screenshot,
    "logo": with_logo,
    "tilted": lambda image: image.rotate(5, Image.Resampling.BICUBIC, expand=True),
    "grey": lambda image: image.convert("L"),
    "blurred": lambda image: image.filter(ImageFilter.GaussianBlur(2)),
    "sharpened": lambda image: image.filter(ImageFilter.UnsharpMask(3, 200, 0)),
    "mirrored": ImageOps.mirror,
    "poor": lambda image: image,
}


@pytest.fixture(scope="module")
def album(tmp_path_factory):
    """The work folder of a run on pictures with an edited copy each, whose file is older."""
    folder = tmp_path_factory.mktemp("album")
    (folder / "photos").mkdir()
    for number, (name, edit) in enumerate(EDITS.items()):
        original = folder / "photos" / f"{name} 1.jpg"
        copy = folder / "photos" / f"{name} 2.jpg"
        photo(number).save(original, quality=88)
        with Image.open(original) as seen:
            edit(seen.convert("RGB")).save(copy, quality=30 if name == "poor" else 92)
        os.utime(original, (2_000_000_000, 2_000_000_000))
        os.utime(copy, (1_000_000_000, 1_000_000_000))
    assert fastdup.run(folder / "photos", folder / "out", threshold=0.5) == 0
    return folder / "out"


@pytest.mark.parametrize("name", EDITS)
def test_the_edited_copy_goes_though_it_is_older_and_larger(name, album):
    choice = CopyChoice(threshold=0.5, also=tuple(ALSO))
    gone = {os.path.basename(step.path) for step in make_plan(album, choice).removals()}
    assert {f"{name} 1.jpg", f"{name} 2.jpg"} & gone == {f"{name} 2.jpg"}


def test_a_photo_of_a_camera_is_not_taken_for_a_collage_around_what_was_cut_from_it(tmp_path):
    (tmp_path / "photos").mkdir()
    wall, poster = photo(1), photo(2).resize((300, 220))
    wall.paste(poster, (180, 130))
    data = saved("JPEG", wall, exif=photo_exif(), quality=93)
    cut = opened_jpeg(data).convert("RGB").crop((180, 130, 480, 350))
    (tmp_path / "photos" / "IMG_1.jpg").write_bytes(data)
    (tmp_path / "photos" / "a.jpg").write_bytes(saved("JPEG", cut, exif=photo_exif(), quality=93))
    assert fastdup.run(tmp_path / "photos", tmp_path / "out", threshold=0.5) == 0
    choice = CopyChoice(threshold=0.5, also=tuple(ALSO))
    gone = [os.path.basename(step.path) for step in make_plan(tmp_path / "out", choice).removals()]
    assert gone == ["a.jpg"]


def test_a_small_copy_of_an_edited_picture_does_not_stay_for_its_sake(tmp_path):
    plain, framed, small = (
        Candidate(str(tmp_path / name), *size, 1000, 0, 9.0)
        for name, size in (("a.jpg", (800, 600)), ("b.jpg", (900, 700)), ("c.jpg", (450, 350)))
    )
    relations = {
        (0, 1): Relation(Verdict.EDITED, ("framed",)),
        (1, 2): Relation(Verdict.SAME_PICTURE, ("resized",)),
    }

    def between(one, other):
        return relations.get((one, other)) or relations[other, one].reversed()

    pairs = Pairs(np.array([0, 1]), np.array([1, 2]), np.array([0.9, 0.99]))
    found = add_evidence({0: plain, 1: framed, 2: small}, pairs, between, {})
    order = sorted(found, key=lambda row: original_key(found[row]))
    assert order == [0, 1, 2]


def test_what_toning_clipped_is_not_taken_for_something_drawn_on_the_original(tmp_path):
    one, other = (Candidate(str(tmp_path / name), 800, 600, 1000, 0, 9.0) for name in "ab")
    pairs = Pairs(np.array([0]), np.array([1]), np.array([0.9]))
    for kinds, is_added_to in (((), True), (("toned", "brighter"), False)):
        relation = Relation(Verdict.EDITED, (*kinds, "overlaid"))
        found = add_evidence({0: one, 1: other}, pairs, lambda *_, found=relation: found, {})
        assert not found[0].is_added_to
        assert found[1].is_added_to is is_added_to
