"""Neighbours by what their pictures show: similarities replaced, lists sorted again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fastdup.analysis.pairs import Pairs, select_pairs
from fastdup.index import Neighbours
from fastdup.index.dedupe import DistinctRows, expand_duplicates
from fastdup.index.group_by import group_by
from fastdup.index.rerank import sort_neighbours
from fastdup.index.rows import spans
from fastdup.judging.finding import SAME_CONTENT, Finding
from fastdup.judging.lookup import PairLookup, firsts_of_copies
from fastdup.scale import rounded

#: Rows whose neighbours are put in order together, so that memory does not grow with their number.
_ROWS_TOGETHER = 4096


@dataclass(frozen=True)
class JudgedPairs:
    """Pairs of rows that were judged.

    Attributes
    ----------
    low, high : (m,) int64 arrays
        The two rows of each pair, as in `Candidates`; of copies with the same features only the
        first is in pairs with others, and each other one is in a pair with that first one.
    cosines, similarities : (m,) float64 arrays
        The raw cosine of the features; the similarity by what was found.
    findings : sequence of m Finding
    unread : frozenset of str
        The pictures that could not be read again.
    """

    low: NDArray[np.int64]
    high: NDArray[np.int64]
    cosines: NDArray[np.float64]
    similarities: NDArray[np.float64]
    findings: Sequence[Finding]
    unread: frozenset[str]

    @classmethod
    def none(cls) -> "JudgedPairs":
        """Return no pairs."""
        rows, values = np.empty(0, np.int64), np.empty(0)
        return cls(rows, rows, values, values, [], frozenset())

    @property
    def is_copy(self) -> NDArray[np.bool_]:
        """Whether each pair is one of copies; shape (m,)."""
        return np.fromiter((found.is_copy for found in self.findings), bool, len(self.findings))

    def of_same_content(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the two rows of each pair that shows the same picture, whole."""
        findings = self.findings
        is_same = np.array([found.verdict in SAME_CONTENT for found in findings], bool)
        return self.low[is_same], self.high[is_same]

    def picked(self, which: NDArray[np.bool_]) -> "JudgedPairs":
        """Return the pairs for which a mask is true."""
        places = np.flatnonzero(which)
        return JudgedPairs(
            low=self.low[places],
            high=self.high[places],
            cosines=self.cosines[places],
            similarities=self.similarities[places],
            findings=[self.findings[place] for place in places.tolist()],
            unread=self.unread,
        )

    def joined(self, other: "JudgedPairs") -> "JudgedPairs":
        """Return these pairs and others, ordered by rows."""
        low, high = np.append(self.low, other.low), np.append(self.high, other.high)
        order = np.lexsort((high, low))
        findings = [*self.findings, *other.findings]
        return JudgedPairs(
            low=low[order],
            high=high[order],
            cosines=np.append(self.cosines, other.cosines)[order],
            similarities=np.append(self.similarities, other.similarities)[order],
            findings=[findings[place] for place in order.tolist()],
            unread=self.unread | other.unread,
        )

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

    Identical rows that were found to be no copies are different ones from here on. Two rows of
    which neither is the first of its kind are as similar as the way between them over the first
    ones is at its weakest.

    Parameters
    ----------
    pairs : JudgedPairs
    distinct : DistinctRows
        u different rows among n.
    near : Neighbours
        Of the different rows; similarities as `fastdup.scale` rounds them.
    groups : (n,) int64 array
        Rows of the same group, if it is not -1, are no neighbours; see `Judging`.
    one_way : bool
        Whether the second of a pair does not get the first for a neighbour.
    """

    def __init__(
        self,
        pairs: JudgedPairs,
        distinct: DistinctRows,
        near: Neighbours,
        groups: NDArray[np.int64],
        *,
        one_way: bool,
    ) -> None:
        first, self._own = _copies_of_firsts(pairs, distinct)
        different, inverse = np.unique(first, return_inverse=True)
        self._distinct = DistinctRows(inverse, *group_by(inverse, len(different)))
        #: Number of each different row from now on.
        self._number = inverse[distinct.first]
        self._one_way = one_way
        low, high = inverse[pairs.low], inverse[pairs.high]
        outer = low != high
        self._low, self._high = low[outer], high[outer]
        self._values = pairs.similarities[outer]
        self._groups = groups
        self._near = self._of_distinct(near)

    def _of_distinct(self, near: Neighbours) -> Neighbours:
        """Return neighbours of the different rows with their judged similarities, sorted again.

        Pairs that were judged for one of the two are neighbours of both.
        """
        sources, targets, values = self._low, self._high, self._values
        if not self._one_way:
            sources, targets = np.append(sources, targets), np.append(targets, sources)
            values = np.append(values, values)
        order = np.argsort(sources, kind="stable")
        judged = Pairs(sources[order], targets[order], values[order])
        n_rows = len(self._distinct.first)
        found = Neighbours.none(n_rows, near.indices.shape[1])
        for start, stop in spans(n_rows, _ROWS_TOGETHER):
            self._list(near, judged, start, stop, found)
        return found

    def _list(
        self, near: Neighbours, judged: Pairs, start: int, stop: int, found: Neighbours
    ) -> None:
        """Write the neighbours of some different rows into `found`; `judged` ordered by source."""
        of_pairs = slice(*np.searchsorted(judged.sources, [start, stop]))
        before = slice(*np.searchsorted(self._number, [start, stop]))
        numbers, others = self._number[before], near.indices[before]
        rows, columns = np.nonzero(others >= 0)
        source = np.append(judged.sources[of_pairs], numbers[rows])
        target = np.append(judged.targets[of_pairs], self._number[others[rows, columns]])
        value = np.append(judged.similarities[of_pairs], near.similarities[before][rows, columns])
        _, first = np.unique(source * len(self._distinct.first) + target, return_index=True)
        source, target, value = source[first], target[first], value[first]
        order = np.lexsort((target, -value, source))
        source, target, value = source[order], target[order], value[order]
        place = np.arange(len(source)) - np.searchsorted(source, source)
        kept = place < found.indices.shape[1]
        found.indices[source[kept], place[kept]] = target[kept]
        found.similarities[source[kept], place[kept]] = value[kept]

    def of_all(self, k: int) -> Neighbours:
        """Return the k neighbours of every row; as many of the different rows were given."""
        near = expand_duplicates(self._distinct, self._near, k)
        if near is self._near or (self._own == 1).all():
            return near
        for start, stop in spans(len(near.indices), _ROWS_TOGETHER):
            indices, values = near.indices[start:stop], near.similarities[start:stop]
            weakest = np.minimum(self._own[start:stop, None], self._own[indices])
            raw = np.where(indices < 0, -np.inf, np.minimum(values, weakest))
            indices[:], values[:] = sort_neighbours(indices, raw, k)
        return near

    def revalued(
        self, rows: NDArray[np.int64], others: NDArray[np.int64], values: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return the similarities of rows with others, those of judged pairs replaced.

        Parameters
        ----------
        rows : (q,) int64 array
        others : (q, k) int64 array
            -1 for none.
        values : (q, k) float64 array
            By their features.
        """
        n_rows, inverse = len(self._distinct.first), self._distinct.inverse
        one = np.broadcast_to(inverse[rows][:, None], others.shape)
        other = inverse[others]
        own = np.minimum(self._own[rows][:, None], self._own[others])
        known, first = np.unique(self._low * n_rows + self._high, return_index=True)
        keys = np.minimum(one, other) * n_rows + np.maximum(one, other)
        place = np.searchsorted(known, keys)
        is_known = np.append(known, -1)[place] == keys
        judged = np.append(self._values[first], 0.0)[place]
        return np.where(one == other, own, np.minimum(own, np.where(is_known, judged, values)))

    def with_different(self, near: Neighbours, k: int, threshold: float) -> Pairs:
        """Return the pairs of neighbours that reach `threshold`, most similar first.

        Those in `near`, and those of the first of identical rows with k different ones. So copies
        do not hide copies: six of one picture and six of a smaller one are one group.

        Parameters
        ----------
        near : Neighbours
            Of all n rows.
        k : int
        threshold : float
            Inclusive.
        """
        pairs = select_pairs(near.indices, near.similarities, threshold)
        of_distinct, groups = self._near, self._groups
        (with_copies,) = np.nonzero(self._distinct.counts > 1)
        if not len(with_copies):
            return pairs
        first = self._distinct.first
        rows, nearest = first[with_copies], of_distinct.indices[with_copies, :k]
        others = np.where(nearest >= 0, first[nearest], -1)
        is_listed = (others[:, :, None] == near.indices[rows][:, None, :]).any(axis=2)
        is_same_group = (groups[rows] >= 0)[:, None] & (groups[rows][:, None] == groups[others])
        others[is_listed | is_same_group] = -1
        more = select_pairs(others, of_distinct.similarities[with_copies, :k], threshold)
        return pairs.followed_by(more._replace(sources=rows[more.sources])).in_order()


def _copies_of_firsts(
    pairs: JudgedPairs, distinct: DistinctRows
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the first row that each row is a copy of, of identical ones; see `firsts_of_copies`.

    A row that was judged with none of the rows that are the same is a copy of the first.
    """
    is_inner = distinct.inverse[pairs.low] == distinct.inverse[pairs.high]
    is_judged = np.zeros(len(distinct.inverse), bool)
    is_judged[pairs.low[is_inner]] = is_judged[pairs.high[is_inner]] = True
    (others,) = np.nonzero(~is_judged)
    linked = is_inner & pairs.is_copy
    return firsts_of_copies(
        np.concatenate([pairs.low[linked], distinct.first[distinct.inverse[others]]]),
        np.concatenate([pairs.high[linked], others]),
        np.concatenate([pairs.similarities[linked], np.ones(len(others))]),
        len(distinct.inverse),
    )


def judged_similarities(
    findings: Sequence[Finding], plain: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the similarity of each pair by what was found, given those of the features."""
    pairs = zip(findings, plain.tolist(), strict=True)
    values = (found.similarity(value) for found, value in pairs)
    return rounded(np.fromiter(values, np.float64, len(findings)))
