"""Labels in doubt, by a vote of the neighbours."""

import numpy as np

from fastdup.explorer.label_votes import vote_on_labels

RING = [[1, 2, 3], [0, 2, 3], [3, 0, 1], [2, 1, 0]]
NEAR = [[0.9, 0.8, 0.7], [0.9, 0.8, 0.7], [0.95, 0.8, 0.7], [0.95, 0.8, 0.7]]


def doubts(indices, similarities, labels, lowest=0.3):
    return vote_on_labels(*map(np.array, (indices, similarities, labels)), lowest)


def test_an_image_among_others_of_another_label_is_doubted():
    found = doubts(RING, NEAR, [0, 1, 1, 1])
    assert [column.tolist() for column in found] == [[0], [1], [1], [1.0], [0.9]]


def test_far_neighbours_and_those_without_a_label_do_not_vote():
    assert not len(doubts(RING, NEAR, [0, 1, 1, 1], lowest=0.96).images)
    assert not len(doubts(RING, NEAR, [0, -1, -1, -1]).images)
    assert not len(doubts(RING, NEAR, [-1, 1, 1, 1]).images)
    assert not len(doubts([[-1]], [[0.0]], [0]).images)


def test_copies_with_another_label_come_before_a_single_distant_neighbour():
    indices = [[1, -1], [0, -1], [3, 4], [2, 4], [2, 3]]
    similarities = [[0.31, 0.0], [0.31, 0.0], [0.99, 0.98], [0.99, 0.9], [0.98, 0.9]]
    found = doubts(indices, similarities, [0, 1, 2, 3, 3])
    assert (found.images[0], found.images.tolist()[-2:]) == (2, [0, 1])
