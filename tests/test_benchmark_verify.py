"""The benchmark of judged pairs runs from end to end, and its figures add up."""

import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from pictures import textured_scene

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
VERDICTS = {"same_picture", "edited", "part_of", "altered", "look_alike"}


def test_pairs_are_judged_counted_and_wrong_ones_kept(tmp_path):
    photos, out, weak = tmp_path / "photos", tmp_path / "verify.json", tmp_path / "weak"
    photos.mkdir()
    textured_scene(1).save(photos / "a.png")
    textured_scene(2, (100, 300)).save(photos / "too-narrow.png")
    command = [sys.executable, BENCHMARKS / "verify.py", photos]
    command += ["--originals", "2", "--each", "2", "--examples", weak, "--out", out]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    result = json.loads(out.read_text())
    assert result["originals"] == 1
    assert result["seed"] == "1"
    assert {"processor", "packages"} <= result["machine"].keys()
    for row in (*result["edits"].values(), *result["look_alikes"].values()):
        by_verdict = {name: share for name, share in row.items() if name in VERDICTS}
        assert sum(by_verdict.values()) == pytest.approx(1, abs=0.003)
        assert row["copy"] == pytest.approx(1 - row.get("look_alike", 0), abs=0.003)
    assert result["edits"]["jpeg_q50"] == {"pairs": 1, "copy": 1.0, "same_picture": 1.0}
    assert result["look_alikes"]["cells"] == {"pairs": 1, "copy": 0.0, "look_alike": 1.0}
    assert result["changes"]["all"]["pairs"] == 5
    assert result["cost"]["judge_copy"] > result["cost"]["describe"] > 0
    assert "one_of_four" in printed
    for example in weak.glob("*.png"):
        with Image.open(example) as image:
            assert image.width > image.height / 4
        assert example.with_suffix(".txt").read_text()


def test_words_are_asked_for_each_edit_and_counted(tmp_path):
    photos, out = tmp_path / "photos", tmp_path / "words.json"
    photos.mkdir()
    textured_scene(1).save(photos / "a.png")
    textured_scene(2).save(photos / "b.png")
    command = [sys.executable, BENCHMARKS / "words.py", photos, "--originals", "1", "--wrong"]
    none_left = subprocess.run([*command, "--but", "tune-1"], capture_output=True, text=True)
    assert none_left.returncode == 1
    assert "--but leaves all of them out" in none_left.stderr
    command += ["--out", out]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    result = json.loads(out.read_text())
    assert result["originals"] == 1
    assert result["pairs"] > 60
    assert result["right"] <= 1
    assert result["right_by_edit"]["mirror"] == 1
    assert "combo" not in result["right_by_edit"]
    assert "mirror" in printed


def test_every_edit_has_words_or_a_reason_to_have_none():
    sys.path.insert(0, str(BENCHMARKS))
    try:
        words = importlib.import_module("words")
        assert set(words.EXPECTED) | words.NOT_ASKED == set(words.all_edits())
        assert not set(words.EXPECTED) & words.NOT_ASKED
    finally:
        sys.path.remove(str(BENCHMARKS))
