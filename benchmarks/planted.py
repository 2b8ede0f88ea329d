"""Sets of photos with planted copies, made by `plant.py` or a script with its command line.

A set is the output folder of that script: `images/` with originals and copies, and `truth.csv`.
"""

import csv
import hashlib
import json
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from fastdup.evaluation.planter import COMMON_EDITS

PLANTER = Path(__file__).with_name("plant.py")
#: Name of a set → its table of edits, None for the planter's own.
SETS = {"public edits": None, "held-out edits": Path(__file__).with_name("edits.py")}


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

    @property
    def truth(self) -> Path:
        """Return the table of copies, their originals and edits."""
        return self.folder / "truth.csv"


def plant(
    planter: Path,
    photos: Path,
    folder: Path,
    edits: Path | None,
    *,
    per: int,
    seed: str,
    limit: int,
) -> PlantedSet:
    """Fill `folder` with photos and `per` copies of each, or take what an earlier call left.

    `edits` is a file with a table of edits, None for the planter's own; `limit` is the number of
    photos, 0 for all.
    """
    table = edits or (COMMON_EDITS if planter == PLANTER else planter)
    how = {
        "edits": table.name,
        "edits_sha256": file_hash(table),
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
        command = [sys.executable, str(planter), *map(str, words)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
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
