"""What goes by what the pictures show: real files, with and without verdicts of the run."""

import os

import pytest
from PIL import Image, ImageDraw, ImageOps

import fastdup
from fastdup.actions.keep import CopyChoice
from fastdup.actions.may_go import Relation
from fastdup.actions.offers import ALSO, check_also
from fastdup.actions.planning import make_plan
from fastdup.actions.state import LeftAlone
from fastdup.errors import ConfigError
from fastdup.verify.kind_words import ONE_FRAME, SEVERAL_FRAMES, WORDS, with_general
from fastdup.verify.verdict import Verdict
from pictures import photo


def captioned(image):
    written = image.copy()
    draw = ImageDraw.Draw(written)
    draw.rectangle((60, 400, 420, 450), fill="white")
    draw.text((80, 408), "a day at the lake", "black", font_size=34)
    return written


EDITS = {
    "half": lambda image: image.resize((320, 240)),
    "saved again": lambda image: image,
    "cropped": lambda image: image.crop((40, 30, 560, 430)),
    "framed": lambda image: ImageOps.expand(image, 60, "white"),
    "mirrored": ImageOps.mirror,
    "turned": lambda image: image.transpose(Image.Transpose.ROTATE_90),
    "captioned": captioned,
}


@pytest.fixture(scope="module", params=["none", "auto"])
def album(request, tmp_path_factory):
    """Originals with a copy each, and the work folder of a run that did not judge, or did."""
    folder = tmp_path_factory.mktemp("album")
    (folder / "photos").mkdir()
    for number, (name, edit) in enumerate(EDITS.items()):
        original = photo(number)
        original.save(folder / "photos" / f"{name}.png")
        edit(original).save(folder / "photos" / f"{name} copy.jpg", quality=80)
    options = {"threshold": 0.5, "verify": request.param}
    assert fastdup.run(folder / "photos", folder / "out", **options) == 0
    return folder


def gone(album, **choice):
    plan = make_plan(album / "out", CopyChoice(**choice))
    return sorted(os.path.basename(step.path) for step in plan.removals())


def test_only_the_same_picture_goes_by_default(album):
    assert gone(album) == ["half copy.jpg", "saved again copy.jpg"]
    assert gone(album, threshold=0.5) == ["half copy.jpg", "saved again copy.jpg"]


@pytest.mark.parametrize("kind", ["cropped", "mirrored", "turned"])
def test_an_edited_copy_goes_only_when_its_kind_is_named(album, kind):
    with_it = set(gone(album, threshold=0.5, also=(kind,)))
    assert f"{kind} copy.jpg" in with_it
    others = {f"{name} copy.jpg" for name in EDITS} - {f"{kind} copy.jpg"}
    assert others & with_it == {"half copy.jpg", "saved again copy.jpg"}


def test_without_a_threshold_a_named_kind_goes_from_that_of_the_run_on(album):
    assert "mirrored copy.jpg" in gone(album, also=("mirrored",))


def test_all_stands_for_every_kind(album):
    assert {"cropped copy.jpg", "mirrored copy.jpg", "turned copy.jpg"} <= set(
        gone(album, threshold=0.5, also=("all",))
    )


def test_what_stays_for_what_it_is_is_counted_by_kind_where_the_run_judged(album):
    plan = make_plan(album / "out", CopyChoice())
    if not (album / "out/verdicts.csv").exists():  # without verdicts nobody knows
        assert not plan.edits_left
        return
    assert plan.left_alone[LeftAlone.EDITED] == 5
    assert plan.edits_left.keys() >= {"cropped", "framed", "mirrored", "turned"}
    assert any("--also" in line for line in plan.lines())


@pytest.mark.parametrize(
    ("verdict", "kinds", "also", "goes"),
    [
        ("same_bytes", (), (), True),
        ("same_pixels", (), (), True),
        ("same_picture", ("resized",), (), True),
        ("same_picture", ("resized", "toned", "brighter"), (), False),
        ("same_picture", ("resized", "toned", "brighter"), ("toned",), True),
        ("edited", ("cropped",), (), False),
        ("edited", ("cropped",), ("cropped",), True),
        ("edited", ("cropped", "resized"), ("cropped",), True),
        ("edited", ("cropped", "toned"), ("cropped",), False),
        ("edited", ("cropped", "toned"), ("toned", "cropped"), True),
        ("edited", ("toned", "grey", "resized", "enlarged"), ("toned",), True),
        ("edited", ("overlaid", "captioned"), ("captioned",), True),
        ("edited", ("overlaid", "captioned"), ("overlaid",), False),
        ("edited", ("overlaid", "uncovered"), ("overlaid",), True),
        ("edited", ("less noisy",), ("noisy",), True),
        ("edited", ("resized",), tuple(ALSO), False),
        ("part_of", ("cropped",), ("cropped",), False),
        ("part_of", ("cropped", "toned"), ("part_of",), True),
        ("part_of", ("one frame",), ("part_of",), True),
        ("part_of", ("several frames",), tuple(ALSO), False),
        ("altered", ("overlaid",), tuple(ALSO), False),
        ("look_alike", (), tuple(ALSO), False),
        ("unverified", (), tuple(ALSO), False),
    ],
)
def test_a_verdict_says_what_may_go(verdict, kinds, also, goes):
    assert Relation(Verdict(verdict), kinds).may_go(also) is goes


def test_the_other_way_round_a_crop_is_a_frame():
    relation = Relation(Verdict.EDITED, ("cropped", "toned"))
    assert relation.reversed() == Relation(Verdict.EDITED, ("framed", "extended", "toned"))
    assert relation.reversed().reversed() == relation


def test_each_kind_of_edit_can_be_named():
    for word in set(WORDS) - {ONE_FRAME, SEVERAL_FRAMES}:  # these are of parts
        relation = Relation(Verdict.EDITED, with_general([word]))
        assert relation.needs() <= set(ALSO)
        assert relation.may_go(ALSO) == bool(relation.needs())


def test_an_unknown_kind_is_refused_with_those_there_are():
    assert check_also(["part-of", " toned"]) == ("part_of", "toned")
    with pytest.raises(ConfigError, match=r"also='croped'.*cropped"):
        check_also(["croped"])
