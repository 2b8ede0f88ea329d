"""Which pairs are looked at: those at the threshold, and those that stand out on both sides."""

from itertools import pairwise

import numpy as np
import pytest

from fastdup.index import Neighbours
from fastdup.judging.candidates import choose_in_rounds


def pairs_of(indices, cosines, threshold=0.85, **options):
    cosines = np.array(cosines, float)
    near = Neighbours(np.array(indices), np.where(np.array(indices) < 0, 0.0, cosines))
    found = next(choose_in_rounds(near, cosines, threshold, **options))
    assert found.similarity.tolist() == found.cosine.tolist()  # here they are the same
    return list(zip(found.low.tolist(), found.high.tolist(), found.cosine.tolist(), strict=True))


def test_pairs_at_the_threshold_are_looked_at_each_once():
    indices = [[1, 2], [0, 2], [0, 1]]
    cosines = [[0.85, 0.2], [0.85, 0.2], [0.2, 0.2]]
    assert pairs_of(indices, cosines) == [(0, 1, 0.85)]


def neighbours_of_all(n_rows, level):
    """Rows of which each is a neighbour of all others, all equally near."""
    indices = [[other for other in range(n_rows) if other != row] for row in range(n_rows)]
    return indices, np.full((n_rows, n_rows - 1), level)


@pytest.mark.parametrize("level", [0.3, 0.4, 0.5])
def test_a_pair_that_stands_out_from_both_neighbourhoods_is_looked_at(level):
    indices, cosines = neighbours_of_all(12, level)
    cosines[0, 0] = cosines[1, 0] = level + 0.25
    assert pairs_of(indices, cosines) == [(0, 1, level + 0.25)]
    cosines[0, 0] = cosines[1, 0] = level + 0.02
    assert pairs_of(indices, cosines) == []


def least_cosine_looked_at(indices, cosines, **options):
    """The cosine of rows 0 and 1, in hundredths, from which on they are looked at."""
    for cosine in np.arange(30, 85) / 100:
        cosines[0, indices[0].index(1)] = cosine
        if 0 in indices[1]:
            cosines[1, indices[1].index(0)] = cosine
        if (0, 1) in [pair[:2] for pair in pairs_of(indices, cosines, **options)]:
            return cosine
    raise AssertionError("rows 0 and 1 are never looked at")


def test_less_is_enough_where_others_are_farther():
    among_others = [neighbours_of_all(12, level) for level in (0.3, 0.4, 0.5)]
    least = [least_cosine_looked_at(*collection) for collection in among_others]
    assert least[0] < least[1] < least[2]


def test_less_is_enough_where_each_of_two_is_a_neighbour_of_the_other():
    indices, cosines = neighbours_of_all(12, 0.4)
    least = least_cosine_looked_at(indices, cosines)
    indices[1] = [*range(2, 12), -1]
    assert least_cosine_looked_at(indices, cosines) > least


def test_a_picture_that_may_show_others_need_not_stand_out_by_as_much():
    indices, cosines = neighbours_of_all(12, 0.4)
    photo, page = np.full(12, -2.0, np.float32), np.full(12, -2.0, np.float32)
    page[1] = 2.0
    least = least_cosine_looked_at(indices, cosines, shows_others=photo)
    assert least_cosine_looked_at(indices, cosines, shows_others=page) < least


def test_neighbours_beyond_the_first_ten_say_nothing():
    indices, cosines = neighbours_of_all(16, 0.4)
    cosines[0, 0] = cosines[1, 0] = 0.65
    few = [row[:10] for row in indices], cosines[:, :10]
    assert pairs_of(indices, cosines) == pairs_of(*few) == [(0, 1, 0.65)]


def test_it_is_the_same_pairs_in_whatever_order_the_rows_are():
    rng = np.random.default_rng(3)
    rows = rng.normal(size=(60, 8))
    rows[30:36] = rows[:6] + rng.normal(0, 0.4, (6, 8))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    found = []
    for order in (np.arange(60), rng.permutation(60)):
        cosines = rows[order] @ rows[order].T
        np.fill_diagonal(cosines, -2)
        indices = np.argsort(-cosines, axis=1)[:, :10]
        pairs = pairs_of(indices, np.take_along_axis(cosines, indices, axis=1))
        found.append({frozenset(order[list(pair[:2])]) for pair in pairs})
    assert found[0] == found[1]
    assert found[0]


def test_copies_keep_no_picture_from_being_looked_at():
    # The nearest of row 0, but for its copy, row 1, is the crop, row 2.
    indices = [[1, 2, 3], [0, 3, 2], [0, 3, 1], [0, 1, 2]]
    cosines = [[0.95, 0.45, 0.2], [0.95, 0.2, 0.2], [0.45, 0.2, 0.2], [0.2] * 3]
    assert [pair[:2] for pair in pairs_of(indices, cosines)] == [(0, 1), (0, 2)]


def test_a_row_whose_own_others_are_as_near_needs_more():
    # Row 0 is 0.6 like four rows of which none is near another: 0.6 is nothing special to row 0.
    indices = [[1, 2, 3, 4], *([[0, -1, -1, -1]] * 4)]
    cosines = [[0.6] * 4, *([[0.6, 0, 0, 0]] * 4)]
    level = (0.6 + 0.27) / 2  # of row 0, and of one without others
    assert [pair[:2] for pair in pairs_of(indices, cosines)] == [(0, n) for n in range(1, 5)]
    assert 0.6 - level >= 0.07
    cosines = [[0.34] * 4, *([[0.34, 0, 0, 0]] * 4)]
    assert pairs_of(indices, cosines) == []  # 0.34 - (0.34 + 0.27) / 2 is 0.035


def test_copies_are_no_part_of_the_neighbourhood():
    # Rows 0 to 2 are copies, which row 3, a crop, does not know all of; row 4 is another picture.
    indices = [[1, 2, 3, 4], [0, 2, 4, 3], [0, 1, 4, 3], [0, 4, 1, 2], [0, 1, 2, 3]]
    near, crop, far = 0.95, 0.4, 0.2
    cosines = [[near, near, crop, far], *([[near, near, far, far]] * 2), [crop, far, far, far]]
    found = [pair[:2] for pair in pairs_of(indices, [*cosines, [far] * 4])]
    assert found == [(0, 1), (0, 2), (0, 3), (1, 2)]


def test_all_neighbours_are_looked_at_when_asked():
    indices, cosines = [[1], [0], [-1]], [[0.1], [0.1], [0.0]]
    assert pairs_of(indices, cosines) == []
    assert pairs_of(indices, cosines, all_of_them=True) == [(0, 1, 0.1)]


def test_between_two_sets_the_query_comes_first():
    indices, cosines = [[-1], [-1], [0]], [[0], [0], [0.9]]
    assert pairs_of(indices, cosines) == [(0, 2, 0.9)]
    assert pairs_of(indices, cosines, one_way=True) == [(2, 0, 0.9)]


def test_no_rows_have_no_pairs():
    assert pairs_of(np.zeros((0, 3), int), np.zeros((0, 3))) == []


def test_further_rounds_bring_other_pairs_that_stand_out_by_ever_less():
    indices, cosines = neighbours_of_all(12, 0.4)
    cosines[0, 0] = cosines[1, 0] = 0.9  # no copy in doubt
    for other, gap in enumerate(np.linspace(0.01, 0.2, 10)):
        cosines[2 + other, 1] = cosines[1, 1 + other] = 0.4 + gap
    near = Neighbours(np.array(indices), cosines)
    rounds = list(choose_in_rounds(near, cosines, 0.85))
    pairs = [set(zip(of.low.tolist(), of.high.tolist(), strict=True)) for of in rounds]
    assert (0, 1) in pairs[0]
    assert sum(map(len, pairs)) == len(set().union(*pairs))
    of_row_1 = [
        sorted(float(c) for low, c in zip(of.low, of.cosine, strict=True) if low == 1)
        for of in rounds
    ]
    found = [values for values in of_row_1 if values]
    assert len(found) > 2
    assert all(min(before) > max(after) for before, after in pairwise(found))
