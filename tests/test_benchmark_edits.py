"""The copies that quality is measured with stay what they are, call after call."""

import ast
import csv
import importlib.util
import json
import random
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fastdup.evaluation import common_edits
from pictures import scene

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


def module_of(name):
    spec = importlib.util.spec_from_file_location(name, BENCHMARKS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TABLES = {"common_edits": common_edits.EDITS} | {
    name: module_of(name).EDITS for name in ("edits", "judge_edits")
}
LOOK_ALIKES, LOCAL_CHANGES = module_of("look_alikes"), module_of("local_changes")
EDITS = [(table, name) for table, edits in TABLES.items() for name in edits]


def script(name, *words):
    command = [sys.executable, BENCHMARKS / name, *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize(("table", "name"), EDITS)
def test_an_edit_changes_the_picture_the_same_way_each_time(table, name):
    picture, edit = scene(1, (160, 120)), TABLES[table][name]
    first, second = (edit(picture.copy(), random.Random(7)) for _ in range(2))
    assert first.mode == "RGB"
    assert np.array_equal(np.asarray(first), np.asarray(second))
    same_size = first.size == picture.size
    assert not (same_size and np.array_equal(np.asarray(first), np.asarray(picture)))


def test_no_edit_is_in_two_tables():
    names = [name for _, name in EDITS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("kind", LOOK_ALIKES.LOOK_ALIKES)
def test_look_alikes_differ_from_each_other_and_are_drawn_the_same_way_each_time(kind):
    first, second = (LOOK_ALIKES.draw_kind(kind, 4) for _ in range(2))
    pixels = [picture.tobytes() for picture in first]
    assert pixels == [picture.tobytes() for picture in second]
    assert len(set(pixels)) == 4
    assert len({picture.size for picture in first}) == 1


def test_look_alikes_are_written_into_a_folder_of_each_kind(tmp_path):
    script("look_alikes.py", tmp_path / "out", "--each", "2")
    files = sorted(path.relative_to(tmp_path / "out") for path in tmp_path.rglob("*.png"))
    kinds = sorted(LOOK_ALIKES.LOOK_ALIKES)
    assert [path.as_posix() for path in files] == [
        f"{kind}/{kind}-{number:03}.png" for kind in kinds for number in range(2)
    ]


@pytest.mark.parametrize("kind", LOCAL_CHANGES.CHANGES)
def test_nothing_changes_outside_the_box_of_a_planted_change(kind):
    picture = LOOK_ALIKES.draw_kind("memes", 1)[0]
    changed, (left, top, right, bottom) = LOCAL_CHANGES.planted(picture, kind, "1")
    before, after = (np.asarray(p, np.int16) for p in (picture, changed))
    steps = np.abs(before - after).max(2)
    assert steps[top:bottom, left:right].max() > LOCAL_CHANGES.VISIBLE
    steps[top:bottom, left:right] = 0
    assert steps.max() <= LOCAL_CHANGES.VISIBLE
    assert (right - left) * (bottom - top) < 0.06 * picture.width * picture.height
    again, box = LOCAL_CHANGES.planted(picture, kind, "1")
    assert box == (left, top, right, bottom)
    assert again.tobytes() == changed.tobytes()


def test_a_plain_picture_has_no_place_for_a_part_of_itself():
    plain = Image.new("RGB", (200, 150), "grey")
    with pytest.raises(ValueError, match="no place for a change of the kind moved"):
        LOCAL_CHANGES.planted(plain, "moved", "1")


def test_training_never_sees_the_held_out_edits():
    for module in (BENCHMARKS.parent / "training").glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text())):
            imported = [
                alias.name for alias in getattr(node, "names", []) if hasattr(alias, "name")
            ]
            imported.append(getattr(node, "module", None) or "")
            assert not any(name.split(".")[0] in ("benchmarks", "edits") for name in imported)
            assert "fastdup.evaluation.common_edits" not in imported


def test_the_same_copies_are_planted_each_time_and_each_edit_has_its_turn(photos, tmp_path):
    (photos / "below").mkdir()
    (photos / "00.jpg").rename(photos / "below/00.jpg")
    (photos / "notes.txt").write_text("no photo")
    for out in ("one", "two"):
        script("plant.py", tmp_path / out, photos, "--seed", "5", "--per", "5")
    files = [sorted((tmp_path / out / "images").iterdir()) for out in ("one", "two")]
    assert [path.read_bytes() for path in files[0]] == [path.read_bytes() for path in files[1]]
    with (tmp_path / "one/truth.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["copy"] for row in rows} | {row["original"] for row in rows} == {
        path.name for path in files[0]
    }
    counts = np.unique([row["edit"] for row in rows], return_counts=True)
    assert set(counts[0]) == TABLES["common_edits"].keys()
    assert set(counts[1]) <= {2, 3}  # 14 photos × 5 copies by 34 edits
    assert "below__00.jpg" in {path.name for path in files[0]}
    other = tmp_path / "other"
    script("plant.py", other, photos, "--edits", BENCHMARKS / "edits.py", "--limit", "3")
    with (other / "truth.csv").open(newline="") as file:
        assert {row["edit"] for row in csv.DictReader(file)} <= TABLES["edits"].keys()
    assert len(list((other / "images").iterdir())) == 3 + 6


def test_copies_are_made_of_the_photo_as_it_is_shown(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees
    (tmp_path / "photos").mkdir()
    scene(1, (160, 120)).save(tmp_path / "photos/a.jpg", exif=exif)
    (tmp_path / "half.py").write_text("EDITS = {'half': lambda image, rng: image.reduce(2)}")
    script("plant.py", tmp_path / "out", tmp_path / "photos", "--edits", tmp_path / "half.py")
    (copy,) = (tmp_path / "out/images").glob("*copy1*")
    with Image.open(copy) as image:
        assert image.size == (60, 80)


def test_the_scores_are_those_worked_out_by_hand(tmp_path):
    (tmp_path / "truth.csv").write_text(
        "copy,original,edit\na1,a,crop\na2,a,blur\nb1,b,crop\nb2,b,blur\n"
    )
    (tmp_path / "similarity.csv").write_text(
        "from,to,distance\n/x/a1,/x/a,0.9\n/x/a,/x/a1,0.95\n"  # right, once, at 0.95
        "a1,a2,0.94\n"  # two copies of one original: neutral
        "b1,b,0.8\n"  # right, but behind the wrong pair of the same similarity
        "a,b,0.8\n"
        "a2,a,0.7\n"
    )
    out = script(
        "score.py", tmp_path / "truth.csv", tmp_path / "similarity.csv", "--threshold", "0.8"
    )
    overall, per_edit = map(json.loads, out.splitlines())
    assert overall == {
        "pairs": 4,
        "uAP": round((1 / 1 + 2 / 3 + 3 / 4) / 4, 4),
        "R_at_P99": 0.25,
        "R_at_P90": 0.25,
        "P_at_T": round(2 / 3, 4),
        "R_at_T": 0.5,
    }
    assert per_edit == {"blur": 0.0, "crop": 0.5}


def test_a_folder_with_copies_is_not_planted_again(photos, tmp_path):
    shutil.copytree(photos, tmp_path / "out/images")
    with pytest.raises(subprocess.CalledProcessError) as refused:
        script("plant.py", tmp_path / "out", photos)
    assert refused.value.stderr.endswith("has images already: remove it first\n")
