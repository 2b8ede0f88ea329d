"""The methods that the quality benchmark compares: each turns a folder into pairs.

All keep the same number of neighbours of each image, and all similarities, so that the whole curve
can be scored.
"""

import csv
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from descriptors import hash_pairs
from peer import peer_version, read_peer_similarity, run_peer

import fastdup
from fastdup.models import load_spec

NEIGHBOURS = 5

Pairs = list[tuple[str, str, float]]
Facts = dict[str, object]


@dataclass(frozen=True)
class Method:
    """A way to find copies.

    Attributes
    ----------
    label : str
        For tables and charts.
    own_threshold : float
        The smallest similarity that the method itself calls a copy, inclusive.
    find : callable
        Takes a folder of images, returns pairs with their similarity.
    describe : callable
        Returns version and settings.
    """

    label: str
    own_threshold: float
    find: Callable[[Path], Pairs]
    describe: Callable[[], Facts]


def all_methods(peer: Path | None, model_path: str | None) -> dict[str, Method]:
    """Return the methods by name, the proprietary one only where an interpreter has it."""
    methods = {"fastdup": _ours(model_path)}
    if peer is not None:
        methods["proprietary"] = _proprietary(peer)
    # 31 of 256 bits is what PDQ's authors call a match; 10 of 64 is the usual limit for pHash.
    methods["pdq"] = _hash("PDQ", "pdq", "pdqhash", 1 - 31 / 256)
    methods["pdq8"] = _hash("PDQ, 8 orientations", "pdq8", "pdqhash", 1 - 31 / 256)
    methods["phash"] = _hash("pHash", "phash", "ImageHash", 1 - 10 / 64)
    return methods


def _ours(model_path: str | None) -> Method:
    def find(images: Path) -> Pairs:
        with tempfile.TemporaryDirectory() as out:
            status = fastdup.run(
                images, out, threshold=0.0, nearest_neighbors_k=NEIGHBOURS, model_path=model_path
            )
            if status != 0:
                raise SystemExit("the run failed")
            return read_similarity(Path(out) / "similarity.csv")

    def describe() -> Facts:
        spec = load_spec(model_path)
        return {"version": fastdup.__version__, "model": spec.name, "model_sha256": spec.sha256}

    return Method("fastdup (ours)", 0.85, find, describe)


def _proprietary(python: Path) -> Method:
    options = {"threshold": 0.0, "nearest_neighbors_k": NEIGHBOURS}

    def find(images: Path) -> Pairs:
        with tempfile.TemporaryDirectory() as out:
            run_peer(python, images, Path(out), **options)
            return read_peer_similarity(Path(out))

    def describe() -> Facts:
        return {"version": peer_version(python), "options": options}

    return Method("proprietary fastdup", 0.9, find, describe)


def _hash(label: str, name: str, package: str, own_threshold: float) -> Method:
    def find(images: Path) -> Pairs:
        return hash_pairs(images, name, NEIGHBOURS)

    def describe() -> Facts:
        return {"version": f"{package} {version(package)}"}

    return Method(label, own_threshold, find, describe)


def read_similarity(path: Path) -> Pairs:
    """Return the rows of a similarity.csv, files by their names."""
    with open(path, newline="") as file:
        return [
            (Path(row["from"]).name, Path(row["to"]).name, float(row["distance"]))
            for row in csv.DictReader(file)
        ]


def write_similarity(pairs: Pairs, path: Path) -> None:
    """Write pairs as rows `from,to,distance`."""
    with open(path, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["from", "to", "distance"])
        writer.writerows((a, b, f"{similarity:.7f}") for a, b, similarity in pairs)
