"""How often is the description of a difference right, for copies with one known edit each?

The description is that of galleries and of the explorer. It is right if its sentence names the edit
of the copy, with the right number where there is one, and nothing else. Copies with several edits
are left out. Most photos give one copy by each edit that can be seen in them.
"""

import argparse
import csv
import re
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from machine import describe_machine, store_result
from PIL import Image
from planted import PLANTER

from fastdup.report.differences import Seen, describe_difference
from fastdup.report.thumbnails import THUMBNAIL_SIDE, look_at

AGAIN, DRAWN = "saved again", "something drawn on it"
#: Edit → words of which just one must be said, besides `ALSO_TRUE`.
EXPECTED: dict[str, tuple[str, ...]] = {
    "aspect": ("stretched",),
    "blur": ("blurred",),
    "border": ("framed",),
    "bright": ("brighter", "darker", "more contrast", "less contrast"),
    "collage": ("in a larger picture",),
    "contrast": ("more contrast", "less contrast"),
    "crop30": ("cropped",),
    "crop50": ("cropped",),
    "crop70": ("cropped",),
    "crop90": ("cropped",),
    "double": ("resized",),
    "gamma": ("brighter", "darker", "more contrast", "less contrast"),
    "gray": ("grey",),
    "half": ("resized",),
    "hue": ("other colours",),
    "jpeg_q20": (AGAIN,),
    "jpeg_q50": (AGAIN,),
    "letterbox": ("framed",),
    "logo": (DRAWN, "captioned"),
    "mirror": ("mirrored",),
    "noise": ("noisy",),
    "rot10": ("turned",),
    "rot180": ("turned",),
    "rot3": ("turned",),
    "rot90": ("turned",),
    "saturate": ("more colourful", "paler"),
    "screenshot": ("in a larger picture", "framed"),
    "sharpen": ("sharpened",),
    "text": (DRAWN, "captioned"),
    "thumb128": ("resized",),
    "watermark": (DRAWN, "captioned"),
}
#: Saying these beside the edit is no mistake: every copy was saved again.
ALSO_TRUE = {AGAIN}
#: Edit → what the sentence must hold, and the number in it, give or take.
NUMBERS = {
    **{f"crop{n}": (r"cropped to (\d+) %", n, 5) for n in (30, 50, 70, 90)},
    "double": ("(twice)", None, 0),
    "half": ("(half)", None, 0),
    "rot10": (r"turned by (\d+)°", 10, 1),
    "rot180": (r"turned by (\d+)°", 180, 0),
    "rot3": (r"turned by (\d+)°", 3, 1),
    "rot90": (r"turned by (\d+)° counter-clockwise", 90, 0),
}
STORED = Path(__file__).parent / "results" / "differences.json"


def describe(original: Path, copy: Path) -> tuple[dict[str, Any], float]:
    """Return what a page says of the copy, and the CPU seconds that comparing took."""
    first, second = (
        Seen.of(look_at(str(path), THUMBNAIL_SIDE, to_compare=True)) for path in (original, copy)
    )
    start = time.process_time()
    return describe_difference(first, second), time.process_time() - start


def is_right(found: dict[str, Any], edit: str) -> bool:
    """Return whether the edit is named, with its number, and nothing that is not true."""
    said = set(found.get("kinds", ()))
    wanted = EXPECTED[edit]
    beside = set() if AGAIN in wanted else ALSO_TRUE
    if len(said - beside) != 1 or (said - beside).isdisjoint(wanted):
        return False
    pattern, number, tolerance = NUMBERS.get(edit, ("()", None, 0))
    match = re.search(pattern, found["text"])
    return match is not None and (number is None or abs(int(match[1]) - number) <= tolerance)


def can_show(original: Path, edit: str) -> bool:
    """Return whether the edit changes anything: a picture without colour has none to lose."""
    picture = Image.open(original).convert("RGB")
    if edit == "thumb128":
        return max(picture.size) > 135
    if edit not in ("gray", "hue", "saturate"):
        return True
    pixels = np.asarray(picture, np.float32)
    return float((pixels.max(2) - pixels.min(2)).mean()) >= 8


def planted(folder: Path, options: argparse.Namespace) -> list[tuple[Path, Path, str]]:
    """Return original, copy and edit of the copies made in `folder`."""
    command = [sys.executable, options.planter, folder, options.photos]
    command += ["--seed", options.seed, "--per", options.per, "--limit", options.limit]
    subprocess.run(list(map(str, command)), check=True, stdout=subprocess.DEVNULL)
    images = folder / "images"
    with (folder / "truth.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["edit"] in EXPECTED]
    found = [(images / row["original"], images / row["copy"], row["edit"]) for row in rows]
    return [row for row in found if can_show(row[0], row[2])]


def main() -> None:
    """Plant, compare, print and store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--planter", type=Path, default=PLANTER, help="in the place of plant.py")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--per", type=int, default=34, help="copies of each photo")
    parser.add_argument("--limit", type=int, default=30, help="photos; 0: all")
    parser.add_argument("--wrong", action="store_true", help="print each wrong one")
    parser.add_argument("--dry", action="store_true", help="do not store the result")
    options = parser.parse_args()
    by_edit: dict[str, list[bool]] = defaultdict(list)
    seconds = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for original, copy, edit in planted(Path(folder), options):
            found, took = describe(original, copy)
            by_edit[edit].append(is_right(found, edit))
            seconds += took
            if options.wrong and not by_edit[edit][-1]:
                print(f"{edit}: {copy.name}: {found}")
    rights = [right for rights in by_edit.values() for right in rights]
    result: dict[str, object] = {
        "machine": describe_machine(),
        "photos": options.limit,
        "seed": options.seed,
        "pairs": len(rights),
        "right": round(sum(rights) / len(rights), 4),
        "right_by_edit": {
            edit: round(sum(rights) / len(rights), 3) for edit, rights in sorted(by_edit.items())
        },
        "cpu_ms_per_pair": round(1000 * seconds / len(rights), 1),
    }
    if options.dry:
        print(result)
    else:
        store_result(result, STORED)


if __name__ == "__main__":
    main()
