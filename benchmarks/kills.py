"""Killed at any moment of cleaning or undoing: is anything lost?

A small photographer's folder (`photo_library.py`), with a hard link, a symbolic link and files of
other modes in it. Round by round, `fastdup clean --apply` is killed at a random moment: moving to
another file system, moving, to the trash, or making links; with companions and new sidecars. In
every other round `fastdup undo` is killed, too. After each round `fastdup undo` must put all back:
names, bytes, times, modes; and what was decided must be as before. Files with two names count,
too: what went to another file system or was a link comes back as a file of its own.

    python benchmarks/kills.py PHOTOS --kills 100 --elsewhere /dev/shm
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import date
from pathlib import Path

from machine import describe_machine, store_result
from photo_library import make_library

import fastdup

STORED = Path(__file__).parent / "results" / "kills.json"
COMMAND = [sys.executable, "-m", "fastdup"]
#: Of copies that stay in place of the originals, so that there is much to carry to them.
CHOICE = ["--keep", "newest", "--carry-companions", "--carry-metadata"]
State = tuple[str, bytes, int, int]


def state_of(root: Path) -> dict[str, State]:
    """Return what each name below a folder is: kind, content, time of change, mode."""
    found = {}
    for path in [root, *sorted(root.rglob("*"))]:
        state = path.lstat()
        if path.is_symlink():
            kind, content = "link", os.fsencode(path.readlink())
        elif path.is_dir():
            kind, content = "folder", b""
        else:
            kind, content = "file", path.read_bytes()
        found[str(path)] = (kind, content, state.st_mtime_ns, state.st_mode)
    return found


def _n_linked(root: Path) -> int:
    return sum(path.lstat().st_nlink > 1 for path in root.rglob("*") if path.is_file())


def n_lost(before: dict[str, State], *places: Path) -> int:
    """Return how many contents are nowhere any more."""
    here = {state[1] for place in places for state in state_of(place).values()}
    return len({state[1] for state in before.values() if state[0] == "file"} - here)


def killed(words: list[str], journal: Path, seconds: float) -> bool:
    """Run a command, and kill it `seconds` after it begins to write to the journal."""
    size = journal.stat().st_size if journal.exists() else 0
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None:
        if journal.exists() and journal.stat().st_size > size:
            time.sleep(seconds)
            break
        time.sleep(0.0005)
    process.send_signal(signal.SIGKILL)
    return process.wait() == -signal.SIGKILL


def make_odd(library: Path) -> None:
    """Put a hard link and a symbolic link into the folder, and give some files other modes."""
    photos = sorted(library.rglob("*.JPG"))
    (library / "hard link.jpg").hardlink_to(photos[0])
    (library / "link.jpg").symlink_to(photos[1])
    for number, photo in enumerate(photos):
        photo.chmod((0o644, 0o600, 0o444)[number % 3])


def measure(out: Path, elsewhere: Path, n_kills: int, rng: random.Random) -> dict[str, object]:
    """Kill and undo, and return what became of it."""
    library, work, gone, trash = out / "library", out / "work", elsewhere / "gone", out / "data"
    make_odd(library)
    fastdup.run(str(library), str(work))
    fastdup.decide(work, "keep", sorted(library.rglob("*.JPG"))[2])
    decided = (work / "decisions.csv").read_bytes()
    ways = {
        "to another file system": ["--action", "move", str(gone), *CHOICE],
        "to a folder": ["--action", "move", str(out / "gone"), *CHOICE],
        "to the trash": ["--action", "trash", *CHOICE],
        "hard links": ["--action", "hardlink"],
        "symbolic links": ["--action", "symlink"],
    }
    os.environ["XDG_DATA_HOME"] = str(trash)
    before, journal = state_of(library), work / "clean.journal"
    n_linked = _n_linked(library)
    kills = Counter[str]()
    n_apart, lost = 0, 0
    undo = [*COMMAND, "undo", str(work)]
    while kills["of apply"] < n_kills or kills["of undo"] < n_kills // 2:
        name = list(ways)[(kills["of apply"] + kills["of undo"]) % len(ways)]
        apply = [*COMMAND, "clean", str(work), "--apply", *ways[name]]
        if killed(apply, journal, rng.uniform(0, 0.5)):
            kills.update(["of apply", name])
        places = [place for place in (library, gone, out / "gone", trash) if place.exists()]
        lost += n_lost(before, *places)
        if rng.random() < 0.6 and killed(undo, journal, rng.uniform(0, 0.2)):
            kills["of undo"] += 1
        subprocess.run(undo, check=True, stdout=subprocess.DEVNULL)
        after = state_of(library)
        n_apart += sum(after.get(path) != state for path, state in before.items())
        n_apart += len(after.keys() - before.keys())
    return {
        "files": len(before),
        "kills": dict(kills),
        "contents_lost": lost,
        "names_not_as_before": n_apart,
        "names_no_longer_linked": n_linked - _n_linked(library),
        "decisions_as_before": (work / "decisions.csv").read_bytes() == decided,
        "left_elsewhere": sum(p.is_file() for p in gone.rglob("*")) if gone.exists() else 0,
        "is_another_file_system": elsewhere.stat().st_dev != library.stat().st_dev,
    }


def main() -> None:
    """Make, kill, print and store."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photos", type=Path)
    parser.add_argument("--originals", type=int, default=95)
    parser.add_argument("--kills", type=int, default=100, help="of apply; of undo half as many")
    parser.add_argument("--elsewhere", type=Path, default=Path("/dev/shm"))
    parser.add_argument("--seed", default="1")
    parser.add_argument("--out", type=Path, default=STORED)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as folder,
        tempfile.TemporaryDirectory(dir=options.elsewhere) as elsewhere,
    ):
        make_library(Path(folder), options.photos, options.originals, options.seed)
        rng = random.Random(options.seed)
        result: dict[str, object] = {
            "date": date.today().isoformat(),
            "machine": describe_machine(),
            "seed": options.seed,
            "originals": options.originals,
            **measure(Path(folder), Path(elsewhere), options.kills, rng),
        }
    store_result(result, options.out)


if __name__ == "__main__":
    main()
