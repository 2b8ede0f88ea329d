"""Neighbours by what their pictures show: similarities replaced, lists sorted again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fastdup.index import Neighbours
from fastdup.index.dedupe import DistinctRows, expand_duplicates
from fastdup.index.rerank import sort_neighbours
from fastdup.judging.finding import Finding
from fastdup.judging.lookup import PairLookup
from fastdup.scale import rounded


@dataclass(frozen=True)
class JudgedPairs:
    """Pairs of rows that were judged.

    Attributes
    ----------
    low, high : (m,) int64 arrays
        The two rows of each pair, as in `Candidates`; of identical rows only the first is in
        pairs with others, and each other one is in a pair with that first one.
    cosines, similarities : (m,) float64 arrays
        The raw cosine of the features; the similarity by what was found.
    findings : sequence of m Finding
    n_unread : int
        Number of pictures that could not be read again.
    """

    low: NDArray[np.int64]
    high: NDArray[np.int64]
    cosines: NDArray[np.float64]
    similarities: NDArray[np.float64]
    findings: Sequence[Finding]
    n_unread: int

    @property
    def is_copy(self) -> NDArray[np.bool_]:
        """Whether each pair is one of copies; shape (m,)."""
        return np.fromiter((found.is_copy for found in self.findings), bool, len(self.findings))

    def lookup(self, n_rows: int) -> PairLookup:
        """Return what the pairs say of any two of `n_rows` rows."""
        values = self.cosines, self.similarities, self.is_copy
        return PairLookup(self.low, self.high, *values, n_rows=n_rows)

    def counts(self) -> Mapping[str, int]:
        """Return verdict → number of pairs, without those of which there are none."""
        verdicts = [found.verdict.value for found in self.findings]
        return {verdict: verdicts.count(verdict) for verdict in sorted(set(verdicts))}


class JudgedRows:
    """What judged pairs of different rows, and of identical rows, mean for every row.

    Two rows of which neither is the first of its kind are as similar as the way between them over
    the first ones is at its weakest.

    Parameters
    ----------
    pairs : JudgedPairs
    distinct : DistinctRows
        u different rows among n.
    one_way : bool
        Whether the second of a pair does not get the first for a neighbour.
    """

    def __init__(self, pairs: JudgedPairs, distinct: DistinctRows, *, one_way: bool) -> None:
        self._distinct = distinct
        low, high = distinct.inverse[pairs.low], distinct.inverse[pairs.high]
        is_inner = low == high
        n_rows = len(distinct.inverse)
        self._own = np.ones(n_rows)
        self._own[pairs.high[is_inner]] = pairs.similarities[is_inner]
        self._one_way = one_way
        outer = ~is_inner
        self._low, self._high = low[outer], high[outer]
        self._values = pairs.similarities[outer]

    def of_distinct(self, near: Neighbours) -> Neighbours:
        """Return neighbours of the different rows with their judged similarities, sorted again.

        Pairs that were judged for one of the two are neighbours of both.
        """
        n_rows, k = near.indices.shape
        rows, columns = np.nonzero(near.indices >= 0)
        sources, targets, values = [self._low], [self._high], [self._values]
        if not self._one_way:
            sources, targets, values = [*sources, self._high], [*targets, self._low], values * 2
        source = np.concatenate([*sources, rows])
        target = np.concatenate([*targets, near.indices[rows, columns]])
        value = np.concatenate([*values, near.similarities[rows, columns]])
        _, first = np.unique(source * n_rows + target, return_index=True)
        source, target, value = source[first], target[first], value[first]
        order = np.lexsort((target, -value, source))
        source, target, value = source[order], target[order], value[order]
        place = np.arange(len(source)) - np.searchsorted(source, source)
        kept = place < k
        indices, similarities = np.full((n_rows, k), -1, np.int64), np.zeros((n_rows, k))
        indices[source[kept], place[kept]] = target[kept]
        similarities[source[kept], place[kept]] = value[kept]
        return Neighbours(indices, similarities)

    def of_all(self, of_distinct: Neighbours, k: int) -> Neighbours:
        """Return the k neighbours of every row, from those of the different rows."""
        near = expand_duplicates(self._distinct, of_distinct, k)
        if near is of_distinct or (self._own == 1).all():
            return near
        weakest = np.minimum(self._own[:, None], self._own[near.indices])
        raw = np.minimum(near.similarities, weakest)
        raw[near.indices < 0] = -np.inf
        return Neighbours(*sort_neighbours(near.indices, raw, k))

    def with_different(
        self, near: Neighbours, of_distinct: Neighbours, k: int, groups: NDArray[np.int64]
    ) -> Neighbours:
        """Return `near` with more neighbours of the first of identical rows: k different ones.

        So copies do not hide copies: six of one picture and six of a smaller one are one group.

        Parameters
        ----------
        near : Neighbours
            Of all n rows.
        of_distinct : Neighbours
            Of the different rows.
        k : int
        groups : (n,) int64 array
            Rows of the same group, if it is not -1, are no neighbours; see `Judging`.
        """
        (with_copies,) = np.nonzero(self._distinct.counts > 1)
        if not len(with_copies):
            return near
        first, width = self._distinct.first, near.indices.shape[1]
        rows, nearest = first[with_copies], of_distinct.indices[with_copies, :k]
        others = np.where(nearest >= 0, first[nearest], -1)
        is_listed = (others[:, :, None] == near.indices[rows][:, None, :]).any(axis=2)
        is_same_group = (groups[rows] >= 0)[:, None] & (groups[rows][:, None] == groups[others])
        more = np.where(
            (others < 0) | is_listed | is_same_group,
            -np.inf,
            of_distinct.similarities[with_copies, :k],
        )
        indices = np.full((len(near.indices), width + others.shape[1]), -1, np.int64)
        similarities = np.zeros(indices.shape)
        indices[:, :width], similarities[:, :width] = near
        both = np.concatenate([near.indices[rows], others], axis=1)
        listed = np.where(near.indices[rows] < 0, -np.inf, near.similarities[rows])
        values = np.concatenate([listed, more], axis=1)
        indices[rows], similarities[rows] = sort_neighbours(both, values, both.shape[1])
        return Neighbours(indices, similarities)


def judged_similarities(
    findings: Sequence[Finding], plain: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the similarity of each pair by what was found, given those of the features."""
    pairs = zip(findings, plain.tolist(), strict=True)
    values = (found.similarity(value) for found, value in pairs)
    return rounded(np.fromiter(values, np.float64, len(findings)))
