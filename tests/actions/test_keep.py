import itertools

import pytest

from fastdup.actions import KEEP_RULES, Candidate, choose
from fastdup.actions.keep import is_below
from fastdup.errors import ConfigError

SMALL = Candidate("/p/a/small.jpg", 100, 100, 9000, 50, 30.0)
LARGE = Candidate("/p/b/large.jpg", 400, 300, 8000, 40, 10.0)
SHARP = Candidate("/p/c/long-name-of-a-sharp-one.jpg", 200, 200, 7000, 60, 90.0)
OLD = Candidate("/p/d/old.jpg", 200, 200, 7000, 10, 20.0)
NEW = Candidate("/p/e/new.jpg", 200, 200, 7000, 99, 20.0)
SHORT = Candidate("/p/f.jpg", 200, 200, 7000, 50, 20.0)
ALL = [SMALL, LARGE, SHARP, OLD, NEW, SHORT]


@pytest.mark.parametrize(
    ("keep", "kept"),
    [
        ("largest", LARGE),
        ("sharpest", SHARP),
        ("oldest", OLD),
        ("newest", NEW),
        ("shortest-path", SHORT),
    ],
)
def test_each_rule_keeps_what_it_says_whatever_the_order(keep, kept):
    assert all(choose(copies, keep) == kept for copies in itertools.permutations(ALL))


def test_every_rule_has_a_test_and_words():
    assert list(KEEP_RULES) == ["largest", "sharpest", "oldest", "newest", "shortest-path"]
    assert all(rule.words for rule in KEEP_RULES.values())


def test_ties_go_to_more_bytes_then_the_shorter_path_then_the_first_name():
    one = Candidate("/p/b.jpg", 10, 10, 50, 1, 1.0)
    assert choose([one, one._replace(path="/p/a.jpg", size_bytes=51)]).size_bytes == 51
    assert choose([one, one._replace(path="/p/aa.jpg")]) == one
    assert choose([one, one._replace(path="/p/a.jpg")]).path == "/p/a.jpg"


def test_a_preferred_folder_wins_over_the_rule():
    assert choose(ALL, "largest", prefer=["/p/c"]) == SHARP
    assert choose(ALL, "largest", prefer=["/p/nowhere"]) == LARGE


def test_a_folder_is_not_taken_for_one_whose_name_begins_alike():
    assert is_below("/p/c/x.jpg", ["/p/c"])
    assert not is_below("/p/cc/x.jpg", ["/p/c"])


def test_a_misspelt_rule_is_refused_with_the_nearest():
    with pytest.raises(ConfigError, match="try keep='largest'"):
        choose(ALL, "lagest")
    assert choose(ALL, "shortest_path") == SHORT
