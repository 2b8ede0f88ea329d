"""Sets of photos with planted copies, made and scored by two external scripts.

A set is the output folder of `make_copies.py`: `images/` with originals and copies, and
`truth.csv`. `score.py` compares a similarity.csv with the truth.
"""

import csv
import hashlib
import json
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

OWN_EDITS = Path(__file__).with_name("edits.py")
SETS = {"public edits": None, "held-out edits": OWN_EDITS}


@dataclass(frozen=True)
class PlantedSet:
    """A folder of photos with planted copies.

    Attributes
    ----------
    folder : Path
        Holds `images/` and `truth.csv`.
    facts : dict
        How it was made and its fingerprint; equal facts mean equal files.
    """

    folder: Path
    facts: dict[str, object]

    @property
    def images(self) -> Path:
        """Return the folder to search."""
        return self.folder / "images"


def plant(
    evals: Path, photos: Path, folder: Path, edits: Path | None, *, per: int, seed: str, limit: int
) -> PlantedSet:
    """Fill `folder` with photos and `per` copies of each, or take what an earlier call left.

    `edits` is a file with a table of edits, None for the script's own; `limit` is the number of
    photos, 0 for all.
    """
    how = {
        "edits": edits.name if edits else "make_copies.py",
        "edits_sha256": file_hash(edits or evals / "make_copies.py"),
        "seed": seed,
        "copies_per_photo": per,
        "limit": limit,
        "photos": fingerprint_of_sizes(photos),
        "pillow": version("pillow"),
    }
    note = folder / "how.json"
    if not (note.exists() and json.loads(note.read_text()) == how):
        if folder.exists():
            sys.exit(f"{folder} holds other copies, or half of them: remove it first")
        words: list[object] = [folder, photos, "--seed", seed, "--per", per, "--limit", limit]
        words += ["--edits", edits] if edits else []
        run_script(evals / "make_copies.py", *words)
        note.write_text(json.dumps(how))
    with open(folder / "truth.csv", newline="") as file:
        n_copies = sum(1 for _ in csv.DictReader(file))
    n_files = sum(1 for _ in (folder / "images").iterdir())
    counts = {"files": n_files, "planted_copies": n_copies}
    return PlantedSet(folder, {**how, **counts, "fingerprint": fingerprint(folder / "images")})


def fingerprint_of_sizes(photos: Path) -> str:
    """Return the SHA-256 of the names and sizes of all photos, subfolders included."""
    files = sorted(path for path in photos.rglob("*") if path.is_file())
    lines = [f"{path.relative_to(photos).as_posix()} {path.stat().st_size}\n" for path in files]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def fingerprint(images: Path) -> str:
    """Return the SHA-256 of the names, sizes and contents of all files."""
    lines = [
        f"{path.name} {path.stat().st_size} {file_hash(path)}\n"
        for path in sorted(images.iterdir())
    ]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def score(
    evals: Path, planted: PlantedSet, similarity: Path, threshold: float
) -> tuple[dict[str, float], dict[str, float]]:
    """Return the scores over all copies, and for each edit the recall at 99 % precision."""
    words = [planted.folder / "truth.csv", similarity, "--threshold", threshold, "--json"]
    overall, per_edit = map(json.loads, run_script(evals / "score.py", *words).splitlines())
    return overall, per_edit


def run_script(script: Path, *words: object) -> str:
    """Run a Python script and return what it prints."""
    command = [sys.executable, str(script), *map(str, words)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
