"""The entry of the frozen program, run by an interpreter in its place."""

import subprocess
import sys
from pathlib import Path

import fastdup

ENTRY = Path(__file__).parents[2] / "packaging/deb/entry.py"


def entry(*words):
    return subprocess.run([sys.executable, ENTRY, *words], capture_output=True, text=True)


def test_it_is_the_command_line():
    done = entry("--version")
    assert (done.returncode, done.stdout) == (0, f"{fastdup.__version__}\n")


def test_it_runs_no_module_but_the_packages_own():
    done = entry("-P", "-m", "http.server")
    assert done.returncode == 2
    assert "unknown option -P" in done.stderr


def test_it_serves_as_its_own_workers(photos, tmp_path, monkeypatch):
    assert fastdup.run(photos, tmp_path / "one", num_threads=1) == 0
    program, started = tmp_path / "program", tmp_path / "started"
    program.write_text(
        f'#!/bin/sh\necho "$3" >>"{started}"\nexec "{sys.executable}" "{ENTRY}" "$@"\n'
    )
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    monkeypatch.setattr("fastdup.extract.threads.LEAST_IMAGES_OF_A_PROCESS", 1)
    assert fastdup.run(photos, tmp_path / "five", num_threads=5) == 0
    assert set(started.read_text().split()) == {"fastdup.executors.worker"}
    for name in ("features.dat", "similarity.csv"):
        assert (tmp_path / "five" / name).read_bytes() == (tmp_path / "one" / name).read_bytes()
