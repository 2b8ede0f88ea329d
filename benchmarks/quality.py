"""How well are planted copies found?

usage: quality.py PHOTOS --evals FOLDER [--per 2] [--seed 1] [--out results/quality.json]

FOLDER holds make_copies.py, which plants edited copies among the photos, and score.py, which
compares a similarity.csv with what was planted. The run keeps 5 neighbours per image and all
similarities, so that the whole curve can be scored.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from machine import describe_machine

import fastdup
from fastdup.models import load_spec

NEIGHBOURS = 5


def python(*words: object) -> str:
    """Run a Python script and return what it prints."""
    command = [sys.executable, *map(str, words)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--evals", type=Path, required=True)
    parser.add_argument("--per", type=int, default=2)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results/quality.json")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        planted, out = Path(folder) / "planted", Path(folder) / "out"
        made = python(
            options.evals / "make_copies.py",
            *(planted, options.photos, "--seed", options.seed, "--per", options.per),
        )
        found = {"threshold": 0.0, "nearest_neighbors_k": NEIGHBOURS}
        if fastdup.run(planted / "images", out, **found) != 0:
            raise SystemExit(1)
        truth, similarity = planted / "truth.csv", out / "similarity.csv"
        scores = python(
            options.evals / "score.py", truth, similarity, "--threshold", "0.85", "--json"
        )
    overall, per_edit = map(json.loads, scores.splitlines())
    result = {
        "machine": describe_machine(),
        "model_sha256": load_spec().sha256,
        "made": made.strip(),
        "scores": overall,
        "recall_at_99_percent_precision_by_edit": per_edit,
    }
    text = json.dumps(result, indent=2)
    print(text)
    options.out.parent.mkdir(exist_ok=True)
    options.out.write_text(text + "\n")


if __name__ == "__main__":
    main()
