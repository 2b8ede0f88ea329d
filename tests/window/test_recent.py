"""What is remembered between starts."""

import json
import os
import stat

import pytest

from fastdup.window.recent import FINISHED, UNFINISHED, Recent
from fastdup.window.state_folder import state_folder


def choices(*folders):
    return {"folders": list(folders), "reference": ""}


def test_a_run_is_unfinished_until_it_is_noted_as_finished(tmp_path):
    Recent(tmp_path / "s").note_start("/w", choices("/a", "/b"))
    (run,) = Recent(tmp_path / "s").runs()
    assert (run["state"], run["choices"]) == (UNFINISHED, choices("/a", "/b"))
    Recent(tmp_path / "s").note_finish("/w", {"groups": 3})
    (run,) = Recent(tmp_path / "s").runs()
    assert (run["state"], run["counts"]) == (FINISHED, {"groups": 3})
    assert Recent(tmp_path / "s").folders() == ["/a", "/b"]


def test_the_last_comes_first_each_once_and_no_more_than_twelve(tmp_path):
    recent = Recent(tmp_path)
    for number in (*range(20), 15):
        recent.note_start(f"/w{number}", choices(f"/{number}"))
    assert [run["work_dir"] for run in recent.runs()][:3] == ["/w15", "/w19", "/w18"]
    assert len(recent.runs()) == len(set(recent.folders())) == 12
    recent.forget("/w15")
    assert recent.run_in("/w15") is None


def test_two_servers_remember_each_others_runs(tmp_path):
    first, second = Recent(tmp_path), Recent(tmp_path)
    first.note_start("/first", choices("/1"))
    second.note_start("/second", choices("/2"))
    assert [run["work_dir"] for run in first.runs()] == ["/second", "/first"]


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b'{"folders": 3, "runs": "x"}', b"\xff", b"[" * 100_000,
     b'{"folders": [1], "runs": [{}, {"work_dir": 1}]}'],
)  # fmt: skip
def test_a_damaged_file_is_as_none(tmp_path, content):
    (tmp_path / "recent.json").write_bytes(content)
    recent = Recent(tmp_path)
    assert (recent.folders(), recent.runs()) == ([], [])
    recent.note_start("/w", choices("/a"))
    assert json.loads((tmp_path / "recent.json").read_bytes())["folders"] == ["/a"]


def test_names_that_are_no_text_are_remembered(tmp_path):
    name = os.fsdecode(b"/caf\xe9")
    Recent(tmp_path).note_start(name, choices(name))
    assert Recent(tmp_path).folders() == [name]


def test_where_nothing_can_be_written_it_lasts_as_long_as_the_server(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    recent = Recent(tmp_path / "file" / "state")
    recent.note_start("/w", choices("/a"))
    assert [run["work_dir"] for run in recent.runs()] == ["/w"]


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_others_cannot_read_it(tmp_path):
    Recent(tmp_path / "s").note_start("/w", choices("/a"))
    assert stat.S_IMODE(os.stat(tmp_path / "s").st_mode) == 0o700


def test_it_is_where_the_system_wants_it(tmp_path, monkeypatch):
    monkeypatch.delenv("FASTDUP_HOME", raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "x"))
    assert state_folder() == tmp_path / "x" / "fastdup"
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert state_folder() == tmp_path / ".local" / "state" / "fastdup"
    monkeypatch.setattr("sys.platform", "darwin")
    assert state_folder() == tmp_path / "Library" / "Application Support" / "fastdup"
    monkeypatch.setenv("FASTDUP_HOME", str(tmp_path / "f"))
    assert state_folder() == tmp_path / "f" / "state"
