"""Decisions are remembered, by content, and obeyed by all that comes after."""

import csv
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import fastdup
from command import fastdup_command
from fastdup.errors import ActionError, ConfigError, WorkDirError
from fastdup.workdir import WorkDir
from fastdup.workdir.lock import one_at_a_time
from trees import tree

OPTIONS = {"threshold": 0.75, "nearest_neighbors_k": 5}


@pytest.fixture
def run(fresh):
    """A finished run over real pictures: (photos, work folder)."""
    return fresh.parent / "photos", fresh


def again(run):
    photos, work = run
    assert fastdup.run(str(photos), str(work), **OPTIONS) == 0


def table(work, name):
    with open(work / name, newline="") as file:
        return list(csv.reader(file))[1:]


def pairs_of(work):
    return {frozenset(map(os.path.basename, row[:2])) for row in table(work, "similarity.csv")}


def lines_of(plan):
    return "\n".join(plan.lines())


def removed(report):
    return {os.path.basename(step.path) for step in report.plan.removals()}


ORIGINAL, SMALL, MIRRORED, SAME = "00.jpg", "00-small.jpg", "00-mirrored.jpg", "01-same.jpg"


def test_a_pair_of_no_copies_is_left_out_by_the_next_run_and_comes_back_when_forgotten(run):
    photos, work = run
    before = {name: (work / name).read_bytes() for name in ("similarity.csv", "verdicts.csv")}
    pair = [photos / ORIGINAL, photos / "copies" / SMALL]
    assert fastdup.decide(work, "not-copies", pair).n_added == 1
    done = fastdup_command(
        "run", photos, "-w", work, "--threshold", 0.75, "--nearest-neighbors-k", 5
    )
    assert f"  1 pair left out by your decisions: {work / 'decisions.csv'}" in done.stdout
    assert frozenset({ORIGINAL, SMALL}) not in pairs_of(work)
    assert len(table(work, "similarity.csv")[0]) == 3
    assert (work / "verdicts.csv").read_bytes() == before["verdicts.csv"]
    assert json.loads((work / "config.json").read_text())["counts"]["left_out"] == 1
    assert fastdup.decide(work, "forget", pair).n_forgotten == 1
    again(run)
    assert (work / "similarity.csv").read_bytes() == before["similarity.csv"]


def test_a_group_of_no_copies_is_no_group_any_more(run):
    _, work = run
    group = [row[0] for row in table(work, "connected_components.csv") if row[1] == "0"]
    assert len(group) == 4
    fastdup.decide(work, "not-copies", group)
    assert {row[0] for row in table(work, "decisions.csv")} == {"1"}
    again(run)
    assert pairs_of(work) == {frozenset({"01.jpg", SAME})}
    assert [row[2] for row in table(work, "connected_components.csv")] == ["2", "2"]


@pytest.mark.parametrize("grouping", ["component", "strict"])
def test_before_the_next_run_tables_and_galleries_are_as_it_would_write_them(run, grouping):
    photos, work = run
    options = {**OPTIONS, "grouping": grouping}
    assert fastdup.run(str(photos), str(work), **options) == 0
    fd = fastdup.create(work)

    def found():
        pages = [
            fastdup.create_duplicates_gallery(work, work, 50),
            fastdup.create_duplicates_gallery(work / "similarity.csv", work / "again.html", 50),
            fastdup.create_components_gallery(work, work, 50),
        ]
        frames = fd.similarity(), *fd.connected_components()
        return [*(frame.to_csv() for frame in frames), *(Path(page).read_text() for page in pages)]

    before = found()
    copies = [photos / "copies" / name for name in (SMALL, MIRRORED)]
    fastdup.decide(work, "not-copies", [photos / ORIGINAL, *copies])
    now = found()
    assert all(one != other for one, other in zip(before, now, strict=True))
    assert fastdup.run(str(photos), str(work), **options) == 0
    assert found() == now


def test_no_file_goes_for_the_sake_of_one_that_it_is_no_copy_of(run):
    photos, work = run
    assert removed(fastdup.clean(work)) >= {SMALL}
    for other in (ORIGINAL, "copies/" + MIRRORED, *os.listdir(photos / "copies")):
        path = photos / other if os.path.exists(photos / other) else photos / "copies" / other
        if path.name != SMALL and path.read_bytes() != (photos / "copies" / SMALL).read_bytes():
            fastdup.decide(work, "not-copies", [path, photos / "copies" / SMALL])
    plan = fastdup.clean(work, also="all", threshold=0.75).plan
    assert SMALL not in {os.path.basename(step.path) for step in plan.steps}
    assert "left alone: 3 pairs that are not copies, as you decided" in lines_of(plan)
    again(run)
    assert lines_of(fastdup.clean(work, also="all", threshold=0.75).plan) == lines_of(plan)


def test_what_is_always_kept_never_goes_and_stays_for_its_copies(run):
    photos, work = run
    small = photos / "copies" / SMALL
    fastdup.decide(work, "keep", small)
    report = fastdup.clean(work, also="all", threshold=0.75)
    assert SMALL not in removed(report)
    assert ORIGINAL in removed(report)
    kept = next(step for step in report.plan.steps if step.path == str(small))
    assert kept.why == "it is always kept, as you decided"
    fastdup.decide(work, "keep", photos / ORIGINAL)
    report = fastdup.clean(work, also="all", threshold=0.75, by_hand={str(small): "remove"})
    assert not {SMALL, ORIGINAL} & removed(report)
    assert "left alone: 1 always kept, as you decided" in lines_of(report.plan)


def test_of_files_of_the_same_bytes_the_one_that_was_named_is_kept(run):
    photos, work = run
    assert removed(fastdup.clean(work, exact=True)) == {SAME}
    fastdup.decide(work, "keep", photos / "copies" / SAME)
    assert removed(fastdup.clean(work, exact=True)) == {"01.jpg"}
    (photos / "moved").mkdir()
    (photos / "copies" / SAME).rename(photos / "moved" / SAME)  # which is now unknown
    again(run)
    assert removed(fastdup.clean(work, exact=True)) == set()


def test_a_plan_of_before_is_refused_and_one_from_elsewhere_obeys(run, tmp_path):
    photos, work = run
    plan = fastdup.clean(work).plan_file
    elsewhere = shutil.copy(plan, tmp_path / "plan.csv")
    going = removed(fastdup.clean(work))
    fastdup.decide(work, "keep", photos / "copies" / SMALL)
    before = tree(photos)
    with pytest.raises(ConfigError, match="earlier results or decisions; plan again"):
        fastdup.clean(work, plan=plan, apply=True)
    assert tree(photos) == before
    report = fastdup.clean(work, plan=elsewhere)
    assert removed(report) == going - {SMALL}
    fastdup.export(work, tmp_path / "names", "list", plan=elsewhere)
    assert SMALL not in (tmp_path / "names").read_text()
    fastdup.clean(work, plan=elsewhere, apply=True)
    assert (photos / "copies" / SMALL).exists()
    assert not (photos / "copies" / SAME).exists()


def test_what_is_always_kept_stays_in_spite_of_its_flaws(run):
    photos, work = run
    assert removed(fastdup.clean(work, what="broken,tiny=400")) >= {"cut-short.jpg", "02.jpg"}
    fastdup.decide(work, "keep", [photos / "cut-short.jpg", photos / "02.jpg"])
    report = fastdup.clean(work, what="broken,tiny=400")
    assert not {"cut-short.jpg", "02.jpg"} & removed(report)
    assert "left alone: 2 always kept, as you decided" in lines_of(report.plan)


def test_any_file_can_be_decided_on_and_large_ones_are_not_held_in_memory(run):
    photos, work = run
    film = photos / "film.mp4"
    film.write_bytes(b"\0\0\0\x18ftypmp42" + bytes(2**20))
    fastdup.decide(work, "keep", film)
    [row] = table(work, "decisions.csv")
    b2sum = hashlib.blake2b(film.read_bytes(), digest_size=16).hexdigest()
    assert row[2:5] == [str(film), str(film.stat().st_size), b2sum]


def test_exports_and_leaks_go_by_them(run, tmp_path):
    photos, work = run
    pair = [photos / ORIGINAL, photos / "copies" / SMALL]
    leaks = fastdup.find_leaks(work, test=photos / "copies")
    fastdup.decide(work, "not-copies", pair)
    fastdup.decide(work, "keep", photos / "copies" / SAME)
    fastdup.export(work, tmp_path / "names", "list")
    assert "01-same" not in (tmp_path / "names").read_text()
    now = fastdup.find_leaks(work, test=photos / "copies")
    assert len(now.leaks) == len(leaks.leaks) - 1


def test_decisions_survive_renames_and_moves(run):
    photos, work = run
    copies = photos / "copies"
    fastdup.decide(work, "not-copies", [photos / ORIGINAL, copies / SMALL])
    fastdup.decide(work, "keep", copies / MIRRORED)
    copies.rename(photos / "else where")
    (photos / ORIGINAL).rename(photos / "zero.jpg")
    again(run)
    assert frozenset({"zero.jpg", SMALL}) not in pairs_of(work)
    assert frozenset({"zero.jpg", MIRRORED}) in pairs_of(work)
    assert MIRRORED not in removed(fastdup.clean(work, also="all", threshold=0.75))
    assert fastdup.decide(work, "forget", photos / "zero.jpg").n_forgotten == 1


def test_what_was_changed_since_is_another_file(run):
    photos, work = run
    fastdup.decide(work, "not-copies", [photos / ORIGINAL, photos / "copies" / SMALL])
    with open(photos / "copies" / SMALL, "ab") as file:
        file.write(b"\0")
    again(run)
    assert frozenset({ORIGINAL, SMALL}) in pairs_of(work)


def test_they_move_to_another_work_folder_by_a_file(run, tmp_path):
    photos, work = run
    fastdup.decide(work, "not-copies", [photos / ORIGINAL, photos / "copies" / SMALL])
    fastdup.decide(work, "keep", [photos / "copies" / SAME, photos / "02.jpg"])
    assert fastdup.decide(work, "export", tmp_path / "decided.csv").file.endswith("decided.csv")
    moved, other = tmp_path / "moved", tmp_path / "other"
    shutil.copytree(photos, moved)
    assert fastdup.decide(other, "import", tmp_path / "decided.csv").n_added == 3
    assert fastdup.decide(other, "import", tmp_path / "decided.csv").n_added == 0
    assert fastdup.run(str(moved), str(other), **OPTIONS) == 0
    assert frozenset({ORIGINAL, SMALL}) not in pairs_of(other)
    assert (other / "decisions.csv").read_bytes() == (work / "decisions.csv").read_bytes()


def test_a_file_that_makes_no_sense_is_not_imported(run, tmp_path):
    _, work = run
    (tmp_path / "bad.csv").write_text("number,decision,path,size_bytes,digest,decided\n1,keep\n")
    with pytest.raises(ActionError, match=r"nothing was imported .*: line 2: it has 2 fields"):
        fastdup.decide(work, "import", tmp_path / "bad.csv")
    with pytest.raises(ActionError, match="cannot read"):
        fastdup.decide(work, "import", tmp_path / "none.csv")
    assert not (work / "decisions.csv").exists()


def test_the_same_decision_is_kept_once_and_a_group_can_lose_a_pair(run):
    photos, work = run
    three = [photos / f"0{number}.jpg" for number in (2, 3, 4)]
    assert fastdup.decide(work, "not-copies", three).n_added == 1
    assert fastdup.decide(work, "not-copies", three[:2]).n_added == 0
    assert fastdup.decide(work, "forget", three[:2]).n_forgotten == 1
    names = [
        {os.path.basename(row[2]) for row in table(work, "decisions.csv") if row[0] == number}
        for number in dict.fromkeys(row[0] for row in table(work, "decisions.csv"))
    ]
    assert names == [{"02.jpg", "04.jpg"}, {"03.jpg", "04.jpg"}]
    fastdup.decide(work, "keep", three)
    assert fastdup.decide(work, "forget", three[2], only="keep").n_forgotten == 1
    report = fastdup.decide(work, "forget", three[2])
    assert [os.path.basename(row.path) for row in report.decided] == ["02.jpg", "03.jpg"]


def test_files_that_are_gone_are_forgotten_by_their_path(run):
    photos, work = run
    fastdup.decide(work, "keep", photos / "02.jpg")
    (photos / "02.jpg").unlink()
    assert not fastdup.decide(work, "forget", photos / "02.jpg").decided


def test_what_makes_no_sense_is_refused(run, tmp_path):
    photos, work = run
    same = [photos / "01.jpg", photos / "copies" / SAME]
    with pytest.raises(ConfigError, match="have the same bytes: they are copies"):
        fastdup.decide(work, "not-copies", same)
    with pytest.raises(ConfigError, match="not-copies takes at least 2 files, not 1"):
        fastdup.decide(work, "not-copies", photos / "01.jpg")
    with pytest.raises(ConfigError, match="try what='keep'"):
        fastdup.decide(work, "keeps", photos / "01.jpg")
    with pytest.raises(ConfigError, match="goes with 'forget'"):
        fastdup.decide(work, "keep", photos / "01.jpg", only="keep")
    with pytest.raises(ActionError, match="is a folder: name the files in it"):
        fastdup.decide(work, "keep", photos)
    with pytest.raises(ActionError, match=r"cannot read .*: No such file"):
        fastdup.decide(work, "keep", photos / "none.jpg")
    with pytest.raises(WorkDirError, match="there is no folder"):
        fastdup.decide(tmp_path / "none", "keep", photos / "01.jpg")
    assert not (work / "decisions.csv").exists()


def test_damaged_decisions_stop_a_run_before_the_first_image(run, tmp_path):
    photos, work = run
    (work / "decisions.csv").write_text("nonsense\n")
    before = tree(work)
    done = fastdup_command("run", photos, "-w", work)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "decisions.csv is damaged: line 1" in done.stderr
    assert tree(work) == before
    with pytest.raises(WorkDirError, match="damaged: line 1"):
        fastdup.clean(work)


def test_the_command_says_what_is_decided(run):
    photos, work = run
    decide = ["decide", "-w", work]
    done = fastdup_command(*decide, "not-copies", ORIGINAL, f"copies/{SMALL}", cwd=photos)
    assert done.returncode == 0, done.stderr
    fastdup_command(*decide, "keep", photos / "02.jpg")
    listed = fastdup_command(*decide, "list").stdout.splitlines()
    assert [line.split()[0::2] for line in listed[:3]] == [
        ["1", "not-copies"],
        ["1", "not-copies"],
        ["2", "keep"],
    ]
    assert [line.split()[3] for line in listed[:3]] == [
        str(photos / name) for name in (ORIGINAL, f"copies/{SMALL}", "02.jpg")
    ]
    assert (
        listed[3] == f"decided: 1 not copies, 1 always kept, 0 to remove: {work / 'decisions.csv'}"
    )
    done = fastdup_command(*decide, "keep", "--only", "keep", photos / "02.jpg")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


def test_writers_wait_for_each_other_and_none_is_lost(run):
    photos, work = run
    names = [photos / f"0{number}.jpg" for number in range(8)]
    threads = [threading.Thread(target=fastdup.decide, args=(work, "keep", name)) for name in names]
    with one_at_a_time(WorkDir(str(work)).decisions_lock):
        for thread in threads:
            thread.start()
    for thread in threads:
        thread.join()
    kept = fastdup.decide(work, "list").decided
    assert sorted(file.path for file in kept) == sorted(map(str, names))
    assert [file.number for file in kept] == list(range(1, 9))


def test_killed_at_any_moment_the_decisions_are_those_of_before_or_after(run):
    photos, work = run
    fastdup.decide(work, "keep", photos / "02.jpg")
    code = (
        "import fastdup, sys\n"
        "print(flush=True)\n"
        "while True:\n"
        "    fastdup.decide(sys.argv[1], 'keep', sys.argv[2])\n"
        "    fastdup.decide(sys.argv[1], 'forget', sys.argv[2])\n"
    )
    for _ in range(5):
        process = subprocess.Popen(
            [sys.executable, "-c", code, work, photos / "03.jpg"], stdout=subprocess.PIPE
        )
        process.stdout.readline()
        assert fastdup.decide(work, "list").decided  # while the other writes
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        decided = fastdup.decide(work, "list").decided
        assert decided[0].path == str(photos / "02.jpg")
        assert len(decided) <= 2
    assert fastdup.decide(work, "keep", photos / "04.jpg").n_added == 1
