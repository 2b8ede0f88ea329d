"""Pairs to judge beside those of `choose_in_rounds`: several lists as one, rows that are the same.

A turned or mirrored picture has the same features. So rows that are the same are compared with the
first of them; and one that is no copy of it is compared with all that the first is compared with.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastdup.index import Neighbours
from fastdup.index.dedupe import DistinctRows
from fastdup.judging.candidates import Candidates, choose_in_rounds
from fastdup.judging.finding import Finding
from fastdup.judging.verdict_store import PictureFiles

Rows = NDArray[np.int64]
LookAgain = Callable[[Sequence[PictureFiles]], Sequence[Finding | None]]

#: So many rows of the same features that are no copies of each other are compared in pairs.
_MOST_ODD = 10


def merged(parts: Sequence[Candidates], n_rows: int) -> Candidates:
    """Return the pairs of all `parts` among `n_rows` rows, each once; of several the first."""
    pairs = joined(parts)
    _, first = np.unique(pairs.low * n_rows + pairs.high, return_index=True)
    return picked(pairs, first)


def joined(parts: Sequence[Candidates]) -> Candidates:
    """Return the pairs of all `parts`, one part after the other."""
    return Candidates(
        np.concatenate([part.low for part in parts]),
        np.concatenate([part.high for part in parts]),
        np.concatenate([part.cosine for part in parts]),
        np.concatenate([part.similarity for part in parts]),
    )


def picked(pairs: Candidates, which: NDArray[Any]) -> Candidates:
    """Return the pairs at some places, or those for which a mask is true."""
    low, high, cosine, similarity = pairs
    return Candidates(low[which], high[which], cosine[which], similarity[which])


def of_search(
    distinct: DistinctRows,
    rows: Rows,
    raw: Neighbours,
    similarities: NDArray[np.float64],
    threshold: float,
) -> Candidates:
    """Return the pairs of another search that reach `threshold`, by numbers of different rows.

    Parameters
    ----------
    distinct : DistinctRows
    rows : (q,) int64 array
    raw : Neighbours
        Of these rows, of shape (q, k); by row numbers and with the raw cosine.
    similarities : (q, k) float64 array
        Theirs.
    threshold : float
    """
    places, columns = np.nonzero((raw.indices >= 0) & (similarities >= threshold))
    one = distinct.inverse[rows[places]]
    other = distinct.inverse[raw.indices[places, columns]]
    values = raw.similarities[places, columns], similarities[places, columns]
    pairs = Candidates(np.minimum(one, other), np.maximum(one, other), *values)
    return picked(pairs, one != other)


def chosen_of_queries(
    near: Neighbours, cosines: NDArray[np.float64], threshold: float, *, all_of_them: bool
) -> tuple[Rows, Rows]:
    """Return which neighbours of queries to look at, as a run over two sets chooses them.

    Parameters
    ----------
    near : Neighbours
        Of q queries among other rows; similarities as `fastdup.scale` rounds them.
    cosines : (q, k) float64 array
        Of the same neighbours.
    threshold, all_of_them
        As for `choose_in_rounds`.

    Returns
    -------
    two (m,) int64 arrays
        Query and column of each.
    """
    n_queries, k = near.indices.shape
    rows = np.unique(near.indices[near.indices >= 0])
    place = np.searchsorted(rows, near.indices) + n_queries
    indices = np.full((n_queries + len(rows), k), -1)
    similarities, raw = np.zeros(indices.shape), np.zeros(indices.shape)
    indices[:n_queries] = np.where(near.indices < 0, -1, place)
    similarities[:n_queries], raw[:n_queries] = near.similarities, cosines
    near = Neighbours(indices, similarities)
    rounds = choose_in_rounds(near, raw, threshold, all_of_them=all_of_them, one_way=True)
    chosen = next(rounds)
    is_chosen = indices[chosen.low] == chosen.high[:, None]
    return chosen.low, is_chosen.argmax(axis=1)


class MorePairs(NamedTuple):
    """Pairs to judge that no neighbours suggest, and a second look at those that are no copies.

    Attributes
    ----------
    candidates : Candidates
        By numbers of different rows.
    look_again : callable
        Pairs of files that are look-alikes → what each is at a second look, None where that is
        all.
    """

    candidates: Candidates
    look_again: LookAgain


class SameRows:
    """Rows of the same features: which pairs of them to judge, and which stand for the others.

    Parameters
    ----------
    distinct : DistinctRows
        u different rows among n.
    groups : (n,) int64 array
        Rows of the same group, if it is not -1, are not compared.
    """

    def __init__(self, distinct: DistinctRows, groups: Rows) -> None:
        self._distinct, self._groups = distinct, groups
        self._first = distinct.first
        # The first row of each that may be compared with its first; -1 where there is none.
        self._other = np.full(len(self._first), -1)
        kind = distinct.inverse[distinct.members]
        is_other = self._are_apart(self._first[kind], distinct.members)
        is_other &= distinct.members != self._first[kind]
        which, place = np.unique(kind[is_other], return_index=True)
        self._other[which] = distinct.members[is_other][place]

    def among(self) -> Candidates:
        """Return the pairs of the first of each kind with each other row of that kind.

        Where a row may not be compared with the first, one that may stands for the first.
        """
        is_copy = np.ones(len(self._groups), bool)
        is_copy[self._first] = False
        (copies,) = np.nonzero(is_copy)
        kind = self._distinct.inverse[copies]
        with_first = self._are_apart(self._first[kind], copies)
        others = np.where(with_first, self._first[kind], self._other[kind])
        is_there = others >= 0
        same = np.ones(int(is_there.sum()))
        return Candidates(others[is_there], copies[is_there], same, same)

    def between(self, chosen: Candidates) -> Candidates:
        """Return pairs of different rows as pairs of rows that may be compared, if there are any.

        Parameters
        ----------
        chosen : Candidates
            By the numbers of different rows.
        """
        low, high = self._first[chosen.low], self._first[chosen.high]
        other = self._other[chosen.high]
        is_other = ~self._are_apart(low, high) & (other >= 0)
        high = np.where(is_other, other, high)
        other = self._other[chosen.low]
        is_other = ~self._are_apart(low, high) & (other >= 0)
        low = np.where(is_other, other, low)
        return self._comparable(Candidates(low, high, chosen.cosine, chosen.similarity))

    def of_odd(self, odd: Rows, chosen: Candidates) -> Candidates:
        """Return the pairs of rows that are no copies of the first of their kind.

        Parameters
        ----------
        odd : (m,) int64 array
            The rows, ascending.
        chosen : Candidates
            The pairs that the different rows are in.
        """
        of_kind: dict[int, list[int]] = {}
        for row, kind in zip(odd.tolist(), self._distinct.inverse[odd].tolist(), strict=True):
            of_kind.setdefault(kind, []).append(row)
        among = (
            (row, other, 1.0, 1.0)
            for rows in of_kind.values()
            for place, row in enumerate(rows)
            for other in rows[place + 1 : place + 1 + _MOST_ODD]
        )
        pairs = list(chain(among, self._of_odd_with_others(of_kind, chosen)))
        low, high, cosine, similarity = zip(*pairs, strict=True) if pairs else ((),) * 4
        rows, others = np.array(low, np.int64), np.array(high, np.int64)
        return self._comparable(Candidates(rows, others, np.array(cosine), np.array(similarity)))

    def _of_odd_with_others(
        self, of_kind: dict[int, list[int]], chosen: Candidates
    ) -> Iterator[tuple[int, int, float, float]]:
        kinds = np.fromiter(of_kind, np.int64, len(of_kind))
        pairs = picked(chosen, np.isin(chosen.low, kinds) | np.isin(chosen.high, kinds))

        def rows_of(kind: int) -> list[int]:
            return [int(self._first[kind]), *of_kind.get(kind, ())[:_MOST_ODD]]

        for low, high, *values in zip(*(column.tolist() for column in pairs), strict=True):
            for row, other in product(rows_of(low), rows_of(high)):
                yield row, other, *values

    def _comparable(self, pairs: Candidates) -> Candidates:
        return picked(pairs, self._are_apart(pairs.low, pairs.high))

    def _are_apart(self, rows: Rows, others: Rows) -> NDArray[np.bool_]:
        group, other = self._groups[rows], self._groups[others]
        return np.asarray((group < 0) | (group != other))
