"""Which rows of the same features are compared, and which stand for others."""

import numpy as np

from fastdup.index import Neighbours
from fastdup.index.dedupe import DistinctRows
from fastdup.index.group_by import group_by
from fastdup.judging.candidates import Candidates
from fastdup.judging.more_candidates import SameRows, merged, of_search


def distinct_of(*kinds):
    """Return rows of these kinds, numbered by their first row."""
    inverse = np.array(kinds)
    return DistinctRows(inverse, *group_by(inverse, inverse.max() + 1))


def candidates(*pairs):
    low, high, cosine, similarity = zip(*pairs, strict=True)
    return Candidates(np.array(low), np.array(high), np.array(cosine), np.array(similarity))


def rows_of(pairs):
    return list(zip(pairs.low.tolist(), pairs.high.tolist(), strict=True))


def test_of_a_pair_in_several_lists_the_first_counts():
    one = candidates((0, 3, 0.5, 0.7), (1, 2, 0.6, 0.8))
    found = merged([one, candidates((1, 2, 0.1, 0.1), (0, 1, 0.2, 0.3))], 4)
    assert rows_of(found) == [(0, 1), (0, 3), (1, 2)]
    assert found.similarity.tolist() == [0.3, 0.7, 0.8]


def test_a_row_is_compared_with_the_first_of_its_kind():
    same = SameRows(distinct_of(0, 1, 0, 2, 0, 1), np.full(6, -1))
    assert rows_of(same.among()) == [(0, 2), (0, 4), (1, 5)]
    between = same.between(candidates((0, 1, 0.5, 0.7), (1, 2, 0.6, 0.8)))
    assert rows_of(between) == [(0, 1), (1, 3)]
    assert between.similarity.tolist() == [0.7, 0.8]


def test_a_row_of_another_video_stands_for_the_first_where_that_may_not_be_compared():
    # Two videos of the same two frames, the first of which is there twice; then a picture.
    distinct = distinct_of(0, 0, 1, 0, 1, 2)
    videos = np.array([0, 0, 0, 1, 1, -1])
    same = SameRows(distinct, videos)
    assert rows_of(same.among()) == [(3, 1), (0, 3), (2, 4)]
    between = same.between(candidates((0, 1, 0.9, 0.9), (0, 2, 0.8, 0.8)))
    assert rows_of(between) == [(0, 4), (0, 5)]
    one_video = SameRows(distinct, np.array([0, 0, 0, 0, 0, -1]))
    assert rows_of(one_video.among()) == []
    assert rows_of(one_video.between(candidates((0, 1, 0.9, 0.9), (1, 2, 0.8, 0.8)))) == [(2, 5)]


def test_rows_that_are_no_copies_of_their_first_are_compared_for_themselves():
    same = SameRows(distinct_of(0, 0, 0, 1, 2, 1), np.full(6, -1))
    chosen = candidates((0, 1, 0.5, 0.7), (1, 2, 0.6, 0.8))
    found = same.of_odd(np.array([1, 2]), chosen)
    assert set(rows_of(found)) == {(1, 2), (0, 3), (1, 3), (2, 3)}
    assert dict(zip(rows_of(found), found.similarity.tolist(), strict=True))[1, 2] == 1
    assert rows_of(same.of_odd(np.array([], int), chosen)) == []
    many = SameRows(distinct_of(*[0] * 1000, 1), np.full(1001, -1))
    assert len(rows_of(many.of_odd(np.arange(1, 1000), candidates((0, 1, 0.5, 0.7))))) < 11 * 1000


def test_pairs_of_another_search_are_pairs_of_different_rows():
    found = Neighbours(np.array([[4, 0], [2, -1]]), np.array([[0.8, 1.0], [0.5, 0.0]]))
    pairs = of_search(distinct_of(0, 1, 0, 2, 1), np.array([2, 3]), found, found.similarities, 0.5)
    assert rows_of(pairs) == [(0, 1), (0, 2)]
    assert pairs.cosine.tolist() == [0.8, 0.5]
