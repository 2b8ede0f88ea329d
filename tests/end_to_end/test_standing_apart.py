"""What stands apart from a collection, by runs over features and over pictures."""

import csv
import logging

import numpy as np
import pytest
from PIL import Image

import fastdup
from fastdup.runs import FinishedRun
from pictures import jpeg, scene

N_USUAL = 60
ODD = ["60", "61", "62"]


def table(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def searched(work, rows, **options):
    """Search features of one's own, each called by its number; return the outliers."""
    fastdup.save_binary_feature(work, [str(row) for row in range(len(rows))], rows)
    assert fastdup.run("", work, run_mode=2, **options) == 0
    return [row["from"] for row in table(work / "outliers.csv")]


@pytest.fixture
def rows():
    """60 rows of one kind, then one that differs, and two all but equal to it."""
    rng = np.random.default_rng(4)
    rows = rng.normal(0, 0.1, (N_USUAL + 3, 16))
    rows[:, 0] += 1
    rows[N_USUAL:] = np.eye(16)[7] + rng.normal(0, 0.005, (3, 16))
    return rows


def test_an_odd_row_and_its_copies_are_outliers_beside_the_nearest_usual_row(rows, tmp_path):
    assert sorted(searched(tmp_path, rows)) == ODD
    for row in table(tmp_path / "outliers.csv"):
        assert int(row["to"]) < N_USUAL
        assert float(row["distance"]) < 0.5
    assert FinishedRun(tmp_path).config["counts"]["outliers"] == 3


def test_all_scores_are_listed_the_oddest_first(rows, tmp_path):
    searched(tmp_path, rows)
    scores = table(tmp_path / "outlier_scores.csv")
    assert len(scores) == len(rows)
    assert sorted(row["filename"] for row in scores[:3]) == ODD
    assert [float(r["score"]) for r in scores] == sorted(float(r["score"]) for r in scores)
    frame = fastdup.create(tmp_path).outlier_scores()
    assert list(frame) == ["filename", "score", "nearest", "distance"]
    assert frame["filename"].tolist() == [row["filename"] for row in scores]


def test_a_lower_threshold_that_is_given_has_the_meaning_of_the_manual(rows, tmp_path):
    assert searched(tmp_path, rows, lower_threshold=0.3) == []  # each odd one has a copy
    assert searched(tmp_path, rows[: N_USUAL + 1], lower_threshold=0.5) == ["60"]
    assert searched(tmp_path, rows[:5] * 1.0, lower_threshold=1.0) != []


@pytest.mark.parametrize("share", [0.0, 0.02, 0.05])
def test_a_share_takes_the_oddest(share, rows, tmp_path):
    n_outliers = int(share * len(rows))
    found = searched(tmp_path, rows, outlier_percentile=share, lower_threshold=0.01)
    order = [row["filename"] for row in table(tmp_path / "outlier_scores.csv")]
    assert sorted(found) == sorted(order[:n_outliers])
    distances = [float(row["distance"]) for row in table(tmp_path / "outliers.csv")]
    assert distances == sorted(distances)


def test_of_few_images_there_is_only_the_order_and_a_line_says_so(rows, tmp_path, caplog):
    caplog.set_level(logging.INFO)
    assert searched(tmp_path, rows[-20:]) == []  # each odd one has others above 0.3
    assert sorted(r["filename"] for r in table(tmp_path / "outlier_scores.csv")[:3]) == [
        *("17", "18", "19")
    ]
    assert (
        "with fewer than 30 different pictures, only those unlike all others are listed"
        in caplog.text
    )
    caplog.clear()
    searched(tmp_path, rows[-20:], lower_threshold=0.3)
    assert "fewer than 30" not in caplog.text


def test_pairs_are_those_of_as_many_neighbours_as_are_asked_for(rows, tmp_path):
    searched(tmp_path, rows, threshold=0.0, nearest_neighbors_k=5)
    run = FinishedRun(tmp_path)
    indices, raw = run.self_join(5).neighbours
    expected = {
        (row, near, value)
        for row, values in enumerate(run.scale.similarities(raw).tolist())
        for near, value in zip(indices[row].tolist(), values, strict=True)
    }
    assert set(zip(*(column.tolist() for column in run.pairs()), strict=True)) == expected


def test_the_bytes_are_the_same_for_any_number_of_threads(rows, tmp_path):
    for threads in (1, 3):
        searched(tmp_path / str(threads), rows, num_threads=threads)
    for name in ("outliers.csv", "outlier_scores.csv"):
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "3" / name).read_bytes()


def test_a_picture_saved_twice_stands_apart_from_those_of_another_kind(tmp_path):
    """The two copies are judged, and each is shown beside a picture that it is no copy of."""
    photos = tmp_path / "photos"
    photos.mkdir()
    rng = np.random.default_rng(6)
    for i in range(36):
        noise = rng.integers(0, 90, (90, 120, 3), dtype=np.uint8)
        noise[:, :, 2] += 120
        (photos / f"noise {i:02}.jpg").write_bytes(jpeg(Image.fromarray(noise)))
    for quality in (95, 60):
        (photos / f"odd {quality}.jpg").write_bytes(jpeg(scene(1), quality))
    assert fastdup.run(photos, tmp_path / "out", num_threads=1) == 0
    order = table(tmp_path / "out/outlier_scores.csv")
    assert sorted(row["filename"].rsplit("/")[-1] for row in order[:2]) == [
        *("odd 60.jpg", "odd 95.jpg")
    ]
    assert all("noise" in row["nearest"] for row in order[:2])
    reported = {row["from"] for row in table(tmp_path / "out/outliers.csv")}
    assert {row["filename"] for row in order[:2]} <= reported
    assert len(reported) <= 3  # of pictures alike as these, one in a folder may stand out by chance
