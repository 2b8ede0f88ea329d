"""Does the memory of an extraction grow with the number of images?

usage: memory.py PHOTOS [--few 5000] [--many 100000] [--out results/memory.json]

Makes thumbnails of 100 × 100 from PHOTOS and extracts the first few of them, then all.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from machine import describe_machine
from picture_sets import make_set

EXTRACT_ONLY = "1"


def peak_rss_mib(photos: Path, out: Path, n_images: int) -> float:
    """Extract `n_images` and return the peak resident memory of that process."""
    words = ["run", str(photos), "-w", str(out), "--run-mode", EXTRACT_ONLY]
    command = [sys.executable, "-m", "fastdup", *words, "--num-images", str(n_images)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{' '.join(command)} failed with status {status}")
    return usage.ru_maxrss / 1024


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--few", type=int, default=5_000)
    parser.add_argument("--many", type=int, default=100_000)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results/memory.json")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        photos = Path(folder, "thumbnails")
        make_set("thumbnail", options.photos, photos, options.many)
        peaks = {
            n: peak_rss_mib(photos, Path(folder, f"out-{n}"), n)
            for n in (options.few, options.many)
        }
    result = {
        "machine": describe_machine(),
        "peak_rss_mib": peaks,
        "ratio": peaks[options.many] / peaks[options.few],
    }
    text = json.dumps(result, indent=2)
    print(text)
    options.out.parent.mkdir(exist_ok=True)
    options.out.write_text(text + "\n")


if __name__ == "__main__":
    main()
