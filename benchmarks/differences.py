"""How often is the description of a difference right, for copies with one known edit each?

A description is right if it names the edit of the copy, or the opposite edit of the original, and
nothing else except what saving a picture again does to any copy. Copies with several edits and
identical pictures are left out.
"""

import argparse
import csv
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from machine import describe_machine, store_result
from PIL import Image
from planted import PLANTER

from fastdup.analysis.difference import Difference, compare

#: Edit → words of which one must be said: of the copy, or of the original after "first:".
EXPECTED: dict[str, tuple[str, ...]] = {
    "aspect": ("stretched",),
    "blur": ("blurred",),
    "border": ("bordered",),
    "bright": ("brighter", "darker"),
    "collage": ("in a larger picture", "bordered"),
    "contrast": ("more contrast", "less contrast"),
    "crop30": ("cropped to about 30 %",),
    "crop50": ("cropped to about 50 %",),
    "crop70": ("cropped to about 70 %",),
    "crop90": ("cropped to about 90 %",),
    "double": ("larger",),
    "gamma": ("brighter", "darker"),
    "gray": ("grey",),
    "half": ("smaller",),
    "hue": ("other colours",),
    "jpeg_q20": ("re-encoded",),
    "jpeg_q50": ("re-encoded",),
    "letterbox": ("bordered",),
    "logo": ("something added",),
    "mirror": ("mirrored",),
    "noise": ("noisy",),
    "png": ("re-encoded",),
    "rot10": ("tilted",),
    "rot180": ("rotated 180°",),
    "rot3": ("tilted",),
    "rot90": ("rotated 90°",),
    "saturate": ("more colourful", "paler"),
    "screenshot": ("in a larger picture", "bordered"),
    "sharpen": ("sharper",),
    "text": ("something added",),
    "thumb128": ("smaller",),
    "watermark": ("something added",),
}
#: Saying these of any copy is no mistake.
ALWAYS_TRUE = {"re-encoded"}
STORED = Path(__file__).parent / "results" / "differences.json"


def judge(task: tuple[Path, Path, str]) -> tuple[str, bool, str, float]:
    """Return the edit, whether the words are right, the words, and the seconds they took."""
    original, copy, edit = task
    images = [Image.open(path).convert("RGB") for path in (original, copy)]
    start = time.perf_counter()
    found = compare(images[0], images[1], images[0].size, images[1].size)
    seconds = time.perf_counter() - start
    words = [*found.second, *(f"first: {word}" for word in found.first)]
    return (
        edit,
        is_right(found, edit),
        f"{copy.name} of {original.name}: {', '.join(words)}",
        seconds,
    )


def is_right(found: Difference, edit: str) -> bool:
    """Tell whether the word of the edit is said of the copy, and nothing that is not true."""
    said = [word.split(" by ")[0] for word in found.second if word not in ALWAYS_TRUE]
    wanted = EXPECTED[edit]
    if found.first:
        return False
    return not said if wanted == ("re-encoded",) else len(said) == 1 and _matches(said[0], wanted)


def _matches(word: str, wanted: tuple[str, ...]) -> bool:
    """Compare words, and shares to 7 points."""
    if not word.startswith("cropped"):
        return word in wanted
    share = int(word.split()[-2])
    return any(w.startswith("cropped") and abs(int(w.split()[-2]) - share) <= 7 for w in wanted)


def can_show(original: Path, edit: str) -> bool:
    """Tell whether the edit changes anything: a picture without colour has none to lose."""
    picture = Image.open(original).convert("RGB")
    if edit == "thumb128":
        return max(picture.size) > 128
    if edit not in ("gray", "hue", "saturate"):
        return True
    pixels = np.asarray(picture, np.float32)
    return float((pixels.max(2) - pixels.min(2)).mean()) >= 4


def main() -> None:
    """Plant, compare, print and store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--planter", type=Path, default=PLANTER, help="in the place of plant.py")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--per", type=int, default=3, help="copies of each photo")
    parser.add_argument("--limit", type=int, default=0, help="photos; 0: all, and store the result")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--wrong", action="store_true", help="print each wrong one")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, options.planter, folder, options.photos]
        command += ["--seed", options.seed, "--per", options.per, "--limit", options.limit]
        subprocess.run(list(map(str, command)), check=True, stdout=subprocess.DEVNULL)
        images = Path(folder) / "images"
        with (Path(folder) / "truth.csv").open(newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["edit"] in EXPECTED]
        rows = [row for row in rows if can_show(images / row["original"], row["edit"])]
        tasks = [(images / row["original"], images / row["copy"], row["edit"]) for row in rows]
        with ProcessPoolExecutor(options.workers) as pool:
            judged = list(pool.map(judge, tasks, chunksize=16))
    by_edit: dict[str, list[bool]] = defaultdict(list)
    for edit, right, text, _ in judged:
        by_edit[edit].append(right)
        if options.wrong and not right:
            print(f"{edit}: {text}")
    result: dict[str, object] = {
        "machine": describe_machine(),
        "seed": options.seed,
        "pairs": len(judged),
        "right": round(sum(right for _, right, _, _ in judged) / len(judged), 4),
        "right_by_edit": {
            edit: round(sum(rights) / len(rights), 3) for edit, rights in sorted(by_edit.items())
        },
        "ms_per_pair": round(1000 * sum(s for *_, s in judged) / len(judged), 1),
    }
    if options.limit:
        print(result)
    else:
        store_result(result, STORED)


if __name__ == "__main__":
    main()
