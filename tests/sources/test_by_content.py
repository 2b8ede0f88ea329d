"""Archives and films whose names do not say what they are."""

import bz2
import contextlib
import gzip
import os
import pickle
import shutil
import struct
from random import Random

import pytest

import fastdup
from fastdup.sources import UriReader
from fastdup.workdir.csv_files import read_table
from films import film_of, scenes
from opened import Opened
from packed import tar_of, zip_of
from pictures import jpeg, scene

PICTURES = {f"in/{number}.jpg": jpeg(scene(number, (64, 48))) for number in range(3)}


def listed(given):
    return list(Opened(str(given)).uris())


def below(path, names=PICTURES):
    return [f"{path}/{name}" for name in names]


@pytest.mark.parametrize(
    "name", ["comic.cbz", "book.epub", "no-ending", "photos.zip.bak", "A.ZIP2"]
)
@pytest.mark.parametrize("alone", [True, False])
def test_a_zip_is_entered_whatever_it_is_called(tmp_path, name, alone):
    path = zip_of(tmp_path / name, PICTURES.items())
    assert listed(path if alone else tmp_path) == below(path)


@pytest.mark.parametrize(("name", "mode"), [("tape", "w"), ("a.dat", "w:gz"), ("b", "w:bz2")])
def test_a_tar_is_entered_whatever_it_is_called(tmp_path, name, mode):
    path = tar_of(tmp_path / name, PICTURES.items(), mode)
    with contextlib.closing(Opened(str(path))) as source:
        assert list(source.uris()) == below(path)
        assert [source.read(uri) for uri in source.uris()] == list(PICTURES.values())


@pytest.mark.parametrize("head", [b"MZ\x90\0", b"\x7fELF", b"#!/bin/sh\n"])
def test_a_program_that_unpacks_itself_is_entered(tmp_path, head):
    plain = zip_of(tmp_path / "plain.zip", PICTURES.items()).read_bytes()
    path = tmp_path / "photos.exe"
    path.write_bytes(head + bytes(5000) + plain)
    source = Opened(str(path))
    assert list(source.uris()) == below(path)
    assert [source.read(uri) for uri in below(path)] == list(PICTURES.values())


def test_documents_and_packed_texts_are_not_entered(tmp_path):
    office = {"[Content_Types].xml": b"<a/>", "word/media/1.jpg": jpeg(scene(1))}
    drawing = {"mimetype": b"application/vnd.oasis.opendocument.text", **office}
    zip_of(tmp_path / "a", office.items(), 0)
    zip_of(tmp_path / "b", drawing.items(), 0)
    zip_of(tmp_path / "c.docx", PICTURES.items())
    (tmp_path / "d.csv.gz").write_bytes(gzip.compress(b"a,b\n" * 999))
    (tmp_path / "e.bz2").write_bytes(bz2.compress(b"a,b\n" * 999))
    (tmp_path / "f.gz").write_bytes(b"\x1f\x8b damaged")
    (tmp_path / "g.exe").write_bytes(b"MZ" + bytes(5000))
    assert [os.path.basename(uri) for uri in listed(tmp_path)] == sorted(os.listdir(tmp_path))


def test_a_program_that_ends_as_a_part_of_a_zip_is_passed_over(tmp_path):
    end = zip_of(tmp_path / "a.zip", PICTURES.items()).read_bytes()[-22:]
    locator = struct.pack("<4sIQI", b"PK\6\7", 1, 100, 3)  # of three disks
    (tmp_path / "a.zip").write_bytes(b"MZ" + bytes(5000) + bytes(56) + locator + end)
    os.rename(tmp_path / "a.zip", tmp_path / "setup.exe")
    assert listed(tmp_path) == [str(tmp_path / "setup.exe")]


def test_whatever_a_file_holds_listing_goes_on(tmp_path):
    random = Random(11)
    wholes = [
        zip_of(tmp_path / "a", PICTURES.items()).read_bytes(),
        tar_of(tmp_path / "a", PICTURES.items(), "w:gz").read_bytes(),
        tar_of(tmp_path / "a", PICTURES.items(), "w:xz").read_bytes(),
        tar_of(tmp_path / "a", PICTURES.items()).read_bytes(),
        b"MZ" + zip_of(tmp_path / "a", PICTURES.items()).read_bytes(),
    ]
    for _ in range(300):
        data = bytearray(random.choice(wholes))
        for _ in range(random.randint(1, 20)):
            end = random.choice((64, 600, len(data)))
            data[random.randrange(end) - random.choice((0, end))] = random.randrange(256)
        (tmp_path / "a").write_bytes(data[: random.choice((len(data), random.randrange(600)))])
        assert listed(tmp_path)


def test_an_image_is_not_looked_into_by_its_name(tmp_path):
    zip_of(tmp_path / "photo.jpg", PICTURES.items())
    assert listed(tmp_path) == [str(tmp_path / "photo.jpg")]


@pytest.mark.parametrize("name", ["PXL_1.MP", "clip.insv", "no-ending", "clip.mp4.part"])
def test_a_film_is_known_by_its_content(tmp_path, name):
    shutil.copy(film_of(tmp_path / "made.mp4", scenes([1, 2])), tmp_path / name)
    os.remove(tmp_path / "made.mp4")
    source = Opened(str(tmp_path))
    first, *_ = source.uris()
    assert first == f"{tmp_path / name}#t=0.000"
    assert source.read(first).startswith(b"BM")
    assert UriReader().read(first) == source.read(first)  # one that listed nothing
    assert UriReader().stamp(first) == source.stamp(first)


def test_a_process_that_listed_nothing_finds_what_is_in_them(tmp_path):
    path = zip_of(tmp_path / "no-ending", PICTURES.items())
    source = Opened(str(path))
    uris = list(source.uris())
    copies = [UriReader(), pickle.loads(pickle.dumps(source.reader))]
    for uri in uris:
        for copy in copies:
            assert copy.read(uri) == source.read(uri)
            assert copy.stamp(uri) == source.stamp(uri)
    with pytest.raises(fastdup.ImageError):
        UriReader().read(f"{path}/none.jpg")


def test_a_run_uses_and_remembers_the_members(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    zip_of(folder / "no-ending", PICTURES.items())
    (folder / "copy.jpg").write_bytes(PICTURES["in/1.jpg"])
    assert fastdup.run(folder, tmp_path / "out") == 0
    _, *rows = read_table(str(tmp_path / "out/similarity.csv"))
    assert {os.path.relpath(row[0], folder) for row in rows} == {"copy.jpg", "no-ending/in/1.jpg"}
    _, *bad = read_table(str(tmp_path / "out/features.bad.csv"))
    assert bad == []
