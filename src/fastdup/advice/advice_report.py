"""The advice: a row for each threshold, lines to read, files."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fastdup.report.figure_page import write_by_ending
from fastdup.workdir.csv_files import csv_line


@dataclass(frozen=True)
class ThresholdRow:
    """What a threshold means in one collection.

    Attributes
    ----------
    threshold : float
        Smallest similarity of a pair, inclusive.
    pairs : int
        Pairs that reach it.
    copies, others, not_judged : int
        How many of them were judged to be copies (the same picture, edited, or a part), to be none
        (altered, or only alike), and how many were not judged.
    altered : int
        How many of `others` were found to be altered in one place. They join no group and are in
        no plan, at any threshold.
    precision : float or None
        `copies` / `pairs`: pairs that nobody looked at count as none. None where nothing was
        judged.
    precision_low, precision_high : float
        Its 95 % interval (Wilson); at the upper end, pairs that nobody looked at count as copies.
    found : float or None
        Share of all judged copies that reach it.
    files, bytes : int
        What may go at most, if one file of each group of copies stays, the largest: all copies,
        edited ones and parts too.
    same_files, same_bytes : int
        The same of pairs that show the same picture, saved again or resized, which is what
        ``fastdup clean`` takes by default.
    """

    threshold: float
    pairs: int
    copies: int
    others: int
    not_judged: int
    altered: int
    precision: float | None
    precision_low: float
    precision_high: float
    found: float | None
    files: int
    bytes: int
    same_files: int
    same_bytes: int

    def as_dict(self) -> dict[str, Any]:
        """Return its values as JSON has them."""
        return {
            name: round(value, 6) if isinstance(value, float) else value
            for name, value in vars(self).items()
        }


@dataclass(frozen=True, kw_only=True)
class Advice:
    """What the judged pairs of a run say of every threshold.

    Attributes
    ----------
    precision : float
        The one that was asked for.
    threshold : float or None
        The lowest threshold with at least this precision; None where no threshold has it, or
        nothing was judged.
    sure_threshold : float or None
        The lowest one at which the lower end of the interval reaches it.
    current : float
        The threshold of the run.
    rows : tuple of ThresholdRow
        Some thresholds, ascending; those three among them.
    curve : tuple of (float, float, float, float)
        Threshold, precision and the ends of its interval, at every hundredth at which it is known.
    histogram : tuple of (float, int, int, int)
        Of each hundredth its lower end, and the pairs in it: copies, others, not judged. Those of
        similarity 1 are in the last one.
    n_images, n_judged : int
        Images of the run, and pairs that were judged.
    notes : tuple of str
        What the numbers cannot say, in sentences.
    """

    precision: float
    threshold: float | None
    sure_threshold: float | None
    current: float
    rows: tuple[ThresholdRow, ...]
    curve: tuple[tuple[float, float, float, float], ...]
    histogram: tuple[tuple[float, int, int, int], ...]
    n_images: int
    n_judged: int
    notes: tuple[str, ...] = ()

    def lines(self) -> Iterator[str]:
        """Yield the lines that a person reads."""
        yield (
            f"{self.n_images:,} images, {self.n_judged:,} judged pairs; the run's threshold is "
            f"{self.current:g}"
        )
        yield from self.sentences()
        yield (
            "threshold    pairs   copies   others  altered  not judged  precision  95 % interval"
            "   found    files        MB  same picture        MB"
        )
        for row in self.rows:
            yield _line(row)
        yield from self.notes

    def sentences(self) -> Iterator[str]:
        """Yield the advice itself."""
        wanted = f"{100 * self.precision:g} %"
        if not self.n_judged:
            yield "no pair was judged: which threshold has which precision is not known"
        elif self.threshold is None:
            yield f"no threshold has a precision of {wanted} here"
        else:
            found = next(row.found for row in self.rows if row.threshold == self.threshold)
            yield (
                f"{self.threshold:g} is the lowest threshold with a precision of {wanted}; "
                f"{100 * (found or 0):.1f} % of the judged copies reach it"
            )
            if self.sure_threshold is None:
                yield "too few pairs were judged to be sure of any threshold"
            elif self.sure_threshold > self.threshold:
                yield f"{self.sure_threshold:g} is sure to have it (lower end of the 95 % interval)"

    def as_dict(self) -> dict[str, Any]:
        """Return all of it as values that JSON has."""
        values = {
            name: value for name, value in vars(self).items() if name not in ("rows", "notes")
        }
        return {**values, "rows": [row.as_dict() for row in self.rows], "notes": list(self.notes)}

    def write(self, path: str | os.PathLike[str]) -> str:
        """Write a file of the kind that its ending names, and return its path.

        ``.csv`` has the rows, ``.json`` all of it, ``.svg`` the figure, ``.html`` is a page with
        figure and rows that needs nothing else.

        Raises
        ------
        ConfigError
            When the ending is none of these.
        WorkDirError
            When it cannot be written.
        """
        from fastdup.advice.advice_chart import chart, page

        return write_by_ending(
            path,
            {
                ".csv": lambda: self.text("csv"),
                ".json": lambda: self.text("json"),
                ".html": lambda: page(self),
                ".svg": lambda: chart(self),
            },
        )

    def text(self, form: str) -> str:
        """Return the rows as CSV, or all of it as JSON.

        Parameters
        ----------
        form : {"csv", "json"}
        """
        if form == "json":
            return json.dumps(self.as_dict(), indent=1) + "\n"
        rows = [map(_field, row.as_dict().values()) for row in self.rows]
        lines = [csv_line(ThresholdRow.__dataclass_fields__), *map(csv_line, rows)]
        return b"".join(lines).decode()

    def _repr_html_(self) -> str:
        """Return the figure, for a notebook."""
        from fastdup.advice.advice_chart import chart

        return chart(self)


def _line(row: ThresholdRow) -> str:
    precision = "       ?" if row.precision is None else f"{row.precision:8.3f}"
    interval = f"{row.precision_low:.3f}–{row.precision_high:.3f}"
    found = "     ?" if row.found is None else f"{100 * row.found:5.1f}%"
    return (
        f"{row.threshold:9.3f}{row.pairs:9,}{row.copies:9,}{row.others:9,}{row.altered:9,}"
        f"{row.not_judged:12,}"
        f"   {precision}  {interval:>13}  {found}{row.files:9,}{row.bytes / 1e6:10,.1f}"
        f"{row.same_files:14,}{row.same_bytes / 1e6:10,.1f}"
    )


def _field(value: float | int | None) -> str:
    if value is None:
        return ""
    return f"{value:.6f}" if isinstance(value, float) else str(value)
