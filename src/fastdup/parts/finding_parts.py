"""Pairs to judge because one picture may show a part of the other."""

from collections.abc import Sequence
from contextlib import closing
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import BoolArray, IntArray
from fastdup.index import Rows
from fastdup.index.join import SelfJoin
from fastdup.index.rerank import exact_similarities
from fastdup.judging import Finding, Judging, MorePairs
from fastdup.judging.candidates import Candidates
from fastdup.judging.verdict_store import PictureFiles
from fastdup.parts.describing import describe_pictures
from fastdup.parts.part_pairs import find_part_pairs
from fastdup.parts.point_store import PointStore
from fastdup.parts.second_look import look_again
from fastdup.scale import Scale
from fastdup.views import may_show_others

#: Of pictures that are as similar as this, one stands for the others: they need no points, and
#: their points would be taken for a pattern that all pictures show.
_SAME = 0.98


def find_parts(
    judging: Judging,
    join: SelfJoin,
    features: NDArray[Any],
    scale: Scale,
    store: str,
    finding_store: str,
    n_threads: int,
) -> MorePairs:
    """Return pairs of which one may show a part of the other, and a second look at all pairs.

    Parameters
    ----------
    judging : Judging
        Knows the pictures, how to read them, and which may be compared.
    join : SelfJoin
        The neighbours of the n rows.
    features : (n, d) array
    scale : Scale
        Of their similarities.
    store, finding_store : str
        The files that keep the points of the pictures, and what a second look finds.
    n_threads : int
        Threads of this process that compare points.
    """
    first = join.distinct.first
    rows = first if judging.one_way else first[~_is_represented(join, scale)]
    files = [judging.files[row] for row in rows.tolist()]
    is_query = np.zeros(len(features), bool)
    is_query[first] = (join.of_distinct.indices >= 0).any(axis=1)

    def may_pair(wholes: IntArray, parts: IntArray) -> BoolArray:
        one, other = rows[wholes], rows[parts]
        group, other_group = judging.groups[one], judging.groups[other]
        are_apart = (group < 0) | (group != other_group)
        if judging.one_way:
            are_apart &= is_query[one] != is_query[other]
        return np.asarray(are_apart)

    options = {"max_pixels": judging.max_pixels}
    with closing(judging.reader), PointStore(store, options) as points:
        describe_pictures(
            files,
            may_show_others(features, rows, n_threads),
            judging.reader,
            judging.max_pixels,
            points,
            judging.executor,
            judging.progress,
        )
        points.drop_others(files)
        pairs = rows[find_part_pairs(points.loader(files), len(files), may_pair, n_threads)]
    if judging.one_way:
        pairs = np.where(is_query[pairs[:, :1]], pairs, pairs[:, ::-1])
    low, high = join.distinct.inverse[pairs].T
    of_distinct = Rows(features, scale.metric, first)
    cosines = exact_similarities(of_distinct, of_distinct.choose(low), high[:, None])[:, 0]
    candidates = Candidates(low, high, cosines, scale.similarities(cosines))

    def look(pairs: Sequence[PictureFiles]) -> list[Finding | None]:
        with PointStore(store, options) as points:
            return look_again(pairs, judging, points, finding_store)

    return MorePairs(candidates, look)


def _is_represented(join: SelfJoin, scale: Scale) -> BoolArray:
    """Return which different rows have an earlier one that is nearly the same."""
    near = join.of_distinct
    is_same = (near.indices >= 0) & (scale.similarities(near.similarities) >= _SAME)
    return np.asarray(
        (is_same & (near.indices < np.arange(len(near.indices))[:, None])).any(axis=1)
    )
