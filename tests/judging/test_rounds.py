"""Looks go on as long as they find copies."""

import numpy as np
import pytest

from fastdup.judging.candidates import Candidates
from fastdup.judging.rounds import LOOKS_PER_COPY, Looks, in_rounds


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

    def count_copies(rounds):
        return [searches[len(of.low) - 1][int(of.low[0])][1] for of in rounds]

    chosen = in_rounds([search(number) for number in range(len(searches))], count_copies)
    assert sum(len(of.low) for of in chosen) == sum((n + 1) * k for n, k in enumerate(seen))
    return seen


MANY = 10 * LOOKS_PER_COPY


@pytest.mark.parametrize(
    ("rounds", "expected"),
    [
        ([(MANY, 0), (MANY, 0)], 1),
        ([(MANY, 21), (MANY, 0), (MANY, 0)], 2),
        ([(MANY, 21), (MANY, 5), (MANY, 0)], 3),
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
