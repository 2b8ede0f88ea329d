"""Ranked pairs against a truth → precision, recall and micro-AP: pure functions on arrays.

All pairs are ranked by their similarity, the most similar first; among equal ones the wrong pairs
come first, so no order can flatter. *Micro-AP* is the mean, over all pairs that are to be found, of
the precision at the rank of each, and 0 for those that are not there (as in Douze et al., "The 2021
image similarity dataset and challenge", arXiv:2106.09672). *Recall at precision p* is that of the
longest beginning of the ranking of which at least p is right.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from fastdup.analysis.proportion import wilson_interval
from fastdup.arrays import BoolArray, FloatArray, IntArray

#: Precisions at which the recall is given.
PRECISIONS = (0.99, 0.9)


@dataclass(frozen=True)
class Ranking:
    """The m pairs that count, in order.

    Attributes
    ----------
    similarities : (m,) float64 array
        Descending.
    is_right : (m,) bool array
    kinds : (m,) int64 array
        Of right pairs which kind they are; else -1.
    places : (m,) int64 array
        Where each pair was before it was ranked.
    wanted : (k,) int64 array
        How many pairs of each kind are to be found.
    """

    similarities: FloatArray
    is_right: BoolArray
    kinds: IntArray
    places: IntArray
    wanted: IntArray

    @classmethod
    def of(cls, similarities: FloatArray, kinds: IntArray, wanted: IntArray) -> "Ranking":
        """Rank pairs: `kinds` has the kind of each right pair, -1 for a wrong one."""
        is_right = kinds >= 0
        order = np.lexsort((np.arange(len(kinds)), kinds, is_right, -similarities))
        return cls(similarities[order], is_right[order], kinds[order], order, wanted)

    @property
    def n_wanted(self) -> int:
        """How many pairs are to be found."""
        return int(self.wanted.sum())

    def micro_ap(self) -> float:
        """Return the micro-AP, from 0 to 1."""
        precisions = np.cumsum(self.is_right) / np.arange(1, len(self.is_right) + 1)
        return float(precisions[self.is_right].sum()) / max(1, self.n_wanted)

    def reach(self, precision: float) -> int:
        """Return how many pairs may be kept so that at least this share of them is right."""
        enough = np.cumsum(self.is_right) >= precision * np.arange(1, len(self.is_right) + 1)
        return int(np.flatnonzero(enough)[-1]) + 1 if enough.any() else 0

    def n_kept(self, threshold: float) -> int:
        """Return how many pairs reach a threshold, inclusive."""
        return int((self.similarities >= threshold).sum())

    def n_right(self, n_kept: int) -> int:
        """Return how many of the first pairs are right."""
        return int(self.is_right[:n_kept].sum())

    def right_by_kind(self, n_kept: int) -> IntArray:
        """Return how many of the first pairs are right, of each kind; shape (k,)."""
        kinds = self.kinds[:n_kept]
        return np.bincount(kinds[kinds >= 0], minlength=len(self.wanted))

    def curve(self, n_points: int = 200) -> list[tuple[float, float, float]]:
        """Return recall, precision and similarity at up to `n_points` right pairs."""
        (places,) = np.nonzero(self.is_right)
        if not len(places):
            return []
        few = np.unique(np.linspace(0, len(places) - 1, n_points).round().astype(np.int64))
        chosen = places[few]
        right = few + 1
        recall, precision = right / max(1, self.n_wanted), right / (chosen + 1)
        columns = (recall, precision, self.similarities[chosen])
        return list(zip(*(column.tolist() for column in columns), strict=True))


def scores(ranking: Ranking, threshold: float) -> Mapping[str, float]:
    """Return the scores over all pairs.

    Parameters
    ----------
    ranking : Ranking
    threshold : float
        At which precision and recall are given, inclusive.

    Returns
    -------
    mapping
        ``pairs`` to be found; ``micro_ap``; ``recall_at_p99``, ``recall_at_p90``; ``kept``, the
        pairs that reach the threshold, and ``precision``, ``recall`` there, each with the ends of
        its 95 % interval, ``precision_low`` and so on.
    """
    n_kept, n_wanted = ranking.n_kept(threshold), ranking.n_wanted
    n_right = ranking.n_right(n_kept)
    found: dict[str, float] = {"pairs": n_wanted, "micro_ap": ranking.micro_ap()}
    for precision in PRECISIONS:
        n_at = ranking.n_right(ranking.reach(precision))
        found[f"recall_at_p{round(100 * precision)}"] = n_at / max(1, n_wanted)
    found["kept"] = n_kept
    for name, n_all in (("precision", n_kept), ("recall", n_wanted)):
        found[name] = n_right / max(1, n_all)
        found[f"{name}_low"], found[f"{name}_high"] = wilson_interval(n_right, n_all)
    return found
