"""How fast are images read from an object store and from archives, compared with a local folder?

usage: sources.py PHOTOS [--kind web] [--images N] [--repeats R] [--only PLACES] [--out FILE]

Makes N pictures of a kind from PHOTOS (see throughput.py), as a folder, a tar, a compressed tar, a
zip, and a bucket of a local S3 server (rclone, in a process of its own on the same cores). Runs the
extraction on each in turn, in R rounds. Reports the medians, and the speed relative to the folder
in the same round. Also reports the CPU time of the server, and the peak memory for a fifth of the
objects and for all of them.
"""

import argparse
import os
import statistics
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from importlib.metadata import version
from pathlib import Path

from machine import describe_machine, store_result
from picture_sets import KINDS, make_set
from process import Cost, cpu_of, run_measured

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from s3_server import KEY, SECRET, S3Server

BUCKET = "photos"


def lay_out(photos: Path, folder: Path, wanted: Sequence[str]) -> dict[str, str]:
    """Pack the photos in every way that is wanted, and return what to type for each."""
    paths = sorted(path for path in photos.rglob("*") if path.is_file())
    for name, mode in (("tar", "w"), ("tgz", "w:gz")):
        if name in wanted:
            with tarfile.open(folder / f"photos.{name}", mode) as tar:
                for path in paths:
                    tar.add(path, path.relative_to(photos))
    if "zip" in wanted:
        with zipfile.ZipFile(folder / "photos.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for path in paths:
                archive.write(path, path.relative_to(photos))
    packed = {name: str(folder / f"photos.{name}") for name in ("tar", "tgz", "zip")}
    places = {"folder": str(photos), "s3": f"s3://{BUCKET}/", **packed}
    return {name: given for name, given in places.items() if name in wanted}


def measured_run(given: str, out: Path, environment: Mapping[str, str], n_images: int = -1) -> Cost:
    """Extract from one place, all images or the first of them."""
    words = ["run", given, "-w", str(out), "--run-mode", "1", "--num-images", str(n_images)]
    return run_measured([sys.executable, "-m", "fastdup", *words], environment)


def s3_environment(server: S3Server) -> dict[str, str]:
    """Return an environment that leads to the server."""
    keys = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}
    return {**os.environ, **keys, "AWS_ENDPOINT_URL": server.endpoint}


def measure(
    places: Mapping[str, str],
    folder: Path,
    server: AbstractContextManager[S3Server],
    repeats: int,
    n_images: int,
) -> dict[str, object]:
    """Run over all places in turn, `repeats` times, and return what it cost."""
    costs: dict[str, list[Cost]] = {name: [] for name in places}
    with server as running:
        environment = s3_environment(running)
        for i in range(repeats):
            for name, given in places.items():
                costs[name].append(measured_run(given, folder / f"out-{name}-{i}", environment))
                print(f"{name}: {costs[name][-1].wall_s:.2f} s", file=sys.stderr)
        server_cpu_s = cpu_of(running.pid) / repeats
        peaks = {
            n: measured_run(places["s3"], folder / f"out-{n}", environment, n).peak_rss_mib
            for n in (n_images // 5, n_images)
        }
    measured = {
        "places": summarise(costs, n_images, server_cpu_s),
        "server_cpu_ms_per_image": 1000 * server_cpu_s / n_images,
        "s3_peak_rss_mib": peaks,
        "s3_peak_rss_ratio": peaks[n_images] / peaks[n_images // 5],
    }
    return measured


def summarise(
    costs: Mapping[str, list[Cost]], n_images: int, server_cpu_s: float
) -> dict[str, dict[str, float]]:
    """Return medians, and the median share of the folder's speed in the same round.

    ``share_by_cpu`` is the share that the cores would give if none of them ever waited, and does
    not depend on what else runs on the machine.
    """
    return {
        name: {
            "images_per_s": n_images / statistics.median(cost.wall_s for cost in found),
            "share_of_folder": statistics.median(
                folder.wall_s / cost.wall_s
                for folder, cost in zip(costs["folder"], found, strict=True)
            ),
            "share_by_cpu": statistics.median(
                folder.cpu_s / (cost.cpu_s + (server_cpu_s if name == "s3" else 0))
                for folder, cost in zip(costs["folder"], found, strict=True)
            ),
            "cpu_ms_per_image": 1000 * statistics.median(c.cpu_s for c in found) / n_images,
            "peak_rss_mib": max(cost.peak_rss_mib for cost in found),
        }
        for name, found in costs.items()
    }


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--kind", choices=KINDS, default="web")
    parser.add_argument("--images", type=int, default=2000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--only", default="folder,s3,tar,tgz,zip", help="folder and s3 at least")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    out = options.out or Path(__file__).parent / f"results/sources-{options.kind}.json"
    machine = describe_machine()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        buckets = folder / "buckets"
        buckets.mkdir()
        make_set(options.kind, options.photos, buckets / BUCKET, options.images)
        places = lay_out(buckets / BUCKET, folder, options.only.split(","))
        server = S3Server(buckets, is_fresh=False)
        measured = measure(places, folder, server, options.repeats, options.images)
    result = {
        "machine": machine,
        "images": options.images,
        "kind": options.kind,
        "obstore": version("obstore"),
        **measured,
    }
    store_result(result, out)


if __name__ == "__main__":
    main()
