"""The costs of several tools as a chart (SVG) and as a Markdown table.

usage: peer_chart.py RESULT.json [--chart SVG]

RESULT is what peers.py stores. The chart has mid-grey text and no background: it can be read on
light and on dark pages. If the machine was busy, both say that the figures are provisional.
"""

import argparse
import json
from html import escape
from pathlib import Path
from typing import Any

Result = dict[str, Any]

#: What is compared: the field of the result, its title, and the digits after the point.
MEASURES = (
    ("cpu_ms_per_image", "CPU time per image, ms", 1),
    ("read_kib_per_image", "read per image, KiB", 0),
    ("peak_mib", "peak memory, MiB", 0),
)
KINDS = {
    "web": "JPEGs of 500 × 375",
    "phone": "JPEGs of 12 megapixels",
    "mix": "PNGs and WebPs of 500 × 375",
    "thumbnail": "JPEGs of 100 × 100",
}
#: A machine with more load than this per core before the measurement was busy.
MOST_LOAD = 0.25

OURS, OTHER = "#2a9187", "#888"
WIDTH, ROW, TOP = 900, 40, 34
LABELS, PANEL, BAR = 252, 216, 140


def is_busy(result: Result) -> bool:
    """Return whether other programs ran on the machine, so that figures are provisional."""
    machine = result["machine"]
    return bool(machine["load_before"][0] > MOST_LOAD * machine["cores"])


def conditions(result: Result) -> str:
    """Return in one line what was measured."""
    machine = result["machine"]
    files = f"{result['images']:,} {KINDS[result['kind']]}, {result['kib_per_image']:.0f} KiB each"
    vnni = "with" if machine["vnni"] else "without"
    line = f"{files}; median of {result['rounds']}; {machine['processor']} {vnni} VNNI"
    return f"{line}, busy: provisional figures" if is_busy(result) else line


def table(result: Result) -> str:
    """Return a Markdown table with a row for each tool."""
    lines = [
        "| tool | what it does | CPU ms per image | times ours | KiB read per image | peak MiB |",
        "|---|---|--:|--:|--:|--:|",
    ]
    for tool in result["tools"].values():
        version = next(iter(tool["versions"].values()))
        costs = [_shown(tool[field], digits) for field, _, digits in MEASURES]
        costs.insert(1, f"{tool['times_our_cpu']:.1f}")
        lines.append(f"| {tool['label']} {version} | {tool['does']} | {' | '.join(costs)} |")
    return "\n".join([*lines, "", f"{conditions(result)}."])


def chart(result: Result) -> str:
    """Return an SVG with a panel of bars for each measure and a row for each tool."""
    tools = result["tools"]
    height = TOP + ROW * len(tools) + 30
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        'font-family="sans-serif" font-size="13" fill="#888">',
        f"<title>{escape('; '.join(title for _, title, _ in MEASURES))}</title>",
    ]
    for row, (name, tool) in enumerate(tools.items()):
        y = TOP + ROW * row
        parts.append(_text(8, y + 15, tool["label"], is_bold=name == "fastdup"))
        parts.append(_text(8, y + 29, tool["does"], size=10))
    for i, (field, title, digits) in enumerate(MEASURES):
        left = LABELS + PANEL * i
        parts.append(_text(left, 18, title, is_bold=True))
        largest = max(tool[field] for tool in tools.values()) or 1
        for row, (name, tool) in enumerate(tools.items()):
            width = max(1.0, BAR * tool[field] / largest)
            y = TOP + ROW * row + 6
            colour = OURS if name == "fastdup" else OTHER
            bar = f'<rect x="{left}" y="{y}" width="{width:.1f}" height="18" rx="2"'
            parts.append(f'{bar} fill="{colour}"/>')
            parts.append(_text(left + width + 6, y + 14, _shown(tool[field], digits)))
    parts.append(_text(8, height - 8, conditions(result), size=11))
    return "\n".join([*parts, "</svg>", ""])


def _shown(value: float, digits: int) -> str:
    return f"{value:,.{digits}f}"


def _text(x: float, y: float, words: str, *, size: int = 13, is_bold: bool = False) -> str:
    weight = ' font-weight="bold"' if is_bold else ""
    smaller = f' font-size="{size}"' if size != 13 else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{weight}{smaller}>{escape(words)}</text>'


def main() -> None:
    """Print the table of a stored result; write its chart."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("result", type=Path)
    parser.add_argument("--chart", type=Path)
    options = parser.parse_args()
    result = json.loads(options.result.read_text())
    print(table(result))
    if options.chart:
        options.chart.write_text(chart(result), encoding="utf-8")


if __name__ == "__main__":
    main()
