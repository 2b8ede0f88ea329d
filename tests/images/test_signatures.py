"""A format is known by its first bytes alone."""

import pytest

import zoo
from fastdup.errors import ImageError
from fastdup.images import HEAD_BYTES, decode, sniff

NAMES = {
    "jpg": "JPEG",
    "png": "PNG",
    "gif": "GIF",
    "bmp": "BMP",
    "tif": "TIFF",
    "webp": "WebP",
    "avif": "AVIF",
    "heic": "HEIC",
    "jxl": "JPEG XL",
    "jp2": "JPEG 2000",
    "j2k": "JPEG 2000",
    "ico": "ICO",
    "cur": "CUR",
    "icns": "ICNS",
    "tga": "TGA",
    "pcx": "PCX",
    "dds": "DDS",
    "psd": "PSD",
    "qoi": "QOI",
    "svg": "SVG",
    "svgz": "SVG",
    **dict.fromkeys(("pbm", "pgm", "ppm", "pam", "pfm"), "PNM"),
}


@pytest.mark.parametrize("name", zoo.good_images())
def test_sixty_four_bytes_give_the_format_of_every_good_file(name):
    wanted = "JPEG" if name == "wrong_extension.png" else NAMES[name.rsplit(".")[-1]]
    n_bytes = HEAD_BYTES if wanted == "SVG" else 64
    assert sniff(zoo.good_images()[name][:n_bytes]) == wanted


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"B",
        b"BM",
        b"BMW " * 9,
        b"P",
        b"P9 ",
        b"\n",
        b"\n\n\n\n\n",
        b"II",
        b"RIFF\0\0\0\0WAVE",
        b"\0\0\0\x18ftypisom\0\0\0\0mp42isom",
        b"\0\0\0\x10ftypqt  \0\0\0\0heic",  # beyond its box
        b"<html><svg>",
        b"%PDF-1.7",
    ],
)
def test_what_is_no_image_has_no_format(head):
    assert sniff(head) is None


@pytest.mark.parametrize(
    ("brands", "name"),
    [
        (b"avif\0\0\0\0mif1miaf", "AVIF"),
        (b"mif1\0\0\0\0mif1avif", "AVIF"),
        (b"mif1\0\0\0\0mif1heic", "HEIC"),
        (b"msf1\0\0\0\0msf1hevc", "HEIC"),
        (b"crx \0\0\0\1crx isom", "CR3"),
    ],
)
def test_all_brands_of_a_container_count(brands, name):
    assert sniff(b"\0\0\0\x18ftyp" + brands) == name


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"\xc5\xd0\xd3\xc6 \0\0\0", "EPS"),
        (b"\x8aMNG\r\n\x1a\n", "MNG"),
        (b"SDPX\0\0\0\0", "DPX"),
        (b"\x01\xda\x01\x01\0\x03", "SGI"),
        (b"BLP2\x01\0\0\0", "BLP"),
    ],
)
def test_formats_that_are_not_read_are_known(head, name):
    assert sniff(head) == name
    with pytest.raises(ImageError, match=f"{name} files cannot be decoded"):
        decode(head)
