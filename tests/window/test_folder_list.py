"""The folders of this machine: names only, one level at a time."""

import os

import pytest

from fastdup.errors import SourceError
from fastdup.window.folder_list import list_folders, places

HOSTILE = '"><img src=x onerror=alert(1)>'


def test_folders_are_listed_as_a_person_counts_and_files_are_not(tmp_path):
    for name in ("10", "9", "b", "A", HOSTILE):
        (tmp_path / name).mkdir()
    (tmp_path / "photo.jpg").write_bytes(b"")
    assert list_folders(str(tmp_path), hidden=False).names == ["9", "10", HOSTILE, "A", "b"]


def test_hidden_folders_and_those_of_systems_are_listed_on_request_only(tmp_path):
    for name in (".thumbnails", "$RECYCLE.BIN", ".git", "plain"):
        (tmp_path / name).mkdir()
    found = list_folders(str(tmp_path), hidden=False)
    assert (found.names, found.n_hidden) == (["plain"], 3)
    found = list_folders(str(tmp_path), hidden=True)
    assert (len(found.names), found.n_hidden) == (4, 0)


def test_links_to_folders_are_folders_and_links_to_nowhere_are_not(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "circle").symlink_to("circle")
    assert list_folders(str(tmp_path), hidden=False).names == ["link", "real"]


def test_too_many_folders_are_cut_and_counted(tmp_path):
    for number in range(2005):
        (tmp_path / str(number)).mkdir()
    found = list_folders(str(tmp_path), hidden=False)
    assert (len(found.names), found.n_more) == (2000, 5)


@pytest.mark.parametrize("name", ["none", "file", "x" * 5000, "nul\0"])
def test_what_cannot_be_listed_is_one_clear_line(tmp_path, name):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(SourceError, match="cannot list the folder") as caught:
        list_folders(str(tmp_path / name), hidden=False)
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads all")
def test_a_folder_without_permission_is_one_clear_line(tmp_path):
    (tmp_path / "closed").mkdir(mode=0)
    with pytest.raises(SourceError, match="Permission denied"):
        list_folders(str(tmp_path / "closed"), hidden=False)


def test_a_name_that_is_no_text_leads_to_its_folder(tmp_path):
    os.mkdir(os.fsencode(tmp_path) + b"/caf\xe9")
    (folder,) = list_folders(str(tmp_path), hidden=False).to_json()["folders"]
    assert os.path.isdir(folder["path"])
    assert any(is_escape for _, is_escape in folder["name"])


def test_the_top_has_no_folder_above_it(tmp_path):
    assert list_folders(str(tmp_path), hidden=False).to_json()["parent"] == str(tmp_path.parent)
    assert list_folders(os.path.abspath(os.sep), hidden=False).to_json()["parent"] is None


def test_places_are_there_and_named_once(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    paths = [place["path"] for place in places()]
    assert paths[0] == str(tmp_path)
    assert len(paths) == len(set(paths))
    assert all(map(os.path.isdir, paths))


def test_places_are_listed_where_the_current_folder_is_gone(tmp_path, monkeypatch):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert "/" in [place["path"] for place in places()]
