import numpy as np

from fastdup.analysis.farthest_points import choose_farthest, shares_of

LINE = np.array([[0.0], [1], [2], [3], [4], [5], [6], [7], [8], [9], [10]])


def test_on_a_line_the_middle_comes_first_then_the_ends_then_the_quarters():
    chosen, distances = choose_farthest(LINE, 5)
    # Mean 5. Both ends are 5 away, and the first wins; 2, 3, 7 and 8 are then 2 away.
    assert chosen.tolist() == [5, 0, 10, 2, 7]
    assert distances.tolist() == [0, 5, 5, 2, 2]


def test_a_smaller_choice_is_the_beginning_of_a_larger_one_and_all_can_be_chosen():
    assert choose_farthest(LINE, 3)[0].tolist() == [5, 0, 10]
    assert sorted(choose_farthest(LINE, 99)[0].tolist()) == list(range(11))
    assert choose_farthest(LINE, 0)[0].tolist() == []


def test_as_many_of_each_kind_are_chosen_as_there_are():
    kinds = np.array([0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1])
    chosen, _ = choose_farthest(LINE, 4, kinds)
    assert np.bincount(kinds[chosen]).tolist() == [2, 2]
    chosen, _ = choose_farthest(LINE, 7, kinds)
    assert np.bincount(kinds[chosen]).tolist() == [5, 2]


def test_what_a_small_kind_lacks_goes_to_the_others():
    assert shares_of(np.array([9, 1, 9]), 7).tolist() == [3, 1, 3]
    assert shares_of(np.array([9, 9, 9]), 4).tolist() == [2, 1, 1]
    assert shares_of(np.array([2, 0, 1]), 99).tolist() == [2, 0, 1]
