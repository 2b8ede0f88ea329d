"""Plants edited copies among photos, and writes down which: something to measure with.

OUT gets `images/`, the photos and their copies, and `truth.csv` with the columns copy, original,
edit. The same photos, seed and edits give the same files. Each edit is used equally often. The work
is done by `fastdup.evaluation.planter`, which `fastdup evaluate` uses too.

    python benchmarks/plant.py OUT PHOTOS --seed 1 --per 2
    python benchmarks/plant.py OUT PHOTOS --edits benchmarks/edits.py
"""

import argparse
import sys
from pathlib import Path

from fastdup.errors import FastdupError
from fastdup.evaluation.planter import COMMON_EDITS, plant


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
    try:
        print(f"{plant(out, photos, **options)} copies planted: {out / 'truth.csv'}")
    except FastdupError as exc:
        sys.exit(str(exc))


if __name__ == "__main__":
    main()
