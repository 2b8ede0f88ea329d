import logging
import os

import pytest

from fastdup.errors import ImageError, Reason, SourceError
from fastdup.sources import UNREACHABLE
from opened import Opened


def listed(given):
    return list(Opened(given).uris())


def test_a_list_file_names_one_path_per_line(tmp_path):
    listing = tmp_path / "files.txt"
    listing.write_bytes(
        b"\xef\xbb\xbf/abs/one.jpg\r\n\n# a comment\n   \n/abs/two words, and comma.jpg\n"
        b"./#3.jpg\n/abs/caf\xe9.jpg\n/abs/last.jpg"
    )
    assert listed(str(listing)) == [
        "/abs/one.jpg",
        "/abs/two words, and comma.jpg",
        os.path.join(tmp_path, "./#3.jpg"),
        os.fsdecode(b"/abs/caf\xe9.jpg"),
        "/abs/last.jpg",
    ]


def test_a_relative_path_is_sought_beside_the_list_and_then_in_the_current_folder(
    tmp_path, monkeypatch
):
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists/beside.jpg").touch()
    (tmp_path / "here.jpg").touch()
    (tmp_path / "lists/files.txt").write_text("beside.jpg\nhere.jpg\nnowhere.jpg\n")
    monkeypatch.chdir(tmp_path)
    assert listed("lists/files.txt") == [
        str(tmp_path / "lists/beside.jpg"),
        str(tmp_path / "here.jpg"),
        str(tmp_path / "lists/nowhere.jpg"),
    ]


def test_repeated_paths_are_listed_once_and_named(tmp_path, caplog):
    (tmp_path / "files.txt").write_text("/a.jpg\n/b.jpg\n/a.jpg\n/a.jpg\n")
    with caplog.at_level(logging.WARNING):
        assert listed(str(tmp_path / "files.txt")) == ["/a.jpg", "/b.jpg"]
    assert ": 2 repeated files left out: " in caplog.text
    assert "'/a.jpg'" in caplog.text


def test_a_file_is_listed_once_however_its_folder_is_spelled(tmp_path, caplog):
    (tmp_path / "in").mkdir()
    (tmp_path / "link").symlink_to("in")
    (tmp_path / "in" / "a.jpg").touch()
    (tmp_path / "b.jpg").symlink_to("in/a.jpg")
    listing = tmp_path / "files.txt"
    listing.write_text(
        f"in/a.jpg\n./in/a.jpg\n{tmp_path}/in/a.jpg\nin/../in/a.jpg\nlink/a.jpg\nb.jpg\n"
    )
    assert listed(str(listing)) == [str(tmp_path / "in" / "a.jpg")]
    assert ": 5 repeated files left out: " in caplog.text


def test_a_file_and_a_link_to_it_in_another_input_are_one_image(tmp_path, caplog):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (tmp_path / "a" / "photo.jpg").write_bytes(b"x")
    (tmp_path / "b" / "link.jpg").symlink_to(tmp_path / "a" / "photo.jpg")
    assert len(listed([str(tmp_path / "a"), str(tmp_path / "b")])) == 1
    assert len(listed([str(tmp_path / "b" / "link.jpg"), str(tmp_path / "a" / "photo.jpg")])) == 1
    assert ": 1 repeated file left out: " in caplog.text


def test_a_folder_is_listed_once_however_it_is_named(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "link").symlink_to("in")
    (tmp_path / "in" / "a.jpg").touch()
    places = [tmp_path / "in", tmp_path / "link", tmp_path / "in" / ".." / "in"]
    assert listed(places) == [str(tmp_path / "in" / "a.jpg")]


def test_a_zero_byte_in_a_folder_does_not_stop_the_listing():
    assert listed(["/i\0n/a.jpg", "/in/a.jpg"]) == ["/i\0n/a.jpg", "/in/a.jpg"]


def test_a_list_file_keeps_its_order(tmp_path):
    (tmp_path / "files.txt").write_text("/z.jpg\n/a.jpg\n")
    assert listed(str(tmp_path / "files.txt")) == ["/z.jpg", "/a.jpg"]


def test_a_python_list_mixes_files_folders_and_list_files(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/in.jpg").touch()
    (tmp_path / "files.txt").write_text("/listed.jpg\n/one.jpg\n")
    given = ["/one.jpg", tmp_path / "folder", tmp_path / "files.txt", "/two.jpg"]
    assert listed(given) == [
        "/one.jpg",
        str(tmp_path / "folder/in.jpg"),
        "/listed.jpg",
        "/two.jpg",
    ]


def test_a_single_image_is_a_collection_of_one(tmp_path):
    (tmp_path / "photo").write_bytes(b"\xff\xd8\xff\xe0\x00\x10JFIF\x00")
    assert listed(str(tmp_path / "photo")) == [str(tmp_path / "photo")]


@pytest.mark.parametrize("name", ["photo.JPG", "photos.zip", "photos.tar.gz", "clip.mp4", "a.webp"])
def test_text_under_the_name_of_images_is_no_list(tmp_path, name):
    (tmp_path / name).write_text("404 not found\n")
    assert listed(str(tmp_path / name)) == [str(tmp_path / name)]


def test_what_is_no_text_is_no_list(tmp_path):
    (tmp_path / "listing.txt").write_bytes(b"/a.jpg\n" + b"\n" * 600 + b"\0\0")
    with pytest.raises(SourceError, match="neither an image nor a list file"):
        listed(str(tmp_path / "listing.txt"))


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: None, Reason.NOT_FOUND),
        (lambda path: path.mkdir(), Reason.NOT_AN_IMAGE),
        (lambda path: path.symlink_to(path), Reason.NOT_FOUND),
        (os.mkfifo, Reason.NOT_AN_IMAGE),
    ],
)
def test_what_cannot_be_read_has_a_reason(tmp_path, make, reason):
    path = tmp_path / "x.jpg"
    make(path)
    with pytest.raises(ImageError) as failure:
        Opened([path]).read(str(path))
    assert failure.value.reason == reason


def test_a_folder_in_a_list_file_is_refused_with_its_right_form(tmp_path):
    listing = tmp_path / "files.txt"
    listing.write_text(f"{tmp_path}\n")
    with pytest.raises(ImageError, match="a folder: name it as an input"):
        Opened(listing).read(str(tmp_path))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_forbidden_file_has_a_reason(tmp_path):
    path = tmp_path / "x.jpg"
    path.write_bytes(b"x")
    path.chmod(0)
    with pytest.raises(ImageError) as failure:
        Opened([path]).read(str(path))
    assert failure.value.reason == Reason.NO_ACCESS


def test_a_zero_byte_in_a_name_is_not_found():
    source = Opened(["a.jpg"])
    assert source.stamp("a\0b.jpg") == UNREACHABLE
    with pytest.raises(ImageError) as failure:
        source.read("a\0b.jpg")
    assert failure.value.reason == Reason.NOT_FOUND


def test_a_stamp_holds_size_and_time(tmp_path):
    path = tmp_path / "x.jpg"
    path.write_bytes(b"12345")
    os.utime(path, ns=(1, 1_234_567_890_123_456_789))
    source = Opened([path])
    assert source.stamp(str(path)) == (5, 1_234_567_890_123_456_789)
    assert source.read(str(path)) == b"12345"
    assert source.read(str(path), 2) == b"12"


def test_a_url_that_nobody_can_read_is_kept_as_it_is_and_ends_among_the_bad(tmp_path):
    (tmp_path / "files.txt").write_text("ftp://host/a.jpg\n")
    assert listed(str(tmp_path / "files.txt")) == ["ftp://host/a.jpg"]
    source = Opened(["ftp://host/a.jpg"])
    assert source.stamp("ftp://host/a.jpg") == UNREACHABLE
    with pytest.raises(ImageError) as failure:
        source.read("ftp://host/a.jpg")
    assert failure.value.reason == Reason.UNSUPPORTED
