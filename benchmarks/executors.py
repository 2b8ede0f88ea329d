"""What is the overhead of a run with Ray over a run on the threads of this machine?

usage: executors.py PHOTOS [--kind thumbnail] [--images N] [--cpus C] [--repeats R] [--out FILE]

Makes N pictures of a kind from PHOTOS (see throughput.py) and runs the command line on them in R
rounds, each time with a new work folder: on C threads; on a running Ray cluster of C nodes with one
CPU each, on the same machine; and on a cluster that is started for the run. Reports the median
seconds of the run and its stages, and the median overhead over the threads in the same round.
Checks that all runs give the same bytes.
"""

import argparse
import json
import shutil
import statistics
import sys
import tempfile
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from machine import describe_machine, store_result
from picture_sets import KINDS, make_set
from process import run_measured
from resume import digests

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from fastdup.config.machine import available_cores
from ray_cluster import RayCluster

Found = dict[str, float]


def measured_run(
    photos: Path, out: Path, options: list[str], environment: Mapping[str, str]
) -> tuple[Found, dict[str, str]]:
    """Return the seconds of a run and of its stages, and the digests of its files."""
    command = [sys.executable, "-m", "fastdup", "run", str(photos), "-w", str(out), *options]
    cost = run_measured(command, environment)
    stage_seconds = json.loads((out / "config.json").read_text())["seconds"]
    found = digests(out)
    shutil.rmtree(out)
    return {
        "wall_s": cost.wall_s,
        **{f"{stage}_s": value for stage, value in stage_seconds.items()},
    }, found


def measure(photos: Path, folder: Path, n_cpus: int, repeats: int) -> dict[str, list[Found]]:
    """Run every way in turn, `repeats` times; end this program when bytes differ."""
    threads = ["--num-threads", str(n_cpus)]
    found: dict[str, list[Found]] = {}
    seen: dict[str, str] = {}
    with RayCluster(n_cpus) as cluster:
        ways = {
            "threads": threads,
            "ray": ["--executor", "ray", "--address", cluster.address],
            "ray_started": [*threads, "--executor", "ray", "--address", "local"],
        }
        for i in range(repeats):
            for way, options in ways.items():
                out = folder / f"{way}-{i}"
                seconds, files = measured_run(photos, out, options, cluster.environment)
                found.setdefault(way, []).append(seconds)
                seen = seen or files
                if files != seen:
                    sys.exit(f"{way} gave other bytes than threads")
                print(f"{way}: {seconds['wall_s']:.2f} s", file=sys.stderr)
    return found


def summarise(found: Mapping[str, list[Found]]) -> dict[str, Found]:
    """Return medians, and the median overhead against the threads in the same round."""
    threads = found["threads"]
    return {
        way: {
            **{name: statistics.median(run[name] for run in runs) for name in runs[0]},
            "overhead": statistics.median(
                run["wall_s"] / base["wall_s"] - 1 for run, base in zip(runs, threads, strict=True)
            ),
        }
        for way, runs in found.items()
    }


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--kind", choices=KINDS, default="thumbnail")
    parser.add_argument("--images", type=int, default=20_000)
    parser.add_argument("--cpus", type=int, default=available_cores())
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    out = options.out or Path(__file__).parent / f"results/executors-{options.kind}.json"
    machine = describe_machine()
    with tempfile.TemporaryDirectory() as name:
        photos = Path(name) / options.kind
        make_set(options.kind, options.photos, photos, options.images)
        found = measure(photos, Path(name), options.cpus, options.repeats)
    result = {
        "machine": machine,
        "images": options.images,
        "kind": options.kind,
        "cpus": options.cpus,
        "ray": version("ray"),
        "ways": summarise(found),
    }
    store_result(result, out)


if __name__ == "__main__":
    main()
