"""The summary of a run, and what ``config.json`` holds of it."""

import json

import numpy as np

import fastdup
from fastdup.config import RunConfig
from fastdup.pipeline import run_pipeline
from fastdup.runs.summary import Summary


def summary_of(**counts):
    return Summary(work_dir="", seconds={}, thread_seconds={}, **counts)


def test_counts_go_by_their_names():
    counts = summary_of(
        n_listed=20, n_good=18, n_bad=2, n_pairs=7, n_groups=3, n_grouped=9, n_outliers=4
    ).counts()
    assert counts == {
        "listed": 20,
        "good": 18,
        "bad": 2,
        "pairs": 7,
        "groups": 3,
        "grouped_images": 9,
        "outliers": 4,
    }


def test_what_was_not_counted_is_left_out():
    assert summary_of(n_listed=2, n_good=1, n_bad=1).counts() == {"listed": 2, "good": 1, "bad": 1}
    assert summary_of(n_listed=2, n_good=2, n_bad=0, n_video_pairs=0).counts()["video_pairs"] == 0


def test_config_json_holds_the_counts_by_value(tmp_path):
    features = np.array([[1, 0], [1, 0.01], [1, 0.02], [-1, 0], [0, -1], [0.01, -1]])
    fastdup.save_binary_feature(tmp_path, [f"/{row}.jpg" for row in range(6)], features)
    assert fastdup.run("", tmp_path, run_mode=2, lower_threshold=0.5) == 0
    counts = json.loads((tmp_path / "config.json").read_text())["counts"]
    assert counts == {
        "listed": 6,
        "good": 6,
        "bad": 0,
        "pairs": 8,
        "groups": 2,
        "grouped_images": 5,
        "outliers": 1,
    }


def test_the_lines_say_how_many_copies_there_are_and_how_much_space_they_take():
    found = {"n_pairs": 9, "n_distinct_pairs": 6, "n_groups": 1, "n_grouped": 4, "n_outliers": 1}
    summary = summary_of(n_listed=4, n_good=4, n_bad=0, spare_bytes=2_340_000, **found)
    assert list(summary.lines()) == [
        "4 files listed: 4 good, 0 broken",
        "1 group of copies, 4 images: connected_components.csv",
        "  3 images (2.3 MB) could go if the largest file of each group is kept",
        "6 pairs of similar images: similarity.csv",
        "1 outlier: outliers.csv",
        "took 0.0 s",
    ]


def test_a_run_measures_what_its_copies_take(photos, tmp_path):
    summary = run_pipeline(RunConfig(input_dir=photos, work_dir=str(tmp_path / "out")))
    sizes = [(photos / f"copy-of-0{n}.jpg").stat().st_size for n in range(2)]
    originals = [(photos / f"0{n}.jpg").stat().st_size for n in range(2)]
    assert summary.n_groups == summary.n_distinct_pairs == 2
    assert summary.spare_bytes == sum(map(min, sizes, originals))


def test_verdicts_are_counted_and_pictures_that_could_not_be_read_are_one_line():
    summary = summary_of(
        n_listed=9,
        n_good=9,
        n_bad=0,
        n_pairs=2,
        n_groups=1,
        n_grouped=2,
        n_outliers=0,
        verdicts={"edited": 1200, "unverified": 3},
        n_unread=1,
    )
    assert summary.counts()["pairs_edited"] == 1200
    assert summary.counts()["pairs_unverified"] == 3
    lines = list(summary.lines())
    assert "1,203 pairs judged (1,200 edited, 3 not looked at): verdicts.csv" in lines
    assert "  1 picture could not be read again" in lines
