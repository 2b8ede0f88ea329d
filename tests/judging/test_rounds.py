"""Looks go on as long as they find copies."""

import numpy as np
import pytest

from fastdup.judging.candidates import Candidates
from fastdup.judging.hidden_pairs import Insets
from fastdup.judging.rounds import LOOKS_PER_COPY, Looks, in_rounds
from fastdup.judging.view_rounds import Views, pairs_in_rounds


def pairs(n, start=0):
    rows = np.arange(start, start + n)
    return Candidates(rows, rows + 1, np.full(n, 0.5), np.full(n, 0.5))


def n_rounds(*searches):
    """How many rounds of each search are looked at; each is a list of (looks, copies)."""
    seen = [0] * len(searches)

    def search(number):
        for round_number, (n_looks, _) in enumerate(searches[number]):
            seen[number] += 1
            yield Looks(pairs(number + 1, round_number), n_looks)

    def find_copies(rounds):
        return [copies(len(of.low) - 1, int(of.low[0])) for of in rounds]

    def copies(number, round_number):
        found = searches[number][round_number][1]
        return (
            found if isinstance(found, set) else {(number, round_number, n) for n in range(found)}
        )

    chosen = in_rounds([search(number) for number in range(len(searches))], find_copies)
    assert sum(len(of.low) for of in chosen) == sum((n + 1) * k for n, k in enumerate(seen))
    return seen


MANY = 10 * LOOKS_PER_COPY


@pytest.mark.parametrize(
    ("rounds", "expected"),
    [
        ([(MANY, 0), (MANY, 0)], 1),
        ([(MANY, 21), (MANY, 0), (MANY, 0)], 2),
        ([(MANY, 21), (MANY, 5), (MANY, 0)], 3),
        ([(MANY, 60), (MANY, 1), (MANY, 0), (MANY, 0)], 3),
        ([(MANY, 5), (MANY, 5)], 1),
        ([(LOOKS_PER_COPY, 0), (1, 0)], 1),
        ([(LOOKS_PER_COPY, 1), (1, 0)], 2),
        # Few looks say little, but all of them together do.
        ([(LOOKS_PER_COPY // 2, 0), (LOOKS_PER_COPY // 4, 0), (LOOKS_PER_COPY // 2, 0), (1, 0)], 3),
        ([(0, 0), (0, 0)], 2),
        ([], 0),
    ],
)
def test_a_search_goes_on_while_its_looks_find_enough_copies(rounds, expected):
    assert n_rounds(rounds) == [expected]


def test_searches_go_on_by_what_each_of_them_finds():
    poor, rich = [(MANY, 0)] * 3, [(MANY, MANY)] * 3
    assert n_rounds(poor, rich) == [1, 3]
    assert n_rounds(rich, poor) == [3, 1]


def test_copies_that_were_found_before_do_not_count():
    rich = [(MANY, set(range(MANY)))] * 3
    assert n_rounds(rich) == [2]
    assert n_rounds(rich, rich) == [2, 1]


def test_once_views_show_copies_views_of_likely_pictures_bring_less_likely_pairs():
    def views_of(*owners, are_likely=True):
        rows = np.array(owners, np.float16)[:, None]
        return Views(Insets(np.array(owners), rows), len(owners), are_likely)

    asked = []

    def pairs_of(views, *, more):
        assert views.rows[:, 0].tolist() == views.owners.tolist()
        asked.append((views.owners.tolist(), more))
        return pairs(1)

    rounds = views_of(2, 5), views_of(1, 3, 5), views_of(4, are_likely=False)
    search = pairs_in_rounds(iter(rounds), pairs_of)
    assert [looks.n_looks for looks in search] == [2, 3, 1]
    assert asked == [([2, 5], False), ([1, 2, 3, 5, 5], True), ([4], False)]
