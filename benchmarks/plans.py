"""How long do a plan and decisions take in a large collection, and how much memory?

Makes tiny pictures, each tenth of them twice: as many files as asked for, a tenth of them copies.
They are run without judging. Then the copies are planned, and as many
decisions are imported as there are files, twice: the second time nothing is read again. The same
with fewer files shows how the memory grows.

    python benchmarks/plans.py --few 10000 --many 100000
"""

import argparse
import csv
import hashlib
import io
import sys
import tempfile
from datetime import date
from pathlib import Path

import numpy as np
from machine import describe_machine, store_result
from PIL import Image
from process import run_measured

STORED = Path(__file__).parent / "results" / "plans.json"
COMMAND = [sys.executable, "-m", "fastdup"]


def make_files(out: Path, n_files: int) -> list[Path]:
    """Write tiny pictures of colour noise, 1,000 to a folder, and return where they are."""
    rng = np.random.default_rng(0)
    made: list[Path] = []
    while len(made) < n_files:
        folder = out / f"{len(made) // 1000:04}"
        folder.mkdir(parents=True, exist_ok=True)
        noise = rng.integers(0, 256, (6, 6, 3), np.uint8)
        data = io.BytesIO()
        picture = Image.fromarray(noise).resize((64, 64), Image.Resampling.BICUBIC)
        picture.save(data, "JPEG", quality=80)
        name = f"{len(made):06}"
        names = [f"{name}.jpg", f"{name} (1).jpg"] if len(made) % 10 == 0 else [f"{name}.jpg"]
        for path in [folder / name for name in names]:
            path.write_bytes(data.getvalue())
            made.append(path)
    return made


def write_decisions(path: Path, files: list[Path]) -> None:
    """Decide on all files: one of ten is always kept, the others are no copies of their next."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("number", "decision", "path", "size_bytes", "digest", "decided"))
        for number, image in enumerate(files):
            data = image.read_bytes()
            digest = hashlib.blake2b(data, digest_size=16).hexdigest()
            what = "keep" if number % 10 == 0 else "not-copies"
            writer.writerow((number // 2 + 1, what, image, len(data), digest, ""))


def measure(n_files: int) -> dict[str, dict[str, float]]:
    """Return CPU seconds and peak memory of each command."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        files = make_files(out / "images", n_files)
        work, decisions = str(out / "work"), out / "decisions.csv"
        write_decisions(decisions, files)
        options = ["--verify", "none", "--threshold", "0.98", "--nearest-neighbors-k", "2"]
        run_measured([*COMMAND, "run", str(out / "images"), "-w", work, *options])
        commands = {
            "plan": ["clean", work],
            "import": ["decide", "import", str(decisions), "-w", work],
            "import_again": ["decide", "import", str(decisions), "-w", work],
            "forget": ["decide", "forget", str(files[0]), "-w", work],
            "keep": ["decide", "keep", str(files[0]), "-w", work],
            "plan_with_decisions": ["clean", work],
        }
        costs = {name: run_measured([*COMMAND, *words]) for name, words in commands.items()}
    return {
        name: {"cpu_s": round(cost.cpu_s, 2), "peak_rss_mib": round(cost.peak_rss_mib)}
        for name, cost in costs.items()
    }


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--few", type=int, default=10_000)
    parser.add_argument("--many", type=int, default=100_000)
    parser.add_argument("--out", type=Path, default=STORED)
    options = parser.parse_args()
    result: dict[str, object] = {
        "date": date.today().isoformat(),
        "machine": describe_machine(),
        **{f"{n:,} files": measure(n) for n in (options.few, options.many)},
    }
    store_result(result, options.out)


if __name__ == "__main__":
    main()
