"""What does finding duplicates cost with fastdup and with other tools, on the same files?

usage: peers.py PHOTOS --original PYTHON --others PYTHON [--images 1000] [--chart SVG]

Makes N pictures of a kind from PHOTOS, as throughput.py does. In each round, every tool runs once
on the same files, in a process of its own with an empty cache, and every other round runs
backwards. A cost is that of the whole command: start, all processes, and files of the program.

ORIGINAL has the proprietary package of the same name, OTHERS has imagededup, ImageHash, pdqhash and
czkawka, or some of them; tools that are missing are left out. The weights of imagededup's network
are drawn at random: they would come from the network, and take the same time whatever they are.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from machine import describe_machine, store_result
from peer import SCRIPT as ORIGINAL_SCRIPT
from peer_chart import chart, table
from picture_sets import KINDS, make_set
from process import Cost, run_measured

HASHES = """
import sys
from pathlib import Path
import numpy as np
from PIL import Image
rows = []
for path in sorted(Path(sys.argv[1]).rglob("*.*")):
    with Image.open(path) as image:
        rows.append({hash_of})
bits = np.array(rows, np.float32).reshape(len(rows), -1)
agreeing = bits @ bits.T + (1 - bits) @ (1 - bits).T
close = np.argwhere(np.triu(agreeing >= bits.shape[1] - {most_different}, 1))
print(len(close))
"""
#: 10 of 64 bits is the usual limit for pHash, 31 of 256 that of PDQ's authors.
PHASH = "import imagehash" + HASHES.format(hash_of="imagehash.phash(image).hash", most_different=10)
PDQ = "import pdqhash" + HASHES.format(
    hash_of="pdqhash.compute(np.asarray(image.convert('RGB')))[0]", most_different=31
)
DEDUP_HASH = """
import sys
from imagededup.methods import PHash
print(len(PHash(verbose=False).find_duplicates(image_dir=sys.argv[1], recursive=True)))
"""
#: With random weights, all pictures are alike: the threshold lets no pair through.
DEDUP_NETWORK = """
import sys, torch
from imagededup.methods import CNN
from imagededup.utils import CustomModel
from torchvision.models import MobileNet_V3_Small_Weights, mobilenet_v3_small
network = mobilenet_v3_small(weights=None).eval()
model = torch.nn.Sequential(network.features, network.avgpool, torch.nn.Flatten())
resize = MobileNet_V3_Small_Weights.IMAGENET1K_V1.transforms()
method = CNN(verbose=False, model_config=CustomModel("untrained", model, resize))
found = method.find_duplicates(image_dir=sys.argv[1], recursive=True, min_similarity_threshold=1.0)
print(len(found))
"""
CZKAWKA = """
import sys
from czkawka import ImageSimilarity
finder = ImageSimilarity()
finder.set_directories([sys.argv[1]])
print(len(finder.find_similar()))
"""
VERSIONS = """
import sys
from importlib.metadata import PackageNotFoundError, version
for name in sys.argv[1:]:
    try:
        print(name, version(name))
    except PackageNotFoundError:
        pass
"""


@dataclass(frozen=True)
class Tool:
    """A tool, and how it is run.

    Attributes
    ----------
    label : str
        For tables and charts.
    does : str
        What it does with the pictures, in one line.
    place : {"ours", "original", "others"}
        Whose interpreter runs it.
    packages : tuple of str
        The package that does the work, then others whose version matters.
    words : tuple of str
        Arguments of the interpreter; the pictures and an empty folder are appended.
    """

    label: str
    does: str
    place: str
    packages: tuple[str, ...]
    words: tuple[str, ...]


TOOLS = {
    "fastdup": Tool(
        "fastdup (ours)",
        "network; close pairs are judged by both pictures",
        "ours",
        ("fastdup", "onnxruntime"),
        ("-m", "fastdup", "run"),
    ),
    "original": Tool(
        "proprietary fastdup", "network only", "original", ("fastdup",), ("-c", ORIGINAL_SCRIPT)
    ),
    "imagededup_cnn": Tool(
        "imagededup CNN",
        "network only, all pairs in memory",
        "others",
        ("imagededup", "torch", "torchvision"),
        ("-c", DEDUP_NETWORK),
    ),
    "imagededup_phash": Tool(
        "imagededup PHash", "hash of 64 bits only", "others", ("imagededup",), ("-c", DEDUP_HASH)
    ),
    "phash": Tool(
        "pHash (ImageHash)", "hash of 64 bits only", "others", ("ImageHash",), ("-c", PHASH)
    ),
    "pdq": Tool("PDQ (pdqhash)", "hash of 256 bits only", "others", ("pdqhash",), ("-c", PDQ)),
    "czkawka": Tool("czkawka (from Python)", "hash only", "others", ("czkawka",), ("-c", CZKAWKA)),
}


def installed(python: Path, packages: Sequence[str]) -> dict[str, str]:
    """Return the versions of those packages that an interpreter has."""
    command = [str(python), "-c", VERSIONS, *packages]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return dict(line.split() for line in printed.splitlines())


def available(pythons: dict[str, Path]) -> dict[str, dict[str, str]]:
    """Return the tools that can be run, with the versions of their packages."""
    found = {}
    for name, tool in TOOLS.items():
        if python := pythons.get(tool.place):
            versions = installed(python, tool.packages)
            if tool.packages[0] in versions:
                found[name] = versions
    return found


def run_tool(name: str, python: Path, photos: Path, folder: Path) -> Cost:
    """Return what a tool takes for the pictures; its caches and output are in an empty folder."""
    tool, out = TOOLS[name], folder / "out"
    words = [*tool.words, str(photos)]
    words += ["-w", str(out)] if tool.place == "ours" else [str(out), "{}"]
    folder.mkdir()
    home = {"HOME": str(folder), "XDG_CACHE_HOME": str(folder / "cache"), "SENTRY_OPT_OUT": "1"}
    return run_measured([str(python), *words], {**clean_environment(), **home})


def clean_environment() -> dict[str, str]:
    """Return the environment without what changes where Python looks for packages."""
    return {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME")}


def measure(
    pythons: dict[str, Path], names: Sequence[str], photos: Path, folder: Path, n_rounds: int
) -> dict[str, list[Cost]]:
    """Run all tools in each round, and return their costs, one of each round."""
    costs: dict[str, list[Cost]] = {name: [] for name in names}
    for i in range(n_rounds):
        for name in names if i % 2 == 0 else reversed(names):
            python = pythons[TOOLS[name].place]
            cost = run_tool(name, python, photos, folder / f"{name}-{i}")
            costs[name].append(cost)
            print(f"{name}: {cost.cpu_s:.2f} CPU s, {cost.wall_s:.2f} s", file=sys.stderr)
    return costs


def summarise(costs: dict[str, list[Cost]], n_images: int) -> dict[str, dict[str, object]]:
    """Return for each tool the medians of its costs, and how often it takes our CPU time.

    That multiple is the median of those within each round.
    """
    return {name: summary(found, costs["fastdup"], n_images) for name, found in costs.items()}


def summary(found: Sequence[Cost], ours: Sequence[Cost], n_images: int) -> dict[str, object]:
    """Return the medians of one tool."""
    cpu_ms = [1000 * cost.cpu_s / n_images for cost in found]
    times = [cost.cpu_s / own.cpu_s for cost, own in zip(found, ours, strict=True)]
    median = statistics.median
    return {
        "cpu_ms_per_image": round(median(cpu_ms), 2),
        "cpu_ms_per_image_of_all_rounds": [round(value, 2) for value in cpu_ms],
        "times_our_cpu": round(median(times), 2),
        "wall_s": round(median(cost.wall_s for cost in found), 2),
        "read_kib_per_image": round(median(cost.read_mib for cost in found) * 1024 / n_images, 1),
        "peak_mib": round(median(cost.tree_mib for cost in found), 1),
    }


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--original", type=Path)
    parser.add_argument("--others", type=Path)
    parser.add_argument("--kind", choices=KINDS, default="web")
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--chart", type=Path)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    given = {"ours": Path(sys.executable), "original": options.original, "others": options.others}
    pythons = {place: python for place, python in given.items() if python}
    versions = available(pythons)
    machine = describe_machine()
    with tempfile.TemporaryDirectory() as folder:
        photos = Path(folder) / "photos"
        make_set(options.kind, options.photos, photos, options.images)
        mib = sum(path.stat().st_size for path in photos.rglob("*.*")) / 2**20
        costs = measure(pythons, list(versions), photos, Path(folder), options.repeats)
    tools = {
        name: {
            "label": TOOLS[name].label,
            "does": TOOLS[name].does,
            "versions": versions[name],
            **cost,
        }
        for name, cost in summarise(costs, options.images).items()
    }
    result = {
        "machine": machine,
        "kind": options.kind,
        "images": options.images,
        "kib_per_image": round(mib * 1024 / options.images, 1),
        "rounds": options.repeats,
        "tools": tools,
    }
    store_result(
        result, options.out or Path(__file__).parent / f"results/peers-{options.kind}.json"
    )
    print(table(result))
    if options.chart:
        options.chart.write_text(chart(result), encoding="utf-8")


if __name__ == "__main__":
    main()
