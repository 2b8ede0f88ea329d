"""What does a second run cost after a few images were added?

usage: second_run.py PHOTOS [--kind web] [--images 10000] [--added 0.01]
                     [--out results/second-run.json]

Makes pictures of one kind from PHOTOS. Runs on all of them except a share that is spread evenly.
Adds that share and runs again in the same work folder. Finally runs on all of them in a new work
folder, which must give the same bytes.
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from machine import describe_machine, store_result
from picture_sets import KINDS, make_set
from process import run_measured
from resume import digests


def run(pictures: Path, out: Path) -> dict[str, float]:
    """Run on `pictures` and return what it took."""
    cost = run_measured([sys.executable, "-m", "fastdup", "run", str(pictures), "-w", str(out)])
    return {"wall_s": cost.wall_s, "cpu_s": cost.cpu_s}


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--kind", choices=KINDS, default="web")
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--added", type=float, default=0.01, help="share that is added")
    parser.add_argument(
        "--out", type=Path, default=Path(__file__).parent / "results/second-run.json"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        pictures, aside = Path(folder, "pictures"), Path(folder, "aside")
        make_set(options.kind, options.photos, pictures, options.images)
        files = sorted(path for path in pictures.rglob("*") if path.is_file())
        added = files[:: round(1 / options.added)]
        aside.mkdir()
        for path in added:
            shutil.move(path, aside / path.name)
        first = run(pictures, Path(folder, "out"))
        for path in added:
            shutil.move(aside / path.name, path)
        second = run(pictures, Path(folder, "out"))
        unchanged = run(pictures, Path(folder, "out"))
        anew = run(pictures, Path(folder, "anew"))
        is_same = digests(Path(folder, "out")) == digests(Path(folder, "anew"))
    result = {
        "machine": describe_machine(),
        "kind": options.kind,
        "images": len(files),
        "added": len(added),
        "runs": {"first": first, "second": second, "unchanged": unchanged, "anew": anew},
        "second_share_of_wall": second["wall_s"] / first["wall_s"],
        "second_share_of_cpu": second["cpu_s"] / first["cpu_s"],
        "same_bytes_as_anew": is_same,
    }
    store_result(result, options.out)


if __name__ == "__main__":
    main()
