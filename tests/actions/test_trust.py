"""Journals, plans and work folders of somebody else: one line, and no file touched."""

import json
import os
import stat

import pytest

import fastdup
from fastdup.actions.journal import Journal
from fastdup.actions.journal_key import LineSigner, key_path, own_key
from fastdup.errors import ActionError, ConfigError
from trees import tree

RECORD = {
    "number": 1, "action": "trash", "path": "/p/a.jpg", "kept": "/p/b.jpg", "to": "/t/a.jpg",
    "size_bytes": 4, "mtime_ns": 5, "atime_ns": 5, "mode": 0o100644, "owner": 0, "group": 0,
    "device": 1, "inode": 2,
}  # fmt: skip


def lines_of(*entries):
    return [entry if isinstance(entry, bytes) else json.dumps(entry).encode() for entry in entries]


def signed(*entries):
    signer = LineSigner(own_key())
    return b"".join(signer.signed(line) + b"\n" for line in lines_of(*entries))


def unsigned(*entries):
    return b"".join(line + b"\n" for line in lines_of(*entries))


def do(**changes):
    return {"do": {**RECORD, **changes}}


@pytest.fixture
def cleaned(twins):
    """A work folder in which three files were cleaned."""
    fastdup.clean(twins.work, apply=True)
    return twins


def test_the_key_is_the_users_alone_and_stays_the_same():
    key = own_key()
    assert own_key() == key
    assert stat.S_IMODE(key_path().stat().st_mode) == 0o600


def test_a_journal_of_somebody_else_is_refused_in_one_line_and_nothing_is_touched(cleaned):
    before = tree(cleaned.folder)
    key_path().write_bytes(bytes(32))  # now we are somebody else
    with pytest.raises(ActionError, match=r"line 1: it was not written by fastdup for this user"):
        fastdup.undo(cleaned.work)
    with pytest.raises(ActionError, match="--trust-journal"):
        fastdup.clean(cleaned.work, apply=True)
    assert tree(cleaned.folder) == before
    assert fastdup.undo(cleaned.work, trust_journal=True).n_restored == 3
    assert not fastdup.undo(cleaned.work, trust_journal=True).details


@pytest.mark.parametrize(
    "change", ["a line left out", "two lines swapped", "a byte", "a line more"]
)
def test_a_journal_that_was_changed_is_refused(cleaned, change):
    journal = cleaned.work / "clean.journal"
    lines = journal.read_bytes().splitlines(keepends=True)
    if change == "a line left out":
        del lines[1]
    elif change == "two lines swapped":
        lines[1], lines[2] = lines[2], lines[1]
    elif change == "a byte":
        lines[2] = lines[2].replace(b'"size_bytes": ', b'"size_bytes": 1', 1)
        lines[1] = lines[1].replace(b"[", b"[ ", 1)
    else:
        lines.append(b'{"over": 1}\n')
    journal.write_bytes(b"".join(lines))
    before = tree(cleaned.folder)
    with pytest.raises(ActionError, match="was not written by fastdup"):
        fastdup.undo(cleaned.work)
    assert tree(cleaned.folder) == before


HOSTILE = [
    do(path="/p/\0.jpg"), do(path=7), do(path=["/p/a.jpg"]), do(path="a.jpg"), do(path=""),
    do(to="/p/a.jpg"), do(to="/p/./a.jpg"), do(to="../a.jpg"), do(kept=None), do(info=3),
    do(action="run"), do(action="list" * 9), do(action=1), do(mode=0o104755 | 0o040000),
    do(mode=0), do(mode="rwx"), do(mode=0o120777), do(number="one"), do(number=None),
    do(size_bytes=1e400), do(size_bytes="4"), do(mtime_ns="noon"), do(mtime_ns=2**70),
    do(atime_ns=[5]), do(owner=True), do(inode={}), do(xattrs=[1]), do(xattrs={"a": 5}),
    do(xattrs={"a\0b": "x"}), do(shell="rm"), {"do": RECORD["path"]}, {"do": None}, {"do": {}},
    {"done": 5, "after": {}, "session": 1}, {"done": [1], "after": {}, "session": 9},
    {"done": [1], "after": {"/p": "x"}, "session": 1}, {"done": ["1"], "after": {}, "session": 1},
    {"undo": 1, "folders": {"/p": [1]}}, {"undo": 0, "folders": {}}, {"over": -1}, {"over": "1"},
    {"folder": 5, "times": [1, 2]}, {"folder": "/p", "times": "ab"}, {"clean": "one"},
    {"dropped": None, "session": 1}, {"undone": [1.5], "session": 1}, {}, [], 5, "text", None,
    b"[" * 200_000, b'{"a":' * 100_000, b"\xff\xfe", b"NaN", b'{"do": NaN}',
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(HOSTILE)))
@pytest.mark.parametrize("is_signed", [True, False])
def test_a_hostile_line_gives_one_line_and_touches_nothing(twins, number, is_signed):
    entries = [{"clean": 1}, HOSTILE[number]]
    data = signed(*entries) if is_signed else unsigned(*entries)
    (twins.work / "clean.journal").write_bytes(data)
    before = tree(twins.folder)
    with pytest.raises(ActionError) as refusal:
        fastdup.undo(twins.work, trust_journal=not is_signed)
    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < 600
    assert "line 2" in str(refusal.value)
    assert tree(twins.folder) == before


def test_a_file_is_never_unlinked_for_being_its_own_copy(tmp_path):
    """The folder of one name is a link to that of the other, so the paths differ as texts."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    victim = tmp_path / "real/a.jpg"
    victim.write_bytes(b"mine")
    state = victim.stat()
    record = do(
        path=str(victim), to=str(tmp_path / "link/a.jpg"), kept=str(tmp_path / "real/b.jpg"),
        size_bytes=4, mtime_ns=state.st_mtime_ns, mode=state.st_mode, inode=state.st_ino,
        device=state.st_dev,
    )  # fmt: skip
    (tmp_path / "clean.journal").write_bytes(signed({"clean": 1}, record))
    fastdup.undo(tmp_path)
    assert victim.read_bytes() == b"mine"


def test_no_file_that_is_put_back_is_set_user_id(twins):
    path, kept = twins.folder / "two/same again.jpg", twins.folder / "same.jpg"
    fastdup.clean(twins.work, apply=True, action="symlink", keep="shortest-path")
    journal = twins.work / "clean.journal"
    lines = journal.read_bytes().splitlines()
    mode = f'"mode": {path.stat().st_mode}'.encode()
    changed = [line.rpartition(b" #")[0].replace(mode, b'"mode": 35309') for line in lines]
    journal.write_bytes(signed(*changed))
    fastdup.undo(twins.work)
    assert kept.exists()
    for file in tree(twins.folder):
        assert not os.lstat(os.path.join(os.fsencode(twins.folder), file)).st_mode & 0o6000


def test_a_plan_over_files_that_the_run_did_not_list_is_refused(twins, tmp_path):
    plan = fastdup.clean(twins.work).plan_file
    victim = tmp_path / "victim.jpg"
    victim.write_bytes((twins.folder / "same.jpg").read_bytes())
    with open(plan) as file:
        text = file.read()
    changed = text.replace(str(twins.folder / "two/same again.jpg"), str(victim))
    assert changed != text
    with open(plan, "w") as file:
        file.write(changed)
    with pytest.raises(ConfigError, match=r"victim.jpg', which the run in .* did not list"):
        fastdup.clean(twins.work, plan=plan, apply=True)
    assert victim.exists()


@pytest.mark.parametrize(
    "name",
    ["similarity.csv.tmp", "config.json.tmp", "clean-plan.csv.tmp", "clean-plan.csv.digest.tmp"],
)
def test_a_link_planted_for_a_temporary_file_is_not_followed(photos, tmp_path, name):
    victim = tmp_path / "victim"
    victim.write_bytes(b"mine")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / name).symlink_to(victim)
    assert fastdup.run(photos, tmp_path / "out") == 0
    fastdup.clean(tmp_path / "out")
    assert victim.read_bytes() == b"mine"
    assert not os.path.islink(tmp_path / "out" / name.removesuffix(".tmp"))


@pytest.mark.parametrize("name", ["features.dat", "features.dat.csv", "stats.csv"])
def test_a_link_planted_for_a_file_of_the_run_ends_it_with_one_line(photos, tmp_path, name, caplog):
    victim = tmp_path / "victim"
    victim.write_bytes(b"mine")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / name).symlink_to(victim)
    assert fastdup.run(photos, tmp_path / "out") == 1
    assert f"cannot write {tmp_path / 'out' / name}" in caplog.text
    assert victim.read_bytes() == b"mine"


def test_a_link_planted_for_the_journal_is_not_followed(twins, tmp_path):
    victim = tmp_path / "victim"
    victim.write_bytes(b"")
    (twins.work / "clean.journal").symlink_to(victim)
    with (
        pytest.raises(ActionError, match="cannot read"),
        Journal(str(twins.work / "clean.journal")),
    ):
        pass
    assert victim.read_bytes() == b""
