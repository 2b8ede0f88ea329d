"""How fast is a complete run, stage by stage, and how close to the limit of decoding and inference?

usage: throughput.py PHOTOS [--kind web] [--images N] [--repeats R] [--peer PYTHON] [--out FILE]

Makes N pictures of a kind from PHOTOS (web: JPEG 500 × 375; phone: JPEG of 12 megapixels; mix: PNG
and WebP 500 × 375; thumbnail: JPEG 100 × 100). Runs the command line on them R times, each time
with a new work folder, and reports the median run. The limit is decoding alone and inference alone,
measured on one core with the same files. If PYTHON, an interpreter with the proprietary original,
is given, both programs run in turn on the same files.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from machine import describe_machine, store_result
from peer import run_peer
from picture_sets import KINDS, make_set
from process import run_measured

from fastdup.embed import Embedder
from fastdup.images import decode
from fastdup.models import load_spec

BATCH_SIZE = 32
N_LIMIT_IMAGES = 160


def measured_run(photos: Path, out: Path) -> dict[str, object]:
    """Run the command line and return its seconds, CPU seconds, peak memory and stages."""
    command = [sys.executable, "-m", "fastdup", "run", str(photos), "-w", str(out)]
    cost = run_measured(command)
    summary = json.loads((out / "config.json").read_text())
    n_images = summary["counts"]["listed"]
    return {
        **cost.per_image(n_images),
        "wall_s_by_stage": summary["seconds"],
        "thread_ms_per_image": {
            step: 1000 * seconds / n_images for step, seconds in summary["thread_seconds"].items()
        },
    }


def limits(photos: Path) -> dict[str, float]:
    """Return milliseconds of one core per image for decoding alone and inference alone."""
    paths = sorted(path for path in photos.rglob("*") if path.is_file())
    every = max(1, len(paths) // N_LIMIT_IMAGES)
    files = [path.read_bytes() for path in paths[::every]]
    embedder = Embedder(load_spec())
    prepared = [embedder.prepare(decode(data).image) for data in files]
    batches = [prepared[i : i + BATCH_SIZE] for i in range(0, len(prepared), BATCH_SIZE)]
    embedder.embed(batches[0])
    side = embedder.min_side

    def decode_all(min_side: int | None) -> None:
        for data in files:
            decode(data, min_side=min_side)

    return {
        "decode_full_ms": cpu_ms(lambda: decode_all(None), len(files)),
        "decode_reduced_ms": cpu_ms(lambda: decode_all(side), len(files)),
        "embed_ms": cpu_ms(lambda: [embedder.embed(batch) for batch in batches], len(files)),
    }


def cpu_ms(work: Callable[[], object], n_images: int, repeats: int = 3) -> float:
    """Return the least CPU milliseconds per image of several repeats."""
    spent = []
    for _ in range(repeats):
        start_s = time.process_time()
        work()
        spent.append(time.process_time() - start_s)
    return 1000 * min(spent) / n_images


def summarise(runs: Sequence[dict[str, object]]) -> dict[str, object]:
    """Return the median run by wall time, with the spread of all."""
    ordered = sorted(runs, key=lambda run: run["wall_s"])
    speeds = [run["images_per_s"] for run in runs]
    middle = dict(ordered[len(ordered) // 2])
    middle["images_per_s_of_all_runs"] = {
        "min": min(speeds),
        "median": statistics.median(speeds),
        "max": max(speeds),
    }
    return middle


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--kind", choices=KINDS, default="web")
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--peer", type=Path)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    out = options.out or Path(__file__).parent / f"results/throughput-{options.kind}.json"
    machine = describe_machine()
    with tempfile.TemporaryDirectory() as folder:
        photos = Path(folder) / options.kind
        make_set(options.kind, options.photos, photos, options.images)
        runs, peer_runs = [], []
        for i in range(options.repeats):
            runs.append(measured_run(photos, Path(folder) / f"out-{i}"))
            if options.peer:
                peer_runs.append(run_peer(options.peer, photos, Path(folder) / f"peer-{i}"))
        ours = summarise(runs)
        limit = limits(photos)
    result = {
        "machine": machine,
        "images": options.images,
        "kind": options.kind,
        "run": ours,
        "limit": limit,
        "cpu_over_limit": {
            scale: ours["cpu_ms_per_image"] / (limit[f"decode_{scale}_ms"] + limit["embed_ms"])
            for scale in ("full", "reduced")
        },
    }
    if peer_runs:
        result["peer"] = summarise(peer_runs)
        result["times_as_fast_as_peer"] = ours["images_per_s"] / result["peer"]["images_per_s"]
    store_result(result, out)


if __name__ == "__main__":
    main()
