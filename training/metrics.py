"""Measures how well similarities separate planted copies from other pairs."""

from __future__ import annotations

import csv
import dataclasses
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

NEIGHBOURS = 10


@dataclasses.dataclass(frozen=True)
class Truth:
    """What is known of a folder of planted copies.

    Attributes
    ----------
    edits : dict of frozenset to str
        The edit of each true pair {copy, original}, by file name.
    original_of : dict of str to str
        The original of each file; of an original, itself.
    """

    edits: dict[frozenset[str], str]
    original_of: dict[str, str]

    @classmethod
    def load(cls, path: Path) -> Truth:
        """Read a file with the columns copy, original, edit."""
        with open(path, newline="") as file:
            rows = list(csv.DictReader(file))
        edits = {frozenset((row["copy"], row["original"])): row["edit"] for row in rows}
        originals = {row["original"]: row["original"] for row in rows}
        return cls(edits, originals | {row["copy"]: row["original"] for row in rows})

    def same_original(self, first: str, second: str) -> bool:
        """Whether two files stem from one original."""
        known = self.original_of.get(first)
        return known is not None and known == self.original_of.get(second)


@dataclasses.dataclass(frozen=True)
class Ranking:
    """Candidate pairs, most similar first; at equal scores the false ones come first.

    Attributes
    ----------
    pairs : list of (str, str)
        File names.
    scores : ndarray of float64, shape (n,)
    edits : list of str or None
        The edit of a true pair, None for a false one.
    wanted : Counter
        How many true pairs there are of each edit, found or not.
    """

    pairs: list[tuple[str, str]]
    scores: NDArray[np.float64]
    edits: list[str | None]
    wanted: Counter[str]

    @property
    def precision(self) -> NDArray[np.float64]:
        """Precision when cut off after each pair, shape (n,)."""
        true = self.is_true
        return np.cumsum(true) / np.arange(1, len(true) + 1)

    @property
    def is_true(self) -> NDArray[np.bool_]:
        """Which pairs are true ones, shape (n,)."""
        return np.array([edit is not None for edit in self.edits], dtype=bool)

    def micro_ap(self) -> float:
        """Area under the precision-recall curve of all pairs together."""
        return float(self.precision[self.is_true].sum() / self.wanted.total())

    def threshold_at(self, precision: float) -> float:
        """Return the smallest score down to which the precision is at least this."""
        good = np.flatnonzero(self.precision >= precision)
        return float(self.scores[good[-1]]) if len(good) else float("inf")

    def at(self, threshold: float) -> tuple[float, float]:
        """Precision and recall of the pairs with at least this score."""
        kept = self.scores >= threshold
        true = int((kept & self.is_true).sum())
        return true / max(1, int(kept.sum())), true / self.wanted.total()

    def recall_per_edit(self, threshold: float) -> dict[str, float]:
        """Share of the pairs of each edit with at least this score."""
        kept = zip(self.edits, self.scores, strict=True)
        found = Counter(edit for edit, score in kept if edit and score >= threshold)
        return {edit: round(found[edit] / n, 3) for edit, n in sorted(self.wanted.items())}


def nearest_pairs(names: list[str], vectors: NDArray[np.float32]) -> list[tuple[float, str, str]]:
    """Cosine of each picture with each of its nearest neighbours, every pair once."""
    cosine = vectors @ vectors.T
    np.fill_diagonal(cosine, -2)
    count = min(NEIGHBOURS, len(names) - 1)
    nearest = np.argpartition(-cosine, count - 1, axis=1)[:, :count]
    unique = {(min(i, j), max(i, j)) for i, row in enumerate(nearest) for j in row.tolist()}
    return [(float(cosine[i, j]), names[i], names[j]) for i, j in sorted(unique)]


def rank(folders: Iterable[tuple[Iterable[tuple[float, str, str]], Truth]]) -> Ranking:
    """Order candidate pairs by score; two copies of one original count neither way.

    Parameters
    ----------
    folders : iterable of (pairs, Truth)
        The pairs of each folder of planted copies. Names may be the same in several folders.
    """
    judged: list[tuple[float, str | None, tuple[str, str]]] = []
    wanted: Counter[str] = Counter()
    for pairs, truth in folders:
        wanted.update(truth.edits.values())
        for score, first, second in pairs:
            edit = truth.edits.get(frozenset((first, second)))
            if edit or not truth.same_original(first, second):
                judged.append((score, edit, (first, second)))
    judged.sort(key=lambda entry: (-entry[0], entry[1] is not None))
    scores = np.array([score for score, _, _ in judged])
    return Ranking([p for _, _, p in judged], scores, [e for _, e, _ in judged], wanted)
