"""`metadata.csv`, and what is read from it."""

import dataclasses
import shutil

import pandas as pd
import pytest

import fastdup
from camera_files import camera_photo, saved
from fastdup.errors import WorkDirError
from fastdup.metadata import Metadata
from fastdup.runs import FinishedRun
from fastdup.runs.tables import METADATA
from fastdup.workdir.append_only import METADATA_HEADER, NO_METADATA
from packed import files_of, zip_of
from pictures import scene

FIELDS = tuple(field.name for field in dataclasses.fields(Metadata))


@pytest.fixture
def album(tmp_path):
    folder = tmp_path / "album"
    folder.mkdir()
    for number in range(9):
        taken = f"2019:07:14 12:33:{50 - number:02}"
        (folder / f"{number}.jpg").write_bytes(camera_photo(number, taken=taken))
    (folder / "plain.png").write_bytes(saved("PNG", scene(20)))
    shutil.copy(folder / "3.jpg", folder / "copy of 3.jpg")
    return folder


def table(work):
    return (work / "metadata.csv").read_bytes()


def test_the_table_has_the_columns_of_the_record():
    assert ("index", "filename", *FIELDS) == METADATA_HEADER
    assert tuple(METADATA.columns) == METADATA_HEADER
    assert Metadata().as_csv() == NO_METADATA


def test_a_run_writes_what_the_files_say(album, tmp_path):
    assert fastdup.run(album, tmp_path / "out", verify="none") == 0
    run = FinishedRun(tmp_path / "out")
    records = {path.rpartition("/")[2]: run.metadata_of(row) for row, path in enumerate(run.paths)}
    assert len(records) == 11
    photo = records["3.jpg"]
    assert (photo.taken, photo.camera, photo.rating) == (
        "2019-07-14T12:33:47.25+02:00", "NIKON D90", 3
    )  # fmt: skip
    assert (photo.latitude, photo.longitude) == (48.13675, -11.568056)
    assert records["copy of 3.jpg"] == photo
    assert records["2.jpg"].taken_seconds - photo.taken_seconds == 1
    plain = records["plain.png"]
    assert plain == Metadata(
        bits=8, frames=1, has_alpha=False, has_profile=False, has_thumbnail=False
    )
    assert plain.taken_seconds is None


def test_a_record_is_read_as_it_was_written(tmp_path):
    strange = Metadata(
        taken="2019-07-14",
        taken_from="xmp",
        camera='Make "A", B',
        lens="f/1.8; 50 mm",
        latitude=-0.5,
        longitude=179.123456,
        rating=-1,
        software="Ünï",
        encoder="0123abcd",
        quality=100,
        subsampling="4:2:0",
        is_progressive=True,
        bits=16,
        frames=3,
        has_alpha=True,
        has_profile=False,
        has_thumbnail=True,
    )
    path = tmp_path / "metadata.csv"
    lines = [",".join(METADATA_HEADER), f"0,/a.jpg,{strange.as_csv()}", f"1,/b.jpg,{NO_METADATA}"]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    (first, second) = (Metadata(*row[2:]) for row in METADATA.read(str(path)))
    assert (first, second) == (strange, Metadata())


@pytest.mark.parametrize(
    ("column", "value"),
    [("latitude", "north"), ("longitude", "nan"), ("rating", "1.5"), ("has_alpha", "yes")],
)
def test_a_value_that_makes_no_sense_is_reported_with_its_line(album, tmp_path, column, value):
    work = tmp_path / "out"
    assert fastdup.run(album, work, run_mode=1) == 0
    frame = pd.read_csv(work / "metadata.csv", dtype=str, keep_default_na=False)
    frame.loc[2, column] = value
    frame.to_csv(work / "metadata.csv", index=False)
    with pytest.raises(WorkDirError, match=rf"line 4: '{value}' is n"):
        FinishedRun(work).metadata_of(0)


def test_the_table_is_the_same_however_the_run_came_about(album, tmp_path):
    whole = tmp_path / "whole"
    assert fastdup.run(album, whole, verify="none") == 0
    grown = tmp_path / "grown"
    shutil.move(album / "5.jpg", tmp_path / "aside.jpg")
    old = (album / "7.jpg").read_bytes()
    (album / "7.jpg").write_bytes(camera_photo(30, taken="2001:01:01 01:01:01"))
    assert fastdup.run(album, grown, num_threads=1, verify="none") == 0
    assert table(grown) != table(whole)
    shutil.move(tmp_path / "aside.jpg", album / "5.jpg")
    (album / "7.jpg").write_bytes(old)
    assert fastdup.run(album, grown, verify="none") == 0
    assert table(grown) == table(whole)
    for number, (start, stop) in enumerate([(0, 4), (4, -1)]):
        options = {"min_offset": start, "max_offset": stop, "run_mode": 1}
        assert fastdup.run(album, tmp_path / f"{number}", **options) == 0
    fastdup.merge([tmp_path / "1", tmp_path / "0"], tmp_path / "merged")
    assert table(tmp_path / "merged") == table(whole)


def test_members_of_archives_have_metadata(album, tmp_path):
    packed = zip_of(tmp_path / "album.zip", files_of(album).items())
    assert fastdup.run(packed, tmp_path / "packed", verify="none") == 0
    assert fastdup.run(album, tmp_path / "plain", verify="none") == 0
    taken = [FinishedRun(tmp_path / name).metadata_columns("taken") for name in ("packed", "plain")]
    assert taken[0] == taken[1]


def test_the_data_frame_has_a_row_for_each_image(album, tmp_path):
    fd = fastdup.create(tmp_path / "out", album)
    fd.run(verify="none")
    frame = fd.metadata()
    assert list(frame.columns) == ["filename", *FIELDS]
    assert len(frame) == 11
    row = frame[frame["filename"].str.endswith("/0.jpg")].iloc[0]
    assert (row["camera"], row["rating"], row["has_alpha"]) == ("NIKON D90", 3, False)
    plain = frame[frame["filename"].str.endswith("plain.png")].iloc[0]
    assert (plain["taken"], plain["camera"]) == ("", "")
    assert plain[["latitude", "rating", "quality"]].isna().all()
    times = pd.to_datetime(frame["taken"].str[:19])
    assert times.notna().sum() == 10


def test_features_of_ones_own_have_no_metadata(album, tmp_path):
    fd = fastdup.create(tmp_path / "out", album)
    fd.run(verify="none")
    paths, _ = fd.embeddings()
    fastdup.save_binary_feature(tmp_path / "out", paths[:2], [[1, 2], [3, 4]])
    assert not (tmp_path / "out" / "metadata.csv").exists()
