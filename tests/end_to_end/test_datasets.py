"""Labels of data sets: from the file to frames and galleries."""

import base64
from pathlib import Path

import pandas as pd
import pytest

import fastdup
from command import fastdup_command
from fastdup.report.thumbnails import THUMBNAIL_SIDE, look_at
from packed import files_of
from tables import images_of, parquet_of


@pytest.fixture
def train(photos):
    columns = {"image": images_of(files_of(photos)), "label": ["zebra finch", "hippopotamus"] * 7}
    return parquet_of(photos.parent / "train.parquet", columns)


def test_labels_of_a_data_set_show_in_frames_and_galleries(train, tmp_path):
    fd = fastdup.create(tmp_path / "out", train)
    fd.run()
    pairs = fd.similarity()
    assert len(pairs) >= 4
    for _, row in pairs.iterrows():
        is_odd = int(row["from"][-6:]) % 2
        assert row["label_from"] == ("hippopotamus" if is_odd else "zebra finch")
    page = Path(fd.vis.duplicates_gallery()).read_text()
    assert "zebra finch" in page
    assert "hippopotamus" in page


def test_annotations_of_ones_own_come_first(train, tmp_path):
    names = [f"{train}/{row:06}" for row in range(14)]
    fd = fastdup.create(tmp_path / "out", train)
    fd.run(annotations=pd.DataFrame({"filename": names, "label": "mine"}))
    assert set(fd.similarity()["label_from"]) == {"mine"}


def test_labels_go_with_the_data_set(train, photos, tmp_path):
    work = tmp_path / "out"
    assert fastdup_command("run", train, "-w", work).returncode == 0
    lines = (work / "labels.csv").read_text().splitlines()
    assert lines[:2] == ["filename,label", f"{train}/000000,zebra finch"]
    assert len(lines) == 15
    assert fastdup_command("run", train, "-w", work, "--num-images", 3).returncode == 0
    assert len((work / "labels.csv").read_text().splitlines()) == 4
    assert fastdup_command("run", photos, "-w", work).returncode == 0
    assert not (work / "labels.csv").exists()


def test_galleries_show_rows_of_the_column_that_was_asked_for(photos, tmp_path):
    cells = list(files_of(photos).values())
    path = parquet_of(photos.parent / "two.parquet", {"left": cells, "right": cells[::-1]})
    fd = fastdup.create(tmp_path / "out", path)
    fd.run(image_column="right")
    row = fd.img_stats()["filename"][0]
    assert row == f"{path}/right/000000"
    picture, _ = look_at(row, THUMBNAIL_SIDE)
    assert picture.n_bytes == len(cells[-1])
    assert (
        base64.b64encode(look_at(fd.similarity()["to"][0], THUMBNAIL_SIDE)[0].jpeg).decode()
        in Path(fd.vis.duplicates_gallery()).read_text()
    )


def test_rows_of_the_same_bytes_are_exact_duplicates(photos, tmp_path):
    cells = list(files_of(photos).values())
    path = parquet_of(photos.parent / "twice.parquet", {"image": [*cells[:3], cells[1]]})
    fd = fastdup.create(tmp_path / "out", path)
    fd.run()
    pairs = fd.exact_duplicates()
    assert pairs[["from", "to"]].values.tolist() == [[f"{path}/000001", f"{path}/000003"]]
