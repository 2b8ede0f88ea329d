"""Sentences about pairs, row by row."""

import pytest

from fastdup.judging import Finding
from fastdup.report.pair_wording import (
    PairFacts,
    describe_pair,
    kinds_of,
    name_place,
    share_text,
)
from fastdup.verify import Verdict

#: Verdict, kinds, numbers → the sentence.
SENTENCES = [
    ("same_bytes", (), {}, "same bytes"),
    ("same_pixels", (), {}, "same pixels"),
    ("same_picture", (), {}, "same picture, saved again"),
    (
        "same_picture",
        ("resized",),
        {"scale": 0.5},
        "same picture, saved again at half the size",
    ),
    (
        "same_picture",
        ("resized",),
        {"scale": 0.47},
        "same picture, saved again at 47 % of the size",
    ),
    (
        "same_picture",
        ("resized", "enlarged", "toned", "brighter"),
        {"scale": 2},
        "same picture, saved again at twice the size, brighter",
    ),
    (
        "same_picture",
        ("resized", "blurred"),
        {"scale": 2.01},
        "same picture, saved again at twice the size, blurred",
    ),
    ("same_picture", ("stretched",), {}, "same picture, saved again, stretched"),
    ("edited", (), {}, "edited"),
    ("edited", ("cropped",), {"of_first": 0.62}, "cropped to 62 % of the area"),
    ("edited", ("cut out",), {"of_first": 0.3}, "cut out of a larger picture (30 % of it)"),
    ("edited", ("framed",), {"of_second": 0.8}, "framed"),
    ("edited", ("unframed",), {"of_first": 0.8}, "without the frame of the first image"),
    (
        "edited",
        ("in a larger picture",),
        {"of_second": 0.64},
        "in a larger picture (64 % of it)",
    ),
    (
        "edited",
        ("extended",),
        {"of_second": 0.7},
        "shows more: the first image is 70 % of it",
    ),
    (
        "edited",
        ("cropped", "extended"),
        {"of_first": 0.9, "of_second": 0.85},
        "another section (85 % in common)",
    ),
    ("edited", ("cropped", "framed"), {"of_first": 0.9}, "cropped to 90 % of the area, framed"),
    ("edited", ("mirrored",), {}, "mirrored"),
    (
        "edited",
        ("mirrored", "turned"),
        {"angle": 90},
        "mirrored, turned by 90° clockwise",
    ),
    ("edited", ("mirrored", "turned"), {"angle": -179.8}, "mirrored top to bottom"),
    ("edited", ("turned",), {"angle": -89.9}, "turned by 90° counter-clockwise"),
    ("edited", ("turned",), {"angle": -180}, "turned by 180°"),
    ("edited", ("turned",), {"angle": 3.2}, "turned by 3° clockwise"),
    ("edited", ("resized",), {"scale": 1 / 3}, "a third of the size"),
    ("edited", ("resized",), {"scale": 1.26}, "1.3 times the size"),
    ("edited", ("resized",), {"scale": 1.04}, "1.04 times the size"),
    (
        "edited",
        ("cropped", "resized"),
        {"of_first": 0.5, "scale": 2},
        "cropped to 50 % of the area, shown at twice the size",
    ),
    ("edited", ("toned",), {}, "different tones"),
    ("edited", ("darker",), {}, "darker"),
    ("edited", ("inverted",), {}, "a negative"),
    (
        "edited",
        ("overlaid",),
        {"changed": 0.03},
        "something drawn on it (3 % of the area)",
    ),
    (
        "edited",
        ("uncovered",),
        {"changed": 0.03},
        "without what is drawn on the first image (3 % of the area)",
    ),
    (
        "edited",
        ("overlaid", "captioned"),
        {"changed": 0.03},
        "captioned (3 % of the area)",
    ),
    ("edited", ("seen_by_the_moon",), {}, "seen by the moon"),
    (
        "part_of",
        ("cropped", "resized"),
        {"of_first": 0.12, "scale": 2},
        "one shows a part of the other (12 %), shown at twice the size",
    ),
    (
        "part_of",
        ("framed", "mirrored"),
        {"of_second": 0.08},
        "one shows a part of the other (8 %), mirrored",
    ),
    ("part_of", ("one frame",), {}, "one of the frames or pages of the first file"),
    (
        "part_of",
        ("resized", "several frames"),
        {"scale": 2},
        "shown at twice the size, has more frames or pages: the first image is one of them",
    ),
    ("altered", ("overlaid",), {"changed": 0.014, "n_places": 2}, "2 places differ (1.4 %)"),
    ("altered", ("overlaid",), {"changed": 0.1, "n_places": 1}, "1 place differs (10 %)"),
    ("altered", ("overlaid",), {"changed": 0.014}, "parts differ (1.4 %)"),
    (
        "altered",
        ("captioned", "mirrored"),
        {"changed": 0.2, "n_places": 1},
        "1 place differs (20 %), mirrored",
    ),
    ("altered", (), {}, "details differ"),
    ("look_alike", (), {}, "look-alike"),
    ("unverified", (), {}, ""),
    ("of_a_later_version", ("mirrored",), {}, "of a later version, mirrored"),
]


@pytest.mark.parametrize(("verdict", "kinds", "numbers", "sentence"), SENTENCES)
def test_a_pair_is_described_in_a_sentence(verdict, kinds, numbers, sentence):
    assert describe_pair(PairFacts(verdict=verdict, kinds=kinds, **numbers)) == sentence


def test_there_is_a_sentence_for_every_verdict():
    known = {verdict for verdict, *_ in SENTENCES}
    assert set(map(str, Verdict)) <= known


@pytest.mark.parametrize(
    ("verdict", "kinds", "words"),
    [
        ("same_bytes", (), ("same bytes",)),
        ("same_picture", ("resized",), ("saved again", "resized")),
        (
            "edited",
            ("cropped", "toned", "more_noise"),
            ("cropped", "different tones", "more noise"),
        ),
        ("edited", ("overlaid", "captioned"), ("captioned",)),
        ("edited", ("toned", "grey", "perspective"), ("grey", "seen from another side")),
        ("edited", ("overlaid",), ("something drawn on it",)),
        ("altered", ("overlaid", "turned"), ("parts differ", "turned")),
        ("part_of", ("cropped", "mirrored"), ("part of the other", "mirrored")),
        ("look_alike", (), ("look-alike",)),
        ("unverified", (), ()),
    ],
)
def test_pairs_can_be_chosen_by_words_without_numbers(verdict, kinds, words):
    assert kinds_of(PairFacts(verdict=verdict, kinds=kinds)) == words


@pytest.mark.parametrize(
    ("kinds", "of_first", "of_second"),
    [
        (("cropped",), 0.6, 1.0),
        (("framed",), 1.0, 0.6),
        (("cropped", "framed"), 0.6, 0.6),
        ((), 0.6, 0.6),
    ],
)
def test_what_a_run_stored_gives_the_share_of_the_picture_it_is_of(kinds, of_first, of_second):
    found = Finding(verdict=Verdict.EDITED, kinds=kinds, overlap=0.6, scale=0.0, changed=0.1)
    facts = PairFacts.of_finding(found)
    assert (facts.of_first, facts.of_second) == (of_first, of_second)
    assert (facts.scale, facts.changed, facts.n_places) == (1.0, 0.1, None)


@pytest.mark.parametrize(
    ("box", "name"),
    [
        ((0.0, 0.0, 0.2, 0.2), "top left"),
        ((0.4, 0.1, 0.6, 0.2), "top"),
        ((0.8, 0.0, 1.0, 0.3), "top right"),
        ((0.0, 0.4, 0.3, 0.6), "left"),
        ((0.4, 0.4, 0.6, 0.6), "middle"),
        ((0.7, 0.4, 1.0, 0.6), "right"),
        ((0.4, 0.8, 0.6, 1.0), "bottom"),
        ((0.9, 0.9, 1.0, 1.0), "bottom right"),
        ((0.1, 0.85, 0.9, 0.95), "along the bottom"),
        ((0.1, 0.4, 0.9, 0.6), "across the middle"),
        ((0.0, 0.1, 0.1, 0.9), "along the left"),
        ((0.4, 0.1, 0.6, 0.9), "across the middle"),
        ((0.1, 0.1, 0.9, 0.9), "nearly everywhere"),
        ((-0.1, -0.1, 0.0, 0.0), "top left"),
        ((1.0, 1.0, 1.2, 1.1), "bottom right"),
    ],
)
def test_a_place_is_named(box, name):
    assert name_place(box) == name


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.62, "62 %"),
        (0.0995, "10 %"),
        (0.0994, "9.9 %"),
        (0.014, "1.4 %"),
        (0.03, "3 %"),
        (0.0006, "0.1 %"),
        (0.0004, "less than 0.1 %"),
        (1.0, "100 %"),
    ],
)
def test_a_share_is_in_percent(share, text):
    assert share_text(share) == text
