"""Measure how often a copy is among the nearest neighbours of its original.

usage: python -m training.recall MODEL… --copies FOLDER… [--among PHOTOS]

This is what the embedding is for: pairs are judged by looking at both pictures, but only pairs of
neighbours are looked at. MODEL is an ONNX file, or the work folder of a finished run. Each FOLDER
has `images/` and `truth.csv`, as `benchmarks/plant.py` makes it; `--among` adds pictures that are
copies of none.
"""

from __future__ import annotations

import argparse
import csv
import dataclasses
from collections import defaultdict
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from training.config import Config
from training.data import list_pictures
from training.embed import embed
from training.export import open_session

DEPTHS = (1, 10)
SAME = 1e-6
"""Cosines so near to each other are equal."""
Floats = NDArray[np.float32]


def features(paths: list[Path], session: onnxruntime.InferenceSession) -> Floats:
    """Return the unit vectors of picture files, shape (n, embedding)."""
    side = session.get_inputs()[0].shape[1]
    return embed(paths, session, dataclasses.replace(Config(), input_side=side))


def ranks(copies: Floats, originals: Floats, crowd: Floats) -> NDArray[np.int64]:
    """Place of the original among all pictures, seen from its copy; 0 is the nearest.

    Parameters
    ----------
    copies, originals : ndarray of float32, shape (n, d)
        Unit vectors; row i of both belong together.
    crowd : ndarray of float32, shape (m, d)
        Unit vectors of all pictures but the copies, each once.
    """
    wanted = (copies * originals).sum(1)
    return ((copies @ crowd.T) > wanted[:, None] + SAME).sum(1)


def recalls(folder: Path, session: onnxruntime.InferenceSession, others: Floats) -> dict[str, str]:
    """Share of the copies of each edit whose original is among the nearest 1 and 10."""
    with open(folder / "truth.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    images = folder / "images"
    copies = features([images / row["copy"] for row in rows], session)
    originals = features([images / row["original"] for row in rows], session)
    crowd = np.concatenate([others.reshape(-1, copies.shape[1]), np.unique(originals, axis=0)])
    place = ranks(copies, originals, crowd)
    places = defaultdict(list)
    for row, rank in zip(rows, place.tolist(), strict=True):
        places[row["edit"]].append(rank)
        places["all"].append(rank)
    return {
        edit: " ".join(f"{np.mean(np.array(found) < depth):.3f}" for depth in DEPTHS)
        for edit, found in sorted(places.items())
    }


def main() -> None:
    """Read the command line, and print a table: a line for each edit, a column for each model."""
    parser = argparse.ArgumentParser(prog="python -m training.recall", description=main.__doc__)
    parser.add_argument("models", type=Path, nargs="+")
    parser.add_argument("--copies", type=Path, nargs="+", required=True)
    parser.add_argument("--among", type=Path, help="folder of other pictures")
    given = parser.parse_args()
    sessions = [open_session(model) for model in given.models]
    crowd = list_pictures(given.among) if given.among else []
    for folder in given.copies:
        names = {path.name for path in (folder / "images").iterdir()}
        others = [path for path in crowd if path.name not in names]
        columns = []
        for session in sessions:
            rows = features(others, session) if others else np.empty((0, 1), np.float32)
            columns.append(recalls(folder, session, rows))
        print(folder)
        for edit in columns[0]:
            print(f"{edit:24}", *(f"{column[edit]:>14}" for column in columns))


if __name__ == "__main__":
    main()
