"""Does a run give the same bytes with any number of threads, and after many kills?

usage: resume.py PHOTOS [--kills N] [--seed S] [--out results/resume.json]

Runs the command line on PHOTOS with 1 and with 2 threads. Then starts it again and again and kills
it with SIGKILL at random moments. Finally runs it once more on the finished folder.
"""

import argparse
import hashlib
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from machine import describe_machine, store_result

SAME = (
    "features.dat",
    "features.dat.csv",
    "features.bad.csv",
    "stats.csv",
    "similarity.csv",
    "outliers.csv",
    "connected_components.csv",
    "component_info.csv",
)


def command(photos: Path, out: Path, *options: str) -> list[str]:
    """Return the command line of a run."""
    return [sys.executable, "-m", "fastdup", "run", str(photos), "-w", str(out), *options]


def timed_run(photos: Path, out: Path, *options: str) -> float:
    """Run to the end and return the seconds it took."""
    start_s = time.perf_counter()
    subprocess.run(command(photos, out, *options), check=True, capture_output=True)
    return time.perf_counter() - start_s


def digests(out: Path) -> dict[str, str]:
    """Return the SHA-256 of each file that must come out the same."""
    return {name: hashlib.sha256((out / name).read_bytes()).hexdigest() for name in SAME}


def kill_at_random(photos: Path, out: Path, within_s: float, rng: random.Random) -> int:
    """Start a run, kill it at a random moment, and return the bytes of features it left."""
    process = subprocess.Popen(
        command(photos, out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    time.sleep(rng.uniform(0.3, within_s))
    process.send_signal(signal.SIGKILL)
    process.wait()
    features = out / "features.dat"
    return features.stat().st_size if features.exists() else 0


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results/resume.json")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        one, two, killed = (Path(folder) / name for name in ("one", "two", "killed"))
        one_s = timed_run(options.photos, one, "--num-threads", "1")
        two_s = timed_run(options.photos, two, "--num-threads", "2")
        again_s = timed_run(options.photos, two, "--num-threads", "2")
        within_s = max(0.6, 2.2 * two_s / options.kills)
        left = [kill_at_random(options.photos, killed, within_s, rng) for _ in range(options.kills)]
        timed_run(options.photos, killed)
        result = {
            "machine": describe_machine(),
            "files": sum(1 for p in options.photos.rglob("*") if p.is_file()),
            "same_bytes_1_and_2_threads": digests(one) == digests(two),
            "kills": options.kills,
            "feature_bytes_after_each_kill": left,
            "same_bytes_after_kills": digests(killed) == digests(one),
            "seconds": {"1 thread": one_s, "2 threads": two_s, "second run": again_s},
            "second_run_share": again_s / two_s,
        }
    store_result(result, options.out)


if __name__ == "__main__":
    main()
