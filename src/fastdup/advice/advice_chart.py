"""The advice as a figure and as a page."""

import math

from fastdup.advice.advice_report import Advice, ThresholdRow
from fastdup.report.figure_page import PageTable, Section, figure_page
from fastdup.report.svg_chart import BLUE, GREEN, GREY, ORANGE, Panel, svg

_LEFT, _WIDTH = 70, 620
_SHARES = [(value / 4, f"{value / 4:g}") for value in range(5)]
_TENTHS = [(value / 10, f"{value / 10:g}") for value in range(11)]
_COLOURS = (BLUE, ORANGE, GREY)
_WORDS = ("copies", "no copies", "not judged")


def chart(advice: Advice) -> str:
    """Return the histogram of similarities above the precision at each threshold, as SVG."""
    panels = [_histogram(advice)]
    if advice.curve:
        panels.append(_precision(advice))
    height = 620 if advice.curve else 350
    words = next(advice.sentences())
    return svg(720, height, panels, title="Which threshold?", description=words)


def _histogram(advice: Advice) -> Panel:
    most = max((sum(bar[1:]) for bar in advice.histogram), default=1) or 1
    panel = Panel(_LEFT, 50, _WIDTH, 220, y_range=(0.0, float(most)), scale=math.sqrt)
    ticks = [(value, f"{value:,}") for value in _round_numbers(most)]
    panel.axes("Pairs by similarity (root scale)", "similarity", _TENTHS, ticks)
    for start, *counts in advice.histogram:
        bottom = 0
        for count, colour, words in zip(counts, _COLOURS, _WORDS, strict=True):
            if count:
                ends = float(bottom), float(bottom + count)
                shown = f"{start:g} to {start + 0.01:.2f}: {count:,} {words}"
                panel.bar((start, start + 0.0094), ends, colour, shown)
            bottom += count
    for place, (colour, words) in enumerate(zip(_COLOURS, _WORDS, strict=True)):
        left = _LEFT + 330 + 110 * place
        panel.swatch(left, 32, colour, words)
    _marks(panel, advice)
    return panel


def _precision(advice: Advice) -> Panel:
    panel = Panel(_LEFT, 350, _WIDTH, 210)
    panel.axes("Precision at each threshold, and its 95 % interval", "threshold", _TENTHS, _SHARES)
    panel.band([(t, low, high) for t, _, low, high in advice.curve], BLUE)
    panel.line([(t, precision) for t, precision, _, _ in advice.curve], BLUE)
    panel.line([(0.0, advice.precision), (1.0, advice.precision)], GREEN, "the wanted precision")
    _marks(panel, advice)
    return panel


def _marks(panel: Panel, advice: Advice) -> None:
    panel.mark(advice.current, f"run: {advice.current:g}")
    if advice.threshold is not None and advice.threshold != advice.current:
        panel.mark(advice.threshold, f"advice: {advice.threshold:g}", GREEN, row=1)


def _round_numbers(most: int) -> list[int]:
    """Return up to four ticks for a root scale."""
    unit = 10 ** int(math.log10(most))
    top = most // unit * unit
    return sorted({0, max(1, top // 16), max(1, top // 4), top})


def _counts(row: ThresholdRow) -> tuple[int, ...]:
    return row.pairs, row.copies, row.others, row.altered, row.not_judged


def page(advice: Advice) -> str:
    """Return the HTML of the advice: figure and rows."""
    head = (
        "threshold", "pairs", "copies", "others", "altered", "not judged", "precision",
        "95 % interval", "found", "files", "MB", "same picture", "MB",
    )  # fmt: skip
    rows = [
        (
            f"{row.threshold:g}",
            *(f"{count:,}" for count in _counts(row)),
            "?" if row.precision is None else f"{row.precision:.3f}",
            f"{row.precision_low:.3f} to {row.precision_high:.3f}",
            "?" if row.found is None else f"{100 * row.found:.1f} %",
            f"{row.files:,}",
            f"{row.bytes / 1e6:,.1f}",
            f"{row.same_files:,}",
            f"{row.same_bytes / 1e6:,.1f}",
        )
        for row in advice.rows
    ]
    first = f"{advice.n_images:,} images, {advice.n_judged:,} judged pairs"
    return figure_page(
        "Which threshold?",
        [
            Section("", [first, *advice.sentences()], chart(advice)),
            Section("Thresholds", advice.notes, "", PageTable(head, rows)),
        ],
    )
