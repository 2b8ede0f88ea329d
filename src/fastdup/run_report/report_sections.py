"""The sections of a report, as its template shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from fastdup.actions.found import FoundImages
from fastdup.actions.keep import CopyChoice
from fastdup.actions.plan import Plan
from fastdup.analysis.pairs import Pairs
from fastdup.quantities import size_text
from fastdup.report.pair_wording import PairFacts, describe_pair
from fastdup.report.wording import similarity_text, similarity_word
from fastdup.run_report.copies_found import CopiesFound
from fastdup.run_report.histograms import (
    Histogram,
    doubling_histogram,
    even_histogram,
    widening_histogram,
)
from fastdup.run_report.issues_found import Issue
from fastdup.run_report.report_album import LARGE, SMALL, ReportAlbum, Shown
from fastdup.run_report.sets_found import SetsFound

#: Most groups and bursts that are shown, and pictures of each.
_MOST_GROUPS, _MOST_BURSTS, _MOST_MEMBERS = 6, 2, 8
_N_BINS = 32
#: Least span of the chart of similarities.
_LEAST_SPAN = 0.05


class ShownPair(NamedTuple):
    """Two images side by side: how similar they are, what they are to each other, and notes."""

    images: Sequence[Shown]
    similarity: str
    words: str
    notes: Sequence[str] = ()


class ShownGroup(NamedTuple):
    """Some images of a group, how many more there are, and its size in words."""

    images: Sequence[Shown]
    n_more: int
    words: str


class ShownIssue(NamedTuple):
    """An issue with its worst images, each with the value in words."""

    issue: Issue
    images: Sequence[tuple[Shown, str]]


@dataclass(frozen=True)
class Sections:
    """Shows what was found.

    Attributes
    ----------
    run : FoundImages
    copies : CopiesFound
    album : ReportAlbum
    """

    run: FoundImages
    copies: CopiesFound
    album: ReportAlbum

    def pairs(self, pairs: Pairs, sets: SetsFound | None = None) -> list[ShownPair]:
        """Return some pairs, what looks like the original first; with `sets`, the split of each."""
        return [
            self._pair(one, other, similarity, sets)
            for one, other, similarity in zip(*(c.tolist() for c in pairs), strict=True)
        ]

    def doubts(self, sets: SetsFound, limit: int) -> list[ShownPair]:
        """Return images whose label is in doubt, each beside the nearest with the other label."""
        row_of = self.run.row_of
        found = dict[frozenset[str], ShownPair]()
        for doubt in sets.in_doubt:
            both = frozenset((doubt.filename, doubt.nearest))
            if both in found:  # the other way round
                continue
            if len(found) == limit:
                break
            images = self.album.of((row_of[doubt.filename], row_of[doubt.nearest]), LARGE)
            labels = f"{doubt.label}", f"{doubt.suggested}"
            words = f"{labels[0]}? Its neighbours say {labels[1]} ({100 * doubt.score:.0f} %)"
            found[both] = ShownPair(images, similarity_text(doubt.distance), words, labels)
        return list(found.values())

    def groups(self) -> list[ShownGroup]:
        """Return the largest groups."""
        return [
            self._group(group.rows.tolist(), f"{size_text(group.n_bytes)} in copies")
            for group in self.copies.groups[:_MOST_GROUPS]
        ]

    def bursts(self) -> list[ShownGroup]:
        """Return the longest bursts."""
        return [self._group(rows, "") for rows in self.copies.bursts[:_MOST_BURSTS]]

    def issues(self, issues: Sequence[Issue]) -> list[ShownIssue]:
        """Return issues with their worst images."""
        found = []
        for issue in issues:
            images = self.album.of((row for row, _ in issue.worst), SMALL)
            values = [words for _, words in issue.worst]
            found.append(ShownIssue(issue, list(zip(images, values, strict=True))))
        return found

    def charts(self) -> list[Histogram]:
        """Return the charts of what was measured."""
        stats = self.run.stats("width", "height", "file_size", "mean", "blur")
        columns = {name: np.array(values, np.float64) for name, values in stats.items()}
        values = self.copies.pairs.similarities
        lowest = float(values.min()) if len(values) else 0.0
        span = (min(round(lowest - 0.005, 2), 1 - _LEAST_SPAN), 1.0)
        charts = [even_histogram("Similarity", "pairs", values, span, _N_BINS, "{:.2f}".format)]
        if columns:
            sides = np.maximum(columns["width"], columns["height"])
            charts += [
                doubling_histogram("Longer side in pixels", "images", sides, "{:,.0f}".format),
                widening_histogram("Size of the file", "images", columns["file_size"], _short_size),
                even_histogram(
                    "Brightness, 0 to 255",
                    "images",
                    columns["mean"],
                    (0.0, 256.0),
                    _N_BINS,
                    "{:.0f}".format,
                ),
                widening_histogram("Sharpness", "images", columns["blur"], "{:,.0f}".format),
            ]
        return [chart for chart in charts if chart is not None]

    def _pair(self, one: int, other: int, similarity: float, sets: SetsFound | None) -> ShownPair:
        files, by_rule = self.run.candidates((one, other)), CopyChoice().sort_key()
        one, other = sorted((one, other), key=lambda row: by_rule(files[row]))
        found = self.copies.findings.find(one, other)
        words = describe_pair(PairFacts.of_finding(found)) if found else ""
        notes = (sets.split_of(one), sets.split_of(other)) if sets else ()
        return ShownPair(
            self.album.of((one, other), LARGE),
            similarity_text(similarity),
            words or similarity_word(similarity),
            notes,
        )

    def _group(self, rows: Sequence[int], words: str) -> ShownGroup:
        images = self.album.of(rows[:_MOST_MEMBERS], SMALL)
        parts = [f"{len(rows):,} images", words]
        return ShownGroup(images, len(rows) - len(images), ", ".join(filter(None, parts)))


def _short_size(n_bytes: float) -> str:
    return size_text(int(n_bytes)).replace(".0 ", " ")


class CleanUp(NamedTuple):
    """What a clean-up at its usual settings would do.

    Attributes
    ----------
    n_files, n_groups : int
        How many files would go, of how many groups.
    size : str
        What they take.
    threshold : float or None
    classes : list of (words, number of files, size)
    left_alone : list of (words, number)
    """

    n_files: int
    n_groups: int
    size: str
    threshold: float | None
    classes: list[tuple[str, int, str]]
    left_alone: list[tuple[str, int]]

    @classmethod
    def of(cls, plan: Plan) -> "CleanUp":
        """Return what a plan comes to."""
        removals = plan.removals()
        return cls(
            len(removals),
            len({step.group for step in removals}),
            size_text(sum(step.size_bytes for step in removals)),
            plan.threshold,
            [
                (words, len(steps), size_text(sum(step.size_bytes for step in steps)))
                for words, steps in plan.by_class().items()
            ],
            [(str(why), n) for why, n in sorted(plan.left_alone.items()) if n],
        )
