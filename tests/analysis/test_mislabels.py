import numpy as np
import pytest

from fastdup.analysis.mislabels import find_mislabels


def found_in(indices, similarities, labels, threshold=0.3, least_share=0.5):
    return find_mislabels(
        np.array(indices),
        np.array(similarities),
        np.array(labels),
        threshold=threshold,
        least_share=least_share,
    )


RING = [[1, 2, 3], [0, 2, 3], [3, 0, 1], [2, 1, 0]]
NEAR = [[0.9, 0.8, 0.7], [0.9, 0.8, 0.7], [0.95, 0.8, 0.7], [0.95, 0.8, 0.7]]


def test_an_image_among_others_of_another_label_is_reported():
    found = found_in(RING, NEAR, [0, 1, 1, 1])
    assert found.images.tolist() == [0]
    assert found.labels.tolist() == [1]
    assert found.scores.tolist() == [1.0]
    assert found.nearest.tolist() == [1]
    assert found.similarities.tolist() == [0.9]


def test_votes_are_weighted_by_similarity():
    indices, labels = [[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]], [0, 1, 0, 0]
    assert found_in(indices, [[0.9, 0.5, 0.3]] * 4, labels).images.tolist() == [1, 0]
    assert 0 not in found_in(indices, [[0.9, 0.6, 0.5]] * 4, labels).images


def test_neighbours_that_are_far_or_have_no_label_do_not_vote():
    assert not len(found_in(RING, NEAR, [0, 1, 1, 1], threshold=0.96).images)
    assert not len(found_in(RING, NEAR, [0, -1, -1, -1]).images)
    assert not len(found_in(RING, NEAR, [-1, 1, 1, 1]).images)


def test_a_neighbour_at_the_threshold_votes_and_the_share_must_be_exceeded():
    labels = [0, 1, 0, 1]
    indices, similarities = [[1, 2]] + [[-1, -1]] * 3, [[0.5, 0.5]] + [[0.0, 0.0]] * 3
    found = found_in(indices, similarities, labels, threshold=0.5, least_share=0.49)
    assert (found.images.tolist(), found.scores.tolist()) == ([0], [0.5])
    assert not len(found_in(indices, similarities, labels, threshold=0.5, least_share=0.5).images)
    assert not len(found_in(indices, similarities, labels, threshold=0.51, least_share=0.4).images)


def test_two_copies_with_two_labels_doubt_each_other():
    found = found_in([[1], [0]], [[1.0], [1.0]], [0, 1])
    assert found.images.tolist() == [0, 1]
    assert found.labels.tolist() == [1, 0]


def test_the_surest_come_first():
    indices = [[1, 2], [2, 0], [1, 3], [2, 1]]
    similarities = [[0.9, 0.9], [0.8, 0.7], [0.8, 0.2], [0.9, 0.8]]
    found = found_in(indices, similarities, [0, 1, 1, 0], least_share=0.4)
    assert found.scores.tolist() == sorted(found.scores.tolist(), reverse=True)
    assert found.images.tolist()[:2] == [0, 3]


@pytest.mark.parametrize("k", [1, 3])
def test_no_images_and_no_neighbours_are_fine(k):
    empty = np.zeros((0, k))
    assert not len(found_in(empty.astype(int), empty, np.zeros(0, int)).images)
    assert not len(found_in([[-1] * k], [[0.0] * k], [0]).images)
