"""Which of several copies looks like the original, and why."""

import itertools

import pytest

from fastdup.actions.candidate import Candidate
from fastdup.actions.copy_names import is_among_copies, is_put_aside, looks_like_a_copy
from fastdup.actions.original import original_key, reason_for, warning_for
from fastdup.metadata import Metadata

CAMERA = Metadata(
    taken="2019-07-14T12:33:01", taken_from="exif", camera="Canon EOS 80D", encoder="5f1d2c3b"
)
RESAVED = Metadata(encoder="ijg", quality=95)
PHOTO = Candidate("/p/2019/Norway/IMG_1.JPG", 800, 600, 50_000, 100, 9.0, CAMERA)


@pytest.mark.parametrize(
    ("copy", "reason"),
    [
        (PHOTO._replace(path="/a/$RECYCLE.BIN/x/IMG_1.JPG", mtime_ns=1), "bin, cache"),
        (PHOTO._replace(path="/a/Thumbnails/IMG_1.JPG"), "bin, cache"),
        (PHOTO._replace(path="/a/b.jpg", metadata=RESAVED, size_bytes=90_000), "name and date"),
        (PHOTO._replace(path="/a/b.jpg", is_added_to=True, width=1600), "put around it or on it"),
        (PHOTO._replace(path="/a/b.jpg", is_filtered=True, mtime_ns=1), "blurred nor sharpened"),
        (PHOTO._replace(path="/a/b.jpg", has_lost_colour=True, width=1600), "in colour"),
        (PHOTO._replace(path="/a/b.jpg", width=400, height=300), "more pixels"),
        (PHOTO._replace(path="/a/b.jpg", width=1600, height=1200, true_pixels=400_000), "enlarged"),
        (PHOTO._replace(path="/a/b.png", is_made_of_jpeg=True, size_bytes=10**6), "encoded"),
        (PHOTO._replace(path="/a/b.jpg", is_saved_again=True, mtime_ns=1), "encoded"),
        (PHOTO._replace(path="/a/b.webp"), "encoded"),
        (PHOTO._replace(path="/a/Copy of IMG_1.JPG", mtime_ns=1), "its name"),
        (PHOTO._replace(path="/a/0 Backup/IMG_1.JPG", mtime_ns=1), "backups"),
        (PHOTO._replace(path="/a/IMG_1.JPG", mtime_ns=101), "earlier"),
    ],
)
def test_the_original_stays_whatever_the_order_and_the_strongest_reason_is_given(copy, reason):
    for files in itertools.permutations([PHOTO, copy]):
        assert min(files, key=original_key) == PHOTO
    assert reason in reason_for(PHOTO, copy)
    assert reason_for(copy, PHOTO) == ""
    warning = warning_for(PHOTO, copy)
    assert warning == "" if reason == "earlier" else reason in warning
    assert warning_for(copy, PHOTO) == ""


def test_a_deeper_path_is_no_reason():
    deeper = PHOTO._replace(path="/p/a/b/c/d/e/2019/IMG_1.JPG")
    assert original_key(deeper) == original_key(PHOTO)
    assert reason_for(PHOTO, deeper) == ""


def test_more_bits_frames_or_transparency_count_before_names_and_dates():
    plain = PHOTO._replace(metadata=Metadata(bits=8, frames=1))
    for richer in (Metadata(bits=16), Metadata(frames=12), Metadata(has_alpha=True)):
        other = plain._replace(path="/p/Copy of IMG_1.JPG", metadata=richer, mtime_ns=200)
        assert min([plain, other], key=original_key) == other


@pytest.mark.parametrize(
    "name",
    [
        "Copy of IMG_0001.jpg", "Copy (2) of IMG.jpg", "IMG_0001 (1).jpg", "IMG_0001(12).JPG",
        "IMG_0001 - Copy.jpg", "IMG_0001 - Copy (2).jpg", "IMG_0001 copy.jpg", "IMG 2 copy 3.png",
        "IMG_0001 - Kopie.jpg", "Kopie von IMG.jpg", "Copie de IMG.jpg", "IMG - copia.jpg",
        "Copia di IMG.jpg", "IMG — копия.jpg".replace("—", "-"), "IMG のコピー.jpg", "IMG~2.jpg",
        "IMG_0001-edited.jpg", "IMG_bearbeitet.jpg", "IMG-modifié.jpg", "IMG_small.jpg",
        "IMG_small_3.jpg", "IMG-large-223.jpg", "photo_thumb.png", "IMG-20190714-WA0003.jpg",
        "received_10203040.jpeg", "FB_IMG_1563110.jpg", "photo_2019-07-14_12-33-01.jpg",
        "Screenshot_20190714-123301.png", "Screen Shot 2019-07-14 at 12.png",
        "Bildschirmfoto 2019-07-14.png", "スクリーンショット 2019.png",
    ],
)  # fmt: skip
def test_names_of_copies_are_known_in_several_languages(name):
    assert looks_like_a_copy(f"/photos/2019/{name}")


@pytest.mark.parametrize(
    "name",
    [
        "IMG_0001.JPG", "DSC_0042.NEF", "P1010203.JPG", "2019-07-14 12.33.01.jpg", "holiday.jpg",
        "copyright.jpg", "Copyshop.jpg", "editor.png", "IMG_0001_02.jpg", "smaller house.jpg",
        "Webster.jpg", "photo.jpg", "(1).jpg", "Edith and Ed.jpg", "IMG_20190714_123301.jpg",
        "a copy editor at work.jpg", "The big preview party.jpg", "min.jpg",
    ],
)  # fmt: skip
def test_names_of_photos_are_not_taken_for_those_of_copies(name):
    assert not looks_like_a_copy(f"/Copy of photos (1)/{name}")


def test_bins_caches_and_previews_are_put_aside_and_no_other_folder():
    for folder in ("#recycle", ".Trash-1000/files", "cache", ".thumbnails", "Previews", "tmp"):
        assert is_put_aside(f"/photos/{folder}/x/a.jpg")
    for folder in ("2019", "cached memories", "temple", "binary"):
        assert not is_put_aside(f"/photos/{folder}/a.jpg")
    assert not is_put_aside("/photos/cache")


def test_folders_of_backups_and_copies_are_known_in_several_languages():
    for folder in (
        "Backup", "backups", "Backup 2019", "old-backup", "backup_disk2", "backup2", "Copy of 2019",
        "2019 - Copy", "2019 - Kopie (2)", "Sicherung", "Sauvegarde 2020", "Copia de seguridad",
        "резервная копия", "バックアップ", "备份",
    ):  # fmt: skip
        assert is_among_copies(f"/photos/{folder}/x/a.jpg"), folder
    for folder in ("2019", "Copyright", "copies of nature", "backupper", "Hardcopy", "Kopi Luwak"):
        assert not is_among_copies(f"/photos/{folder}/a.jpg"), folder
    assert not is_among_copies("/photos/backup")
