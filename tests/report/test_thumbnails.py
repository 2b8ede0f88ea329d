"""Files → thumbnails or reasons."""

import gc
import io
import os
import warnings
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from fastdup.errors import Reason
from fastdup.report.thumbnails import THUMBNAIL_SIDE, Failure, Picture, look_at


def picture_of(path: str) -> Picture | Failure:
    return look_at(path, THUMBNAIL_SIDE)[0]


def decoded(picture: Picture) -> Image.Image:
    return Image.open(io.BytesIO(picture.jpeg))


@pytest.mark.parametrize(
    ("width", "height", "shown"),
    [
        (24, 16, (24, 16)),
        (1, 1, (1, 1)),
        (THUMBNAIL_SIDE, THUMBNAIL_SIDE, (THUMBNAIL_SIDE, THUMBNAIL_SIDE)),
        (1200, 800, (320, 213)),
        (700, 1400, (160, 320)),
        (3000, 2, (320, 1)),
    ],
)
def test_a_thumbnail_shrinks_and_never_grows(make_image, width, height, shown):
    picture = picture_of(make_image("a.png", width=width, height=height))
    assert isinstance(picture, Picture)
    assert (picture.width, picture.height) == (width, height)
    assert (picture.thumbnail_width, picture.thumbnail_height) == shown
    assert decoded(picture).size == shown


@pytest.mark.parametrize(
    ("pillow_name", "shown"),
    [
        ("JPEG", "JPEG"),
        ("PNG", "PNG"),
        ("GIF", "GIF"),
        ("WEBP", "WebP"),
        ("BMP", "BMP"),
        ("TIFF", "TIFF"),
    ],
)
def test_the_format_is_that_of_the_content_not_of_the_name(make_image, pillow_name, shown):
    picture = picture_of(make_image("a.odd", format=pillow_name))
    assert isinstance(picture, Picture)
    assert picture.format_name == shown


def test_an_unknown_content_goes_by_the_name(make_image):
    picture = picture_of(make_image("a.ppm", format="PPM"))
    assert isinstance(picture, Failure) or picture.format_name == "PNM"


def test_a_turned_photo_is_shown_upright_with_its_upright_size(make_image):
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = picture_of(make_image("a.jpg", width=40, height=20, format="JPEG", exif=exif))
    assert isinstance(picture, Picture)
    assert (picture.width, picture.height) == (20, 40)
    assert decoded(picture).size == (20, 40)


def test_the_size_is_that_of_the_file(make_image):
    path = make_image("a.png")
    picture = picture_of(path)
    assert isinstance(picture, Picture)
    assert picture.n_bytes == Path(path).stat().st_size


def test_what_cannot_be_read_has_a_reason(tmp_path):
    (tmp_path / "empty.jpg").write_bytes(b"")
    (tmp_path / "text.jpg").write_text("This is no image. " * 50)
    (tmp_path / "folder.jpg").mkdir()
    (tmp_path / "dangling.jpg").symlink_to(tmp_path / "nowhere")
    expected = {
        "empty.jpg": Reason.EMPTY,
        "text.jpg": Reason.NOT_AN_IMAGE,
        "folder.jpg": Reason.NOT_AN_IMAGE,
        "dangling.jpg": Reason.NOT_FOUND,
        "gone.jpg": Reason.NOT_FOUND,
        "text.jpg/inside.jpg": Reason.NOT_FOUND,
        "nul\0.jpg": Reason.NOT_FOUND,
        "x" * 5000: Reason.NOT_FOUND,
        "\ud83d.jpg": Reason.NOT_FOUND,
    }
    found = {name: picture_of(f"{tmp_path}/{name}") for name in expected}
    assert {name: failure.reason for name, failure in found.items()} == expected


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    failure = picture_of(str(tmp_path / "pipe.jpg"))
    assert isinstance(failure, Failure)
    assert failure.reason == Reason.NOT_AN_IMAGE


def test_an_address_is_said_to_be_elsewhere():
    failure = picture_of("s3://bucket/a.jpg")
    assert failure == Failure(Reason.UNSUPPORTED, "only files of this machine can be read")


def test_a_file_without_permission_says_so(monkeypatch, make_image):
    def refuse(path, *_):
        raise PermissionError(13, "Permission denied", str(path))

    path = make_image("a.png")
    monkeypatch.setattr(os, "open", refuse)
    failure = picture_of(path)
    assert failure == Failure(Reason.NO_ACCESS, "Permission denied")


def test_no_file_is_left_open(make_image):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert picture_of(make_image("a.png")).format_name == "PNG"
        gc.collect()
    assert caught == []


def test_a_member_of_an_archive_has_a_picture(tmp_path, make_image):
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as archive:
        archive.write(make_image("a.png"), "inner/a.png")
    picture = picture_of(str(tmp_path / "photos.zip" / "inner" / "a.png"))
    assert picture.format_name == "PNG"
