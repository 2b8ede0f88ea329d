"""Cleaning and undoing, on real files: what is done, what is refused, what comes back."""

import os
import shutil
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import fastdup
from command import fastdup_command
from fastdup.actions.apply import apply_plan
from fastdup.actions.journal import Journal
from fastdup.actions.plan import Plan
from fastdup.actions.plan_file import read_plan
from fastdup.actions.state import LeftAlone
from fastdup.actions.trash import Trash
from fastdup.errors import ActionError, ConfigError, WorkDirError
from pictures import SMALL_JPEG
from trees import files, tree

HOSTILE = (b"new\nline.jpg", b"quote\"'`$(x).jpg", b"\xff\xfe.jpg", b" ", b"-rf", b"a" * 250)


def ways(*names):
    return pytest.mark.parametrize("way", names)


@pytest.fixture
def options(way, tmp_path, request):
    """The options of one way to clean."""
    if way == "move":
        return {"action": "move", "to": tmp_path / "put away"}
    if way == "move inside":
        return {"action": "move", "to": tmp_path / "album/one/put/away"}
    if way == "move to another device":
        return {"action": "move", "to": request.getfixturevalue("other_device")}
    return {"action": way}


EVERY_WAY = ways("trash", "move", "move inside", "move to another device", "hardlink", "symlink")


def test_planning_touches_nothing(twins):
    before = tree(twins.folder)
    report = fastdup.clean(twins.work)
    assert tree(twins.folder) == before
    assert read_plan(report.plan_file) == read_plan(twins.work / "clean-plan.csv")
    assert report.applied is None
    assert not (twins.work / "clean.journal").exists()


@EVERY_WAY
def test_what_was_cleaned_comes_back_to_the_byte_and_the_nanosecond(twins, way, options):
    for position, name in enumerate(HOSTILE):
        path = twins.add(name, 120, b"hostile")
        os.chmod(path, 0o640 + position % 2)
    before = tree(twins.folder)
    report = fastdup.clean(twins.run(k=8).work, apply=True, **options)
    n_same = len(HOSTILE) - 1 + 2
    assert report.applied.n_done == (n_same if "link" in way else n_same + 1)
    assert not report.applied.details
    assert tree(twins.folder) != before
    assert fastdup.undo(twins.work).n_restored == report.applied.n_done
    assert tree(twins.folder) == before


@EVERY_WAY
def test_attributes_come_back(twins, way, options):
    kept, path = twins.folder / "same.jpg", twins.folder / "two/same again.jpg"
    try:
        os.setxattr(path, "user.note", b"mine")
        os.setxattr(kept, "user.other", b"of the file that stays")
    except (AttributeError, OSError):
        pytest.skip("no extended attributes here")
    fastdup.clean(twins.work, apply=True, **options)
    fastdup.undo(twins.work)
    assert os.listxattr(path) == ["user.note"]
    assert os.getxattr(path, "user.note") == b"mine"


def test_the_trash_holds_what_file_managers_need(twins, trash):
    path = twins.add("ü %\n.jpg", 90, b"same")
    fastdup.clean(twins.run().work, apply=True, keep="oldest")
    (info,) = trash.glob("info/ü*.trashinfo")
    lines = info.read_text().splitlines()
    folder = os.path.dirname(path)
    assert lines[:2] == ["[Trash Info]", f"Path={folder}/%C3%BC%20%25%0A.jpg"]
    assert lines[2].startswith("DeletionDate=20")
    assert (
        trash / "files" / info.name.removesuffix(".trashinfo")
    ).read_bytes() == SMALL_JPEG + b"same"
    assert len(files(trash / "files")) == len(files(trash / "info"))
    assert {path.name for path in files(trash / "files")} >= {"same.jpg", "same again.jpg"}


def test_same_names_do_not_collide_in_the_trash_or_a_folder(album, trash, tmp_path):
    for folder in "abcd":
        album.add(f"{folder}/photo.jpg", 0, b"same")
    album.run()
    fastdup.clean(album.work, apply=True)
    assert sorted(os.listdir(trash / "files")) == ["photo.2.jpg", "photo.3.jpg", "photo.jpg"]
    fastdup.undo(album.work)
    (tmp_path / "to/b").mkdir(parents=True)
    (tmp_path / "to/b/photo.jpg").write_bytes(b"another")
    fastdup.clean(album.work, apply=True, action="move", to=tmp_path / "to")
    assert (tmp_path / "to/b/photo.jpg").read_bytes() == b"another"
    assert (tmp_path / "to/b/photo.2.jpg").read_bytes() == SMALL_JPEG + b"same"


def test_links_lead_to_the_file_that_stays_and_only_for_the_same_bytes(twins):
    fastdup.clean(twins.work, apply=True, action="hardlink")
    kept, copy = twins.folder / "same.jpg", twins.folder / "one/same.jpg"
    assert os.path.samefile(kept, copy)
    assert (twins.folder / "two/small.jpg").read_bytes() != b"same"
    fastdup.undo(twins.work)
    assert not os.path.samefile(kept, copy)
    fastdup.clean(twins.work, apply=True, action="symlink")
    assert os.readlink(copy) == str(kept)


def test_a_plan_of_similar_files_makes_no_links_of_them(twins):
    plan = fastdup.clean(twins.work).plan_file
    report = fastdup.clean(twins.work, plan=plan, action="hardlink", apply=True)
    assert report.applied.left_alone == {LeftAlone.BYTES_DIFFER: 1}
    assert report.applied.n_done == 2


def test_reflink_says_so_where_the_file_system_cannot(twins):
    before = tree(twins.folder)
    try:
        fastdup.clean(twins.work, apply=True, action="reflink")
    except ActionError as exc:
        assert "try --action hardlink" in str(exc)
    fastdup.undo(twins.work)
    assert tree(twins.folder) == before


def test_delete_needs_a_second_word_and_cannot_be_undone(twins):
    with pytest.raises(ConfigError, match="yes_delete_forever"):
        fastdup.clean(twins.work, apply=True, action="delete")
    report = fastdup.clean(twins.work, apply=True, action="delete", yes_delete_forever=True)
    assert report.applied.n_done == 3
    assert len(files(twins.folder)) == 3
    undone = fastdup.undo(twins.work)
    assert (undone.n_restored, undone.n_deleted) == (0, 3)


# --- at the moment of acting -----------------------------------------------------------------


def stale_plan(twins):
    return fastdup.clean(twins.work).plan_file


def apply_file(twins, plan):
    return fastdup.clean(twins.work, plan=plan, apply=True).applied


def test_what_changed_since_the_plan_is_left_alone(twins):
    plan = stale_plan(twins)
    (twins.folder / "two/small.jpg").write_bytes(b"y" * 100)
    applied = apply_file(twins, plan)
    assert applied.left_alone == {LeftAlone.CHANGED: 1}
    assert (twins.folder / "two/small.jpg").read_bytes() == b"y" * 100


def test_what_stayed_after_all_is_not_counted_among_what_went(twins):
    plan = stale_plan(twins)
    (twins.folder / "two/small.jpg").write_bytes(b"y" * 100)
    lines = "\n".join(fastdup.clean(twins.work, plan=plan, apply=True).lines())
    assert "2 files moved to the trash" in lines
    assert "exact copies: 2," in lines
    assert "saved again" not in lines


def test_a_journal_that_the_disk_has_no_room_for_is_named(twins):
    resource = pytest.importorskip("resource")
    fastdup.clean(twins.work, apply=True)
    fastdup.undo(twins.work)
    size, limits = (
        (twins.work / "clean.journal").stat().st_size,
        (resource.getrlimit(resource.RLIMIT_FSIZE)),
    )
    plan = stale_plan(twins)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        with pytest.raises(ActionError, match=r"cannot write .*clean\.journal: "):
            fastdup.clean(twins.work, plan=plan, apply=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.parametrize("what", ["gone", "changed", "a folder", "a symbolic link", "unreadable"])
def test_without_the_kept_copy_nothing_of_its_group_goes(twins, what):
    plan = stale_plan(twins)
    kept, copy = twins.folder / "one/large.jpg", twins.folder / "two/small.jpg"
    if what == "unreadable":
        if os.geteuid() == 0:
            pytest.skip("root reads everything")
        kept.chmod(0)
    else:
        kept.unlink()
    if what == "changed":
        kept.write_bytes(b"something else")
    elif what == "a folder":
        kept.mkdir()
    elif what == "a symbolic link":
        kept.symlink_to(copy)
    applied = apply_file(twins, plan)
    assert applied.left_alone == {LeftAlone.NO_KEPT: 1}
    assert copy.read_bytes() == SMALL_JPEG + b"x" * 100
    assert applied.n_done == 2


def test_another_name_of_the_kept_file_is_no_copy_of_it(twins):
    plan = stale_plan(twins)
    kept, copy = twins.folder / "same.jpg", twins.folder / "one/same.jpg"
    state = copy.stat()
    copy.unlink()
    os.link(kept, copy)
    os.utime(kept, ns=(state.st_atime_ns, state.st_mtime_ns))
    lines = Path(plan).read_text().split("\n")
    column = lines[0].split(",").index("modified")
    rows = [line.split(",") for line in lines]
    rows[1][column] = rows[2][column]  # so that it is not the time that saves it
    with open(plan, "w") as file:
        file.write("\n".join(map(",".join, rows)))
    applied = apply_file(twins, plan)
    assert applied.left_alone == {LeftAlone.SAME_FILE: 1}
    assert copy.exists()


def test_a_folder_reached_by_two_names_does_not_lose_both_copies(album):
    real = album.add("real/a.jpg", 0, b"x" * 9)
    os.symlink(album.folder / "real", album.folder / "alias")
    alias = album.add("alias/a.jpg", 0, b"x" * 9)
    report = fastdup.clean(album.run().work, apply=True, action="delete", yes_delete_forever=True)
    assert report.plan.left_alone == {LeftAlone.SAME_FILE: 1}
    assert os.path.samefile(real, alias)


def test_a_plan_that_takes_what_another_group_keeps_under_another_name_is_checked(twins):
    os.symlink(twins.folder / "one", twins.folder / "alias")
    plan = fastdup.clean(twins.work).plan
    large = next(step for step in plan.steps if step.path.endswith("large.jpg"))
    alias = str(twins.folder / "alias/large.jpg")
    step = large.__class__(**{**vars(large), "path": alias, "action": "remove"})
    step = step.__class__(**{**vars(step), "kept": plan.steps[0].path})
    trash = Trash(str(twins.work / "trash"))
    with Journal(str(twins.work / "clean.journal")) as journal:
        mine = plan.__class__(steps=(*plan.steps, step))
        applied = apply_plan(mine, journal, "trash", target_of=None, trash=trash)
    assert applied.left_alone == {LeftAlone.SAME_FILE: 1}
    assert (twins.folder / "one/large.jpg").exists()


@pytest.mark.parametrize("kept", ["same.jpg", "one/same.jpg"])
def test_a_plan_that_keeps_no_copy_of_a_file_that_goes_is_refused(twins, kept):
    """Not even when the plan is made by a program: nothing is begun."""
    step = next(s for s in fastdup.clean(twins.work).plan.removals() if "one/same" in s.path)
    stays = replace(step, action="keep", kept=step.path)
    steps = (replace(step, kept=str(twins.folder / kept)), *([stays] if "one" in kept else []))
    trash = Trash(str(twins.work / "trash"))
    with (
        Journal(str(twins.work / "clean.journal")) as journal,
        pytest.raises(ActionError, match=r"keeps no copy of .*one/same.jpg"),
    ):
        apply_plan(Plan(steps=steps), journal, "trash", target_of=None, trash=trash)
    assert (twins.work / "clean.journal").read_bytes() == b""
    assert (twins.folder / "one/same.jpg").exists()


def test_a_never_folder_is_respected_by_a_plan_from_a_file_too(twins):
    plan = stale_plan(twins)
    report = fastdup.clean(twins.work, plan=plan, never=twins.folder / "two", apply=True)
    assert report.plan.left_alone == {LeftAlone.NEVER: 2}
    assert sorted(os.listdir(twins.folder / "two")) == ["same again.jpg", "small.jpg"]


def test_what_the_system_refuses_is_counted_and_the_rest_goes_on(twins, tmp_path):
    (tmp_path / "file").write_bytes(b"in the way")
    report = fastdup.clean(twins.work, apply=True, action="move", to=tmp_path / "file/below")
    assert report.applied.left_alone == {LeftAlone.REFUSED: 3}
    assert len(files(twins.folder)) == 6


# --- undoing ---------------------------------------------------------------------------------


def test_nothing_is_overwritten_when_undoing(twins):
    fastdup.clean(twins.work, apply=True)
    (twins.folder / "two/small.jpg").write_bytes(b"new")
    report = fastdup.undo(twins.work)
    assert report.n_restored == 2
    ((path, to, why),) = report.details
    assert path == str(twins.folder / "two/small.jpg")
    assert Path(to).read_bytes() == SMALL_JPEG + b"x" * 100
    assert why == "another file has its name now"
    os.unlink(path)
    assert fastdup.undo(twins.work).n_restored == 1


def test_a_file_that_left_the_trash_is_reported(twins, trash):
    fastdup.clean(twins.work, apply=True)
    (trash / "files/small.jpg").unlink()
    report = fastdup.undo(twins.work)
    assert [why for *_, why in report.details] == ["it is no longer where it was put"]


def test_a_file_that_left_the_trash_is_reported_even_if_another_has_its_name(twins, trash):
    fastdup.clean(twins.work, apply=True)
    (trash / "files/small.jpg").unlink()
    (twins.folder / "two/small.jpg").write_bytes(b"new")
    report = fastdup.undo(twins.work)
    assert [why for *_, why in report.details] == ["it is no longer where it was put"]
    assert (twins.folder / "two/small.jpg").read_bytes() == b"new"


def test_a_file_that_was_changed_in_the_trash_stays_there(twins, trash):
    fastdup.clean(twins.work, apply=True)
    (trash / "files/small.jpg").write_bytes(b"y" * 100)  # of the same size
    report = fastdup.undo(twins.work)
    (detail,) = report.details
    assert detail[2] == "it was changed where it was put, and stays there"
    assert not (twins.folder / "two/small.jpg").exists()
    assert (trash / "files/small.jpg").read_bytes() == b"y" * 100


def test_what_others_put_in_the_trash_under_the_same_name_stays_there(twins, trash):
    fastdup.clean(twins.work, apply=True)
    small = twins.folder / "two/small.jpg"
    info = trash / "info/small.jpg.trashinfo"
    shutil.copy2(trash / "files/small.jpg", small)  # put back by hand, and the trash emptied;
    info.write_text(info.read_text().replace("/two/", "/mine/"))  # then a copy of it thrown away
    assert fastdup.undo(twins.work).n_restored == 2
    assert (trash / "files/small.jpg").exists()
    assert info.exists()
    assert small.exists()


def test_a_link_whose_bytes_were_changed_is_reported_and_left(twins):
    fastdup.clean(twins.work, apply=True, action="hardlink")
    (twins.folder / "same.jpg").write_bytes(b"edited")
    report = fastdup.undo(twins.work)
    assert report.n_restored == 0
    assert {why for *_, why in report.details} == {
        "neither the link nor the kept copy has its bytes any more"
    }
    assert (twins.folder / "one/same.jpg").read_bytes() == b"edited"


def test_a_symbolic_link_is_made_a_file_again_though_the_kept_copy_is_gone_or_not(twins):
    before = tree(twins.folder)
    fastdup.clean(twins.work, apply=True, action="symlink")
    os.unlink(twins.folder / "one/same.jpg")
    fastdup.undo(twins.work)
    after = tree(twins.folder)
    folder = os.fsencode(twins.folder / "one")
    assert {k: v for k, v in after.items() if k != folder} == {
        k: v for k, v in before.items() if k != folder
    }


def test_several_cleanings_are_undone_together_or_the_last_alone(twins):
    before = tree(twins.folder)
    fastdup.clean(twins.work, apply=True, exact=True)
    between = tree(twins.folder)
    fastdup.clean(twins.work, apply=True)
    fastdup.undo(twins.work, last=True)
    assert tree(twins.folder) == between
    fastdup.clean(twins.work, apply=True)
    assert fastdup.undo(twins.work).n_restored == 3
    assert tree(twins.folder) == before
    assert fastdup.undo(twins.work).n_restored == 0


def test_the_times_of_a_folder_changed_since_are_not_set_back(twins):
    fastdup.clean(twins.work, apply=True)
    (twins.folder / "two/mine.txt").write_text("new")
    fastdup.undo(twins.work)
    changed_ns = os.stat(twins.folder / "two").st_mtime_ns
    assert changed_ns >= os.stat(twins.folder / "two/mine.txt").st_mtime_ns


def test_a_folder_made_for_moving_is_removed_when_empty(twins, tmp_path):
    fastdup.clean(twins.work, apply=True, action="move", to=tmp_path / "a/b")
    fastdup.undo(twins.work)
    assert not (tmp_path / "a").exists()


def test_undo_without_a_cleaning_says_so(twins):
    with pytest.raises(WorkDirError, match="nothing was cleaned"):
        fastdup.undo(twins.work)


def test_a_damaged_journal_is_refused_and_a_torn_line_is_not(twins):
    fastdup.clean(twins.work, apply=True)
    journal = twins.work / "clean.journal"
    whole = journal.read_bytes()
    journal.write_bytes(whole + b'{"do": {"numb')
    assert fastdup.undo(twins.work).n_restored == 3
    journal.write_bytes(whole.replace(b'{"do"', b'{"dO"'))
    with pytest.raises(ActionError, match="line 4 is damaged"):
        fastdup.undo(twins.work, trust_journal=True)


# --- the rest --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"action": "thrash"}, "try action='trash'"),
        ({"action": "move"}, "to= is the folder"),
        ({"to": "somewhere"}, "to= is the folder"),
        ({"action": "list", "apply": True}, "only lists"),
    ],
)
def test_options_that_contradict_are_refused(twins, options, message):
    with pytest.raises(ConfigError, match=message):
        fastdup.clean(twins.work, **options)


def test_the_trash_of_another_file_system_is_at_its_top(tmp_path, other_device):
    path = Path(other_device, "photo.jpg")
    path.write_bytes(b"x")
    root = Path(f"/dev/shm/.Trash-{os.getuid()}")
    was_there = root.exists()
    try:
        name = Trash(str(tmp_path)).name_for(str(path), lambda _: False)
        assert name.to == f"{root}/files/photo.jpg"
        assert name.shown_path == os.path.relpath(path, "/dev/shm")
        assert stat.S_IMODE(root.stat().st_mode) == 0o700
    finally:
        if not was_there:
            shutil.rmtree(root)


@pytest.mark.parametrize("mode", [0o1777, 0o777])
def test_a_shared_trash_is_used_only_where_nobody_can_remove_the_files_of_others(
    tmp_path, other_device, mode
):
    path, shared = Path(other_device, "photo.jpg"), Path("/dev/shm/.Trash")
    own = Path(f"/dev/shm/.Trash-{os.getuid()}")
    if shared.exists() or own.exists():
        pytest.skip("the second file system has a trash already")
    path.write_bytes(b"x")
    shared.mkdir()
    shared.chmod(mode)
    try:
        name = Trash(str(tmp_path)).name_for(str(path), lambda _: False)
        root = shared / str(os.getuid()) if mode == 0o1777 else own
        assert name.to == f"{root}/files/photo.jpg"
    finally:
        shutil.rmtree(shared)
        shutil.rmtree(own, ignore_errors=True)


def test_a_plan_without_removals_says_so_and_asks_for_nothing(twins):
    planned = fastdup_command("clean", twins.work, "--never", twins.folder)
    assert planned.stdout.startswith("nothing to remove\n")
    assert "--apply" not in planned.stdout


def test_the_command_prints_what_to_type_next(twins, tmp_path):
    before = tree(twins.folder)
    planned = fastdup_command("clean", twins.work, "--never", twins.folder / "two")
    assert planned.returncode == 0, planned.stderr
    *_, said, line = planned.stdout.splitlines()
    assert said.startswith("nothing was touched")
    assert tree(twins.folder) == before
    done = fastdup_command(*line.split()[1:])
    assert "1 file moved to the trash" in done.stdout
    assert "would" not in done.stdout
    undo = done.stdout.splitlines()[-1].rpartition(": ")[2]
    assert fastdup_command(*undo.split()[1:]).stdout == "1 file put back\n"
    assert tree(twins.folder) == before


def test_the_command_lists_names_as_they_are(twins):
    twins.add(b"\xff\n.jpg", 90, b"same")
    words = ["clean", twins.run().work, "--keep", "oldest", "--action", "list"]
    command = [sys.executable, "-m", "fastdup", *words]
    listed = subprocess.run([*command, "--null"], capture_output=True, check=True).stdout
    assert os.fsencode(twins.folder) + b"/\xff\n.jpg" in listed.split(b"\0")
    refused = subprocess.run(command, capture_output=True)
    assert refused.returncode == 2
    assert b"--null" in refused.stderr


def test_the_command_fails_when_files_could_not_be_put_back(twins):
    fastdup.clean(twins.work, apply=True)
    (twins.folder / "two/small.jpg").write_bytes(b"new")
    done = fastdup_command("undo", twins.work)
    assert done.returncode == 1
    assert "not put back" in done.stdout
    assert done.stderr.splitlines()[-1] == "fastdup: not put back: 1 file; see above"


def test_a_plan_changed_by_hand_is_neither_overwritten_nor_passed_over(twins):
    plan = Path(fastdup.clean(twins.work).plan_file)
    fastdup.clean(twins.work, keep="oldest")  # one that nobody changed is
    changed = plan.read_text().replace("remove", "keep", 1)
    plan.write_text(changed)
    for apply in (False, True):
        with pytest.raises(ConfigError, match="was changed since it was planned"):
            fastdup.clean(twins.work, apply=apply)
    assert plan.read_text() == changed
    assert fastdup.clean(twins.work, plan=plan, apply=True).applied.n_done == 2
    plan.unlink()
    fastdup.clean(twins.work)


@pytest.mark.parametrize("option", ["never", "prefer"])
def test_a_misspelt_folder_is_refused_for_it_would_protect_nothing(twins, option):
    with pytest.raises(ConfigError, match=f"{option}=.*no such folder"):
        fastdup.clean(twins.work, **{option: twins.folder / "tow"})


def test_a_file_older_than_1970_is_known_from_a_changed_one(twins):
    small = twins.folder / "two/small.jpg"
    os.utime(small, ns=(0, -5))
    plan = fastdup.clean(twins.run().work, keep="largest").plan_file
    os.utime(small, ns=(0, -6))
    assert apply_file(twins, plan).left_alone == {LeftAlone.CHANGED: 1}


def test_without_a_trash_that_reports_where_files_went_a_folder_takes_its_place(twins, monkeypatch):
    monkeypatch.setattr("fastdup.actions.trash.sys.platform", "darwin")
    before = tree(twins.folder)
    report = fastdup.clean(twins.work, apply=True)
    assert f"  in {twins.work}/.clean-trash, which takes" in "\n".join(report.lines())
    assert len(files(twins.work / ".clean-trash")) == 3
    fastdup.undo(twins.work)
    assert tree(twins.folder) == before
