"""Killed at any moment, the next run goes on and ends with the same bytes."""

import os
import random
import signal
import subprocess
import sys
import time

import fastdup
from pictures import jpeg, scene

KEPT = (
    "features.dat",
    "features.dat.csv",
    "features.bad.csv",
    "stats.csv",
    "metadata.csv",
    "similarity.csv",
)
N_KILLS = 6


def contents(folder):
    return {name: (folder / name).read_bytes() for name in KEPT}


def test_a_run_killed_again_and_again_ends_with_the_same_bytes(tmp_path):
    album = tmp_path / "album"
    album.mkdir()
    for i in range(600):
        (album / f"{i:03}.jpg").write_bytes(jpeg(scene(i, (320, 240))))
    (album / "300.jpg").write_bytes(b"broken")
    # Killed while it extracts; test_judging kills one while it judges.
    assert fastdup.run(album, tmp_path / "whole", verify="none") == 0
    command = [sys.executable, "-m", "fastdup", "run", album, "-w", tmp_path / "out"]
    command += ["--verify", "none"]
    rng = random.Random(5)
    n_rows = []
    for _ in range(N_KILLS):
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        wait_for_rows(tmp_path / "out", more_than=n_rows[-1] if n_rows else -1, process=process)
        time.sleep(rng.random() * 0.05)
        process.send_signal(signal.SIGKILL)
        process.wait()
        n_rows.append(os.path.getsize(tmp_path / "out/features.dat"))
    assert n_rows == sorted(n_rows)  # every run went on from where the last one was
    assert subprocess.run(command, capture_output=True).returncode == 0
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


def wait_for_rows(folder, more_than, process):
    """Wait until the run has stored more than so many bytes of features, or has ended."""
    features = folder / "features.dat"
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        if features.exists() and features.stat().st_size > more_than:
            return
        time.sleep(0.005)
