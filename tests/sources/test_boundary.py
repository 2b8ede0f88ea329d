"""Libraries that raise anything: what they read is a bad file, and the run ends normally."""

import csv
import os
import tarfile
import zipfile

import pytest
from PIL import JpegImagePlugin

import fastdup
from films import film_of, scenes
from hostile_workshop import RAISED
from packed import tar_of, zip_of
from pictures import jpeg, scene
from tables import parquet_of, saved_of

_FAKE = """
import os, signal
from hostile_workshop import RAISED

def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    def fail(*_, **__):
        {what}
    return fail

class FFmpegError(Exception):
    pass
"""


def table(path):
    with open(path, newline="") as file:
        return {os.path.basename(row["filename"]): row for row in csv.DictReader(file)}


def run(folder, out):
    """Return the names of good images, and of bad files with their rows.

    Pairs are not judged: what cannot be listed or read is in none.
    """
    assert fastdup.run(str(folder), str(out), num_threads=1, verify="none") == 0
    with open(out / "features.dat.csv", newline="") as file:
        good = [os.path.basename(row["filename"]) for row in csv.DictReader(file)]
    return good, table(out / "features.bad.csv")


@pytest.fixture
def packed(tmp_path):
    """A folder with two photos and archives."""
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(2):
        (folder / f"{number}.jpg").write_bytes(jpeg(scene(number)))
    inner = [("inner.jpg", jpeg(scene(5)))]
    tar_of(folder / "a.tar", inner)
    tar_of(folder / "b.tgz", inner)
    zip_of(folder / "c.zip", inner)
    return folder


@pytest.fixture
def folder(packed):
    """The same, and a file of each other kind of container."""
    parquet_of(packed / "d.parquet", {"image": [jpeg(scene(6))]})
    saved_of(packed / "e", {"image": [jpeg(scene(7)), jpeg(scene(9))]})
    film_of(packed / "f.mp4", scenes([8]))
    return packed


@pytest.fixture
def library(tmp_path, monkeypatch):
    """Put a library of that name in the place of the real one."""

    def replaced(name, what):
        (tmp_path / "fake" / name).mkdir(parents=True)
        (tmp_path / "fake" / name / "__init__.py").write_text(_FAKE.format(what=what))
        monkeypatch.syspath_prepend(str(tmp_path / "fake"))

    return replaced


ARROWS = ("data-00000-of-00002.arrow", "data-00001-of-00002.arrow")
OF_LIBRARY = {"pyarrow": {"d.parquet", *ARROWS}, "av": {"f.mp4"}}


@pytest.mark.parametrize("kind", RAISED)
@pytest.mark.parametrize("name", OF_LIBRARY)
def test_a_library_that_raises_anything_costs_its_files(folder, library, tmp_path, name, kind):
    library(name, f"raise RAISED[{kind!r}]")
    good, bad = run(folder, tmp_path / "out")
    assert len(good) == 9 - len(OF_LIBRARY[name])
    assert set(bad) == OF_LIBRARY[name]
    for row in bad.values():
        assert row["reason"]
        assert "\n" not in row["detail"]


@pytest.mark.skipif(os.name != "posix", reason="there are no watched processes")
@pytest.mark.parametrize("name", OF_LIBRARY)
def test_a_library_that_crashes_costs_its_files(folder, library, tmp_path, name):
    library(name, "os.kill(os.getpid(), signal.SIGSEGV)")
    good, bad = run(folder, tmp_path / "out")
    assert len(good) == 9 - len(OF_LIBRARY[name])
    assert set(bad) == OF_LIBRARY[name]
    assert all("crashed (SIGSEGV)" in row["detail"] for row in bad.values())


@pytest.mark.parametrize("kind", RAISED)
@pytest.mark.parametrize(
    ("place", "method", "lost"),
    [
        (zipfile.ZipFile, "infolist", ["c.zip"]),
        (tarfile.TarInfo, "fromtarfile", ["a.tar", "b.tgz"]),
        (JpegImagePlugin.JpegImageFile, "draft", ["0.jpg", "1.jpg", "inner.jpg"]),
    ],
)
def test_any_exception_at_listing_or_reading_costs_its_files(
    packed, tmp_path, monkeypatch, place, method, lost, kind
):
    def fail(*_, **__):
        raise RAISED[kind]

    monkeypatch.setattr(place, method, fail)
    good, bad = run(packed, tmp_path / "out")
    assert set(lost) <= set(bad)
    assert not set(good) & set(lost)
    assert all(row["reason"] for row in bad.values())
