"""Write the model card as a page, from the JSON card and the index of the photos.

usage: python -m training.card_page MODEL.onnx INDEX.csv docs/model-card.md

INDEX.csv has the columns file, licence, repository, path; only rows whose file begins with
``train/`` are counted. The figure of the calibration goes to ``figures/calibration.svg`` beside
the page.
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from string import Template

import numpy as np

from training.card import Card, read_card

PAGE = Template("""# Model card: $name, version $version

| | |
|---|---|
| file | `fastdup/models/builtin.onnx`, $megabytes MB, SHA-256 `$sha256` |
| task | distinguishes copies of a picture, however edited, from all other pictures |
| input | RGB, squashed to $width × $height pixels |
| output | $dim values, length 1; the cosine of two rows measures how similar the pictures are |
| licence | Apache-2.0 |

## How it was made

Trained from scratch by the code in [training/](../training/README.md), without pretrained weights,
in $stages consecutive stages with $steps steps and $views views of
$pictures pictures, $hours hours in $processes processes. $averaged
The convolutions are quantised to 8-bit integers. A row is the same, bit for bit, whatever the other
pictures in its batch are. SHA-256 over all training pictures: `$photos_sha256`.

Besides generated pictures, it was trained on these photos:

$sources

## What its similarity means

The map from cosine to similarity was fitted on validation pictures that were not used in training:

![similarity against cosine](figures/calibration.svg)

| similarity | cosine | fitted so that |
|--:|--:|---|
$knots

## Quality

$evaluation

## Known weaknesses

- By its features alone it often misses crops to half of the picture or less, collages with another
  picture, and combinations of several edits. A run finds many of them by looking at both pictures.
- Pictures that differ only in small details (QR codes with different data, clothes on the same
  floor, pages of one web site) can come close to the default threshold.
- It does not recognise what a picture shows: two photos of the same thing are not copies to it.

## Beside it: rows for content

Outliers, labels in doubt and all that goes by content compare a second row, too: 202 counts of
colours, texture and edges. Two small files were learnt from the same photos, from ten themes and
without any other label: `content_centre.npy` (3 kB), the mean of both rows, and
`content_spread.npy` (100 kB), 64 directions in which pictures of one theme and parts of one picture
differ, and which count less. What they gain on themes that were left out is in the
[benchmarks](../benchmarks/README.md#content).
""")

MEANINGS = {
    0.3: "5 % of the distinct validation pictures have no other picture at or above it",
    0.5: "half of the distinct pictures of one theme have no other picture at or above it",
    0.85: "99.5 % of the pairs at or above it are copies",
    0.98: "90 % of the copies that were only saved again or resized are at or above it",
}

BENCHMARKS = "[benchmarks](../benchmarks/README.md)"
WIDTH, HEIGHT, MARGIN = 480, 320, 48


def write_page(model: Path, index: Path, page: Path) -> None:
    """Write the card page and its figure."""
    card = read_card(model)
    record = card["training"]
    runs = list(chain(record))
    text = PAGE.substitute(
        name=card["name"],
        version=card["version"],
        sha256=card["sha256"],
        megabytes=f"{model.stat().st_size / 1e6:.1f}",
        width=card["input"]["width"],
        height=card["input"]["height"],
        dim=card["output"]["dim"],
        stages=len(runs),
        steps=f"{sum(run['steps'] for run in runs):,}",
        views=f"{sum(run['views'] for run in runs):,}",
        pictures=f"{record['pictures']:,}",
        hours=f"{sum(run['seconds'] for run in runs) / 3600:.1f}",
        processes=record["processes"],
        averaged=averaged_text(record),
        photos_sha256=record["photos_sha256"],
        sources=sources_table(index),
        knots=knots_table(card),
        evaluation=evaluation_text(card),
    )
    figure = page.parent / "figures" / "calibration.svg"
    figure.parent.mkdir(parents=True, exist_ok=True)
    figure.write_text(calibration_figure(card), encoding="utf-8")
    page.write_text(text, encoding="utf-8")


def chain(record: Card | None) -> Iterator[Card]:
    """Yield the record of a run, and of the runs that it went on from."""
    while record:
        yield record
        record = record.get("started_from")


def averaged_text(record: Card) -> str:
    """Say whose weights the shipped ones are the mean of, if there are several."""
    averaged = record.get("averaged_networks_sha256", [])
    return f"The weights are the mean of the last {len(averaged)} stages." * bool(averaged)


def sources_table(index: Path) -> str:
    """Return a table of the training photos by licence."""
    with index.open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["file"].startswith("train/")]
    counts = Counter(row["licence"] for row in rows)
    lines = [f"| {count:,} | {licence} |" for licence, count in counts.most_common()]
    return "\n".join(["| photos | licence and origin |", "|--:|---|", *lines])


def knots_table(card: Card) -> str:
    """Return the knots of the calibration, with what each was fitted to."""
    knots = zip(card["calibration"]["similarity"], card["calibration"]["cosine"], strict=True)
    return "\n".join(
        f"| {similarity} | {cosine} | {MEANINGS.get(similarity, '')} |"
        for similarity, cosine in knots
    )


def evaluation_text(card: Card) -> str:
    """Return the figures of each evaluation in the card."""
    lines = []
    for name, figures in card["evaluation"].items():
        lines.append(
            f"- **{name}** ({figures['how']}; {figures['pairs']:,} copies): micro-AP "
            f"{figures['micro_ap']:.3f}, recall at 99 % precision "
            f"{figures['recall_at_precision_99']:.3f}; at the default threshold 0.85 precision "
            f"{figures['precision_at_similarity_85']:.3f}, recall "
            f"{figures['recall_at_similarity_85']:.3f}"
        )
    lines.append(f"- compared with other tools, by kind of edit: {BENCHMARKS}")
    return "\n".join(lines)


def calibration_figure(card: Card) -> str:
    """Return an SVG of similarity against cosine, from cosine 0 to 1."""
    cosine, similarity = card["calibration"]["cosine"], card["calibration"]["similarity"]
    shown = [0.0, *(c for c in cosine if c > 0)]
    mapped = np.interp(shown, cosine, similarity)
    points = " ".join(f"{_x(c):.1f},{_y(s):.1f}" for c, s in zip(shown, mapped, strict=True))
    marks = "".join(
        f'<line x1="{_x(0)}" y1="{_y(s)}" x2="{_x(1)}" y2="{_y(s)}" stroke="#8886" '
        f'stroke-dasharray="2 4"/>'
        f'<text x="{_x(0) - 6}" y="{_y(s) + 4}" text-anchor="end">{s}</text>'
        for s in (0, 0.3, 0.5, 0.85, 0.98)
    )
    ticks = "".join(
        f'<text x="{_x(c)}" y="{_y(0) + 18}" text-anchor="middle">{c}</text>'
        for c in (0, 0.2, 0.4, 0.6, 0.8, 1)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="12" fill="#888">'
        f"{marks}{ticks}"
        f'<polyline points="{points}" fill="none" stroke="#2f6f6a" stroke-width="2.5"/>'
        f'<text x="{WIDTH / 2}" y="{HEIGHT - 6}" text-anchor="middle">cosine</text>'
        f'<text x="14" y="{HEIGHT / 2}" text-anchor="middle" '
        f'transform="rotate(-90 14 {HEIGHT / 2})">similarity</text></svg>\n'
    )


def _x(cosine: float) -> float:
    return MARGIN + cosine * (WIDTH - 2 * MARGIN)


def _y(similarity: float) -> float:
    return HEIGHT - MARGIN - similarity * (HEIGHT - 2 * MARGIN)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m training.card_page", description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("index", type=Path)
    parser.add_argument("page", type=Path)
    given = parser.parse_args()
    write_page(given.model, given.index, given.page)


if __name__ == "__main__":
    main()
