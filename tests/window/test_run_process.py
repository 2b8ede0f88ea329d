"""A run as a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

from fastdup.window.run_process import RunProcess
from runs_watched import reads_pictures, until


def results(work: Path) -> dict[str, bytes]:
    names = ("features.dat", "features.dat.csv", "similarity.csv", "stats.csv")
    return {name: (work / name).read_bytes() for name in names}


def test_a_run_reports_its_stages_and_what_it_found(photos, tmp_path):
    found = []
    run = RunProcess(["run", str(photos), "--work-dir", str(tmp_path / "out")], found.append)
    run.wait()
    progress = run.to_json()
    assert (progress["state"], progress["counts"]["good"]) == ("done", 14)
    assert found == [progress["counts"]]
    assert progress["stages"] > 3
    assert not run.is_alive


def test_a_stopped_run_goes_on_to_the_same_bytes(album, tmp_path):
    words = ["run", str(album), "--work-dir", str(tmp_path / "out"), "--num-threads", "1"]
    run = RunProcess(words)
    until(run.to_json, reads_pictures)
    run.stop()
    run.wait()
    assert run.to_json()["state"] == "stopped"
    assert not (tmp_path / "out/config.json").exists()
    run = RunProcess(words)
    run.wait()
    assert run.to_json()["state"] == "done"
    whole = RunProcess(["run", str(album), "--work-dir", str(tmp_path / "whole")])
    whole.wait()
    assert results(tmp_path / "out") == results(tmp_path / "whole")


def test_a_run_that_fails_says_why_in_one_line(tmp_path):
    (tmp_path / "empty").mkdir()
    run = RunProcess(["run", str(tmp_path / "empty"), "--work-dir", str(tmp_path / "out")])
    run.wait()
    progress = run.to_json()
    assert progress["state"] == "failed"
    assert "nothing to do" in progress["notes"][-1]


def test_closing_ends_the_run(album, tmp_path):
    run = RunProcess(["run", str(album), "--work-dir", str(tmp_path / "out")])
    until(run.to_json, reads_pictures)
    run.close()
    assert run.to_json()["state"] in ("stopped", "done")
    assert not run.is_alive


def test_a_run_ends_when_the_program_that_started_it_is_gone(album, tmp_path):
    words = ["run", str(album), "--work-dir", str(tmp_path / "out"), "--num-threads", "1"]
    command = [sys.executable, "-m", "fastdup", *words]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"FASTDUP_REPORT": "json"},
    ) as process:
        assert process.stdout.readline() == b'{"stage": "listing", "total": null}\n'
        process.stdin.close()
        assert process.wait(60) == 130
    assert not (tmp_path / "out/config.json").exists()
