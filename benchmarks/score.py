"""Scores a similarity.csv against the truth.csv of planted copies.

A pair of a copy and its original is right; a pair of two copies of one original is neutral; every
other pair is wrong. A pair named in both directions counts once, at its higher similarity. Among
equal similarities the wrong pairs come first. Prints two lines of JSON: the scores over all copies,
and for each edit the recall at 99 % precision.

    python benchmarks/score.py TRUTH.csv SIMILARITY.csv --threshold 0.85
"""

import argparse
import csv
import json
import os
from collections import Counter
from pathlib import Path

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
    ranked = []
    for pair, value in read_pairs(similarity).items():
        originals = {original_of.get(name, name) for name in pair}
        if pair in edits or len(originals) > 1:
            ranked.append((-value, pair in edits, edits.get(pair, "")))
    ranked.sort()
    wanted = Counter(edits.values())
    n_right, area = 0, 0.0
    reach = {0.99: 0, 0.9: 0}  # precision → how many pairs may be kept
    recall = {0.99: 0, 0.9: 0}
    for position, (_, is_right, _) in enumerate(ranked, 1):
        n_right += is_right
        area += is_right * n_right / position
        for precision in reach:
            if n_right >= precision * position:
                reach[precision], recall[precision] = position, n_right
    kept = [is_right for value, is_right, _ in ranked if -value >= threshold]
    n_wanted = len(edits)
    overall = {
        "pairs": n_wanted,
        "uAP": round(area / n_wanted, 4),
        "R_at_P99": round(recall[0.99] / n_wanted, 4),
        "R_at_P90": round(recall[0.9] / n_wanted, 4),
        "P_at_T": round(sum(kept) / max(1, len(kept)), 4),
        "R_at_T": round(sum(kept) / n_wanted, 4),
    }
    found = Counter(edit for _, is_right, edit in ranked[: reach[0.99]] if is_right)
    return overall, {edit: round(found[edit] / n, 3) for edit, n in sorted(wanted.items())}


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
