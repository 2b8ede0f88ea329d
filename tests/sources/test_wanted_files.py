import io
import logging
import os
import zipfile
from datetime import datetime

import pytest

from fastdup.config import RunConfig
from fastdup.errors import ConfigError
from fastdup.sources import list_images
from fastdup.sources.wanted_files import WantedFiles, is_system_folder


def make(root, *names, size=1):
    for name in names:
        path = os.path.join(root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(b"x" * size)


def listed(root, **options):
    config = RunConfig(input_dir=str(root), **options)
    return [os.path.relpath(path, root) for path in list_images(config)]


@pytest.mark.parametrize(
    ("pattern", "fitting", "others"),
    [
        ("*.gif", ["a.gif", "x/B.GIF", "x.gif/a.jpg"], ["a.gif.jpg", "gif"]),
        ("cache", ["cache", "x/cache/a.jpg", "Cache/y/a.jpg"], ["caches/a.jpg", "a/my cache"]),
        ("IMG_????.jpg", ["IMG_0001.jpg", "x/img_abcd.JPG"], ["IMG_00001.jpg", "IMG_1.jpg"]),
        ("[ab]*.png", ["a1.png", "x/b.png"], ["c.png", "xa.png"]),
        ("[!ab]?.png", ["c1.png"], ["a1.png", "b1.png"]),
        ("2019/*.jpg", ["2019/a.jpg", "x/2019/a.jpg"], ["2019/y/a.jpg", "x2019/a.jpg"]),
        ("/2019/*.jpg", ["2019/a.jpg"], ["x/2019/a.jpg", "2019/y/a.jpg"]),
        ("/2019/**/*.jpg", ["2019/a.jpg", "2019/x/y/a.jpg"], ["x/2019/a.jpg"]),
        ("raw/**", ["raw/a.jpg", "x/raw/y/a.jpg"], ["raws/a.jpg", "raw"]),
        ("old/", ["old/a.jpg", "x/old/y.jpg"], ["old", "x/old"]),
        ("*.mp4", ["x/clip.mp4#t=12.480"], ["x/clip.mp4.jpg"]),
        ("a.b", ["a.b"], ["axb"]),
        ("(1)*", ["(1) a.jpg"], ["1 a.jpg"]),
    ],
)
def test_a_pattern_fits_names_and_folders_as_in_a_shell(pattern, fitting, others):
    excluding, including = WantedFiles(exclude=(pattern,)), WantedFiles(include=(pattern,))
    assert [path for path in fitting + others if not excluding.takes(path)] == fitting
    assert [path for path in fitting + others if including.takes(path)] == fitting


def test_what_is_excluded_is_not_listed_though_it_is_included(tmp_path):
    make(tmp_path, "a.jpg", "b.png", "old/c.jpg", "new/d.jpg", "new/e.gif")
    assert listed(tmp_path, exclude="old") == ["a.jpg", "b.png", "new/d.jpg", "new/e.gif"]
    assert listed(tmp_path, include=["*.jpg"], exclude=["old"]) == ["a.jpg", "new/d.jpg"]
    assert listed(tmp_path, include=["new"], exclude=["*.gif"]) == ["new/d.jpg"]


def test_an_excluded_folder_is_not_entered_and_the_number_is_reported(tmp_path, caplog):
    make(tmp_path, "a.jpg", "old/c.jpg", "x/old/d.jpg", "x/old.jpg")
    with caplog.at_level(logging.INFO):
        assert listed(tmp_path, exclude=["old", "/x/old.jpg"]) == ["a.jpg"]
    assert "2 folders excluded" in caplog.text
    assert "1 files left out that were not asked for" in caplog.text


@pytest.mark.parametrize(
    "name",
    [
        "$RECYCLE.BIN", "$Recycle.Bin", "RECYCLER", "#recycle", "@Recycle", "@eaDir", "lost+found",
        ".Trash-1000", ".Trashes", ".thumbnails", "System Volume Information", "__MACOSX",
    ],
)  # fmt: skip
def test_bins_and_folders_of_systems_are_left_out_unless_asked_for(name, tmp_path, caplog):
    make(tmp_path, "a.jpg", f"{name}/b.jpg", f"x/{name}/deep/c.jpg")
    with caplog.at_level(logging.INFO):
        assert listed(tmp_path, include_hidden=True) == ["a.jpg"]
    assert "2 bins and other folders of the system left out (include_system" in caplog.text
    assert len(listed(tmp_path, include_hidden=True, include_system=True)) == 3


def test_a_bin_that_is_named_as_the_input_is_listed(tmp_path):
    make(tmp_path, "#recycle/b.jpg")
    assert listed(tmp_path / "#recycle") == ["b.jpg"]


def test_a_file_named_like_a_bin_and_folders_named_nearly_so_are_listed(tmp_path):
    make(tmp_path, "recycled", "trash/a.jpg", "Thumbnails/b.jpg")
    assert listed(tmp_path) == ["Thumbnails/b.jpg", "recycled", "trash/a.jpg"]
    assert not is_system_folder("trash")


def test_a_link_into_a_bin_is_followed(tmp_path):
    make(tmp_path, "@Recycle/a.jpg")
    (tmp_path / "link.jpg").symlink_to(tmp_path / "@Recycle/a.jpg")
    assert listed(tmp_path) == ["link.jpg"]


def test_small_files_and_those_outside_the_dates_are_left_out(tmp_path):
    make(tmp_path, "small.jpg", size=999)
    make(tmp_path, "large.jpg", "old.jpg", "young.jpg", size=1000)
    for name, day in (("large.jpg", 10), ("old.jpg", 9), ("young.jpg", 11)):
        moment = datetime(2024, 5, day, 12).timestamp()
        os.utime(tmp_path / name, (moment, moment))
    assert listed(tmp_path, min_size="1K") == ["large.jpg", "old.jpg", "young.jpg"]
    between = {"newer": "2024-05-10", "older": "2024-05-11"}
    assert listed(tmp_path, **between) == ["large.jpg"]
    assert listed(tmp_path, newer="2024-05-10T13:00", min_size=1000) == ["young.jpg"]


def test_a_file_that_cannot_be_looked_at_stays_listed_so_that_it_ends_among_the_bad(tmp_path):
    (tmp_path / "broken.jpg").symlink_to(tmp_path / "nothing")
    assert listed(tmp_path, min_size="1K") == ["broken.jpg"]


def test_members_of_archives_are_chosen_alike(tmp_path):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in ("a.jpg", "b.png", "__MACOSX/a.jpg", "old/c.jpg"):
            archive.writestr(name, b"x" * 10)
    (tmp_path / "photos.zip").write_bytes(packed.getvalue())
    assert listed(tmp_path, exclude=["old"]) == ["photos.zip/a.jpg", "photos.zip/b.png"]
    assert listed(tmp_path, include=["/photos.zip/*.png"]) == ["photos.zip/b.png"]
    assert listed(tmp_path, min_size=11) == []


def test_what_a_list_names_is_chosen_by_its_whole_path(tmp_path):
    make(tmp_path, "a.jpg", "b.gif", "$RECYCLE.BIN/c.jpg")
    names = [str(tmp_path / name) for name in ("a.jpg", "b.gif", "$RECYCLE.BIN/c.jpg")]
    config = RunConfig(input_dir=names, exclude=["*.gif"])
    assert list(list_images(config)) == [names[0], names[2]]  # named by hand, so it is wanted


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        ({"exclude": 3}, "it must be a tuple"),
        ({"exclude": [3]}, "each pattern is a text such as '*.gif'"),
        ({"include": [""]}, "each pattern is a text such as '*.gif'"),
        ({"min_size": "large"}, "'large' is not a size, such as 50000, 50K or 2M"),
        ({"min_size": -1}, "at least 0"),
        ({"newer": "yesterday"}, "must be a date or a time; try newer='2024-05-31'"),
        ({"older": "2024-13-01"}, "must be a date or a time"),
        ({"newer": "2024-05-31", "older": "2024-05-01"}, "nothing is before it and since"),
    ],
)
def test_a_choice_that_makes_no_sense_is_refused_in_one_line(options, hint):
    with pytest.raises(ConfigError) as refusal:
        RunConfig(input_dir="photos", **options)
    assert hint in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "n_bytes"), [("7", 7), ("50K", 50_000), ("1.5 MB", 1_500_000), ("2GiB", 2 * 10**9)]
)
def test_sizes_are_read_as_people_write_them(text, n_bytes):
    assert RunConfig(input_dir="photos", min_size=text).min_size == n_bytes
