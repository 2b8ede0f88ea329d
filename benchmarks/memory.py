"""Does the memory of an extraction grow with the number of images?

usage: memory.py PHOTOS [--few 5000] [--many 100000] [--out results/memory.json]

Makes thumbnails of 100 × 100 pixels from PHOTOS. Extracts the first few of them, then all.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from machine import describe_machine, store_result
from picture_sets import make_set
from process import run_measured

EXTRACT_ONLY = "1"


def peak_rss_mib(photos: Path, out: Path, n_images: int) -> float:
    """Extract `n_images` and return the peak resident memory of that process."""
    words = ["run", str(photos), "-w", str(out), "--run-mode", EXTRACT_ONLY]
    command = [sys.executable, "-m", "fastdup", *words]
    return run_measured([*command, "--num-images", str(n_images)]).peak_rss_mib


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
    store_result(result, options.out)


if __name__ == "__main__":
    main()
