"""Whole runs from the first page: run, stop, go on, open, and a server that is killed."""

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest

from explored import Asker
from fastdup.actions.plan_file import read_plan
from runs_watched import reads_pictures, until


def ended(asker):
    return until(
        lambda: asker.call("progress"), lambda p: p["state"] not in ("running", "stopping")
    )


def halfway(asker):
    return until(lambda: asker.call("progress"), reads_pictures)


@contextmanager
def served():
    """Serve the page in a process of its own; give it, and what asks it."""
    command = [sys.executable, "-m", "fastdup", "explore", "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process, Asker(process.stdout.readline().strip())
        finally:
            process.kill()


def test_a_run_its_bad_files_and_its_results_at_one_address(asker, photos, state):
    (photos / "cut-short.jpg").write_bytes((photos / "00.jpg").read_bytes()[:1500])
    answer = asker.post("run", {"folders": [str(photos)]})
    assert answer.json["state"] == "running"
    progress = ended(asker)
    assert (progress["state"], progress["bad"]) == ("done", 1)
    assert progress["bad_files"] == [{"name": "cut-short.jpg", "why": "The file is cut short"}]
    assert progress["counts"]["good"] == 14
    assert progress["work_dir"].startswith(str(state / "results"))
    (run,) = asker.call("recent")["runs"]
    assert (run["state"], run["counts"]["groups"]) == ("finished", 2)
    address = asker.post("open", {"work_dir": run["work_dir"]}).json["address"]
    assert asker.get(address).body.count(b"fastdup explorer") == 1
    assert asker.get(f"{address}api/summary").json["images"] == 14
    assert asker.get(f"{address}image/0", side=320).headers["content-type"] == "image/jpeg"
    assert asker.ask("GET", f"{address}api/summary").status == 403
    assert asker.get(f"{address}static/../../x").status == 404


def test_results_of_several_runs_have_addresses_of_their_own(asker, photos, tmp_path):
    works = [str(tmp_path / f"out-{number}") for number in range(2)]
    addresses = []
    for work, similar in zip(works, ("edited", "exact"), strict=True):
        asker.post("run", {"folders": [str(photos)], "work_dir": work, "similar": similar})
        assert ended(asker)["state"] == "done"
        addresses.append(asker.post("open", {"work_dir": work}).json["address"])
    groups = [asker.get(f"{a}api/groups").json["total"] for a in addresses]
    assert groups == [2, 0]
    assert asker.post("open", {"work_dir": works[0]}).json["address"] == addresses[0]
    os.remove(photos / "copy-of-00.jpg")
    assert asker.post("go-on", {"work_dir": works[0]}).status == 200
    ended(asker)
    again = asker.post("open", {"work_dir": works[0]}).json["address"]
    assert again != addresses[0]  # rows have other numbers: what is still open there is refused
    assert asker.get(f"{addresses[0]}api/summary").status == 404
    assert asker.get(f"{again}api/groups").json["total"] == 1
    assert [run["work_dir"] for run in asker.call("recent")["runs"]] == works


def test_nothing_goes_of_what_was_only_compared_against(asker, photos, tmp_path):
    other = tmp_path / "backup"
    other.mkdir()
    os.rename(photos / "copy-of-00.jpg", other / "copy-of-00.jpg")
    work = str(tmp_path / "out")
    asker.post("run", {"folders": [str(photos)], "reference": str(other), "work_dir": work})
    assert ended(asker)["counts"]["groups"] == 1  # of 01 and its copy, both in the folder, none
    address = asker.post("open", {"work_dir": work}).json["address"]
    assert asker.get(f"{address}api/summary").json["choices"]["never"] == [str(other)]
    plan = asker.ask(
        "POST", f"{address}api/plan", b"{}", cookie=asker.cookie, origin=f"http://{asker.host}"
    )
    assert plan.status == 200
    removals = read_plan(f"{work}/clean-plan.csv").removals()
    assert [step.path for step in removals if step.path.startswith(str(other))] == []


def test_a_run_is_stopped_and_goes_on(album, asker, tmp_path):
    work = str(tmp_path / "out")
    asker.post("run", {"folders": [str(album)], "work_dir": work})
    assert asker.post("run", {"folders": [str(album)]}).status == 400  # one at a time
    halfway(asker)
    (run,) = asker.call("recent")["runs"]
    assert run["state"] == "running"
    asker.post("stop", {})
    assert ended(asker)["state"] == "stopped"
    (run,) = asker.call("recent")["runs"]
    assert run["state"] == "unfinished"
    assert asker.post("open", {"work_dir": work}).status == 400
    asker.post("go-on", {"work_dir": work})
    assert ended(asker)["state"] == "done"


def test_a_failed_run_says_why_and_the_next_may_work(asker, photos, tmp_path):
    (tmp_path / "empty").mkdir()
    asker.post("run", {"folders": [str(tmp_path / "empty")]})
    progress = ended(asker)
    assert progress["state"] == "failed"
    assert "nothing to do" in progress["notes"][-1]
    asker.post("run", {"folders": [str(photos)]})
    assert ended(asker)["state"] == "done"


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_run_ends_with_its_server_and_goes_on_with_the_next(album, state, tmp_path, how):
    work = str(tmp_path / "out")
    with served() as (process, asker):
        asker.post("run", {"folders": [str(album)], "work_dir": work})
        halfway(asker)
        process.send_signal(how)
        process.wait(60)
    assert json.loads((state / "recent.json").read_bytes())["runs"][0]["state"] == "unfinished"
    with served() as (_, asker):
        assert asker.call("progress") == {"state": "none"}
        (run,) = asker.call("recent")["runs"]
        assert (run["state"], run["is_there"]) == ("unfinished", True)

        # The run of the killed server ends by itself, and holds the work folder until then.
        def go_on():
            asker.post("go-on", {"work_dir": work})
            return ended(asker)

        progress = until(go_on, lambda p: "another run is using" not in str(p["notes"]))
        assert progress["state"] == "done"
        address = asker.post("open", {"work_dir": work}).json["address"]
        assert asker.get(f"{address}api/groups").json["total"] == 1
