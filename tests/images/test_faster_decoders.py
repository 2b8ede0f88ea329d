"""Faster decoders give the picture that Pillow gives, and leave to it all that is not ordinary."""

import io
import subprocess
import sys
import zlib

import numpy as np
import pytest
from PIL import Image

import zoo
from fastdup.images import decode
from fastdup.images.decoders import load, opener
from fastdup.images.png_inflation import with_plain_pixels
from pictures import textured_scene

pytest.importorskip("simplejpeg")
pytest.importorskip("deflate")

PHOTO = textured_scene(3, (301, 203))
GREY = PHOTO.convert("L")
BARE = slice(20, None)
"""A JPEG without its JFIF segment, from behind it on."""

JPEGS = {
    "4:4:4": zoo.encode(PHOTO, "JPEG", subsampling=0),
    "4:2:2": zoo.encode(PHOTO, "JPEG", subsampling=1),
    "4:2:0": zoo.encode(PHOTO, "JPEG", subsampling=2),
    "progressive": zoo.encode(PHOTO, "JPEG", progressive=True),
    "optimised": zoo.encode(PHOTO, "JPEG", optimize=True),
    "restart markers": zoo.encode(PHOTO, "JPEG", restart_marker_blocks=3),
    "stored as RGB": zoo.encode(PHOTO, "JPEG", keep_rgb=True),
    "grey": zoo.encode(GREY, "JPEG"),
    "grey, progressive": zoo.encode(GREY, "JPEG", progressive=True),
    "coarse": zoo.encode(PHOTO, "JPEG", quality=3),
    "without JFIF": b"\xff\xd8" + zoo.encode(PHOTO, "JPEG")[BARE],
    "two pictures": zoo.encode(PHOTO, "JPEG") + zoo.encode(GREY, "JPEG"),
}
PALETTE = PHOTO.quantize(200)
PNGS = {
    "RGB": zoo.encode(PHOTO, "PNG"),
    "grey": zoo.encode(GREY, "PNG"),
    "RGBA": zoo.encode(PHOTO.convert("RGBA"), "PNG"),
    "grey with opacity": zoo.encode(GREY.convert("LA"), "PNG"),
    "palette": zoo.encode(PALETTE, "PNG"),
    "clear palette": zoo.encode(PALETTE, "PNG", transparency=3),
    "16 bits": zoo.encode(Image.fromarray(np.asarray(GREY, np.uint16) * 257), "PNG"),
    "1 bit": zoo.encode(textured_scene(4, (900, 700)).convert("1"), "PNG"),
}


def by_pillow(data, min_side=None, mode="RGB"):
    with Image.open(io.BytesIO(data)) as image:
        image.draft(mode if mode == "L" else None, (min_side, min_side) if min_side else None)
        return np.asarray(image.convert(mode))


@pytest.mark.parametrize("min_side", [None, 100, 50, 25])
@pytest.mark.parametrize("name", JPEGS)
def test_an_ordinary_jpeg_has_the_pixels_of_pillow_at_every_scale(name, min_side):
    data = JPEGS[name]
    np.testing.assert_array_equal(decode(data, min_side=min_side).pixels, by_pillow(data, min_side))
    grey = decode(data, min_side=min_side, grey=True).pixels
    np.testing.assert_array_equal(grey, by_pillow(data, min_side, "L"))


def opened(data):
    return opener("JPEG")(io.BytesIO(data))


@pytest.mark.parametrize("size", [(1, 1), (3, 9), (8, 8), (17, 31), (2, 900), (1001, 3)])
def test_a_jpeg_of_any_size_has_the_pixels_of_pillow(size):
    data = zoo.encode(PHOTO.resize(size), "JPEG")
    for least in (1, 2, 4, 8):
        image = opened(data)
        image.draft(None, (least, least))
        loaded = np.asarray(load("JPEG", image, data))
        np.testing.assert_array_equal(loaded, by_pillow(data, least))


@pytest.mark.parametrize("name", JPEGS)
def test_pillow_does_not_decode_an_ordinary_jpeg(name):
    image = opened(JPEGS[name])
    assert load("JPEG", image, JPEGS[name]) is not image


def test_pillow_decodes_a_jpeg_that_is_not_ordinary():
    data = JPEGS["4:2:0"]
    wrong = bytearray(data)
    wrong[len(data) // 2 :: 40] = bytes(len(wrong[len(data) // 2 :: 40]))
    for other in (zoo.encode(PHOTO.convert("CMYK"), "JPEG"), bytes(wrong)):
        image = opened(other)
        assert load("JPEG", image, other) is image


@pytest.mark.parametrize("name", PNGS)
def test_a_png_with_plain_pixels_is_larger_and_shows_the_same(name):
    data = PNGS[name]
    plain = with_plain_pixels(data)
    assert len(plain) > len(data)
    with Image.open(io.BytesIO(data)) as image, Image.open(io.BytesIO(plain)) as other:
        assert other.info == image.info
        assert other.mode == image.mode
        np.testing.assert_array_equal(np.asarray(other), np.asarray(image))


def with_pixel_data(content):
    """Return a PNG of the size of `PHOTO`."""
    head, tail = PNGS["RGB"][:33], zoo.png_chunk(b"IEND", b"")
    return head + zoo.png_chunk(b"IDAT", content) + tail


ROWS = bytes(203 * (1 + 3 * 301))
"""The pixel data of a black picture of that size."""


@pytest.mark.parametrize(
    "content",
    [
        zlib.compress(ROWS[:-1]),
        zlib.compress(ROWS + b"\0"),
        zlib.compress(ROWS)[:-4],
        zlib.compress(ROWS)[:-1] + b"\0",
        ROWS,
    ],
    ids=["too short", "too long", "no checksum", "wrong checksum", "not compressed"],
)
def test_a_png_with_other_pixel_data_than_it_should_have_is_left_as_it_is(content):
    assert with_plain_pixels(with_pixel_data(zlib.compress(ROWS))) != with_pixel_data(content)
    data = with_pixel_data(content)
    assert with_plain_pixels(data) is data


def test_without_the_faster_decoders_all_is_the_same(tmp_path):
    bad = {name: data for name, (data, _) in zoo.bad_images().items()}
    named = {f"{name}.jpg": data for name, data in JPEGS.items()}
    named |= {f"{name}.png": data for name, data in PNGS.items()}
    folder = tmp_path / "in"
    folder.mkdir()
    for name, data in (zoo.good_images() | bad | named).items():
        (folder / name.replace(":", "-")).write_bytes(data)
    run = "import sys, fastdup; sys.exit(fastdup.run(*sys.argv[1:], num_threads=1, run_mode=1))"
    hidden = "import sys; sys.modules |= dict.fromkeys(('simplejpeg', 'deflate')); "
    for code, out in ((run, "with"), (hidden + run, "without")):
        command = [sys.executable, "-c", code, folder, tmp_path / out]
        subprocess.run(command, check=True, capture_output=True)
    made = [path.name for path in (tmp_path / "with").iterdir() if path.suffix in {".csv", ".dat"}]
    assert "features.dat" in made
    for name in made:
        assert (tmp_path / "with" / name).read_bytes() == (tmp_path / "without" / name).read_bytes()
