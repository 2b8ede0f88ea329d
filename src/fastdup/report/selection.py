"""The few pairs to show, out of any number of rows, in one pass and little memory."""

from array import array
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from fastdup.report.gallery_rows import Row


@dataclass(frozen=True, slots=True)
class Selection:
    """What to show, and what it was chosen from.

    Attributes
    ----------
    pairs : tuple of Row
        In the order asked for; equally similar ones in the order of the table.
    n_total : int
        Number of distinct pairs in the whole table.
    lowest, highest : float
        Range of the similarities in the whole table, both inclusive; 0 if it has no rows.
    """

    pairs: tuple[Row, ...]
    n_total: int
    lowest: float
    highest: float


@dataclass(frozen=True, slots=True)
class ExactCopies:
    """Files that have the very same bytes or pixels as others.

    Attributes
    ----------
    n_copies : int
        Number of files without which one of each set would be left.
    n_bytes : int
        Size of all but the largest file of each set.
    names : tuple of (str, str)
        A file and another one that is the same, of the first few.
    """

    n_copies: int
    n_bytes: int
    names: tuple[tuple[str, str], ...] = ()


def select_pairs(
    rows: Iterable[Row], *, limit: int, descending: bool, unordered: bool
) -> Selection:
    """First `limit` distinct pairs of `rows`, which need not be sorted.

    Parameters
    ----------
    rows : iterable of Row
    limit : int
        Most pairs to keep, at least 1.
    descending : bool
        Whether the most similar come first.
    unordered : bool
        Whether (a, b) and (b, a) are the same pair.

    Notes
    -----
    Of each row 8 bytes are remembered, a hash of its pair, to count the distinct ones;
    for 26 million rows the chance that the count is off by one is about 1 in 50,000.
    """
    best = _Best(limit)
    hashes: array[int] = array("q")
    lowest, highest = float("inf"), float("-inf")
    for row in rows:
        first, second, similarity = row
        pair = (second, first) if unordered and second < first else (first, second)
        hashes.append(hash(pair))
        lowest = min(lowest, similarity)
        highest = max(highest, similarity)
        best.offer(pair, -similarity if descending else similarity, row)
    if not hashes:
        return Selection((), 0, 0.0, 0.0)
    return Selection(best.rows(), _n_distinct(hashes), lowest, highest)


def _n_distinct(hashes: "array[int]") -> int:
    """Count the different values of `hashes`, which is sorted in place."""
    # Not np.unique: it takes ten times as long, and more memory.
    values = np.frombuffer(hashes, dtype=np.int64)
    values.sort()
    return 1 + int(np.count_nonzero(values[1:] != values[:-1]))


class _Best:
    """The `limit` distinct pairs of lowest rank among those offered so far.

    Holds at most twice as many, so that a sorted table costs one comparison per row.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept: dict[tuple[str, str], tuple[float, int, Row]] = {}
        self._cutoff = float("inf")
        self._n_offered = 0

    def offer(self, pair: tuple[str, str], rank: float, row: Row) -> None:
        self._n_offered += 1
        if rank >= self._cutoff:
            return
        known = self._kept.get(pair)
        if known is None or rank < known[0]:
            self._kept[pair] = (rank, self._n_offered, row)
        if len(self._kept) >= 2 * self._limit:
            self._prune()

    def rows(self) -> tuple[Row, ...]:
        self._prune()
        return tuple(row for _, _, row in self._kept.values())

    def _prune(self) -> None:
        ranked = sorted(self._kept.items(), key=lambda item: item[1][:2])
        self._kept = dict(ranked[: self._limit])
        if len(ranked) >= self._limit:
            self._cutoff = ranked[self._limit - 1][1][0]
