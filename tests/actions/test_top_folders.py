import json
import os

import pytest

import fastdup
from command import fastdup_command
from fastdup.actions.keep import CopyChoice
from fastdup.actions.planning import make_plan
from fastdup.actions.state import LeftAlone
from fastdup.actions.top_folders import top_folders
from fastdup.errors import ConfigError
from pictures import jpeg, scene


def test_with_one_input_the_first_folder_below_it_is_the_top_folder():
    paths = ["/p/2019/July/a.jpg", "/p/2019/b.jpg", "/p/2020/a.jpg", "/p/c.jpg", "/p/x.zip/d.jpg"]
    assert top_folders(paths, ["/p"]) == ["/p/2019/", "/p/2019/", "/p/2020/", "/p/", "/p/x.zip/"]
    assert top_folders(paths, ["/p/", "/q"]) == top_folders(paths, ["/p"])


def test_with_several_inputs_each_is_a_top_folder_and_the_deepest_counts():
    paths = ["/p/2019/a.jpg", "/p/2020/a.jpg", "/pq/a.jpg", "s3://b/c/2019/a.jpg", "/alone/a.jpg"]
    inputs = ["/p", "/p/2020", "/pq", "s3://b/c/", "/alone/a.jpg"]
    assert top_folders(paths, inputs) == ["/p/", "/p/2020/", "/pq/", "s3://b/c/", "/alone/"]


def test_where_no_folder_was_given_the_deepest_common_one_stands_for_it():
    paths = ["/data/photos/2019/a.jpg", "/data/photos/2020/x/a.jpg", "/data/photos/2020/b.jpg"]
    tops = ["/data/photos/2019/", "/data/photos/2020/", "/data/photos/2020/"]
    assert top_folders(paths, ["/lists/all.txt"]) == tops
    assert top_folders(paths[:1], []) == ["/data/photos/2019/"]


@pytest.fixture
def album_in_two(tmp_path):
    """Two photos in two years' folders, with copies in the same and in the other year."""
    photo, other = jpeg(scene(1)), jpeg(scene(2))
    for name in ("2019/a.jpg", "2019/copy of a.jpg", "2020/June/copy 2 of a.jpg"):
        write(tmp_path / "in" / name, photo)
    for name in ("2020/b.jpg", "2020/June/copy of b.jpg"):
        write(tmp_path / "in" / name, other)
    return tmp_path


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (10**9, 10**9))


def going(work, **choice):
    plan = make_plan(work, CopyChoice(**choice))
    return sorted(os.path.basename(step.path) for step in plan.removals()), plan


@pytest.mark.parametrize("exact", [False, True])
def test_only_pairs_across_top_folders_or_within_one_go(album_in_two, exact):
    assert fastdup.run(album_in_two / "in", album_in_two / "out") == 0
    names, plan = going(album_in_two / "out", across=True, exact=exact)
    assert names == ["copy 2 of a.jpg"]
    assert plan.left_alone[LeftAlone.FOLDERS] >= 1
    assert any("--across or --within leaves out" in line for line in plan.lines())
    names, _ = going(album_in_two / "out", within=True, exact=exact)
    assert names == ["copy of a.jpg", "copy of b.jpg"]
    assert len(going(album_in_two / "out", exact=exact)[0]) == 3


def test_the_inputs_of_a_run_are_top_folders_wherever_it_was_run_from(album_in_two):
    inputs = ["in/2020", "in/2020/June", "in/2019"]
    ran = fastdup_command("run", *inputs, "-w", "out", cwd=album_in_two)
    assert ran.returncode == 0, ran.stderr
    names, _ = going(album_in_two / "out", across=True)
    assert names == ["copy 2 of a.jpg", "copy of b.jpg"]
    config = json.loads((album_in_two / "out/config.json").read_text())
    assert config["inputs"] == [str(album_in_two / name) for name in inputs]


def test_a_plan_across_folders_is_not_carried_out_as_one_within_them(album_in_two):
    work = album_in_two / "out"
    assert fastdup.run(album_in_two / "in", work) == 0
    report = fastdup.clean(work, across=True)
    with pytest.raises(ConfigError, match="within=False"):
        fastdup.clean(work, plan=report.plan_file, within=True, apply=True)
    with pytest.raises(ConfigError, match="choose one"):
        fastdup.clean(work, across=True, within=True)
    done = fastdup_command("clean", work, "--plan", report.plan_file, "--across", "--apply")
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (album_in_two / "in").rglob("*.jpg")) == [
        "a.jpg", "b.jpg", "copy of a.jpg", "copy of b.jpg",
    ]  # fmt: skip


def test_a_card_loses_what_the_archive_has_and_nothing_else(tmp_path):
    photo, other = jpeg(scene(1)), jpeg(scene(2))
    for name in ("card/a.jpg", "archive/2019/Copy of a.jpg", "archive/a (1).jpg"):
        write(tmp_path / name, photo)
    for name in ("card/b.jpg", "card/Copy of b.jpg"):
        write(tmp_path / name, other)
    archive, card = (str(tmp_path / name) for name in ("archive", "card"))
    assert fastdup.run([card, archive], tmp_path / "out") == 0
    choice = {"across": True, "prefer": (archive,), "never": (archive,)}
    names, _ = going(tmp_path / "out", **choice)
    assert names == ["a.jpg"]
