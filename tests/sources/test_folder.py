import logging
import os
from itertools import islice

import pytest

from fastdup.config import RunConfig
from fastdup.errors import SourceError
from fastdup.sources import list_images
from fastdup.sources.folder import FolderListing
from fastdup.sources.inputs import open_listing, open_reader


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
