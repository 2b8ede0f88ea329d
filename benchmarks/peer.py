"""Runs the proprietary original as a black box, in an environment of its own.

Its package is never imported here. Another interpreter runs it, and only its time and its output
files are used.
"""

import csv
import json
import os
import subprocess
from pathlib import Path

from process import run_measured

SCRIPT = """
import json, sys, fastdup
work = fastdup.create(input_dir=sys.argv[1], work_dir=sys.argv[2])
work.run(overwrite=True, **json.loads(sys.argv[3]))
"""
VERSION_SCRIPT = "from importlib.metadata import version; print(version('fastdup'))"


def peer_version(python: Path) -> str:
    """Return the version of the original that the interpreter `python` has installed."""
    command = [str(python), "-c", VERSION_SCRIPT]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def run_peer(python: Path, photos: Path, out: Path, **options: object) -> dict[str, float]:
    """Run the original on `photos` and return its seconds, CPU seconds and peak memory.

    `options` are keyword arguments of its documented `run`.
    """
    environment = {**os.environ, "SENTRY_OPT_OUT": "1"}
    command = [str(python), "-c", SCRIPT, str(photos), str(out), json.dumps(options)]
    n_images = sum(1 for path in photos.rglob("*") if path.is_file())
    return run_measured(command, environment).per_image(n_images)


def read_peer_similarity(out: Path) -> list[tuple[str, str, float]]:
    """Return the pairs that the original wrote, its row numbers replaced by file names.

    Its similarity.csv counts images as its atrain_features.dat.csv lists them.
    """
    with open(out / "atrain_features.dat.csv", newline="") as file:
        names = {row["index"]: Path(row["filename"]).name for row in csv.DictReader(file)}
    with open(out / "similarity.csv", newline="") as file:
        return [
            (names[row["from"]], names[row["to"]], float(row["distance"]))
            for row in csv.DictReader(file)
        ]
