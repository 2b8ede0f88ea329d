"""Which pairs are looked at: those at the threshold, and those that stand out on both sides."""

import numpy as np

from fastdup.index import Neighbours
from fastdup.judging.candidates import choose_pairs


def pairs_of(indices, cosines, threshold=0.85, **options):
    cosines = np.array(cosines, float)
    near = Neighbours(np.array(indices), np.where(np.array(indices) < 0, 0.0, cosines))
    found = choose_pairs(near, cosines, threshold, **options)
    assert found.similarity.tolist() == found.cosine.tolist()  # here they are the same
    return list(zip(found.low.tolist(), found.high.tolist(), found.cosine.tolist(), strict=True))


def test_pairs_at_the_threshold_are_looked_at_each_once():
    indices = [[1, 2], [0, 2], [0, 1]]
    cosines = [[0.85, 0.3], [0.85, 0.3], [0.3, 0.3]]
    assert pairs_of(indices, cosines) == [(0, 1, 0.85)]


def test_a_pair_that_stands_out_from_both_neighbourhoods_is_looked_at():
    # Of six rows, all are 0.5 alike, but for 0 and 1.
    indices = [[other for other in range(6) if other != row] for row in range(6)]
    cosines = np.full((6, 5), 0.5)
    cosines[0, 0] = cosines[1, 0] = 0.58
    assert pairs_of(indices, cosines) == [(0, 1, 0.58)]
    cosines[0, 0] = cosines[1, 0] = 0.53
    assert pairs_of(indices, cosines) == []


def test_less_is_enough_where_each_of_two_is_the_nearest_of_the_other():
    indices = [[other for other in range(6) if other != row] for row in range(6)]
    cosines = np.full((6, 5), 0.5)
    cosines[0, 0] = cosines[1, 0] = 0.55
    assert pairs_of(indices, cosines) == [(0, 1, 0.55)]
    indices[1] = [2, 0, 3, 4, 5]  # the nearest of 1 is another one
    cosines[1, :2] = 0.59, 0.55
    indices[2], cosines[2, 0] = [1, 0, 3, 4, 5], 0.59
    assert pairs_of(indices, cosines) == [(1, 2, 0.59)]


def test_a_picture_that_shows_no_others_must_stand_out_by_more():
    indices = [[other for other in range(6) if other != row] for row in range(6)]
    shows_none, shows_some = np.zeros(6, bool), np.array([False, True, *[False] * 4])
    cosines = np.full((6, 5), 0.5)
    cosines[0, 0] = cosines[1, 0] = 0.545  # each is the nearest of the other
    assert pairs_of(indices, cosines, may_show_others=shows_none) == []
    assert pairs_of(indices, cosines, may_show_others=shows_some) == [(0, 1, 0.545)]
    cosines[0, 0] = cosines[1, 0] = 0.555
    assert pairs_of(indices, cosines, may_show_others=shows_none) == [(0, 1, 0.555)]
    indices[1] = [2, 0, 3, 4, 5]  # the nearest of 1 is another one
    cosines[0, 0] = cosines[1, 1] = 0.59
    cosines[1, 0] = cosines[2, 1] = 0.6
    indices[2] = [0, 1, 3, 4, 5]
    assert (0, 1, 0.59) not in pairs_of(indices, cosines, may_show_others=shows_none)
    assert (0, 1, 0.59) in pairs_of(indices, cosines, may_show_others=shows_some)


def test_copies_keep_no_picture_from_being_the_nearest():
    # The nearest of row 0, but for its copy, row 1, is the crop, row 2.
    indices = [[1, 2, 3], [0, 3, 2], [0, 3, 1], [0, 1, 2]]
    cosines = [[0.95, 0.34, 0.27], [0.95, 0.27, 0.27], [0.34, 0.27, 0.27], [0.27] * 3]
    shows_none = np.zeros(4, bool)
    found = [pair[:2] for pair in pairs_of(indices, cosines, may_show_others=shows_none)]
    assert found == [(0, 1), (0, 2)]


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
    near, crop, far = 0.95, 0.36, 0.28
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
