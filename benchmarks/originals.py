"""Does cleaning keep the original where only the pictures show which file that is?

usage: originals.py PHOTOS [--originals 360] [--out results/originals.json]

Plants one copy of each photo by the edits of three tables (`common_edits.py`, `edits.py`,
`judge_edits.py`). All files get neutral names and random times, so neither says which of two is the
copy. Counted is which of the two a plan removes: with the defaults, which take the same picture
alone, and with every kind of edit named. What is left alone is not counted.
"""

import argparse
import csv
import os
import random
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from machine import describe_machine, store_result

import fastdup
from fastdup.actions.keep import CopyChoice
from fastdup.actions.offers import ALSO
from fastdup.actions.planning import make_plan
from fastdup.evaluation.planter import COMMON_EDITS, plant

HERE = Path(__file__).parent
TABLES = (COMMON_EDITS, HERE / "edits.py", HERE / "judge_edits.py")
CHOICES = {
    "default": CopyChoice(),
    "all kinds": CopyChoice(threshold=0.85, also=tuple(ALSO)),
}
#: From when to when the files were changed, in seconds.
TIMES = 1_500_000_000, 1_700_000_000


class Pair(NamedTuple):
    """The names of a copy and its original, and how the copy was made."""

    copy: str
    original: str
    edit: str


def plant_neutrally(photos: Path, edits: Path, n_photos: int, out: Path) -> list[Pair]:
    """Plant copies, and return the pairs; names and times of the files say nothing."""
    plant(out / "planted", photos, edits=edits, seed="originals", per=1, limit=n_photos)
    rng = random.Random("neutral")
    with open(out / "planted/truth.csv", newline="") as table:
        pairs = [Pair(row["copy"], row["original"], row["edit"]) for row in csv.DictReader(table)]
    names = sorted({name for pair in pairs for name in (pair.copy, pair.original)})
    numbers = rng.sample(range(len(names)), len(names))
    new = {name: f"{n:05}{Path(name).suffix}" for name, n in zip(names, numbers, strict=True)}
    (out / "pictures").mkdir()
    for name, neutral in new.items():
        time_s = rng.uniform(*TIMES)
        shutil.copy(out / "planted/images" / name, out / "pictures" / neutral)
        os.utime(out / "pictures" / neutral, (time_s, time_s))
    return [Pair(new[pair.copy], new[pair.original], pair.edit) for pair in pairs]


def removed(work: Path, choice: CopyChoice, pairs: list[Pair]) -> Mapping[str, dict[str, int]]:
    """Return edit → how many copies and how many originals a plan removes."""
    edit_of = {pair.copy: pair.edit for pair in pairs}
    counts: dict[str, dict[str, int]] = defaultdict(lambda: {"copies": 0, "originals": 0})
    for step in make_plan(work, choice).removals():
        gone, kept = os.path.basename(step.path), os.path.basename(step.kept)
        if gone in edit_of:
            counts[edit_of[gone]]["copies"] += 1
        elif kept in edit_of:
            counts[edit_of[kept]]["originals"] += 1
    return counts


def main() -> None:
    """Plant, run, plan, count and store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--originals", type=int, default=360, help="of each table")
    parser.add_argument("--out", type=Path, default=HERE / "results/originals.json")
    options = parser.parse_args()
    by_choice: dict[str, dict[str, dict[str, int]]] = {name: {} for name in CHOICES}
    for edits in TABLES:
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder)
            pairs = plant_neutrally(options.photos, edits, options.originals, out)
            if fastdup.run(str(out / "pictures"), str(out / "work")) != 0:
                raise SystemExit("the run failed")
            for name, choice in CHOICES.items():
                by_choice[name] |= removed(out / "work", choice, pairs)
    totals = {
        name: {what: sum(one[what] for one in counts.values()) for what in ("copies", "originals")}
        for name, counts in by_choice.items()
    }
    result = {"machine": describe_machine(), "originals": options.originals, "removed": totals}
    by_edit = {name: dict(sorted(counts.items())) for name, counts in by_choice.items()}
    store_result({**result, "removed_by_edit": by_edit}, options.out)


if __name__ == "__main__":
    main()
