"""Files that go for their flaws: a plan of its own, with all the safeguards of that of copies."""

import csv
import io
import os
import shlex
import shutil
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image, ImageFilter, ImageOps

import fastdup
from command import fastdup_command
from fastdup.actions.keep import CopyChoice
from fastdup.actions.offers import find_limits
from fastdup.actions.screenshots import screenshot_signs
from fastdup.actions.state import LeftAlone
from fastdup.errors import ActionError, ConfigError, WorkDirError
from pictures import jpeg, photo
from trees import tree

SHARP = jpeg(photo(1))
FLAWED = {
    "broken": ["cut.jpg", "empty.jpg"],
    "blurry": ["blurry.jpg"],
    "dark": ["dark.jpg"],
    "bright": ["bright.jpg"],
    "tiny": ["tiny.jpg"],
}
SOUND = ["Copy of sharp.jpg", "moon.jpg", "notes.jpg", "sharp.jpg"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """One file of each flaw or more, and sound ones that come near them."""
    folder = tmp_path_factory.mktemp("flawed")
    moon = Image.new("RGB", (640, 480))
    moon.paste((255, 250, 240), (300, 200, 340, 240))
    pictures = {
        "blurry.jpg": photo(2).filter(ImageFilter.GaussianBlur(8)),
        "bright.jpg": Image.new("RGB", (640, 480), (255, 255, 255)),
        "dark.jpg": Image.new("RGB", (640, 480), (1, 1, 2)),
        "moon.jpg": moon,
        "tiny.jpg": photo(3, (40, 30)),
    }
    files = {name: jpeg(picture) for name, picture in pictures.items()}
    files |= {
        "sharp.jpg": SHARP,
        "Copy of sharp.jpg": SHARP,
        "cut.jpg": SHARP[:9000],
        "empty.jpg": b"",
    }
    files |= {"notes.jpg": b"a list of things to buy", "sub/film.mp4": b"", "sub/a.pdf": b"%PDF"}
    for name, content in files.items():
        put(folder / "in" / name, content)
    return folder / "in"


@pytest.fixture
def album(folder, tmp_path):
    """The folder once more, to be touched, and a run over it."""
    shutil.copytree(folder, tmp_path / "in")
    return run(tmp_path)


def put(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, ns=(10**18 + 1, 10**18 + 123_456_789))
    return path


def run(album):
    assert fastdup.run(album / "in", album / "out") == 0
    return album


def going(report):
    return sorted(os.path.basename(step.path) for step in report.plan.removals())


def test_without_being_named_no_flawed_file_goes(album):
    assert going(fastdup.clean(album / "out", also="all")) == ["Copy of sharp.jpg"]


@pytest.mark.parametrize("what", [*FLAWED, "broken,tiny", ("dark", "blurry")])
def test_only_files_with_the_flaws_that_were_named_go(album, what):
    names = what.split(",") if isinstance(what, str) else what
    report = fastdup.clean(album / "out", what=what)
    assert going(report) == sorted(name for flaw in names for name in FLAWED[flaw])
    assert all(step.is_flawed and step.why for step in report.plan.removals())
    assert "no copy of them is kept" in next(report.lines())


def test_they_go_with_their_sidecars_and_come_back_as_they_were(album):
    put(album / "in/blurry.xmp", b"<x/>")
    put(album / "in/cut.jpg.json", b"{}")
    before = tree(album / "in")
    report = fastdup.clean(album / "out", what="broken,blurry,dark,bright,tiny", apply=True)
    assert (report.applied.n_done, report.applied.n_companions) == (6, 2)
    here = sorted(path.name for path in (album / "in").glob("*"))
    assert here == [*SOUND, "sub"]
    assert fastdup.undo(album / "out").n_restored == 8
    assert tree(album / "in") == before


@pytest.mark.parametrize("name", ["cut.CR2", "cut.mov", "cut.WAV"])
def test_a_photo_with_a_picture_or_sound_of_its_own_beside_it_stays(album, name):
    put(album / "in" / name, b"all that is left")
    before = tree(album / "in")
    report = fastdup.clean(album / "out", what="broken", apply=True)
    assert going(report) == ["empty.jpg"]
    assert report.plan.left_alone == {LeftAlone.HAS_CONTENT: 1}
    assert fastdup.undo(album / "out").n_restored == 1
    assert tree(album / "in") == before


def test_a_plan_made_of_earlier_measures_is_refused(album):
    plan = fastdup.clean(album / "out", what="blurry,tiny").plan_file
    put(album / "in/new.jpg", jpeg(photo(7)))  # which is no copy of any other
    run(album)
    with pytest.raises(ConfigError, match="earlier results or decisions; plan again"):
        fastdup.clean(album / "out", plan=plan, what="blurry,tiny", apply=True)
    assert (album / "in/tiny.jpg").exists()


def test_a_file_that_was_changed_since_stays(album):
    report = fastdup.clean(album / "out", what="broken,tiny")
    with open(album / "in/tiny.jpg", "ab") as file:
        file.write(b"!")
    done = fastdup.clean(album / "out", plan=report.plan_file, apply=True)
    assert done.applied.n_done == 2
    assert done.applied.left_alone == {LeftAlone.CHANGED: 1}


def test_what_was_broken_and_is_whole_now_stays(album):
    whole = jpeg(photo(4), quality=30)
    (album / "in/cut.jpg").write_bytes(whole[: len(whole) // 2].ljust(len(whole), b"\0"))
    os.utime(album / "in/cut.jpg", ns=(10**18, 10**18))
    run(album)
    report = fastdup.clean(album / "out", what="broken")
    assert "cut.jpg" in going(report)
    (album / "in/cut.jpg").write_bytes(whole)
    os.utime(album / "in/cut.jpg", ns=(10**18, 10**18))
    done = fastdup.clean(album / "out", plan=report.plan_file, apply=True)
    assert done.applied.left_alone == {LeftAlone.NOT_BROKEN: 1}
    assert (album / "in/cut.jpg").exists()


def test_folders_and_files_that_a_person_keeps_are_kept(album):
    by_hand = {str(album / "in/cut.jpg"): "keep"}
    assert going(fastdup.clean(album / "out", what="broken", by_hand=by_hand)) == ["empty.jpg"]
    report = fastdup.clean(album / "out", what="broken", never=album / "in")
    assert going(report) == []
    assert report.plan.left_alone == {LeftAlone.NEVER: 2}


def test_a_limit_can_be_given(album):
    assert going(fastdup.clean(album / "out", what="tiny=40")) == []
    assert "sharp.jpg" in going(fastdup.clean(album / "out", what="tiny=641"))
    assert find_limits(["blurry=0.5", " dark "]) == {"blurry": 0.5, "dark": 12.0}


def test_odd_plain_and_photographed_screens_are_flaws_too(tmp_path):
    grey, wide = Image.new("RGB", (640, 480), (120, 120, 120)), photo(5, (1200, 300))
    screen = io.BytesIO()
    photo(6, (1334, 750)).save(screen, "PNG")
    put(tmp_path / "in/plain.jpg", jpeg(grey))
    put(tmp_path / "in/wide.jpg", jpeg(wide))
    put(tmp_path / "in/black and white.jpg", jpeg(photo(14).convert("L").convert("RGB")))
    put(tmp_path / "in/toned.jpg", jpeg(ImageOps.colorize(photo(15).convert("L"), "#310", "#fec")))
    put(tmp_path / "in/small.jpg", jpeg(photo(7, (60, 45))))
    put(tmp_path / "in/IMG_0012.png", screen.getvalue())
    put(tmp_path / "in/Screenshot 2026-01-02.jpg", jpeg(photo(8)))
    put(tmp_path / "in/IMG_0013.jpg", jpeg(photo(9, (1334, 750))))  # of that size, but no more
    for number in range(10, 13):
        put(tmp_path / f"in/{number}.jpg", jpeg(photo(number)))
    run(tmp_path)
    expected = {
        "plain": ["plain.jpg"],
        "grey": ["black and white.jpg", "plain.jpg"],
        "odd-aspect": ["wide.jpg"],
        "odd_size": ["small.jpg"],
        "screenshot": ["IMG_0012.png", "Screenshot 2026-01-02.jpg"],
        "screenshot=0": ["IMG_0012.png", "IMG_0013.jpg", "Screenshot 2026-01-02.jpg"],
    }
    for what, names in expected.items():
        assert going(fastdup.clean(tmp_path / "out", what=what)) == names, what


def test_what_a_camera_took_is_no_screenshot():
    sides = np.full(3, 1920.0), np.full(3, 1080.0)
    paths = ["/a/Screenshot 1.png", "/Screenshots/b.jpg", "/a/Bildschirmfoto.png"]
    assert screenshot_signs(paths, ["Canon", "", ""], *sides).tolist() == [0, 1, 3]
    assert screenshot_signs([r"C:\screenshot\a.PNG"], (), sides[0][:1], sides[1][:1]) == [2]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"what": "blury"}, "try what='blurry'"),
        ({"what": "broken=3"}, "try what='blurry=0.02'"),
        ({"what": "tiny=small"}, "try what='tiny=64'"),
        ({"what": "dark=nan"}, "a limit is a number"),
        ({"what": "dark", "keep": "newest"}, "leave out keep"),
        ({"what": "dark", "also": "cropped"}, "leave out also"),
        ({"what": "dark", "threshold": 0.9}, "leave out threshold"),
        ({"what": "dark", "action": "hardlink"}, "nothing to link to"),
    ],
)
def test_what_makes_no_sense_with_flaws_is_refused(album, options, message):
    with pytest.raises(ConfigError, match=message):
        fastdup.clean(album / "out", **options)


def edited(report, **changes):
    """Change cells of all rows of a plan's file."""
    with open(report.plan_file, newline="") as file:
        header, *rows = csv.reader(file)
    for row in rows:
        for name, text in changes.items():
            row[header.index(name)] = text
    with open(report.plan_file, "w", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return report.plan_file


def test_no_copy_becomes_a_flawed_file_for_an_empty_cell(album):
    report = fastdup.clean(album / "out")
    plan = edited(report, kept="", action="remove")
    with pytest.raises(ActionError, match="would lose its last copy"):
        fastdup.clean(album / "out", plan=plan, apply=True)


def test_a_plan_cannot_name_what_is_no_broken_image(album):
    report = fastdup.clean(album / "out", what="broken")
    for name in ("notes.jpg", "sub/film.mp4", "sub/a.pdf"):
        plan = edited(report, filename=str(album / "in" / name))
        with open(plan) as file:
            header, row, *_ = file.readlines()
        with open(plan, "w") as file:
            file.writelines([header, row])
        with pytest.raises(ConfigError, match="did not list"):
            fastdup.clean(album / "out", plan=plan, apply=True)
        assert (album / "in" / name).exists()


def test_no_link_takes_the_place_of_a_flawed_file(album):
    report = fastdup.clean(album / "out", what="dark")
    with pytest.raises(ActionError, match="nothing to link to"):
        fastdup.clean(album / "out", plan=report.plan_file, action="symlink", apply=True)


def test_a_plan_of_flaws_is_not_exported_as_copies(album):
    report = fastdup.clean(album / "out", what="dark")
    with pytest.raises(ConfigError, match="has no copies"):
        fastdup.export(album / "out", album / "groups.csv", plan=report.plan_file)


def test_features_of_ones_own_have_no_measures(tmp_path):
    fastdup.save_binary_feature(tmp_path / "out", ["/a.jpg", "/b.jpg"], [[1, 0], [0, 1]])
    assert fastdup.run("", tmp_path / "out", run_mode=2) == 0
    assert fastdup.clean(tmp_path / "out", what="broken").plan.steps == ()
    with pytest.raises(WorkDirError, match="stats"):
        fastdup.clean(tmp_path / "out", what="blurry")


def test_the_command_line_plans_shows_and_carries_out(album):
    planned = fastdup_command("clean", album / "out", "--what", "broken,tiny", "--what", "dark")
    assert planned.returncode == 0, planned.stderr
    assert "would remove 4 files" in planned.stdout
    assert "  broken: 2, " in planned.stdout
    command = shlex.split(planned.stdout.splitlines()[-1])
    done = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True)
    assert "4 files moved to the trash" in done.stdout
    assert CopyChoice(what=("broken",)).what == ("broken",)
