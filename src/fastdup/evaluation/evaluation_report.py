"""The result of an evaluation: numbers, lines to read, files."""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from fastdup.report.figure_page import write_by_ending
from fastdup.workdir.csv_files import csv_line

_KIND_HEADER = ("kind", "pairs", "recall_at_p99", "recall", "recall_low", "recall_high")
#: Kinds that are printed, the worst first; files have all.
_MOST_PRINTED = 40


@dataclass(frozen=True)
class KindScore:
    """How well copies of one kind are found.

    Attributes
    ----------
    kind : str
        Such as the edit.
    pairs : int
        How many are to be found.
    recall_at_p99 : float
        The share that is found where 99 % of all pairs are right.
    recall : float
        The share that is found at the threshold; `recall_low` to `recall_high` is its 95 % interval
        (Wilson).
    recall_low, recall_high : float
        The ends of that interval.
    """

    kind: str
    pairs: int
    recall_at_p99: float
    recall: float
    recall_low: float
    recall_high: float


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """How well copies are found.

    Attributes
    ----------
    what : str
        What was measured, in words.
    threshold : float
        At which `precision` and `recall` of the scores are given.
    scores : mapping of str to float
        ``pairs, micro_ap, recall_at_p99, recall_at_p90, kept, precision, precision_low,
        precision_high, recall, recall_low, recall_high``; see docs/evaluate.md.
    kinds : tuple of KindScore
        The worst first.
    curve : tuple of (float, float, float)
        Recall, precision and similarity along the ranking, at up to 200 right pairs.
    wrong : tuple of (str, str, float)
        Wrong pairs and their similarity, the most similar first; at most 100.
    missed : tuple of (str, str, str)
        Two files that are copies and were not found at the threshold, and the kind; at most 100.
    notes : tuple of str
        What is to be known to read the numbers, in sentences.
    facts : mapping
        How it was measured: version, model, seed …
    """

    what: str
    threshold: float
    scores: Mapping[str, float]
    kinds: tuple[KindScore, ...]
    curve: tuple[tuple[float, float, float], ...]
    wrong: tuple[tuple[str, str, float], ...] = ()
    missed: tuple[tuple[str, str, str], ...] = ()
    notes: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)

    def lines(self) -> Iterator[str]:
        """Yield the lines that a person reads."""
        found = self.scores
        yield self.what
        yield f"pairs to find             {found['pairs']:,.0f}"
        yield f"micro-AP                  {found['micro_ap']:.3f}"
        yield f"recall at 99 % precision  {found['recall_at_p99']:.3f}"
        yield f"recall at 90 % precision  {found['recall_at_p90']:.3f}"
        for name in ("precision", "recall"):
            low, high = found[f"{name}_low"], found[f"{name}_high"]
            at = f"{name} at {self.threshold:g}"
            yield f"{at:<26}{found[name]:.3f}  (95 % interval {low:.3f} to {high:.3f})"
        if len(self.kinds) > 1:
            at = f"recall at {self.threshold:g}"
            yield f"{'kind':<24}{'pairs':>6}{'at 99 % precision':>18}{at:>18}"
            for kind in self.kinds[:_MOST_PRINTED]:
                shares = f"{kind.recall_at_p99:>18.2f}{kind.recall:>18.2f}"
                yield f"{kind.kind:<24}{kind.pairs:>6}{shares}"
        yield from self.notes

    def as_dict(self) -> dict[str, Any]:
        """Return all of it as values that JSON has."""
        return {
            "what": self.what,
            "threshold": self.threshold,
            "scores": {name: round(value, 6) for name, value in self.scores.items()},
            "kinds": [
                {
                    name: value if isinstance(value, str | int) else round(value, 6)
                    for name, value in vars(kind).items()
                }
                for kind in self.kinds
            ],
            "curve": [[round(value, 6) for value in point] for point in self.curve],
            "wrong": [list(pair) for pair in self.wrong],
            "missed": [list(pair) for pair in self.missed],
            "notes": list(self.notes),
            "facts": dict(self.facts),
        }

    def write(self, path: str | os.PathLike[str]) -> str:
        """Write a file of the kind that its ending names, and return its path.

        ``.json`` has all of it, ``.csv`` a row for each kind, ``.html`` is a page with
        chart and tables that needs nothing else, ``.svg`` the chart alone.

        Raises
        ------
        ConfigError
            When the ending is none of these.
        WorkDirError
            When it cannot be written.
        """
        from fastdup.evaluation.evaluation_page import chart, page

        return write_by_ending(
            path,
            {
                ".json": lambda: json.dumps(self.as_dict(), indent=1) + "\n",
                ".csv": self._csv,
                ".html": lambda: page(self),
                ".svg": lambda: chart(self),
            },
        )

    def _csv(self) -> bytes:
        rows = (
            (k.kind, k.pairs, *(f"{v:.6f}" for v in tuple(vars(k).values())[2:]))
            for k in self.kinds
        )
        return b"".join(map(csv_line, (_KIND_HEADER, *rows)))
