"""Neighbours, similarities and copies of all rows follow from the pairs that were judged."""

import subprocess
import sys

import numpy as np

from fastdup.analysis.pairs import select_pairs
from fastdup.index import Neighbours
from fastdup.index.dedupe import DistinctRows
from fastdup.judging import Finding, JudgedPairs, JudgedRows
from fastdup.verify import Verdict

SAME, EDITED, ALTERED, LOOK_ALIKE = (
    Finding(verdict=verdict)
    for verdict in (Verdict.SAME_BYTES, Verdict.EDITED, Verdict.ALTERED, Verdict.LOOK_ALIKE)
)


def judged(*pairs):
    """Return judged pairs from (low, high, cosine, similarity, finding)."""
    low, high, cosines, similarities, findings = zip(*pairs, strict=True)
    return JudgedPairs(
        low=np.array(low),
        high=np.array(high),
        cosines=np.array(cosines),
        similarities=np.array(similarities),
        findings=findings,
        unread=frozenset(),
    )


def test_judged_pairs_replace_similarities_and_are_neighbours_of_both():
    near = Neighbours(
        np.array([[1, 2], [0, 2], [1, 0], [0, 1]]),
        np.array([[0.9, 0.5], [0.9, 0.6], [0.6, 0.5], [0.4, 0.3]]),
    )
    pairs = judged((0, 1, 0.7, 0.7, LOOK_ALIKE), (0, 3, 0.5, 0.95, EDITED))
    distinct, groups = DistinctRows.all_different(4), np.full(4, -1)
    found = JudgedRows(pairs, distinct, near, groups, one_way=False).of_all(2)
    assert found.indices.tolist() == [[3, 1], [0, 2], [1, 0], [0, 1]]
    assert found.similarities.tolist() == [[0.95, 0.7], [0.7, 0.6], [0.6, 0.5], [0.95, 0.3]]
    pairs = judged((3, 0, 0.5, 0.95, EDITED))
    found = JudgedRows(pairs, distinct, near, groups, one_way=True).of_all(2)
    assert found.indices.tolist() == [[1, 2], [0, 2], [1, 0], [0, 1]]
    assert found.similarities[3].tolist() == [0.95, 0.3]


def test_the_first_of_identical_rows_also_lists_different_ones():
    # Rows 0 to 3 are the same, row 4 is another one.
    inverse = np.array([0, 0, 0, 0, 1])
    distinct = DistinctRows(inverse, np.arange(5), np.array([0, 4, 5]))
    same = [(0, row, 1.0, 1.0, SAME) for row in (1, 2, 3)]
    pairs = judged(*same, (0, 4, 0.8, 0.99, EDITED))
    given = Neighbours(np.array([[1], [0]]), np.array([[0.9], [0.9]]))
    rows = JudgedRows(pairs, distinct, given, np.full(5, -1), one_way=False)
    near = rows.of_all(2)
    assert near.indices.tolist() == [[1, 2], [0, 2], [0, 1], [0, 1], [0, 1]]
    listed = select_pairs(near.indices, near.similarities, 0.99)
    kept = rows.with_different(near, 2, 0.99)
    more = [(0, 4, 0.99)]
    assert set(zip(*kept, strict=True)) == {*zip(*listed, strict=True), *more}
    assert kept.targets[kept.sources == 0].tolist() == [1, 2, 4]  # the most similar first
    rows = JudgedRows(pairs, distinct, given, np.zeros(5, int), one_way=False)
    frames_of_one_video = rows.with_different(near, 2, 0.0)
    assert frames_of_one_video.targets[frames_of_one_video.sources == 0].tolist() == [1, 2]


def test_identical_features_of_other_pictures_are_as_similar_as_was_found():
    distinct = DistinctRows(np.zeros(3, int), np.arange(3), np.array([0, 3]))
    pairs = judged((0, 1, 1.0, 0.4, LOOK_ALIKE), (0, 2, 1.0, 1.0, SAME))
    none = Neighbours(np.array([[-1, -1]]), np.zeros((1, 2)))
    near = JudgedRows(pairs, distinct, none, np.full(3, -1), one_way=False).of_all(2)
    assert near.indices.tolist() == [[2, 1], [0, 2], [0, 1]]
    assert near.similarities.tolist() == [[1.0, 0.4], [0.4, 0.4], [1.0, 0.4]]


def test_copies_among_those_that_are_no_copies_of_the_first_are_copies_all_the_same():
    distinct = DistinctRows(np.array([0, 0, 0, 0, 1]), np.arange(5), np.array([0, 4, 5]))
    odd = [(0, row, 1.0, 0.9, ALTERED) for row in (1, 2, 3)]
    again = [(1, 2, 1.0, 1.0, SAME), (2, 3, 1.0, 0.99, EDITED)]
    others = [(0, 4, 0.8, 0.6, LOOK_ALIKE), (1, 4, 0.8, 0.95, EDITED)]
    pairs = judged(*odd, *again, *others)
    near = Neighbours(np.array([[1], [0]]), np.array([[0.8], [0.8]]))
    rows = JudgedRows(pairs, distinct, near, np.full(5, -1), one_way=False)
    found = rows.of_all(1)
    assert found.indices.tolist() == [[1], [2], [1], [1], [1]]
    assert found.similarities[:, 0].tolist() == [0.9, 1.0, 1.0, 0.99, 0.95]
    asked = np.array([[1, 3, 4, -1], [0, 2, 4, -1], [3, 1, 0, -1]])
    values = rows.revalued(np.array([0, 3, 4]), asked, np.full(asked.shape, 0.8))
    assert values[:, :3].tolist() == [[0.9, 0.9, 0.6], [0.9, 0.99, 0.95], [0.95, 0.95, 0.6]]
    lookup = pairs.lookup(5)
    assert lookup.similarities(3, np.arange(5), plain).tolist() == [0.9, 0.99, 0.99, 0.99, 0.95]
    assert lookup.are_copies(np.array([3, 3, 3]), np.array([0, 1, 4])).tolist() == [
        False,
        True,
        True,
    ]


def plain(row, others):
    return np.full(len(others), 0.5)


def test_copies_of_one_picture_stand_for_the_first():
    same = [(0, 1, 1.0, 1.0, SAME), (0, 2, 1.0, 0.99, EDITED), (3, 4, 1.0, 1.0, SAME)]
    lookup = judged(*same, (0, 3, 0.8, 0.97, ALTERED), (0, 5, 0.7, 0.95, EDITED)).lookup(7)
    others = np.arange(7)
    assert lookup.similarities(0, others, plain)[1:].tolist() == [1, 0.99, 0.97, 0.97, 0.95, 0.5]
    assert lookup.similarities(2, others, plain).tolist()[:2] == [0.99, 0.99]
    assert lookup.similarities(4, others, plain)[[2, 5, 6]].tolist() == [0.97, 0.5, 0.5]
    assert lookup.copy_similarities(4, others, plain)[[0, 1, 2, 3, 5]].tolist() == [0, 0, 0, 1, 0.5]
    sources, targets = np.array([0, 1, 4, 4, 0, 5, 6]), np.array([3, 4, 2, 3, 5, 6, 0])
    assert lookup.are_copies(sources, targets).tolist() == [False] * 3 + [True] * 4


def test_nothing_judged_leaves_everything_as_it_is():
    empty = np.empty(0, int)
    pairs = JudgedPairs(
        low=empty,
        high=empty,
        cosines=np.empty(0),
        similarities=np.empty(0),
        findings=[],
        unread=frozenset(),
    )
    lookup = pairs.lookup(3)
    assert lookup.similarities(0, np.array([1, 2]), plain).tolist() == [0.5, 0.5]
    assert lookup.are_copies(np.array([0, 1]), np.array([1, 2])).all()
    assert pairs.counts() == {}


def test_what_judges_is_loaded_only_where_pairs_are_judged():
    code = "import sys, fastdup.pipeline; print([m for m in sys.modules if 'fastdup.verify' in m])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
