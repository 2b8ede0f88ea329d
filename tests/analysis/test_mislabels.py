import numpy as np
import pytest

from fastdup.analysis.mislabels import (
    N_ASKED,
    ask_neighbours,
    conflicts_among_copies,
    confused_labels,
    find_mislabels,
)
from fastdup.analysis.nearest_others import NearestOthers

#: Each of four images has the other three for neighbours.
RING = [[1, 2, 3], [0, 2, 3], [3, 0, 1], [2, 1, 0]]
NEAR = [[0.9, 0.8, 0.7], [0.9, 0.8, 0.7], [0.95, 0.8, 0.7], [0.95, 0.8, 0.7]]


def near(indices, values, kinds=None):
    indices = np.array(indices)
    kinds = np.arange(len(indices)) if kinds is None else np.array(kinds)
    return NearestOthers(kinds, indices, np.array(values))


def found_in(indices, values, labels, kinds=None, least_share=0.5):
    return find_mislabels(near(indices, values, kinds), np.array(labels), least_share=least_share)


def two_classes(n_each, rng):
    """Return the neighbours among two clouds of points, and their labels."""
    rows = rng.normal(0, 0.12, (2 * n_each, 12))
    rows[:n_each, 0] += 1
    rows[n_each:, 1] += 1
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    cosines = rows @ rows.T
    np.fill_diagonal(cosines, -2)
    indices = np.argsort(-cosines, axis=1)[:, :N_ASKED]
    values = np.take_along_axis(cosines, indices, axis=1)
    return near(indices, values), np.repeat([0, 1], n_each)


def test_an_image_among_others_of_another_label_is_reported():
    found = found_in(RING, NEAR, [0, 1, 1, 1])
    assert found.images.tolist() == [0]
    assert found.labels.tolist() == [1]
    assert found.scores.tolist() == [1.0]
    assert found.nearest.tolist() == [1]
    assert found.are_copies.tolist() == [False]


def test_changed_labels_are_found_and_no_others():
    everyone, labels = two_classes(60, np.random.default_rng(2))
    changed = [3, 20, 47, 70, 99]
    labels[changed] = 1 - labels[changed]
    assert sorted(find_mislabels(everyone, labels).images.tolist()) == changed


def test_every_neighbour_is_asked_however_far():
    found = found_in(RING, np.array(NEAR) / 20, [0, 1, 1, 1])
    assert found.images.tolist() == [0]


def test_near_ones_weigh_more():
    indices, labels = [[1, 2, 3]] + [[-1] * 3] * 3, np.array([0, 1, 2, 2])
    values = [[0.9, 0.6, 0.6]] + [[0.0] * 3] * 3
    votes = ask_neighbours(near(indices, values), labels)
    assert votes.labels[0] == 1  # 0.9³ is more than twice 0.6³
    assert votes.shares[0] == pytest.approx(0.729 / (0.729 + 2 * 0.216), abs=1e-6)


def test_the_own_label_among_the_neighbours_makes_it_less_sure():
    labels, values = [0, 1, 1, 1, 1, 0], [[0.9, 0.9, 0.9, 0.9, 0.6]] + [[0.0] * 5] * 5
    indices = [[1, 2, 3, 4, 5]] + [[-1] * 5] * 5
    assert found_in(indices, values, labels).images.tolist() == [0]
    values[0][4] = 0.9
    assert not len(found_in(indices, values, labels).images)
    assert found_in(indices, values, labels, least_share=None).images.tolist() == [0]


def test_the_share_must_be_exceeded():
    indices, values = [[1, 2]] + [[-1, -1]] * 3, [[0.5, 0.5]] + [[0.0, 0.0]] * 3
    found = found_in(indices, values, [0, 1, 2, 0], least_share=0.49)
    assert (found.images.tolist(), found.scores.tolist()) == ([0], [0.5])
    assert not len(found_in(indices, values, [0, 1, 2, 0], least_share=0.5).images)


@pytest.mark.parametrize(("weaker", "is_sure"), [(0.4, True), (0.6, False)])
def test_a_label_of_one_picture_is_in_doubt_only_among_nine_tenths_of_another(weaker, is_sure):
    indices = [[1, 2, 3]] + [[-1] * 3] * 4
    values = [[0.9, 0.9, weaker]] + [[0.0] * 3] * 4
    labels = [0, 1, 1, 2, 2]
    assert (0 in found_in(indices, values, labels).images) == is_sure
    assert 0 in found_in(indices, values, [*labels[:4], 0]).images


def test_images_without_a_label_are_neither_asked_nor_doubted():
    assert not len(found_in(RING, NEAR, [0, -1, -1, -1]).images)
    assert not len(found_in(RING, NEAR, [-1, 1, 1, 1]).images)


def test_neighbours_that_point_away_weigh_nothing():
    found = found_in([[1, 2], [-1, -1], [-1, -1]], [[0.2, -0.5], [0, 0], [0, 0]], [0, 1, 2])
    assert found.labels.tolist() == [1]
    assert found.scores.tolist() == [1.0]


def test_the_whole_ranking_begins_with_the_surest():
    everyone, labels = two_classes(60, np.random.default_rng(2))
    labels[:12] = 1
    ranking = find_mislabels(everyone, labels, least_share=None)
    sure = find_mislabels(everyone, labels)
    assert len(ranking.images) > len(sure.images) > 0
    ratios = ask_neighbours(everyone, labels).ratios()[ranking.images]
    assert (np.diff(ratios) <= 1e-9).all()
    assert ranking.images[: len(sure.images)].tolist() == sure.images.tolist()


def test_copies_with_two_labels_come_first_and_doubt_each_other():
    indices = [[1, 3], [0, 3], [3, 0], [-1, -1], [-1, -1]]
    values = [[0.9, 0.9], [0.9, 0.9], [0.9, 0.9], [0, 0], [0, 0]]
    found = found_in(indices, values, [1, 1, 0, 1, 2], kinds=[0, 1, 2, 3, 3])
    assert found.images[:2].tolist() == [3, 4]
    assert found.labels[:2].tolist() == [2, 1]
    assert found.nearest[:2].tolist() == [4, 3]
    assert found.scores[:2].tolist() == [1.0, 1.0]
    assert found.are_copies.tolist() == [True, True, False]
    assert found.images[2] == 2


def test_of_three_copies_the_one_with_the_other_label_is_doubted():
    found = conflicts_among_copies(np.array([0, 0, 2, 0, 2]), np.array([1, 2, 5, 1, 5]))
    assert (found.images.tolist(), found.labels.tolist()) == ([1], [1])
    assert found.nearest.tolist() == [0]


def test_copies_without_a_label_are_in_no_conflict():
    assert not len(conflicts_among_copies(np.array([0, 0, 0]), np.array([1, -1, 1])).images)


def test_a_picture_is_asked_by_the_label_of_any_of_its_copies():
    indices, values = [[1], [0], [-1]], [[0.9], [0.9], [0.0]]
    found = found_in(indices, values, [0, -1, 1], kinds=[0, 1, 1])
    assert (found.images.tolist(), found.labels.tolist()) == ([0], [1])


def test_labels_that_are_confused_are_counted():
    everyone, labels = two_classes(60, np.random.default_rng(2))
    assert confused_labels(ask_neighbours(everyone, labels), labels) == []
    labels[:6] = 1
    labels[60:62] = 0
    pairs = confused_labels(ask_neighbours(everyone, labels), labels)
    assert [tuple(pair) for pair in pairs] == [
        (1, 0, 6, pytest.approx(6 / 64, abs=1e-6)),
        (0, 1, 2, pytest.approx(2 / 56, abs=1e-6)),
    ]


@pytest.mark.parametrize(("n_labelled", "is_sure"), [(4, False), (5, True)])
def test_few_neighbours_with_a_label_are_not_enough(n_labelled, is_sure):
    indices = [[1, 2, 3, 4, 5, 6]] + [[-1] * 6] * 6
    values = [[0.9] * 6] + [[0.0] * 6] * 6
    labels = [0] + [1] * n_labelled + [-1] * (6 - n_labelled)
    assert (0 in found_in(indices, values, labels).images) == is_sure
    assert 0 in found_in(indices, values, labels, least_share=None).images


@pytest.mark.parametrize("k", [1, 3])
def test_no_images_and_no_neighbours_are_fine(k):
    empty = np.zeros((0, k))
    assert not len(found_in(empty.astype(int), empty, np.zeros(0, int)).images)
    assert not len(found_in([[-1] * k], [[0.0] * k], [0]).images)
    none = np.zeros(0, np.int64)
    assert confused_labels(ask_neighbours(near(empty.astype(int), empty), none), none) == []


def labelled_neighbours(n_images, agreement, rng):
    """Neighbours that carry the label of an image with this chance, and else one of nine others."""
    labels = rng.integers(0, 10, n_images)
    wanted = np.where(
        rng.random((n_images, 20)) < agreement,
        labels[:, None],
        (labels[:, None] + rng.integers(1, 10, (n_images, 20))) % 10,
    )
    rows = [np.flatnonzero(labels == label) for label in range(10)]
    indices = np.array([[rng.choice(rows[label]) for label in line] for line in wanted])
    return labels, indices


@pytest.mark.parametrize(("agreement", "is_sure"), [(0.9, True), (0.2, False)])
def test_where_labels_hardly_show_more_neighbours_must_agree_on_another(agreement, is_sure):
    labels, indices = labelled_neighbours(400, agreement, np.random.default_rng(3))
    other = (labels[0] + 1) % 10
    of_other = np.flatnonzero(labels == other)
    indices[0] = np.resize(of_other, 20)
    indices[0, 13:] = np.flatnonzero(labels == (other + 1) % 10)[:7]  # 13 of 20 say other
    found = found_in(indices, np.ones(indices.shape), labels, least_share=0.5)
    assert (0 in found.images) == is_sure


def test_of_two_doubts_the_one_that_is_usual_for_its_label_comes_later():
    labels = np.repeat([0, 1, 2, 3], 30)
    indices = np.stack([np.resize(np.flatnonzero(labels == label), 20) for label in labels])
    of = [np.flatnonzero(labels == label) for label in range(4)]
    indices[1:15, 12:] = of[1][:8]  # many of label 0 have neighbours of label 1
    indices[0] = np.resize(of[1], 20)
    indices[30] = np.resize(of[3], 20)
    found = found_in(indices, np.ones(indices.shape), labels, least_share=0.5)
    assert found.images.tolist() == [30, 0]
    assert found.labels.tolist() == [3, 1]
