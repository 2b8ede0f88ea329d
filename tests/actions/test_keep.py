import itertools
import math
from dataclasses import FrozenInstanceError

import pytest

from fastdup.actions.candidate import Candidate
from fastdup.actions.keep import (
    KEEP_RULES,
    CopyChoice,
    folder_names,
    is_below,
    is_protected,
)
from fastdup.errors import ConfigError
from fastdup.metadata import Metadata

SMALL = Candidate("/p/a/small.jpg", 100, 100, 9000, 50, 30.0)
LARGE = Candidate("/p/b/large.jpg", 400, 300, 8000, 40, 10.0)
SHARP = Candidate("/p/c/long-name-of-a-sharp-one.jpg", 200, 200, 7000, 60, 90.0)
OLD = Candidate("/p/d/old.jpg", 200, 200, 7000, 10, 20.0)
NEW = Candidate("/p/e/new.jpg", 200, 200, 7000, 99, 20.0)
SHORT = Candidate("/p/f.jpg", 200, 200, 7000, 50, 20.0)
KNOWN = SHORT._replace(path="/p/cache/known.jpg", metadata=Metadata(rating=5, lens="50 mm"))
ALL = [SMALL, LARGE, SHARP, OLD, NEW, SHORT, KNOWN]


def kept_of(copies, **choice):
    return min(copies, key=CopyChoice(**choice).sort_key())


@pytest.mark.parametrize(
    ("keep", "kept"),
    [
        ("largest", LARGE),
        ("sharpest", SHARP),
        ("oldest", OLD),
        ("newest", NEW),
        ("shortest-path", SHORT),
        ("largest-file", SMALL),
        ("most-metadata", KNOWN),
        ("original", LARGE),
    ],
)
def test_each_rule_keeps_what_it_says_whatever_the_order(keep, kept):
    assert all(kept_of(copies, keep=keep) == kept for copies in itertools.permutations(ALL))


def test_every_rule_has_a_test_and_words():
    assert set(KEEP_RULES) == {
        *("original", "largest", "largest-file", "sharpest"),
        *("oldest", "newest", "most-metadata", "shortest-path"),
    }
    assert all(rule.words for rule in KEEP_RULES.values())


@pytest.mark.parametrize(
    "encoding",
    [
        {"encoder": "ijg", "quality": 99, "subsampling": "4:2:0", "is_progressive": False},
        {"software": "Editor 9", "taken": "2020-01-02", "taken_from": "saved", "bits": 8},
    ],
)
def test_how_a_file_is_encoded_and_when_it_was_saved_says_nothing_of_its_picture(encoding):
    said = SHORT._replace(metadata=Metadata(camera="C", taken="2015-01-02", taken_from="exif"))
    other = SHORT._replace(path="/p/a.jpg", metadata=Metadata(**encoding))
    assert kept_of([said, other], keep="most-metadata") == said


def test_ties_go_to_the_original_then_more_bytes_then_the_first_name_never_the_shorter_path():
    one = Candidate("/p/b.jpg", 10, 10, 50, 1, 1.0)
    tall = one._replace(path="/p/long-name.jpg", width=5, height=21, size_bytes=1)
    assert kept_of([one, tall], keep="sharpest") == tall
    assert kept_of([one, one._replace(path="/p/b (1).jpg")], keep="largest") == one
    assert kept_of([one, one._replace(path="/p/aaa.jpg", size_bytes=51)]).size_bytes == 51
    assert kept_of([one, one._replace(path="/p/aa.jpg")]).path == "/p/aa.jpg"


def test_a_preferred_folder_wins_over_the_rule(tmp_path):
    for name in ("c", "cc"):
        (tmp_path / name).mkdir()
    sharp = SHARP._replace(path=str(tmp_path / "c/sharp.jpg"))
    assert kept_of([*ALL, sharp], prefer=(str(tmp_path / "c"),)) == sharp
    assert kept_of([*ALL, sharp], prefer=(str(tmp_path / "cc"),)) == LARGE


def test_a_folder_is_not_taken_for_one_whose_name_begins_alike():
    assert is_below("/p/c/x.jpg", ["/p/c"])
    assert not is_below("/p/cc/x.jpg", ["/p/c"])


def test_a_file_is_protected_by_the_folder_that_its_path_or_its_links_lead_to(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    path = str(tmp_path / "link/a.jpg")
    for folder in ("link", "real"):
        assert is_protected(path, [str(tmp_path / folder)])
    assert not is_protected(path, [str(tmp_path / "rea")])
    assert not is_protected(path, [])


@pytest.mark.parametrize("name", ["lagest", "", "LARGEST", None])
def test_a_misspelt_rule_is_refused_with_the_nearest(name):
    with pytest.raises(ConfigError, match=r"choose from original, .*; try keep='"):
        CopyChoice(keep=name)


def test_underscores_are_as_good_as_dashes():
    assert kept_of(ALL, keep="shortest_path") == SHORT


@pytest.mark.parametrize(
    ("threshold", "advice"),
    [
        (98, "0.98"),
        (100, "1.0"),
        (101, "0.98"),
        (-0.1, "0.98"),
        (1.0001, "0.010001"),
        (math.nan, "0.98"),
    ],
)
def test_a_threshold_that_is_no_similarity_is_refused_with_advice(threshold, advice):
    with pytest.raises(ConfigError, match=rf"threshold={threshold} .*; try threshold={advice}$"):
        CopyChoice(threshold=threshold)


@pytest.mark.parametrize(
    ("threshold", "run", "lowest"),
    [(None, 0.9, 0.98), (None, 0.99, 0.99), (0.9, 0.9, 0.9), (0.95, 0.9, 0.95), (1, 0.9, 1)],
)
def test_the_lowest_similarity_is_that_chosen_else_almost_identical(threshold, run, lowest):
    assert CopyChoice(threshold=threshold).lowest(run) == lowest


def test_a_threshold_below_that_of_the_run_is_refused_unless_bytes_are_compared():
    with pytest.raises(ConfigError, match=r"0.89 is below that of the run, 0.9, .*threshold=0.89"):
        CopyChoice(threshold=0.89).lowest(0.9)
    assert CopyChoice(threshold=0.89, exact=True).lowest(0.9) == 0.89


@pytest.mark.parametrize("option", ["never", "prefer"])
def test_a_folder_that_is_not_there_is_refused(option, tmp_path):
    (tmp_path / "two").mkdir()
    CopyChoice(**{option: (str(tmp_path / "two"),)})
    with pytest.raises(ConfigError, match=f"{option}=.*tow': there is no such folder or file"):
        CopyChoice(**{option: (str(tmp_path / "two"), str(tmp_path / "tow"))})


def test_folders_may_be_given_as_one_or_several_names_or_paths(tmp_path):
    assert folder_names("two") == ("two",)
    assert folder_names(tmp_path) == (str(tmp_path),)
    assert folder_names(["two", tmp_path]) == ("two", str(tmp_path))
    assert folder_names(()) == ()


def test_a_choice_is_a_value():
    assert CopyChoice() == CopyChoice(keep="original")
    with pytest.raises(FrozenInstanceError):
        CopyChoice().keep = "newest"
