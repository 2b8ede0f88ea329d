"""All images of a strict component are copies of its centre."""

import numpy as np

from fastdup.analysis.components import find_components
from fastdup.analysis.pairs import Pairs
from fastdup.analysis.strict_components import find_strict_components

CHAIN = Pairs(np.array([0, 1, 2, 3]), np.array([1, 2, 3, 4]), np.array([0.95, 0.94, 0.93, 0.92]))


def unlike(row, others):
    return np.zeros(len(others))


def groups_of(components):
    return [
        components.members[components.component_ids == number].tolist()
        for number in range(len(components.counts))
    ]


def test_a_chain_is_one_component_and_several_strict_ones():
    assert groups_of(find_components(CHAIN, 6)) == [[0, 1, 2, 3, 4]]
    strict = find_strict_components(CHAIN, 6, 0.9, unlike)
    assert groups_of(strict) == [[0, 1, 2], [3, 4]]
    assert strict.counts.tolist() == [3, 2]
    assert strict.min.tolist() == [0.94, 0.92]
    assert strict.max.tolist() == [0.95, 0.92]


def test_copies_of_the_centre_that_no_pair_names_belong_to_it():
    def alike(row, others):
        return np.full(len(others), 0.91)

    strict = find_strict_components(CHAIN, 6, 0.9, alike)
    assert groups_of(strict) == [[0, 1, 2, 3, 4]]
    assert strict.min.tolist() == [0.91]


def test_the_image_in_most_pairs_is_the_centre_of_equal_ones_the_first():
    star = Pairs(np.array([4, 4, 4, 0]), np.array([1, 2, 3, 1]), np.array([0.9, 0.9, 0.9, 0.99]))
    assert groups_of(find_strict_components(star, 5, 0.9, unlike)) == [[1, 2, 3, 4]]


def test_no_pairs_make_no_components():
    none = Pairs(np.empty(0, int), np.empty(0, int), np.empty(0))
    assert groups_of(find_strict_components(none, 3, 0.9, unlike)) == []
