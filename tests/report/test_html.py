"""Where a page goes, and that it goes there whole."""

import os

import pytest

from fastdup.errors import ReportError
from fastdup.report.html import page_path, write_page


def test_a_folder_is_made_and_the_file_goes_inside(tmp_path):
    path = page_path(tmp_path / "new" / "report", "duplicates.html")
    assert path == tmp_path / "new" / "report" / "duplicates.html"
    assert path.parent.is_dir()


@pytest.mark.parametrize("name", ["mine.html", "mine.HTML", "mine.htm"])
def test_a_path_that_ends_in_html_is_the_file(tmp_path, name):
    assert page_path(f"{tmp_path}/new/{name}", "duplicates.html") == tmp_path / "new" / name


def test_a_folder_called_html_is_a_folder(tmp_path):
    (tmp_path / "pages.html").mkdir()
    path = page_path(tmp_path / "pages.html", "outliers.html")
    assert path == tmp_path / "pages.html" / "outliers.html"


def test_the_path_is_absolute_and_the_home_is_known(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert page_path("report", "a.html") == tmp_path / "report" / "a.html"
    assert page_path("~/report", "a.html") == tmp_path / "report" / "a.html"


def test_a_file_in_the_way_is_an_error_that_names_it(tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(ReportError, match=r"cannot make the folder '.*taken'.*another save_path"):
        page_path(tmp_path / "taken", "a.html")


def test_a_page_replaces_the_old_one_and_leaves_nothing_else(tmp_path):
    path = tmp_path / "a.html"
    write_page(path, "old")
    write_page(path, "neü")
    assert path.read_text(encoding="utf-8") == "neü"
    assert os.listdir(tmp_path) == ["a.html"]


def test_a_failed_write_leaves_the_old_page_and_no_rest(tmp_path, monkeypatch):
    path = tmp_path / "a.html"
    write_page(path, "old")

    def fail(source, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(ReportError, match=r"cannot write .*a\.html: No space left on device"):
        write_page(path, "new")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.html"]


def test_a_page_is_readable_by_whom_other_new_files_are(tmp_path):
    write_page(tmp_path / "a.html", "page")
    (tmp_path / "other").write_text("other")
    assert (tmp_path / "a.html").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_a_stray_surrogate_does_not_stop_the_page(tmp_path):
    write_page(tmp_path / "a.html", "\ud83d")
    assert (tmp_path / "a.html").read_text(encoding="utf-8") == r"\ud83d"
