"""The words for how pictures differ: general ones and exact ones, from either side."""

import pytest

from fastdup.verify.kind_words import WORDS, most_exact, seen_from_second, with_general


def test_every_word_that_another_names_is_there():
    named = {facts.back for facts in WORDS.values()} | {facts.general for facts in WORDS.values()}
    assert named - {""} <= set(WORDS)


def test_a_general_word_has_none_above_it():
    for word, facts in WORDS.items():
        general = WORDS.get(facts.general)
        assert general is None or general.general == "" or word == facts.general


@pytest.mark.parametrize(
    ("exact", "all_of_them"),
    [
        ((), ()),
        (("mirrored",), ("mirrored",)),
        (("grey", "darker"), ("toned", "grey", "darker")),
        (("framed", "captioned"), ("framed", "overlaid", "captioned")),
        (("of a later version",), ("of a later version",)),
    ],
)
def test_exact_words_follow_the_general_ones_which_can_be_left_out_again(exact, all_of_them):
    assert with_general(exact) == all_of_them
    assert most_exact(all_of_them) == exact


@pytest.mark.parametrize(
    ("kinds", "back"),
    [
        (("cropped", "mirrored"), ("framed", "extended", "mirrored")),
        (("framed",), ("cropped", "unframed")),
        (("framed", "in a larger picture"), ("cropped", "cut out")),
        (("resized", "enlarged"), ("resized",)),
        (("toned", "grey"), ("toned", "in colour")),
        (("blurred",), ("sharpened", "sharper")),
        (("noisy",), ("less noisy",)),
        (("overlaid", "captioned"), ("overlaid", "uncovered")),
        (("of a later version",), ("of a later version",)),
    ],
)
def test_seen_from_the_second_picture_the_words_are_others(kinds, back):
    assert seen_from_second(kinds) == back


@pytest.mark.parametrize("word", sorted(set(WORDS) - {"captioned", "enlarged"}))
def test_seen_from_either_side_twice_the_words_are_the_same(word):
    there = with_general([word])
    assert seen_from_second(seen_from_second(there)) == there
