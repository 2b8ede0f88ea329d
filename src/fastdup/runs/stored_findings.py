"""What a run found about pairs of its images, by row numbers."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from fastdup.arrays import FloatArray, IntArray
from fastdup.runs.tables import KIND_SEPARATOR, VERDICTS

if TYPE_CHECKING:
    from fastdup.judging.finding import Finding
    from fastdup.runs.finished import FinishedRun

_COLUMNS = ("from", "to", "verdict", "kinds", "overlap", "scale", "angle", "changed")


class StoredFindings:
    """The findings of m judged pairs among n images, as arrays.

    Parameters
    ----------
    low, high : (m,) int64 arrays
        The rows of each pair.
    texts : (verdicts, kinds)
        Two sequences of m str, as ``verdicts.csv`` has them.
    numbers : (m, 4) float64 array
        Overlap, scale, angle and share changed.
    n_rows : int
    """

    def __init__(
        self,
        low: IntArray,
        high: IntArray,
        texts: tuple[Sequence[str], Sequence[str]],
        numbers: FloatArray,
        n_rows: int,
    ) -> None:
        self._n_rows = n_rows
        keys = np.minimum(low, high) * n_rows + np.maximum(low, high)
        order = np.argsort(keys, kind="stable")
        self._keys, self._low, self._numbers = keys[order], low[order], numbers[order]
        codes: dict[tuple[str, str], int] = {}
        pairs = zip(*texts, strict=True)
        coded = (codes.setdefault(pair, len(codes)) for pair in pairs)
        self._codes = np.fromiter(coded, np.int64, len(keys))[order]
        self._texts = list(codes)

    @property
    def texts(self) -> list[tuple[str, tuple[str, ...]]]:
        """The verdict and the kinds for which each code stands, the kinds from the lower row."""
        return [
            (verdict, tuple(filter(None, kinds.split(KIND_SEPARATOR))))
            for verdict, kinds in self._texts
        ]

    def codes_of(self, ones: IntArray, others: IntArray) -> IntArray:
        """Return the code in `texts` of each of some pairs, -1 for those that were not judged."""
        if not len(self._keys):
            return np.full(len(ones), -1, np.int64)
        keys = np.minimum(ones, others) * self._n_rows + np.maximum(ones, others)
        places = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        return np.where(self._keys[places] == keys, self._codes[places], -1)

    def coded_pairs(self) -> tuple[IntArray, IntArray, IntArray]:
        """Return the lower rows, the higher rows, and the codes of all judged pairs, in order."""
        low, high = np.divmod(self._keys, self._n_rows)
        return low, high, self._codes

    def find(self, first: int, second: int) -> "Finding | None":
        """Return what the second image is, seen from the first; None if they were not judged."""
        found, is_turned_round = self.as_judged(first, second)
        if found is None or not is_turned_round:
            return found
        from fastdup.verify.kind_words import seen_from_second

        scale = 1 / found.scale if found.scale else 0.0
        angle = found.angle if "mirrored" in found.kinds else -found.angle
        return replace(found, kinds=seen_from_second(found.kinds), scale=scale, angle=angle)

    def as_judged(self, first: int, second: int) -> tuple["Finding | None", bool]:
        """Return what was found of two images, and whether it is seen from the second."""
        key = min(first, second) * self._n_rows + max(first, second)
        place = int(np.searchsorted(self._keys, key))
        if place == len(self._keys) or self._keys[place] != key:
            return None, False
        return self._finding(place), bool(self._low[place] != first)

    def pairs(self) -> Iterator[tuple[int, int]]:
        """Yield the lower and the higher row of each judged pair, in order."""
        low, high, _ = self.coded_pairs()
        yield from zip(low.tolist(), high.tolist(), strict=True)

    def _finding(self, place: int) -> "Finding | None":
        from fastdup.judging.finding import Finding  # loads all that judges pictures
        from fastdup.verify import Verdict

        verdict, kinds = self._texts[self._codes[place]]
        if verdict == Verdict.UNVERIFIED:
            return None
        overlap, scale, angle, changed = self._numbers[place].tolist()
        return Finding(
            verdict=Verdict(verdict),
            kinds=tuple(filter(None, kinds.split(KIND_SEPARATOR))),
            overlap=overlap,
            scale=scale,
            angle=angle,
            changed=changed,
        )


def load_findings(run: "FinishedRun") -> StoredFindings:
    """Return what a run found about each pair that it judged.

    Raises
    ------
    WorkDirError
        When the table is damaged.
    """
    columns = run.columns(VERDICTS, *_COLUMNS) if run.has_searched else ((),) * len(_COLUMNS)
    low, high, verdicts, kinds, *numbers = columns
    return StoredFindings(
        np.array([run.row_of.get(name, -1) for name in low], np.int64),
        np.array([run.row_of.get(name, -1) for name in high], np.int64),
        (verdicts, kinds),
        np.array(numbers, np.float64).T,
        len(run.paths),
    )
