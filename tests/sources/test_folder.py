import datetime
import logging
import os
import subprocess
import sys
from itertools import islice

import pytest

from fastdup.config import RunConfig
from fastdup.errors import ImageError, Reason, SourceError
from fastdup.sources import UNREACHABLE, list_images
from fastdup.sources.folder import FolderListing
from fastdup.sources.inputs import open_listing, open_reader
from fastdup.sources.local_reader import LocalReader


def make(root, *names):
    for name in names:
        path = os.path.join(root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(b"x")


def listed(root, **options):
    return [os.path.relpath(u, root) for u in FolderListing(str(root), **options).uris()]


def test_files_come_sorted_by_the_bytes_of_their_whole_path(tmp_path):
    make(tmp_path, "b.jpg", "a/z.jpg", "a.jpg", "a-1.jpg", "a/b/c.jpg", "é.jpg", "Z.jpg", "zz.jpg")
    paths = listed(tmp_path)
    assert paths == sorted(paths, key=os.fsencode)
    assert set(paths) == {
        *("b.jpg", "a/z.jpg", "a.jpg", "a-1.jpg"),
        *("a/b/c.jpg", "é.jpg", "Z.jpg", "zz.jpg"),
    }


def test_every_file_is_listed_whatever_its_ending(tmp_path):
    make(tmp_path, "photo", "notes.txt", "picture.JPEG")
    assert listed(tmp_path) == ["notes.txt", "photo", "picture.JPEG"]


def test_a_folder_named_like_an_image_is_entered(tmp_path):
    make(tmp_path, "x.jpg/inner.jpg")
    assert listed(tmp_path) == ["x.jpg/inner.jpg"]


def test_hidden_names_are_left_out_and_said_so_or_listed_when_asked(tmp_path, caplog):
    make(tmp_path, ".hidden.jpg", ".folder/a.jpg", "a.jpg")
    with caplog.at_level(logging.INFO):
        assert listed(tmp_path) == ["a.jpg"]
    assert "2 hidden" in caplog.text
    assert listed(tmp_path, include_hidden=True) == [".folder/a.jpg", ".hidden.jpg", "a.jpg"]


def test_links_that_lead_in_circles_end(tmp_path):
    make(tmp_path, "a/b/x.jpg")
    (tmp_path / "a/b/up").symlink_to(tmp_path / "a")
    (tmp_path / "a/self").symlink_to(tmp_path / "a/self")
    (tmp_path / "above").symlink_to(tmp_path.parent)
    assert listed(tmp_path) == ["a/b/x.jpg", "a/self"]


def test_a_link_to_what_is_listed_anyway_is_no_second_image(tmp_path):
    make(tmp_path, "z.jpg", "folder/y.jpg")
    (tmp_path / "a-link.jpg").symlink_to(tmp_path / "z.jpg")
    (tmp_path / "a-folder").symlink_to(tmp_path / "folder")
    assert listed(tmp_path) == ["folder/y.jpg", "z.jpg"]


def test_links_out_of_the_folder_are_followed_once(tmp_path):
    make(tmp_path, "outside/1.jpg", "outside/sub/2.jpg", "in/own.jpg")
    (tmp_path / "in/first").symlink_to(tmp_path / "outside")
    (tmp_path / "in/second").symlink_to(tmp_path / "outside")
    (tmp_path / "outside/sub/up").symlink_to(tmp_path / "outside")
    (tmp_path / "in/link.jpg").symlink_to(tmp_path / "in/own.jpg")
    assert listed(tmp_path / "in") == ["first/1.jpg", "first/sub/2.jpg", "own.jpg"]


def test_a_link_into_a_hidden_folder_is_followed(tmp_path):
    make(tmp_path, ".annex/object")
    (tmp_path / "photo.jpg").symlink_to(tmp_path / ".annex/object")
    assert listed(tmp_path) == ["photo.jpg"]


def test_what_a_link_leads_to_is_listed_once_by_whatever_links_it_is_reached(tmp_path):
    make(tmp_path, "outside/1.jpg", "outside/2.jpg", "in/own.jpg")
    (tmp_path / "in/a-file.jpg").symlink_to(tmp_path / "outside/1.jpg")
    (tmp_path / "in/folder").symlink_to(tmp_path / "outside")
    (tmp_path / "in/z-file.jpg").symlink_to(tmp_path / "outside/2.jpg")
    real = [os.path.realpath(tmp_path / "in" / name) for name in listed(tmp_path / "in")]
    assert sorted(os.path.relpath(path, tmp_path) for path in real) == [
        *("in/own.jpg", "outside/1.jpg", "outside/2.jpg")
    ]


def test_a_broken_link_is_listed_so_that_it_ends_among_the_bad(tmp_path):
    (tmp_path / "gone.jpg").symlink_to(tmp_path / "nowhere.jpg")
    assert listed(tmp_path) == ["gone.jpg"]


def test_names_that_are_no_utf8_are_listed(tmp_path):
    with open(os.path.join(os.fsencode(tmp_path), b"caf\xe9.jpg"), "wb") as file:
        file.write(b"x")
    assert [os.fsencode(name) for name in listed(tmp_path)] == [b"caf\xe9.jpg"]


def test_own_outputs_are_not_listed_but_namesakes_elsewhere_are(tmp_path):
    make(tmp_path, "features.dat", "a.jpg", "sub/features.dat")
    config = RunConfig(input_dir=str(tmp_path))
    listing = open_listing(config, open_reader(config), exclude=[str(tmp_path / "features.dat")])
    names = [os.path.relpath(u, tmp_path) for u in listing.uris()]
    assert names == ["a.jpg", "sub/features.dat"]


def test_offsets_and_cap_choose_a_part_of_the_sorted_listing(tmp_path):
    make(tmp_path, *(f"{i}.jpg" for i in range(9)))
    config = RunConfig(input_dir=str(tmp_path), min_offset=2, max_offset=8, num_images=3)
    uris = islice(list_images(config), *config.listing_range)
    assert [os.path.basename(u) for u in uris] == ["2.jpg", "3.jpg", "4.jpg"]


def test_a_missing_folder_is_one_clear_error(tmp_path):
    with pytest.raises(SourceError, match="there is nothing at"):
        list(list_images(RunConfig(input_dir=str(tmp_path / "nowhere"))))


@pytest.fixture
def deep(tmp_path):
    """A folder with 2,500 others, one in the other, and a file in the deepest: 5,000 characters."""
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(2_500):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    with open(os.open("leaf.jpg", os.O_WRONLY | os.O_CREAT, dir_fd=here), "wb") as leaf:
        leaf.write(b"content")
    os.symlink("leaf.jpg", "link.jpg", dir_fd=here)
    os.close(here)
    yield tmp_path
    subprocess.run(["rm", "-rf", tmp_path / "d"], check=True)  # shutil gives up at that depth


@pytest.mark.skipif(os.scandir not in os.supports_fd, reason="paths are short on this system")
@pytest.mark.skipif(sys.platform == "darwin", reason="paths are shorter on this system")
def test_folders_are_entered_and_files_read_however_deep_they_lie(deep):
    config = RunConfig(input_dir=[str(deep), str(deep / "d")])
    reader = open_reader(config)
    leaf, link = open_listing(config, reader).uris()
    assert leaf == str(deep) + "/d" * 2_500 + "/leaf.jpg"
    assert link.endswith("/link.jpg")
    assert reader.stamp(leaf).size_bytes == 7
    assert reader.read(leaf) == b"content"
    assert reader.stamp(leaf + "x") == UNREACHABLE
    with pytest.raises(ImageError) as failure:
        reader.read(leaf + "x")
    assert failure.value.reason is Reason.NOT_FOUND
    # That many open files would be too many.
    assert len(os.listdir("/proc/self/fd")) < 100


@pytest.mark.parametrize("year", [1601, 1901, 2261, 2263, 2300, 2400])
def test_a_file_of_any_date_has_a_stamp_that_can_be_stored(tmp_path, year):
    make(tmp_path, "a.jpg")
    path = str(tmp_path / "a.jpg")
    seconds = int((datetime.datetime(year, 1, 1) - datetime.datetime(1970, 1, 1)).total_seconds())
    try:
        os.utime(path, ns=(0, seconds * 10**9))
    except OSError:
        pytest.skip("this file system has no such dates")
    if os.stat(path).st_mtime_ns != seconds * 10**9:
        pytest.skip("this file system has no such dates")
    stamp = LocalReader().stamp(path)
    assert -(2**63) <= stamp.mtime_ns < 2**63
    assert (stamp.mtime_ns > 0) == (year > 1970)
    os.utime(path, ns=(0, seconds * 10**9 + 1_000_000_000))
    assert LocalReader().stamp(path) != stamp


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
@pytest.mark.parametrize("name", ["a.mp4", "a.zip", "a.tgz", "a.parquet", "a.arrow", "a.jpg", "a"])
def test_a_pipe_is_a_bad_file_whatever_it_is_called(tmp_path, name):
    os.mkfifo(tmp_path / name)
    config = RunConfig(input_dir=str(tmp_path))
    reader = open_reader(config)
    assert list(open_listing(config, reader).uris()) == [str(tmp_path / name)]
    with pytest.raises(ImageError, match="not a regular file") as failure:
        reader.read(str(tmp_path / name))
    assert failure.value.reason is Reason.NOT_AN_IMAGE
