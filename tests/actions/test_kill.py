"""Killed at any moment of cleaning or undoing, nothing is lost and all comes back."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from trees import tree

N_KILLS = 2
#: Moved to another file system, a file is copied, compared and only then removed.
WAYS = (["trash"], ["hardlink"], ["move", "{to}"], ["move", "{other}"])


@pytest.fixture
def many(album):
    """Sixty files in three folders: groups of four of the same bytes, each with a sidecar."""
    for position in range(60):
        content = b"%02d" % (position // 4)
        path = album.add(f"{'abc'[position % 3]}/{position:02}\n.jpg", position // 4 * 12, content)
        Path(path).with_suffix(".xmp").write_bytes(content)
    return album.run(k=4)


def contents(*folders):
    """Return how many files have each content."""
    return Counter(state[0] for folder in folders for state in tree(folder).values() if state[0])


def kill_on_the_way(command, journal, seconds):
    """Kill the command a moment after it begins to write to the journal."""
    size = os.path.getsize(journal) if journal.exists() else 0
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        if journal.exists() and journal.stat().st_size > size:
            time.sleep(seconds)
            break
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.wait()


@pytest.mark.parametrize("way", WAYS, ids=" ".join)
def test_killed_while_cleaning_and_while_undoing_nothing_is_lost(
    many, way, tmp_path, trash, request
):
    before = tree(many.folder)
    contents_before = contents(many.folder)
    fastdup = [sys.executable, "-m", "fastdup"]
    journal = many.work / "clean.journal"
    is_elsewhere = way[-1] == "{other}"
    elsewhere = Path(request.getfixturevalue("other_device") if is_elsewhere else tmp_path, "else")
    action = [word.format(to=tmp_path / "to", other=elsewhere) for word in way]
    clean = [*fastdup, "clean", many.work, "--apply", "--action", *action]
    undo = [*fastdup, "undo", many.work]
    rng = random.Random(7)
    for _ in range(N_KILLS):
        kill_on_the_way(clean, journal, rng.random() * 0.2)
        if "link" not in way[0]:  # a link stands for bytes that the kept file has
            assert not contents_before - contents(many.folder, trash, tmp_path / "to", elsewhere)
        kill_on_the_way(undo, journal, rng.random() * 0.2)
    done = subprocess.run(undo, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert tree(many.folder) == before
    assert not contents(trash, tmp_path / "to", elsewhere)


def test_a_killed_cleaning_is_finished_by_the_next_and_undone_as_one(many):
    before = tree(many.folder)
    clean = [sys.executable, "-m", "fastdup", "clean", many.work, "--apply"]
    for seconds in (0.0, 0.02):
        kill_on_the_way(clean, many.work / "clean.journal", seconds)
    assert subprocess.run(clean, capture_output=True).returncode == 0
    photos, sidecars = (list(many.folder.rglob(f"*.{ending}")) for ending in ("jpg", "xmp"))
    assert len(photos) == 15
    assert {path.with_suffix(".xmp") for path in photos} == set(sidecars)
    undo = [sys.executable, "-m", "fastdup", "undo", many.work]
    assert subprocess.run(undo, capture_output=True).returncode == 0
    assert tree(many.folder) == before
