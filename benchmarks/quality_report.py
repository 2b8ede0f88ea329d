"""The results of the quality benchmark as Markdown tables and as a chart."""

from pathlib import Path
from typing import Any

Result = dict[str, Any]

BY_EDIT = "recall_at_99_percent_precision_by_edit"
OURS = "fastdup"
# Colours after Okabe and Ito, which colour-blind people can distinguish; shapes for grey prints.
STYLES: dict[str, dict[str, Any]] = {
    "fastdup": {"color": "#0072B2", "marker": "o", "markersize": 6},
    "proprietary": {"color": "#D55E00", "marker": "s", "markersize": 5},
    "pdq": {"color": "#009E73", "marker": "^", "markersize": 5},
    "pdq8": {"color": "#009E73", "marker": "^", "markersize": 7, "fillstyle": "none"},
    "phash": {"color": "#555555", "marker": "x", "markersize": 4.5},
}
LANES = {"fastdup": -0.33, "proprietary": -0.11, "pdq": 0.11, "pdq8": 0.11, "phash": 0.33}
"""Shift of the marks within the row of an edit, so that equal values stay visible."""


def overall_table(result: Result) -> str:
    """Return one Markdown table per set: a row for each method."""
    threshold = result["threshold"]
    parts = []
    for set_name, facts in result["sets"].items():
        title = f"{set_name}: {facts['planted_copies']} copies among {facts['files']} files"
        head = [
            title,
            "micro-AP",
            "recall at P 99 %",
            "recall at P 90 %",
            f"precision at {threshold}",
            f"recall at {threshold}",
            "P / R at its own default",
        ]
        rows = [_overall_row(method, set_name) for method in result["methods"].values()]
        parts.append(_markdown(head, rows))
    return "\n".join(parts)


def _overall_row(method: Result, set_name: str) -> list[str]:
    measured = method["sets"][set_name]
    scores, own = measured["scores"], measured["at_own_threshold"]
    names = ("uAP", "R_at_P99", "R_at_P90", "P_at_T", "R_at_T")
    own_text = f"{own['precision']:.3f} / {own['recall']:.3f} ({own['threshold']:.3g})"
    return [method["label"], *(f"{scores[name]:.3f}" for name in names), own_text]


def per_edit_table(result: Result) -> str:
    """Return one Markdown table per set: recall at 99 % precision, a row for each edit."""
    parts = []
    for set_name in result["sets"]:
        recalls = _recalls(result, set_name)
        labels = [method["label"] for method in result["methods"].values()]
        head = [f"{set_name}: recall at P 99 %", *labels, "best other"]
        rows = []
        for edit in _edits_in_order(recalls):
            others = [values[edit] for name, values in recalls.items() if name != OURS]
            best = f"{max(others):.2f}" if others else ""
            rows.append([edit, *(f"{values[edit]:.2f}" for values in recalls.values()), best])
        parts.append(_markdown(head, rows))
    return "\n".join(parts)


def _recalls(result: Result, set_name: str) -> dict[str, dict[str, float]]:
    """Return for each method the recall by edit."""
    return {name: facts["sets"][set_name][BY_EDIT] for name, facts in result["methods"].items()}


def _edits_in_order(recalls: dict[str, dict[str, float]]) -> list[str]:
    """Return the edits, best found first: by ours, then by the mean of all."""
    first = recalls.get(OURS) or next(iter(recalls.values()))

    def rank(edit: str) -> tuple[float, float, str]:
        mean = sum(values[edit] for values in recalls.values()) / len(recalls)
        return -first[edit], -mean, edit

    return sorted(first, key=rank)


def _markdown(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---", *["--:"] * (len(head) - 1)], *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def draw_chart(result: Result, path: Path) -> None:
    """Draw the recall at 99 % precision of each method for each edit, one panel per set."""
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams.update({"svg.hashsalt": "fastdup", "font.size": 9})
    from matplotlib import pyplot

    n_sets = len(result["sets"])
    longest = max(len(_edits_in_order(_recalls(result, name))) for name in result["sets"])
    figure, panels = pyplot.subplots(
        1, n_sets, figsize=(5.2 * n_sets, 1.2 + 0.28 * longest), squeeze=False, layout="constrained"
    )
    for panel, set_name in zip(panels[0], result["sets"], strict=True):
        _draw_panel(panel, _recalls(result, set_name), set_name, longest)
    handles = [panels[0][0].lines[i] for i in range(len(result["methods"]))]
    labels = [method["label"] for method in result["methods"].values()]
    figure.legend(handles, labels, loc="outside upper center", ncols=len(labels), frameon=False)
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)


def _draw_panel(panel: Any, recalls: dict[str, dict[str, float]], title: str, n_rows: int) -> None:
    edits = _edits_in_order(recalls)
    for name, values in recalls.items():
        rows = [row + LANES[name] for row in range(len(edits))]
        recall = [values[edit] for edit in edits]
        panel.plot(recall, rows, linestyle="none", clip_on=False, **STYLES[name])
    for row in range(0, len(edits), 2):
        panel.axhspan(row - 0.5, row + 0.5, color="#f2f2f2", linewidth=0, zorder=0)
    panel.set_yticks(range(len(edits)), [edit.replace("_", " ") for edit in edits])
    panel.set_ylim(n_rows - 0.4, -0.6)
    panel.set_xlim(-0.02, 1.02)
    panel.set_xlabel("recall at 99 % precision")
    panel.set_title(title)
    panel.grid(axis="x", color="#d0d0d0", linewidth=0.6)
    panel.set_axisbelow(True)
    panel.tick_params(length=0)
    panel.spines[["top", "right", "left"]].set_visible(False)
