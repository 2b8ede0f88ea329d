"""Planted copies and known pairs, with real pictures and a real run."""

import csv
import json
import shutil

import numpy as np
import pytest

import fastdup
from command import fastdup_command
from fastdup import cli
from fastdup.evaluation.truth import TruePair, Truth
from onnx_models import make_model
from pictures import jpeg, photo

EDITS = """
from PIL import ImageOps
EDITS = {
    "half": lambda image, rng: image.reduce(2),
    "other": lambda image, rng: ImageOps.invert(image).rotate(33).reduce(3).crop((0, 0, 40, 20)),
}
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Four pictures, one of them twice, with the run of an evaluation that was kept."""
    folder = tmp_path_factory.mktemp("evaluate")
    (folder / "photos").mkdir()
    for number in range(4):
        (folder / "photos" / f"{number}.jpg").write_bytes(jpeg(photo(number, (320, 240))))
    shutil.copy(folder / "photos/0.jpg", folder / "photos/again.jpg")
    (folder / "photos/broken.jpg").write_bytes(b"\xff\xd8\xff")
    (folder / "edits.py").write_text(EDITS)
    words = ("evaluate", folder / "photos", "-n", "0", "--edits", folder / "edits.py")
    files = (
        word for name in ("e.html", "e.json", "e.csv", "e.svg") for word in ("-o", folder / name)
    )
    done = fastdup_command(*words, "--keep", folder / "kept", *files)
    assert done.returncode == 0, done.stderr
    return folder, done.stdout


def test_the_command_finds_the_easy_copies_and_names_the_hard_kind(made):
    folder, printed = made
    assert printed.startswith("10 planted copies of 5 pictures\npairs to find             10\n")
    assert "pictures that could not be used, and were left out: 1\n" in printed
    assert "by the run's own judgement: 1. They" in printed
    found = json.loads((folder / "e.json").read_text())
    kinds = {kind["kind"]: kind for kind in found["kinds"]}
    assert (kinds["half"]["recall"], kinds["half"]["pairs"]) == (1, 5)
    assert kinds["other"]["recall"] < 0.5
    assert {kind for _, _, kind in found["missed"]} == {"other"}
    assert found["scores"]["precision"] == 1  # what is the same picture is not wrong
    with (folder / "e.csv").open(newline="") as file:
        assert [row["kind"] for row in csv.DictReader(file)] == ["other", "half"]


def test_another_model_is_measured_on_the_same_copies(made, tmp_path):
    folder, _ = made
    model, page, numbers = (tmp_path / name for name in ("small.onnx", "m.html", "m.json"))
    make_model(model, dim=24, element_type="uint8")
    words = ["evaluate", folder / "photos", "-n", "0", "--edits", folder / "edits.py"]
    words += ["--model-path", model, "--keep", tmp_path / "kept", "-o", page, "-o", numbers]
    assert cli.main([str(word) for word in words]) == 0
    found = json.loads(numbers.read_text())
    assert found["what"] == json.loads((folder / "e.json").read_text())["what"]
    assert found["facts"]["model"]["name"] == "small.onnx"
    assert fastdup.load_binary_feature(tmp_path / "kept/run")[1].shape == (15, 24)
    # The number is that of the run that was kept, scored by the pairs that were planted.
    truth = fastdup.evaluate(tmp_path / "kept/run", tmp_path / "kept/truth.csv", threshold=0.85)
    assert found["scores"]["recall"] == truth.scores["recall"] > 0
    assert "small.onnx" in page.read_text()
    with pytest.raises(fastdup.ModelError, match="cannot read the model nothing"):
        fastdup.evaluate(folder / "photos", model_path="nothing.onnx")


def test_the_page_holds_the_chart_and_loads_nothing(made):
    page = (made[0] / "e.html").read_text()
    chart = (made[0] / "e.svg").read_text()
    assert chart in page
    assert "default-src 'none'" in page
    assert "<script" not in page and 'src="http' not in page


def test_a_run_is_scored_by_known_pairs_whatever_the_columns_are_called(made, tmp_path):
    folder, _ = made
    work, truth = folder / "kept/run", tmp_path / "truth.csv"
    planted = fastdup.evaluate(work, folder / "kept/truth.csv", threshold=0.85)
    assert planted.scores["pairs"] == 10
    assert planted.scores["precision"] < 1  # without joining, copies of the twin are wrong
    truth.write_text("filename,group\n0.jpg,a\nphotos/again.jpg,a\n1.jpg,b\n2.jpg,\n")
    grouped = fastdup.create(work).evaluate(truth, threshold=0.98)
    assert (grouped.scores["pairs"], grouped.scores["recall"]) == (1, 1)
    truth.write_text(
        "from,to,kind,same\n0.jpg,again.jpg,twin,1\n1.jpg,2.jpg,,0\n9.jpg,1.jpg,,yes\n"
    )
    listed = fastdup.evaluate(work, truth, threshold=0.0)
    assert (listed.scores["pairs"], listed.scores["recall"]) == (2, 0.5)
    assert any("9.jpg" in note for note in listed.notes)


def test_copies_of_one_picture_are_neither_right_nor_wrong_to_each_other():
    pairs = [TruePair("a1", "a"), TruePair("a2", "a"), TruePair("a", "a1")]
    truth = Truth.of(pairs, ["a", "a1", "a2", "b"], is_whole=True)
    kinds, counts = truth.judge(np.array([1, 0, 0]), np.array([2, 1, 3]))
    assert counts.tolist() == [False, True, True]
    assert (kinds[1:].tolist(), truth.wanted.tolist()) == ([0, -1], [2])


@pytest.mark.parametrize(
    ("truth", "message"),
    [
        ("a,b\n1,2\n", "has the columns a, b: it must have copy,original"),
        ("from,to\n", "has no pairs"),
        ("from,to\n0.jpg,0.jpg\n", "are not two different files"),
        ("from,to,same\n0.jpg,1.jpg,perhaps\n", "same is 'perhaps'"),
    ],
)
def test_a_truth_that_makes_no_sense_is_refused(made, tmp_path, truth, message):
    (tmp_path / "truth.csv").write_text(truth)
    with pytest.raises(fastdup.ConfigError, match=message):
        fastdup.evaluate(made[0] / "kept/run", tmp_path / "truth.csv")


def test_numbers_out_of_range_and_unknown_endings_are_refused(made, tmp_path):
    with pytest.raises(fastdup.ConfigError, match="per=0 is not allowed"):
        fastdup.evaluate(made[0] / "photos", per=0)
    with pytest.raises(fastdup.ConfigError, match="holds copies already"):
        fastdup.evaluate(made[0] / "photos", keep=made[0] / "kept")
    found = fastdup.evaluate(made[0] / "kept/run", made[0] / "kept/truth.csv")
    with pytest.raises(fastdup.ConfigError, match=r"the name must end in \.json, \.csv"):
        found.write(tmp_path / "e.pdf")
