"""Proves and measures the wheel: same bytes twice, no compiler, core alone, the main job.

usage: wheel_check.py [--photos FOLDER] [--lowest] [--python PYTHON] [--store FILE]

Run with an interpreter that has `build` and `uv` (packaging/requirements.txt). Everything happens
in a temporary folder. --lowest installs the lower bounds of the dependencies instead of the newest.
"""

import argparse
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
#: What the proprietary tool of the same name takes, in megabytes.
PROPRIETARY_MB = 216
GRAPHS = ROOT / "src" / "fastdup" / "index" / "graphs"
N_RUNS = 3
COMPILERS = ("cc", "gcc", "g++", "c++", "clang", "cargo", "rustc", "make", "cmake")

PICTURES = """
import sys
from pathlib import Path
import numpy as np
from PIL import Image
out = Path(sys.argv[1])
for i in range(200):
    rng = np.random.default_rng(i)
    coarse = Image.fromarray(rng.integers(0, 256, (5, 6, 3), dtype=np.uint8))
    picture = coarse.resize((500, 375), Image.Resampling.BICUBIC)
    mask = Image.fromarray((rng.random((7, 9)) > 0.6).astype(np.uint8) * 255).resize(picture.size)
    blocks = Image.fromarray(rng.integers(0, 256, (3, 4, 3), dtype=np.uint8))
    picture.paste(blocks.resize(picture.size, Image.Resampling.NEAREST), mask=mask)
    picture.save(out / f"{i:03}.jpg", quality=90)
"""
PLANT = """
import sys
from pathlib import Path
from PIL import Image
folder = Path(sys.argv[1])
first = min(path for path in folder.iterdir() if path.is_file())
Image.open(first).convert("RGB").save(folder / "planted-copy.jpg", quality=60)
(folder / "broken.jpg").write_text("no picture")
"""
IMPORT = """
import sys, time
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * 4
start, before, n_modules = time.perf_counter(), resident(), len(sys.modules)
import fastdup
print((time.perf_counter() - start) * 1000, resident() - before, len(sys.modules) - n_modules)
"""


def main() -> None:
    """Build, compare, install, run and report; the first failure ends the program."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="fastdup-wheel-") as folder:
        work = Path(folder)
        report: dict[str, object] = {"machine": _machine()}
        wheel, report["reproducible"] = build_twice(work)
        python = install(wheel, work, options.python, lowest=options.lowest)
        report["wheel_MB"] = _megabytes(wheel.stat().st_size)
        report["download_MB"] = download_size(wheel, work)
        report["sizes"] = installed_sizes(python)
        report["import"] = measure_import(python)
        report["main_job"] = main_job(python, work, options.photos)
        report["proprietary_MB"] = PROPRIETARY_MB
    text = json.dumps(report, indent=2)
    print(text)
    if options.store:
        options.store.write_text(text + "\n")


def build_twice(work: Path) -> tuple[Path, dict[str, str]]:
    """Build wheel and sdist from two copies made at other times, and the wheel from the sdist.

    Returns
    -------
    tuple of Path and dict
        The wheel, and the SHA-256 of the wheel and of the sdist.
    """
    built = []
    for number, zone in enumerate(("UTC", "Pacific/Auckland")):
        tree = work / f"copy-{number}" / ("deeper" * number) / "tree"
        _copy_tracked(tree, seconds=1_000_000_000 + 500_000_000 * number)
        out = work / f"built-{number}"
        _build(tree, out, TZ=zone, PYTHONHASHSEED=str(number), umask=(0o022, 0o077)[number])
        built.append({path.suffix: path for path in out.iterdir()})
    for kind in (".whl", ".gz"):
        _check(_sha256(built[0][kind]) == _sha256(built[1][kind]), f"two {kind} files differ")
    wheel, sdist = built[0][".whl"], built[0][".gz"]
    shutil.unpack_archive(sdist, work / "sdist", filter="data")
    (tree,) = (work / "sdist").iterdir()
    _build(tree, work / "from-sdist", TZ="UTC", PYTHONHASHSEED="7", umask=0o022)
    again = next((work / "from-sdist").glob("*.whl"))
    _check(_sha256(again) == _sha256(wheel), "the wheel of the sdist differs")
    return wheel, {"wheel_sha256": _sha256(wheel), "sdist_sha256": _sha256(sdist)}


def install(wheel: Path, work: Path, python: str, *, lowest: bool) -> Path:
    """Install the wheel alone where no compiler is found; return the environment's Python."""
    folder = work / "clean"
    uv = [sys.executable, "-m", "uv"]
    bare = _without_compilers()
    _run([*uv, "venv", "--quiet", "--python", python, folder], env=bare)
    resolution = ["--resolution", "lowest-direct"] if lowest else []
    interpreter = folder / "bin" / "python"
    command = [*uv, "pip", "install", "--quiet", "--no-build", "--no-cache", *resolution]
    _run([*command, "--python", interpreter, wheel], env=bare)
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    graphs = [f"fastdup/index/graphs/{path.name}" for path in GRAPHS.iterdir()]
    _check(set(graphs) < set(names), f"not all of {graphs} are in the wheel")
    for needed in ("share/man/man1/fastdup.1", "share/bash-completion/completions/fastdup"):
        _check(any(name.endswith(needed) for name in names), f"{needed} is not in the wheel")
        _check((folder / needed).is_file(), f"{needed} was not installed")
    return interpreter


def download_size(wheel: Path, work: Path) -> float:
    """Return the megabytes of the wheel and all it brings along, for this interpreter."""
    folder = work / "wheels"
    command = [sys.executable, "-m", "pip", "download", "--only-binary", ":all:"]
    _run([*command, "--dest", folder, wheel])
    return _megabytes(sum(file.stat().st_size for file in folder.iterdir()))


def installed_sizes(python: Path) -> dict[str, float]:
    """Return megabytes on disk of all that was installed, and of each package's folder."""
    (site,) = (python.parents[1] / "lib").glob("python*/site-packages")
    parts = {path.name: _megabytes(_disk_bytes(path)) for path in site.iterdir()}
    large = {name: size for name, size in parts.items() if size >= 1}
    ordered = dict(sorted(large.items(), key=lambda item: -item[1]))
    return {"installed_MB": round(sum(parts.values()), 1), **ordered}


def measure_import(python: Path) -> dict[str, float]:
    """Return the median run of ``import fastdup``: milliseconds, KiB of memory, modules."""
    runs = [tuple(map(float, _output([python, "-c", IMPORT]).split())) for _ in range(5)]
    ms, kib, n_modules = sorted(runs)[2]
    return {"ms": round(ms, 1), "memory_KiB": kib, "modules": n_modules}


def main_job(python: Path, work: Path, photos: Path | None) -> dict[str, object]:
    """Run the command on photos with a planted copy and a broken file; return its seconds."""
    folder = work / "photos"
    if photos:
        shutil.copytree(photos, folder)
    else:
        folder.mkdir()
        _run([python, "-c", PICTURES, folder])
    _run([python, "-c", PLANT, folder])
    n_files = sum(path.is_file() for path in folder.iterdir())
    seconds = []
    for number in range(N_RUNS):
        out = work / f"out-{number}"
        start = time.perf_counter()
        _run([python.with_name("fastdup"), "run", folder, "-w", out])
        seconds.append(round(time.perf_counter() - start, 2))
    bad = (out / "features.bad.csv").read_text().splitlines()[1:]
    good = (out / "features.dat.csv").read_text().splitlines()[1:]
    _check(len(good) + len(bad) == n_files, f"{len(good)} good and {len(bad)} bad of {n_files}")
    _check(any("broken.jpg" in line for line in bad), "the broken file is not listed")
    _check("planted-copy.jpg" in (out / "similarity.csv").read_text(), "the copy was not found")
    _run([python.with_name("fastdup"), "gallery", out])
    return {"images": n_files, "seconds_first": seconds[0], "seconds_again": sorted(seconds[1:])}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=Path, help="run on these instead of made pictures")
    parser.add_argument("--lowest", action="store_true", help="install the lower bounds")
    parser.add_argument("--python", default=sys.executable, help="interpreter to install for")
    parser.add_argument("--store", type=Path, help="JSON file for the result")
    return parser.parse_args()


def _copy_tracked(tree: Path, seconds: int) -> None:
    """Copy what git tracks, or all there is where there is no git, with other times."""
    if (ROOT / ".git").exists():
        names = _output(["git", "-C", ROOT, "ls-files", "-z", "-co", "--exclude-standard"])
        files = [Path(name) for name in names.split("\0") if name]
    else:
        files = [path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file()]
    for file in files:
        (tree / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, tree / file)
        os.utime(tree / file, (seconds, seconds))


def _build(tree: Path, out: Path, umask: int, **environment: str) -> None:
    command = [sys.executable, "-m", "build", "--quiet", "--outdir", out, tree]
    _run(command, env={**os.environ, **environment}, umask=umask)


def _without_compilers() -> dict[str, str]:
    """Return the environment with a PATH on which every compiler fails."""
    folder = Path(tempfile.mkdtemp(prefix="fastdup-no-compiler-"))
    for name in COMPILERS:
        (folder / name).write_text("#!/bin/sh\necho there is no compiler here >&2\nexit 1\n")
        (folder / name).chmod(0o755)
    return {**os.environ, "PATH": f"{folder}:/usr/bin:/bin"}


def _machine() -> dict[str, object]:
    return {
        "system": platform.platform(),
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
    }


def _run(command: list[object], **options: object) -> None:
    words = list(map(str, command))
    done = subprocess.run(words, capture_output=True, text=True, **options)
    _check(done.returncode == 0, f"{' '.join(words)}\n{done.stdout}{done.stderr}")


def _output(command: list[object]) -> str:
    return subprocess.run(
        list(map(str, command)), check=True, capture_output=True, text=True
    ).stdout


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _disk_bytes(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())


def _megabytes(n_bytes: int) -> float:
    return round(n_bytes / 1e6, 1)


def _check(holds: bool, otherwise: str) -> None:
    if not holds:
        raise SystemExit(f"FAILED: {otherwise}")


if __name__ == "__main__":
    main()
