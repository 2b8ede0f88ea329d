"""Choosing the pairs to show."""

import random

import pytest

from fastdup.report.selection import select_pairs


def plainly(rows, *, limit, descending, unordered):
    """The same by sorting everything: the reference."""
    ranked = sorted(rows, key=lambda row: -row[2] if descending else row[2])
    seen, chosen = set(), []
    for row in ranked:
        key = frozenset(row[:2]) if unordered else row[:2]
        if key not in seen:
            seen.add(key)
            chosen.append(row)
    return tuple(chosen[:limit]), len(seen)


@pytest.mark.parametrize("unordered", [True, False])
@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("limit", [1, 2, 7, 1000])
@pytest.mark.parametrize("order", ["sorted", "reversed", "shuffled"])
def test_one_pass_chooses_what_sorting_everything_would(limit, descending, unordered, order):
    generator = random.Random(7)
    names = [f"{number}.jpg" for number in range(12)]
    rows = []
    for _ in range(300):
        first, second = generator.sample(names, 2)
        rows.append((first, second, round(generator.random(), 1)))
    if order != "shuffled":
        rows.sort(key=lambda row: row[2], reverse=order == "reversed")
    chosen = select_pairs(rows, limit=limit, descending=descending, unordered=unordered)
    pairs, n_total = plainly(rows, limit=limit, descending=descending, unordered=unordered)
    assert chosen.pairs == pairs
    assert chosen.n_total == n_total


def test_two_neighbours_of_each_other_are_one_pair_in_the_direction_first_seen():
    rows = [("b", "a", 0.9), ("a", "b", 0.9), ("a", "c", 0.8)]
    chosen = select_pairs(rows, limit=10, descending=True, unordered=True)
    assert chosen.pairs == (("b", "a", 0.9), ("a", "c", 0.8))
    assert chosen.n_total == 2


def test_the_range_is_that_of_the_whole_table():
    rows = [("a", str(number), number / 100) for number in range(100)]
    chosen = select_pairs(rows, limit=3, descending=True, unordered=True)
    assert (chosen.lowest, chosen.highest) == (0.0, 0.99)


def test_no_rows_give_an_empty_selection():
    chosen = select_pairs([], limit=3, descending=True, unordered=True)
    assert (chosen.pairs, chosen.n_total) == ((), 0)
