"""Pairs that strict groups ask for: of a group's centre with each image that joins it."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from fastdup.analysis.stars import Similarity
from fastdup.judging.candidates import Candidates
from fastdup.judging.judged import JudgedPairs
from fastdup.judging.lookup import PairLookup

#: What is known of pairs, and similarities of copies by that → the groups; the latter are asked.
Group = Callable[[PairLookup, Similarity], object]


def with_centres(
    pairs: JudgedPairs,
    n_rows: int,
    group: Group,
    plain: Similarity,
    cosine: Similarity,
    threshold: float,
    judge: Callable[[Candidates], JudgedPairs],
) -> JudgedPairs:
    """Return judged pairs with all those that strict groups depend on.

    An image may be like the centre of its group by its features alone, where each has nearer
    neighbours. These pairs are judged, and the groups are made again, until none is left.

    Parameters
    ----------
    pairs : JudgedPairs
    n_rows : int
    group : callable
        Makes the groups.
    plain, cosine : callable
        Similarities by the features, as `fastdup.scale` rounds them, and raw.
    threshold : float
        Smallest similarity with the centre, inclusive.
    judge : callable
        Judges pairs of rows.
    """
    while True:
        asked = _Asked(pairs.lookup(n_rows), plain, threshold)
        group(asked.lookup, asked.similarity)
        if not asked.pairs:
            return pairs
        pairs = pairs.joined(judge(_candidates(sorted(asked.pairs), plain, cosine)))


class _Asked:
    """What groups ask for, and which pairs of that were not judged."""

    def __init__(self, lookup: PairLookup, plain: Similarity, threshold: float) -> None:
        self.lookup = lookup
        self.pairs: set[tuple[int, int]] = set()
        self._plain, self._threshold = plain, threshold

    def similarity(self, row: int, others: NDArray[np.int64]) -> NDArray[np.float64]:
        values = self.lookup.copy_similarities(row, others, self._plain)
        rows = np.full(len(others), row)
        unknown = (values >= self._threshold) & ~self.lookup.are_known(rows, others)
        firsts = self.lookup.firsts(rows[unknown]), self.lookup.firsts(others[unknown])
        low, high = np.minimum(*firsts), np.maximum(*firsts)
        self.pairs.update(zip(low.tolist(), high.tolist(), strict=True))
        return values


def _candidates(pairs: list[tuple[int, int]], plain: Similarity, cosine: Similarity) -> Candidates:
    low, high = np.array(pairs, np.int64).reshape(-1, 2).T
    rows, starts = np.unique(low, return_index=True)
    others = np.split(high, starts[1:])
    raw = [cosine(row, several) for row, several in zip(rows.tolist(), others, strict=True)]
    values = [plain(row, several) for row, several in zip(rows.tolist(), others, strict=True)]
    return Candidates(low, high, np.concatenate(raw), np.concatenate(values))
