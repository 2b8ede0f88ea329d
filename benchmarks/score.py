"""Scores a similarity.csv against the truth.csv of planted copies.

A pair of a copy and its original is right; a pair of two copies of one original is neutral; every
other pair is wrong. A pair named in both directions counts once, at its higher similarity. Among
equal similarities the wrong pairs come first. Prints two lines of JSON: the scores over all copies,
and for each edit the recall at 99 % precision. The scores are those of `fastdup.evaluation.scorer`,
which `fastdup evaluate` uses too.

    python benchmarks/score.py TRUTH.csv SIMILARITY.csv --threshold 0.85
"""

import argparse
import csv
import json
import os
from collections import Counter
from pathlib import Path

import numpy as np

from fastdup.evaluation.scorer import Ranking, scores

Pair = frozenset[str]


def read_truth(path: Path) -> tuple[dict[Pair, str], dict[str, str]]:
    """Return the edit of each right pair, and the original of each file."""
    edits: dict[Pair, str] = {}
    original_of: dict[str, str] = {}
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            edits[frozenset((row["copy"], row["original"]))] = row["edit"]
            original_of |= {row["copy"]: row["original"], row["original"]: row["original"]}
    return edits, original_of


def read_pairs(path: Path) -> dict[Pair, float]:
    """Return the similarity of each pair of file names."""
    pairs: dict[Pair, float] = {}
    with path.open(newline="", encoding="utf-8", errors="surrogateescape") as file:
        for row in csv.DictReader(file):
            pair = frozenset((os.path.basename(row["from"]), os.path.basename(row["to"])))
            pairs[pair] = max(float(row["distance"]), pairs.get(pair, float("-inf")))
    return pairs


def score(
    truth: Path, similarity: Path, threshold: float
) -> tuple[dict[str, float], dict[str, float]]:
    """Return the scores over all copies, and for each edit the recall at 99 % precision."""
    edits, original_of = read_truth(truth)
    names = sorted(set(edits.values()))
    number_of = {name: number for number, name in enumerate(names)}
    ranked = [
        (value, number_of[edits[pair]] if pair in edits else -1)
        for pair, value in read_pairs(similarity).items()
        if pair in edits or len({original_of.get(name, name) for name in pair}) > 1
    ]
    counts = Counter(edits.values())
    wanted = np.array([counts[name] for name in names])
    values, kinds = (np.array(column) for column in zip(*ranked, strict=True))
    ranking = Ranking.of(values, kinds, wanted)
    found = scores(ranking, threshold)
    overall = {
        "pairs": int(found["pairs"]),
        "uAP": round(found["micro_ap"], 4),
        "R_at_P99": round(found["recall_at_p99"], 4),
        "R_at_P90": round(found["recall_at_p90"], 4),
        "P_at_T": round(found["precision"], 4),
        "R_at_T": round(found["recall"], 4),
    }
    shares = ranking.right_by_kind(ranking.reach(0.99)) / wanted
    return overall, {
        name: round(share, 3) for name, share in zip(names, shares.tolist(), strict=True)
    }


def main() -> None:
    """Read the command line and print the scores."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("truth", type=Path)
    parser.add_argument("similarity", type=Path)
    parser.add_argument("--threshold", type=float, default=0.85)
    options = parser.parse_args()
    for part in score(options.truth, options.similarity, options.threshold):
        print(json.dumps(part))


if __name__ == "__main__":
    main()
