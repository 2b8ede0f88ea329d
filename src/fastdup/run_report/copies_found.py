"""The copies that a run found, in numbers: pairs by verdict and by edit, groups, space, bursts."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fastdup.analysis.pairs import Pairs
from fastdup.arrays import IntArray
from fastdup.metadata import Metadata
from fastdup.metadata.shots import find_bursts
from fastdup.report.kinds_of_pairs import name_kinds
from fastdup.report.selection import ExactCopies
from fastdup.report.varied_pairs import (
    choose_varied,
    exact_copies,
    file_sizes,
    most_similar_first,
    ranks_of_pairs,
)
from fastdup.report.wording import similarity_word
from fastdup.runs import FinishedRun
from fastdup.runs.finished import NO_PAIRS
from fastdup.runs.stored_findings import load_findings
from fastdup.runs.tables import COMPONENTS
from fastdup.verify.verdict import Verdict

#: Verdict → what such a pair is, in words. Those that are only alike are counted apart.
VERDICT_WORDS: Mapping[str, str] = {
    Verdict.SAME_BYTES: "Exact copies: the same bytes",
    Verdict.SAME_PIXELS: "Same pixels in another file",
    Verdict.SAME_PICTURE: "Same picture, saved again or resized",
    Verdict.EDITED: "Edited versions",
    Verdict.PART_OF: "One shows a part of the other",
    Verdict.ALTERED: "Same except for some places: not copies",
    Verdict.UNVERIFIED: "Not looked at",
}
#: Verdicts of copies that may have been edited.
_EDITED = (Verdict.SAME_PICTURE, Verdict.EDITED, Verdict.PART_OF)


@dataclass(frozen=True, slots=True)
class Group:
    """A group of copies.

    Attributes
    ----------
    rows : (m,) int64 array
        Its images.
    n_bytes : int
        Size of all files but the largest.
    """

    rows: IntArray
    n_bytes: int


class CopiesFound:
    """What a run found about copies, without what a person decided to be no copies.

    Parameters
    ----------
    run : FinishedRun

    Attributes
    ----------
    pairs : Pairs
        Each pair that reaches the threshold once, the most similar first.
    """

    def __init__(self, run: FinishedRun) -> None:
        self._run = run
        self.pairs = most_similar_first(run.pairs()) if run.has_searched else NO_PAIRS
        self.findings = load_findings(run)
        self._ranks = ranks_of_pairs(self.pairs, self.findings)

    @cached_property
    def sizes(self) -> IntArray:
        """The size of each file in bytes, 0 where it is not known."""
        return file_sizes(self._run)

    @cached_property
    def exact(self) -> ExactCopies:
        """The files of the same bytes or pixels as others."""
        return exact_copies(self._run, self.pairs.picked(self._ranks < 0))

    @cached_property
    def verdicts(self) -> dict[str, int]:
        """Numbers of pairs by what they are, in words; by similarity where none was judged."""
        if not self.findings.texts:
            words = Counter(map(similarity_word, self.pairs.similarities.tolist()))
            return {word.capitalize(): n for word, n in words.items()}
        counts = Counter[str]()
        for code, n in self._judged.items():
            counts[self.findings.texts[code][0]] += n
        return {words: counts[name] for name, words in VERDICT_WORDS.items() if counts[name]}

    @cached_property
    def n_only_alike(self) -> int:
        """Number of pairs that were looked at, and are no copies."""
        texts = self.findings.texts
        return sum(n for code, n in self._judged.items() if texts[code][0] == Verdict.LOOK_ALIKE)

    @cached_property
    def edits(self) -> list[tuple[str, int]]:
        """Numbers of pairs by kind of edit, the most frequent first; a pair may have several."""
        counts = Counter[str]()
        for code, n in self._judged.items():
            verdict, kinds = self.findings.texts[code]
            if verdict in _EDITED:
                counts.update(dict.fromkeys(name_kinds(kinds), n))
        return sorted(counts.items(), key=lambda item: (-item[1], item[0]))

    @cached_property
    def _judged(self) -> dict[int, int]:
        """Numbers of judged pairs by code."""
        low, high, codes = self.findings.coded_pairs()
        apart = self._run.decided.are_apart(low, high)
        counts = np.bincount(codes[~apart], minlength=len(self.findings.texts))
        return {code: n for code, n in enumerate(counts.tolist()) if n}

    @cached_property
    def groups(self) -> list[Group]:
        """The groups of copies, the largest first."""
        if not self._run.has_searched:
            return []
        names, numbers = self._run.columns(COMPONENTS, "filename", "component_id")
        rows = np.fromiter(map(self._run.row_of.__getitem__, names), np.int64, len(names))
        ids = np.array(numbers, np.int64)
        order = np.lexsort((rows, ids))
        rows, ids = rows[order], ids[order]
        parts = np.split(rows, np.flatnonzero(np.diff(ids)) + 1) if len(rows) else []
        sized = [Group(part, self._space_of(part)) for part in parts]
        return sorted(sized, key=lambda group: (-len(group.rows), -group.n_bytes, group.rows[0]))

    def _space_of(self, rows: IntArray) -> int:
        sizes = self.sizes[rows]
        return int(sizes.sum() - sizes.max())

    @cached_property
    def n_bytes(self) -> int:
        """Size of all files in groups but the largest of each group."""
        return sum(group.n_bytes for group in self.groups)

    def interesting(self, limit: int) -> Pairs:
        """Return up to `limit` pairs of all kinds that are no exact copies, of each in turn."""
        others = self.pairs.picked(self._ranks >= 0)
        return others.picked(choose_varied(others, self._ranks[self._ranks >= 0], limit))

    @cached_property
    def bursts(self) -> list[list[int]]:
        """The bursts among all images, those of most images first, by their rows."""
        columns = self._run.metadata_columns("taken", "taken_from", "camera")
        if not columns:
            return []
        shots = [
            Metadata(taken=taken, taken_from=taken_from, camera=camera)
            for taken, taken_from, camera in zip(*columns.values(), strict=True)
        ]
        found: Sequence[list[int]] = find_bursts(shots)
        return sorted(found, key=lambda rows: (-len(rows), rows[0]))
