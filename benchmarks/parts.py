"""How many pictures that others show does `--parts` find, and what does it cost?

Plants copies that show a photo small, beside others, or a part of it, each of another photo, among
three times as many photos. Runs with and without `--parts`, on one thread. The recall is the share
of copies whose pair with the original is reported at 0.85. Pairs of other photos are listed, too.
The price is the CPU time with `--parts` as a multiple of that without, with the copies and for the
photos alone. Then the same is run on drawn look-alikes, and what is reported of them is counted.

    python benchmarks/parts.py PHOTOS --photos 720
"""

import argparse
import csv
import random
import shutil
import sys
import tempfile
from collections import Counter
from datetime import date
from pathlib import Path

from look_alikes import LOOK_ALIKES, draw_kind
from machine import describe_machine, store_result
from process import Cost, run_measured
from score import Pair, read_pairs, read_truth

from fastdup.evaluation.planter import (
    COMMON_EDITS,
    JPEG_QUALITY,
    in_turn,
    load_edits,
    names_of,
    photos_in,
    upright,
)

FOLDER = Path(__file__).parent
#: Of each table, the edits after which a picture shows the photo small, or a part of it.
EDITS = {
    "judge_edits.py": (
        *("one_of_four", "one_of_nine", "contact_sheet", "page_half", "page_third", "page_fifth"),
        *("phone_screenshot", "desktop", "part20", "part10_enlarged"),
    ),
    "edits.py": ("grid_of_four", "inset", "card", "phone_dark", "on_photo"),
    "common_edits.py": ("collage", "screenshot"),
}
#: The two runs that are compared, and their options.
RUNS: dict[str, tuple[str, ...]] = {"without": (), "parts": ("--parts",)}
#: How the names of copies end.
COPY = "-copy.jpg"
#: One copy is made of so many photos.
PHOTOS_PER_COPY = 3
#: Similarity from which on a pair counts as copies.
THRESHOLD = 0.85


def plant_parts(out: Path, folder: Path, n_photos: int, seed: str) -> None:
    """Write photos, one copy of each third one, and the truth."""
    table = {
        edit: load_edits(COMMON_EDITS if name == COMMON_EDITS.name else FOLDER / name)[edit]
        for name, edits in EDITS.items()
        for edit in edits
    }
    photos = photos_in(folder, n_photos)
    images = out / "images"
    images.mkdir(parents=True)
    turns = in_turn(sorted(table), seed)
    with (out / "truth.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("copy", "original", "edit"))
        for number, name in enumerate(names_of(photos, folder)):
            shutil.copyfile(photos[number], images / name)
            if number % PHOTOS_PER_COPY == 0:
                edit, copy = next(turns), Path(name).stem + COPY
                made = table[edit](upright(photos[number]), random.Random(f"{seed} {name}"))
                made.convert("RGB").save(images / copy, "JPEG", quality=JPEG_QUALITY)
                writer.writerow((copy, name, edit))


def draw_look_alikes(out: Path, each: int, seed: str) -> None:
    """Write so many pictures of each drawn kind."""
    out.mkdir(parents=True)
    for kind in LOOK_ALIKES:
        for number, picture in enumerate(draw_kind(kind, each, seed)):
            picture.save(out / f"{kind}-{number:03}.png")


def run(pictures: Path, out: Path, *options: str) -> tuple[Cost, dict[Pair, float]]:
    """Run on one thread; return its cost, and the pairs that are copies."""
    command = [sys.executable, "-m", "fastdup", "run", str(pictures), "-w", str(out)]
    cost = run_measured([*command, "--num-threads", "1", *options])
    pairs = read_pairs(out / "similarity.csv")
    return cost, {pair: value for pair, value in pairs.items() if value >= THRESHOLD}


def recall_by_edit(edits: dict[Pair, str], found: dict[Pair, float]) -> dict[str, float]:
    """Return the share of copies found, for each edit and for all."""
    wanted = Counter(edits.values())
    right = Counter(edits[pair] for pair in found if pair in edits)
    recall = {edit: round(right[edit] / n, 3) for edit, n in sorted(wanted.items())}
    return recall | {"all": round(right.total() / wanted.total(), 3)}


def measure(planted: Path, work: Path) -> dict[str, object]:
    """Return recall and cost with and without parts, and the pairs of other photos in both."""
    edits, original_of = read_truth(planted / "truth.csv")
    images, photos = planted / "images", work / "photos"
    photos.mkdir()
    for path in images.iterdir():
        if not path.name.endswith(COPY):
            shutil.copyfile(path, photos / path.name)
    found = {}
    for name, options in RUNS.items():
        cost, pairs = run(images, work / name, *options)
        alone, _ = run(photos, work / f"{name}-photos", *options)
        false = [p for p in pairs if len({original_of.get(n, n) for n in p}) > 1]
        found[name] = {
            "recall": recall_by_edit(edits, pairs),
            "pairs_of_other_photos": sorted("/".join(sorted(pair)) for pair in false),
            **cost_of(cost, sum(1 for _ in images.iterdir())),
            "photos_alone": cost_of(alone, sum(1 for _ in photos.iterdir())),
        }
    both = [found[name] for name in RUNS]
    price = {
        "with_copies": ratio(*(run["cpu_ms_per_image"] for run in both)),
        "photos_alone": ratio(*(run["photos_alone"]["cpu_ms_per_image"] for run in both)),
    }
    return {"copies": len(edits), "price": price, "runs": found}


def cost_of(cost: Cost, n_images: int) -> dict[str, float]:
    """Return CPU time and memory of a run."""
    per_image = cost.per_image(n_images)
    return {
        "images": n_images,
        "cpu_ms_per_image": round(per_image["cpu_ms_per_image"], 2),
        "peak_rss_mib": round(per_image["peak_rss_mib"]),
    }


def ratio(without: float, parts: float) -> float:
    """Return how many times as long the run with parts takes."""
    return round(parts / without, 2)


def count_look_alikes(folder: Path, each: int, seed: str) -> dict[str, dict[str, int]]:
    """Return how many pairs of drawn pictures are reported as copies, without parts and with."""
    draw_look_alikes(folder / "drawn", each, seed)
    found = {}
    for name, options in (("without", ()), ("parts", ("--parts",))):
        _, pairs = run(folder / "drawn", folder / f"drawn-{name}", *options)
        kinds = Counter("/".join(sorted({kind_of(n) for n in pair})) for pair in pairs)
        found[name] = dict(sorted(kinds.items()))
    return found


def kind_of(name: str) -> str:
    """Return the kind of a drawn picture."""
    return name.rpartition("-")[0]


def main() -> None:
    """Plant, run, print and store."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", metavar="PHOTOS", type=Path)
    parser.add_argument("--photos", type=int, default=720)
    parser.add_argument("--each", type=int, default=20, help="pictures of each drawn kind")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--out", type=Path, default=FOLDER / "results/parts.json")
    options = parser.parse_args()
    machine = describe_machine()
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        plant_parts(work / "planted", options.folder, options.photos, options.seed)
        result = {
            "date": date.today().isoformat(),
            "machine": machine,
            "seed": options.seed,
            **measure(work / "planted", work),
            "drawn_pairs": count_look_alikes(work, options.each, options.seed),
        }
    store_result(result, options.out)


if __name__ == "__main__":
    main()
