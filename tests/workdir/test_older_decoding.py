"""A work folder of an earlier version keeps the rows of pictures that are decoded as before."""

import json
import os

import numpy as np
import pytest

import fastdup
import zoo
from camera_files import camera_photo
from fastdup.errors import WorkDirError

FILES = ("features.dat", "features.dat.csv", "features.bad.csv", "stats.csv", "metadata.csv")
KEPT = ["0.jpg", "1.jpg", "grey.jpg", "rgb.png"]


def sign_as_earlier(journal):
    """Make a journal what a version with another decoding would have left."""
    first, *rest = journal.read_text().splitlines(keepends=True)
    signature = json.loads(first)
    del signature["decoding"]
    journal.write_text(json.dumps(signature, sort_keys=True) + "\n" + "".join(rest))


def contents(folder):
    return {name: (folder / name).read_bytes() for name in FILES}


def rows(folder):
    return np.fromfile(folder / "features.dat", "<f4").reshape(-1, 576)


@pytest.fixture
def album(tmp_path):
    folder = tmp_path / "album"
    folder.mkdir()
    for number in range(2):
        (folder / f"{number}.jpg").write_bytes(camera_photo(number, model="A"))
    good = zoo.good_images()
    (folder / "alpha.png").write_bytes(good["alpha.png"])
    (folder / "grey.jpg").write_bytes(good["grey.jpg"])
    (folder / "rgb.png").write_bytes(good["rgb.png"])
    (folder / "deep.png").write_bytes(good["grey_16_bit.png"])
    (folder / "dim.png").write_bytes(zoo.encode((zoo.grey_picture() > 99).astype(np.uint8), "PNG"))
    labels = np.resize([0, 1, 2, 255], zoo.grey_picture().shape).astype(np.uint8)
    (folder / "labels.png").write_bytes(zoo.encode(labels, "PNG"))
    (folder / "text.jpg").write_bytes(b"no image")
    return folder


@pytest.fixture
def earlier(album, tmp_path):
    """Return a work folder of an earlier version, whose rows all have a first value of their own.

    Another one knew the picture that is nearly black as such.
    """
    out = tmp_path / "out"
    assert fastdup.run(album, out, verify="none") == 0
    stats = (out / "stats.csv").read_text().splitlines()
    stats = [line.replace(",255.0000,", ",1.0000,") if "dim" in line else line for line in stats]
    values = rows(out).copy()
    values[:, 0] = 7.0
    values.tofile(out / "features.dat")
    text = "\n".join(stats) + "\n"
    n_less = (out / "stats.csv").stat().st_size - len(text)
    (out / "stats.csv").write_text(text[:-1] + "0" * n_less + "\n")
    sign_as_earlier(out / "features.dat.journal")
    return out


def is_kept(folder):
    names = [line.rpartition("/")[2] for line in contents(folder)["stats.csv"].decode().split()]
    found = dict(zip([n.split(",")[0] for n in names[1:]], rows(folder)[:, 0] == 7.0, strict=True))
    return sorted(name for name, kept in found.items() if kept)


def test_only_pictures_that_may_be_decoded_otherwise_are_extracted_again(earlier, album, caplog):
    assert fastdup.run(album, earlier, verify="none") == 0
    assert is_kept(earlier) == KEPT
    assert "extracted again" not in caplog.text


def test_the_next_run_keeps_all_rows(earlier, album):
    assert fastdup.run(album, earlier, verify="none") == 0
    before = contents(earlier)
    assert fastdup.run(album, earlier, verify="none") == 0
    assert contents(earlier) == before


def test_rows_of_an_earlier_version_that_were_set_aside_are_kept(earlier, album):
    for name in (*FILES, "content.dat", "features.dat.listing", "features.dat.journal"):
        os.replace(earlier / name, earlier / f"{name}.prev")
    assert fastdup.run(album, earlier, verify="none") == 0
    assert is_kept(earlier) == KEPT


def test_a_file_that_was_refused_as_damaged_is_tried_again(tmp_path):
    album, out = tmp_path / "album", tmp_path / "out"
    album.mkdir()
    (album / "a.png").write_bytes(zoo.good_images()["rgb.png"])
    (album / "b.tif").write_bytes(b"II*\0broken")
    assert fastdup.run(album, out, verify="none") == 0
    mended = zoo.tiff([zoo.picture()])
    stamp = (album / "b.tif").stat()
    listing = np.fromfile(out / "features.dat.listing", "<i8").reshape(-1, 3)
    listing[1, 0] = len(mended)  # as if the earlier version had refused this very file
    listing.tofile(out / "features.dat.listing")
    (album / "b.tif").write_bytes(mended)
    os.utime(album / "b.tif", ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert fastdup.run(album, out, verify="none") == 0
    assert len(rows(out)) == 1
    sign_as_earlier(out / "features.dat.journal")
    assert fastdup.run(album, out, verify="none") == 0
    assert len(rows(out)) == 2


def test_without_metadata_all_are_extracted_again(earlier, album, caplog):
    (earlier / "metadata.csv").unlink()
    assert fastdup.run(album, earlier, verify="none") == 0
    assert is_kept(earlier) == []
    assert "all images are extracted again" in caplog.text


def test_parts_of_both_versions_are_not_merged(album, tmp_path):
    for number, (start, stop) in enumerate([(0, 4), (4, -1)]):
        options = {"min_offset": start, "max_offset": stop, "run_mode": 1}
        assert fastdup.run(album, tmp_path / f"{number}", **options) == 0
    sign_as_earlier(tmp_path / "0" / "features.dat.journal")
    with pytest.raises(WorkDirError, match="decoding"):
        fastdup.merge([tmp_path / "0", tmp_path / "1"], tmp_path / "all")
