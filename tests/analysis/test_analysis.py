import numpy as np
import pytest

from fastdup.analysis.components import find_components
from fastdup.analysis.cross_set import nearest_in_other_set
from fastdup.analysis.outliers import find_outliers
from fastdup.analysis.pairs import Pairs, select_pairs
from fastdup.scale import rounded

INDICES = np.array([[1, 2], [0, 2], [1, 0], [-1, -1], [5, 0], [4, 0]])
SIMILARITIES = rounded(
    [[0.9, 0.5], [0.9, 0.85], [0.85, 0.5], [0.0, 0.0], [0.8499999, 0.1], [0.8499994, 0.1]]
)


def test_pairs_reach_the_threshold_and_come_most_similar_first():
    pairs = select_pairs(INDICES, SIMILARITIES, 0.85)
    assert list(zip(*map(list, pairs), strict=True)) == [
        (0, 1, 0.9),
        (1, 0, 0.9),
        (1, 2, 0.85),
        (2, 1, 0.85),
        (4, 5, 0.85),  # 0.8499999 is written, and so judged, as 0.850000
    ]


def test_outliers_are_below_the_lower_threshold_least_similar_first():
    similarities = np.array([[0.3, 0.2], [0.1, 0.0], [0.29, 0.0], [0.0, 0.0], [0.1, 0], [0.9, 0]])
    outliers = find_outliers(INDICES, similarities, 0.3)
    assert list(zip(*map(list, outliers), strict=True)) == [
        (1, 0, 0.1),
        (4, 5, 0.1),
        (2, 1, 0.29),
    ]


def test_nothing_gives_nothing():
    pairs = select_pairs(np.zeros((0, 2), np.int64), np.zeros((0, 2)), 0.5)
    assert len(pairs.sources) == 0
    assert len(find_outliers(np.zeros((0, 2), np.int64), np.zeros((0, 2)), 0.5).sources) == 0
    assert len(find_components(pairs, 0).members) == 0


def pairs_of(*edges):
    sources, targets, similarities = zip(*edges, strict=True)
    return Pairs(np.array(sources), np.array(targets), np.array(similarities, float))


def test_components_are_connected_through_others_and_the_largest_comes_first():
    pairs = pairs_of(
        (8, 2, 0.9), (2, 8, 0.9), (5, 1, 1.0), (1, 4, 0.86), (4, 1, 0.86), (9, 7, 0.95)
    )
    components = find_components(pairs, 10)
    assert components.members.tolist() == [1, 4, 5, 2, 8, 7, 9]
    assert components.component_ids.tolist() == [0, 0, 0, 1, 1, 2, 2]
    assert components.counts.tolist() == [3, 2, 2]
    np.testing.assert_allclose(components.mean, [0.93, 0.9, 0.95])
    np.testing.assert_allclose(components.min, [0.86, 0.9, 0.95])
    np.testing.assert_allclose(components.max, [1.0, 0.9, 0.95])


@pytest.mark.parametrize("n_images", [2, 3, 1000])
def test_a_long_chain_is_one_component(n_images):
    order = np.random.default_rng(0).permutation(n_images)
    chain = Pairs(order[:-1], order[1:], np.ones(n_images - 1))
    assert find_components(chain, n_images).counts.tolist() == [n_images]


def test_random_components_agree_with_a_plain_search():
    rng = np.random.default_rng(3)
    for n_pairs in (5, 50, 120, 400):
        sources, targets = rng.integers(0, 200, (2, n_pairs))
        keep = sources != targets
        pairs = Pairs(sources[keep], targets[keep], np.ones(keep.sum()))
        components = find_components(pairs, 200)
        found = {
            frozenset(components.members[components.component_ids == i].tolist())
            for i in range(len(components.counts))
        }
        assert found == plain_components(pairs)


def plain_components(pairs):
    components = []
    for a, b in zip(pairs.sources.tolist(), pairs.targets.tolist(), strict=True):
        touched = [g for g in components if a in g or b in g]
        components = [g for g in components if g not in touched]
        components.append(frozenset({a, b}).union(*touched))
    return set(components)


def test_neighbours_across_are_none_within():
    features = np.eye(6, 4, dtype=np.float32)
    features[4], features[5] = features[0], features[1] + features[2]
    is_query = np.array([False, False, False, False, True, True])
    found = nearest_in_other_set(features, is_query, 2)
    assert found.indices[:4].tolist() == [[-1, -1]] * 4
    assert found.indices[4:].tolist() == [[0, 1], [1, 2]]
    assert found.similarities[4].tolist() == [1, 0]


@pytest.mark.parametrize("is_query", [[True] * 3, [False] * 3])
def test_without_one_of_the_sets_there_are_no_neighbours(is_query):
    found = nearest_in_other_set(np.eye(3, dtype=np.float32), np.array(is_query), 2)
    assert (found.indices == -1).all()
