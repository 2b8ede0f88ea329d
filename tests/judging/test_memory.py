"""What judging takes for each picture of a large collection, most of which are in no pair."""

import tracemalloc

import numpy as np
import pytest

from fastdup.index import Neighbours
from fastdup.index.dedupe import DistinctRows
from fastdup.index.group_by import group_by
from fastdup.judging import JudgedPairs, JudgedRows
from fastdup.judging.candidates import choose_in_rounds

K = 10


def neighbours(n_rows):
    beside = np.arange(2, K + 2) // 2 * np.where(np.arange(K) % 2, -1, 1)
    indices = (np.arange(n_rows)[:, None] + beside) % n_rows
    return Neighbours(indices, np.tile(np.linspace(0.45, 0.4, K), (n_rows, 1)))


def choose(near):
    shows_others = np.full(len(near.indices), -2, np.float32)
    rounds = choose_in_rounds(near, near.similarities, 0.9, shows_others=shows_others)
    assert not len(next(rounds).low)


def judge(near):
    distinct = DistinctRows.all_different(len(near.indices))
    groups = np.full(len(near.indices), -1)
    rows = JudgedRows(JudgedPairs.none(), distinct, near, groups, one_way=False)
    assert np.array_equal(rows.of_all(K).indices, near.indices)


def judge_with_copies(near):
    kinds = np.arange(len(near.indices))
    inverse = np.repeat(kinds, 1 + (kinds % 50 == 0))
    distinct = DistinctRows(inverse, *group_by(inverse, len(kinds)))
    groups = np.full(len(inverse), -1)
    rows = JudgedRows(JudgedPairs.none(), distinct, near, groups, one_way=False)
    pairs = rows.with_different(rows.of_all(K), K, 0.9)
    assert len(pairs.sources) == 2 * len(kinds) // 50


def peak_bytes(step, n_rows):
    near = neighbours(n_rows)
    tracemalloc.start()
    step(near)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


@pytest.mark.parametrize(("step", "most"), [(choose, 250), (judge, 350), (judge_with_copies, 500)])
def test_a_picture_more_takes_a_few_hundred_bytes(step, most):
    few, many = 20_000, 60_000
    growth = peak_bytes(step, many) - peak_bytes(step, few)
    assert growth / (many - few) < most
