"""What does a start cost, and which share of it is Python, NumPy and ONNX Runtime?

usage: startup.py [--repeats 10] [--out results/startup.json]

Each command runs in a process of its own, in turn with the others. The result is the least CPU time
of all repeats, user and system, of the process and its children. The picture is made here.
"""

import argparse
import compileall
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
from machine import describe_machine, store_result
from PIL import Image
from process import run_measured

import fastdup

PICTURE_SIZE = (500, 375)
QUALITY = 85
#: What a run on one image needs of others, one after the other.
IMPORTS = {
    "python": "pass",
    "import_numpy": "import numpy",
    "import_numpy_pillow_onnxruntime": "import numpy, PIL.Image, onnxruntime",
    "import_fastdup": "import fastdup",
}


def make_picture(path: Path) -> None:
    """Write a JPEG of coarse random patches."""
    patches = np.random.default_rng(0).integers(0, 256, (12, 16, 3), np.uint8)
    Image.fromarray(patches).resize(PICTURE_SIZE).save(path, quality=QUALITY)


def cpu_ms(words: list[str]) -> float:
    """Return what a command of this interpreter takes."""
    return 1000 * run_measured([sys.executable, *words]).cpu_s


def measure(folder: Path, n_repeats: int) -> dict[str, list[float]]:
    """Return the CPU milliseconds of each command, once per repeat."""
    pictures, out = folder / "pictures", folder / "out"
    pictures.mkdir()
    make_picture(pictures / "one.jpg")
    program = ["-m", "fastdup"]
    run = [*program, "run", str(pictures), "-w", str(out)]
    found: dict[str, list[float]] = {}
    for _ in range(n_repeats):
        shutil.rmtree(out, ignore_errors=True)
        commands = {name: ["-c", code] for name, code in IMPORTS.items()}
        commands |= {"help": [*program, "--help"], "version": [*program, "--version"]}
        commands |= {"one_image": run, "one_image_again": run}
        for name, words in commands.items():
            found.setdefault(name, []).append(cpu_ms(words))
    return found


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results/startup.json")
    options = parser.parse_args()
    # As an installer does: a start is not to pay for compiling what was changed.
    compileall.compile_dir(Path(fastdup.__file__).parent, quiet=2)
    with tempfile.TemporaryDirectory() as folder:
        measured = measure(Path(folder), options.repeats)
    result = {
        "machine": describe_machine(),
        "repeats": options.repeats,
        "cpu_ms": {name: round(min(values), 1) for name, values in measured.items()},
    }
    store_result(result, options.out)


if __name__ == "__main__":
    main()
