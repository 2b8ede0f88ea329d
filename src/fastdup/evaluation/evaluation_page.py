"""An evaluation as a chart and as a page."""

from collections.abc import Sequence

from fastdup.evaluation.evaluation_report import Evaluation, KindScore
from fastdup.printable import printable
from fastdup.report.figure_page import PageTable, Section, figure_page
from fastdup.report.svg_chart import BLUE, INK, ORANGE, Panel, svg

_SHARES = [(value / 4, f"{value / 4:g}") for value in range(5)]
_ROW_HEIGHT, _TOP, _LEFT = 18, 40, 60
#: Lists of a page are cut there; the JSON has the rest.
_MOST_ROWS = 30


def chart(found: Evaluation) -> str:
    """Return precision over recall, and the recall of each kind, as an SVG document."""
    panels = [_curve(found)]
    height = 380
    if len(found.kinds) > 1:
        panels.append(_kinds(found.kinds, found.threshold))
        height = max(height, _TOP + _ROW_HEIGHT * len(found.kinds) + 60)
    scores = found.scores
    return svg(
        960 if len(panels) > 1 else 480,
        height,
        panels,
        title=found.what,
        description=f"micro-AP {scores['micro_ap']:.3f}; at {found.threshold:g} precision "
        f"{scores['precision']:.3f}, recall {scores['recall']:.3f}",
    )


def _curve(found: Evaluation) -> Panel:
    panel = Panel(_LEFT, _TOP, 360, 280)
    panel.axes("Precision over recall", "recall", _SHARES, _SHARES)
    panel.line([point[:2] for point in found.curve], BLUE)
    at = found.scores["recall"], found.scores["precision"]
    words = f"at {found.threshold:g}: recall {at[0]:.3f}, precision {at[1]:.3f}"
    panel.dot(at, ORANGE, words)
    panel.words(_LEFT + 8, _TOP + 274, f"orange: {words}")
    return panel


def _kinds(kinds: Sequence[KindScore], threshold: float) -> Panel:
    height = _ROW_HEIGHT * len(kinds)
    panel = Panel(600, _TOP, 320, height, y_range=(float(len(kinds)), 0.0))
    panel.axes(f"Recall of each kind at {threshold:g}", "recall", _SHARES, [])
    for row, kind in enumerate(kinds):
        words = f"{kind.kind}: {kind.recall:.2f} of {kind.pairs} ({_interval(kind)})"
        panel.bar((0.0, kind.recall), (row + 0.15, row + 0.85), BLUE, words)
        ends = (kind.recall_low, kind.recall_high)
        panel.bar(ends, (row + 0.46, row + 0.54), INK, words)
        y = _TOP + _ROW_HEIGHT * (row + 0.5) + 4
        panel.words(592, y, kind.kind.replace("_", " ")[:24], "end")
    return panel


def page(found: Evaluation) -> str:
    """Return the HTML of the evaluation: scores, chart, kinds, wrong and missed pairs."""
    scores, at = found.scores, f"{found.threshold:g}"
    rows = [
        ("pairs to find", f"{scores['pairs']:,.0f}", ""),
        ("micro-AP", f"{scores['micro_ap']:.3f}", ""),
        ("recall at 99 % precision", f"{scores['recall_at_p99']:.3f}", ""),
        ("recall at 90 % precision", f"{scores['recall_at_p90']:.3f}", ""),
        *(
            (
                f"{name} at {at}",
                f"{scores[name]:.3f}",
                f"{scores[f'{name}_low']:.3f} to {scores[f'{name}_high']:.3f}",
            )
            for name in ("precision", "recall")
        ),
    ]
    known = {**found.facts, "model": found.facts.get("model", {}).get("name", "unknown")}
    facts = ", ".join(f"{name} {value}" for name, value in known.items())
    sections = [
        Section("", [found.what, *found.notes], chart(found)),
        Section("Scores", [], "", PageTable(("score", "value", "95 % interval"), rows)),
        _kind_table(found),
        _list(
            "Wrong pairs, the most similar first",
            [(a, b, f"{value:.6f}") for a, b, value in found.wrong],
            ("file", "other file", "similarity"),
        ),
        _list(f"Copies that were not found at {at}", found.missed, ("file", "other file", "kind")),
        Section("How it was measured", [facts]),
    ]
    return figure_page("How well copies are found", sections)


def _kind_table(found: Evaluation) -> Section:
    rows = [
        (k.kind, f"{k.pairs:,}", f"{k.recall_at_p99:.2f}", f"{k.recall:.2f}", _interval(k))
        for k in found.kinds
    ]
    at = ("recall at 99 % precision", f"recall at {found.threshold:g}")
    head = ("kind", "pairs", *at, "95 % interval")
    return Section("Kinds, the worst first", [], "", PageTable(head, rows))


def _list(title: str, rows: Sequence[Sequence[str]], head: Sequence[str]) -> Section:
    if not rows:
        return Section(title, ["None."])
    shown = [[printable(value) for value in row] for row in rows[:_MOST_ROWS]]
    return Section(title, [], "", PageTable(head, shown, of_words=True))


def _interval(kind: KindScore) -> str:
    return f"{kind.recall_low:.2f} to {kind.recall_high:.2f}"
