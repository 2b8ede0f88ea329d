"""Plants edited copies among photos, and writes down which: something to measure with.

OUT gets `images/`, the photos and their copies, and `truth.csv` with the columns copy, original,
edit. The same photos, seed and edits give the same files. Each edit is used equally often.

    python benchmarks/plant.py OUT PHOTOS --seed 1 --per 2
    python benchmarks/plant.py OUT PHOTOS --edits benchmarks/edits.py
"""

import argparse
import csv
import random
import shutil
import sys
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

COMMON_EDITS = Path(__file__).with_name("common_edits.py")
#: Copies are made of the photo as a person sees it, at this size at most.
LONGEST_SIDE = 2000
JPEG_QUALITY = 88


def load_edits(path: Path) -> dict[str, Any]:
    """Return the table `EDITS` of a Python file: name → (picture, chance) → picture."""
    spec = spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        sys.exit(f"{path} is no Python file")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    edits: dict[str, Any] = module.EDITS
    return edits


def photos_in(folder: Path, limit: int) -> list[Path]:
    """Return the photos of a folder and those below, sorted; those spread evenly if limited."""
    Image.init()
    photos = sorted(p for p in folder.rglob("*") if p.suffix.lower() in Image.EXTENSION)
    if not photos:
        sys.exit(f"there are no photos in {folder}")
    return photos[:: max(1, len(photos) // limit)][:limit] if limit else photos


def upright(photo: Path) -> Image.Image:
    """Return the picture as it is shown, in RGB, reduced to `LONGEST_SIDE`."""
    with Image.open(photo) as image:
        picture = ImageOps.exif_transpose(image).convert("RGB")
    if max(picture.size) > LONGEST_SIDE:
        picture = ImageOps.contain(picture, (LONGEST_SIDE, LONGEST_SIDE))
    return picture


def names_of(photos: list[Path], folder: Path) -> Iterator[str]:
    """Yield a name for each photo that no other one has: the path below the folder."""
    for photo in photos:
        yield "__".join(photo.relative_to(folder).parts)


def in_turn(names: list[str], seed: str) -> Iterator[str]:
    """Yield the names for ever, in another order each time all had their turn."""
    rng = random.Random(f"order {seed}")
    while True:
        yield from rng.sample(names, len(names))


def plant(out: Path, folder: Path, *, edits: Path, seed: str, per: int, limit: int) -> int:
    """Write photos, copies and the truth; return the number of copies."""
    table = load_edits(edits)
    photos = photos_in(folder, limit)
    images = out / "images"
    images.mkdir(parents=True)
    turns, rows = in_turn(sorted(table), seed), []
    for photo, name in zip(photos, names_of(photos, folder), strict=True):
        shutil.copyfile(photo, images / name)
        picture = upright(photo)
        for number in range(1, per + 1):
            edit = next(turns)
            copy = f"{Path(name).stem}-copy{number}-of-{Path(name).suffix[1:]}.jpg"
            made = table[edit](picture.copy(), random.Random(f"{seed} {name} {number}"))
            made.convert("RGB").save(images / copy, "JPEG", quality=JPEG_QUALITY)
            rows.append((copy, name, edit))
    with (out / "truth.csv").open("w", newline="") as file:  # last: it says that all is there
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("copy", "original", "edit"))
        writer.writerows(rows)
    return len(rows)


def main() -> None:
    """Read the command line and plant."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path, help="a new folder")
    parser.add_argument("photos", type=Path, help="folder of photos, subfolders included")
    parser.add_argument("--edits", type=Path, default=COMMON_EDITS, help="file with a table EDITS")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--per", type=int, default=2, help="copies of each photo")
    parser.add_argument("--limit", type=int, default=0, help="number of photos, 0 for all")
    options = vars(parser.parse_args())
    out, photos = options.pop("out"), options.pop("photos")
    if (out / "images").exists():
        sys.exit(f"{out} has images already: remove it first")
    print(f"{plant(out, photos, **options)} copies planted: {out / 'truth.csv'}")


if __name__ == "__main__":
    main()
