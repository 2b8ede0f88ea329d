"""Measure a model on a folder of planted copies (`images/` and `truth.csv`)."""

from __future__ import annotations

import argparse
import csv
import dataclasses
import json
from pathlib import Path
from typing import Any

from training.card import read_card, write_card
from training.config import Config
from training.embed import embed
from training.export import open_session
from training.metrics import Ranking, Truth, nearest_pairs, rank

Pairs = list[tuple[float, str, str]]


def compare(model: Path, copies: Path, config: Config) -> Pairs:
    """Cosines of the nearest pairs among the pictures of a folder of planted copies."""
    paths = sorted((copies / "images").iterdir())
    vectors = embed(paths, open_session(model), config)
    return nearest_pairs([path.name for path in paths], vectors)


def figures(ranking: Ranking, threshold: float) -> dict[str, Any]:
    """Sum a ranking up, as it is recorded in the card of the model.

    Parameters
    ----------
    ranking : Ranking
        Pairs with their cosines.
    threshold : float
        The cosine that the calibration maps to a similarity of 0.85.
    """
    at_99 = ranking.threshold_at(0.99)
    precision, recall = ranking.at(threshold)
    return {
        "pairs": ranking.wanted.total(),
        "micro_ap": round(ranking.micro_ap(), 4),
        "recall_at_precision_99": round(ranking.at(at_99)[1], 4),
        "cosine_at_precision_99": round(at_99, 4),
        "precision_at_similarity_85": round(precision, 4),
        "recall_at_similarity_85": round(recall, 4),
        "recall_per_edit_at_precision_99": ranking.recall_per_edit(at_99),
    }


def write_similarity(pairs: Pairs, path: Path) -> None:
    """Write pairs as the table that the package writes, most similar first."""
    with open(path, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["from", "to", "distance"])
        writer.writerows((a, b, f"{cosine:.7f}") for cosine, a, b in sorted(pairs, reverse=True))


def evaluate(model: Path, copies: Path, name: str | None, how: str, config: Config) -> None:
    """Measure, print, and under a given name record in the card beside the model."""
    card = read_card(model)
    pairs = compare(model, copies, config)
    write_similarity(pairs, copies / "similarity.csv")
    knots = dict(zip(card["calibration"]["similarity"], card["calibration"]["cosine"], strict=True))
    ranking = rank([(pairs, Truth.load(copies / "truth.csv"))])
    result = {"how": how} | figures(ranking, knots[0.85])
    print(json.dumps(result, indent=1))
    if name:
        card["evaluation"][name] = result
        write_card(model, card)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path, help="ONNX file with its card beside it")
    parser.add_argument("copies", type=Path, help="folder of planted copies")
    parser.add_argument("--record", metavar="NAME", help="add to the card under this name")
    parser.add_argument("--how", default="", help="with --record: how the folder was made")
    given = parser.parse_args()
    side = read_card(given.model)["input"]["height"]
    config = dataclasses.replace(Config(), input_side=side)
    evaluate(given.model, given.copies, given.record, given.how, config)


if __name__ == "__main__":
    main()
