"""Star clustering: which image stays, and which others are copies of it."""

import numpy as np
import pytest

from fastdup.analysis.pairs import Pairs
from fastdup.analysis.stars import Star, grow_stars


def stars_of(matrix, *, threshold, order=None, paired_from=None, **options):
    """Return the stars of images whose similarities are known, and the similarities asked for.

    The pairs are those of at least `paired_from`; by default, of at least the threshold.
    """
    matrix = np.array(matrix)
    lowest = threshold if paired_from is None else paired_from
    sources, targets = np.nonzero(np.triu(matrix >= lowest, 1))
    asked = []

    def similarity(row, others):
        asked.extend((row, other) for other in others.tolist())
        return matrix[row, others]

    pairs = Pairs(sources, targets, matrix[sources, targets])
    order = range(len(matrix)) if order is None else order
    stars = grow_stars(pairs, order, threshold=threshold, similarity=similarity, **options)
    return stars, asked


CHAIN = [[1, 0.95, 0.8], [0.95, 1, 0.95], [0.8, 0.95, 1]]


def test_a_copy_reaches_the_threshold_itself():
    twins = [[1, 0.9], [0.9, 1]]
    assert stars_of(twins, threshold=0.9)[0] == [Star(0, {1: 0.9})]
    assert stars_of(twins, threshold=0.900001, paired_from=0.9)[0] == []


def test_the_first_in_the_order_stays_and_a_chain_does_not_lead_further():
    assert stars_of(CHAIN, threshold=0.9)[0] == [Star(0, {1: 0.95})]
    assert stars_of(CHAIN, threshold=0.9, order=[2, 0, 1])[0] == [Star(2, {1: 0.95})]
    assert stars_of(CHAIN, threshold=0.9, order=[1, 0, 2])[0] == [Star(1, {0: 0.95, 2: 0.95})]


def test_a_copy_that_no_pair_names_is_found_along_the_pairs_and_compared():
    matrix = [[1, 0.95, 0.9], [0.95, 1, 0.95], [0.9, 0.95, 1]]
    found, asked = stars_of(matrix, threshold=0.9, paired_from=0.95)
    assert found == [Star(0, {1: 0.95, 2: 0.9})]
    assert asked == [(0, 2)]


def test_what_must_not_go_is_spared_and_has_copies_of_its_own():
    matrix = np.full((4, 4), 0.95)
    matrix[0, 3] = matrix[3, 0] = 0.5
    found, _ = stars_of(matrix, threshold=0.9, never=[1, 2])
    assert found == [Star(0, {}, [1, 2]), Star(1, {3: 0.95}, [2])]


def test_images_that_are_left_out_of_the_order_neither_stay_nor_go():
    assert stars_of(CHAIN, threshold=0.9, order=[0, 2])[0] == []


@pytest.mark.parametrize(("by_hand", "copies"), [([], {1: 0.95}), ([2], {1: 0.95, 2: 0.8})])
def test_by_hand_a_copy_goes_that_is_only_chained_to_what_stays(by_hand, copies):
    assert stars_of(CHAIN, threshold=0.9, by_hand=by_hand)[0] == [Star(0, copies)]


def test_by_hand_a_copy_goes_with_the_most_similar_of_the_nearest_that_stay():
    matrix = np.full((4, 4), 0.5)
    alike = [(0, 2, 0.95), (1, 2, 0.95), (2, 3, 0.95), (0, 3, 0.6), (1, 3, 0.7)]
    for one, other, value in alike:
        matrix[one, other] = matrix[other, one] = value
    found, _ = stars_of(matrix, threshold=0.9, by_hand=[3])
    assert found == [Star(0, {2: 0.95}), Star(1, {3: 0.7})]


def test_the_last_one_stays_even_if_all_are_to_go():
    assert stars_of(CHAIN, threshold=0.9, by_hand=[0, 1, 2])[0] == [Star(0, {1: 0.95, 2: 0.8})]
