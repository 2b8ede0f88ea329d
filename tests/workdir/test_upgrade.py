"""Work folders of versions that stored no metadata go on to be used."""

import json
import os
import shutil

import pytest

import fastdup
from camera_files import camera_photo
from fastdup.metadata import Metadata
from fastdup.runs import FinishedRun
from fastdup.workdir import WorkDir
from fastdup.workdir.append_only import AppendOnlyFiles
from fastdup.workdir.commits import read_signature
from fastdup.workdir.upgrade import add_metadata

KEPT = ("features.dat", "features.dat.csv", "features.bad.csv", "stats.csv", "features.dat.listing")


def make_earlier(folder, suffix=""):
    """Make a work folder what a version without metadata would have left."""
    (folder / f"metadata.csv{suffix}").unlink()
    journal = folder / f"features.dat.journal{suffix}"
    lines = []
    for line in journal.read_text().splitlines():
        value = json.loads(line)
        lines.append(line if isinstance(value, dict) else json.dumps(value[:-1]))
    journal.write_text("\n".join(lines) + "\n")


def contents(folder, names=KEPT):
    return {name: (folder / name).read_bytes() for name in names}


def cameras(folder):
    return list(FinishedRun(folder).metadata_columns("camera")["camera"])


@pytest.fixture
def album(tmp_path):
    folder = tmp_path / "album"
    folder.mkdir()
    for number in range(12):
        name = f"{number:02}, x.jpg"
        (folder / name).write_bytes(camera_photo(number, model=f"Model {number}"))
    (folder / "broken.jpg").write_bytes(b"broken")
    return folder


@pytest.fixture
def earlier(album, tmp_path):
    out = tmp_path / "out"
    assert fastdup.run(album, out) == 0
    make_earlier(out)
    return out


WARNING = "12 images of an earlier version have no dates and cameras"


def test_a_run_keeps_the_rows_of_an_earlier_version_and_says_once_what_is_missing(
    earlier, album, caplog
):
    before = contents(earlier)
    pairs = (earlier / "similarity.csv").read_bytes()
    assert fastdup.run(album, earlier) == 0
    assert WARNING in caplog.text
    assert "extracted again" not in caplog.text
    assert contents(earlier) == before
    assert (earlier / "similarity.csv").read_bytes() == pairs
    assert cameras(earlier) == [""] * 12
    assert FinishedRun(earlier).metadata()[0] == Metadata()
    caplog.clear()
    assert fastdup.run(album, earlier) == 0
    assert "earlier version" not in caplog.text


def test_new_and_changed_images_have_their_metadata(earlier, album):
    (album / "03, x.jpg").write_bytes(camera_photo(3, model="Changed model"))
    (album / "20.jpg").write_bytes(camera_photo(20, model="New model"))
    assert fastdup.run(album, earlier) == 0
    wanted = [""] * 13
    wanted[3], wanted[12] = "NIKON CORPORATION Changed model", "NIKON CORPORATION New model"
    assert cameras(earlier) == wanted


def test_an_extraction_that_an_earlier_version_began_is_gone_on_with(earlier, album):
    before = contents(earlier)
    lines = (earlier / "features.dat.journal").read_text().splitlines()
    half = json.loads(lines[2])
    for name, length in zip(KEPT, half[2:], strict=False):
        assert (earlier / name).stat().st_size >= length
    (earlier / "features.dat.journal").write_text("\n".join([*lines[:2], "[4, 4, 10"]))
    assert fastdup.run(album, earlier) == 0
    assert contents(earlier) == before
    assert "NIKON CORPORATION Model 11" in cameras(earlier)


@pytest.mark.parametrize("left_over", [b"", b"index,filename\n0,x", None])
def test_an_upgrade_that_was_killed_is_made_again(earlier, album, left_over, tmp_path):
    shutil.copytree(earlier, tmp_path / "whole")
    assert fastdup.run(album, tmp_path / "whole") == 0
    whole = contents(tmp_path / "whole", [*KEPT, "metadata.csv"])
    if left_over is None:  # the table was written, the journal was not
        left_over = whole["metadata.csv"]
    (earlier / "metadata.csv").write_bytes(left_over)
    assert fastdup.run(album, earlier) == 0
    assert contents(earlier, [*KEPT, "metadata.csv"]) == whole


def test_rows_that_an_earlier_version_set_aside_are_used(earlier, album, caplog):
    for name in (*KEPT, "features.dat.journal"):
        os.replace(earlier / name, earlier / f"{name}.prev")
    assert fastdup.run(album, earlier) == 0
    assert cameras(earlier) == [""] * 12
    assert WARNING in caplog.text


def test_parts_of_an_earlier_version_are_merged(album, tmp_path):
    for number, (start, stop) in enumerate([(0, 5), (5, -1)]):
        options = {"min_offset": start, "max_offset": stop, "run_mode": 1}
        assert fastdup.run(album, tmp_path / f"{number}", **options) == 0
    make_earlier(tmp_path / "0")
    fastdup.merge([tmp_path / "0", tmp_path / "1"], tmp_path / "all")
    found = cameras(tmp_path / "all")
    assert found[:5] == [""] * 5
    assert found[5:] == [f"NIKON CORPORATION Model {number}" for number in range(5, 12)]


def test_a_search_in_the_folder_of_an_earlier_version_needs_no_metadata(earlier):
    assert fastdup.run("", earlier, run_mode=2) == 0
    fd = fastdup.create(earlier)
    with pytest.raises(fastdup.errors.WorkDirError, match=r"there is no .*metadata\.csv"):
        fd.metadata()
    assert FinishedRun(earlier).metadata() == []


def test_the_files_of_this_version_are_left_as_they_are(album, tmp_path):
    out = tmp_path / "out"
    assert fastdup.run(album, out, run_mode=1) == 0
    names = [*KEPT, "metadata.csv", "features.dat.journal"]
    before = contents(out, names)
    work = WorkDir(str(out))
    add_metadata(AppendOnlyFiles.of(work), read_signature(work.journal))
    assert contents(out, names) == before
