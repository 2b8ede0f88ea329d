"""What is read of a file besides its pixels, in each format."""

import io
import struct

import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageCms

import zoo
from camera_files import (
    camera_photo,
    exif_block,
    iptc,
    photo_exif,
    saved,
    text_field,
    xmp,
)
from fastdup import images
from fastdup.errors import ImageError
from fastdup.metadata import Metadata
from fastdup.metadata.describe import describe
from fastdup.metadata.exif import read_exif
from pictures import scene


def metadata_of(data, min_side=None):
    return describe(images.decode(data, min_side=min_side).header)


def heif(kind, **options):
    data = io.BytesIO()
    pillow_heif.from_pillow(scene(0, (64, 48))).save(data, format=kind, **options)
    return data.getvalue()


PHOTO = {
    "taken": "2019-07-14T12:33:01.25+02:00",
    "taken_from": "exif",
    "camera": "NIKON D90",
    "lens": "AF-S 50mm f/1.8G",
    "latitude": pytest.approx(48 + 8 / 60 + 12.3 / 3600),
    "longitude": pytest.approx(-(11 + 34 / 60 + 5 / 3600)),
    "rating": 3,
    "software": "Ver.1.00",
}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP", "AVIF", "HEIF"])
def test_the_exif_of_a_photo_is_read_in_each_format(kind):
    exif = photo_exif().tobytes()
    data = heif("HEIF", exif=exif) if kind == "HEIF" else saved(kind, exif=exif)
    found = metadata_of(data)
    assert {name: getattr(found, name) for name in PHOTO} == PHOTO
    assert (found.frames, found.bits, found.has_alpha) == (1, 8, False)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP", "AVIF", "HEIF"])
def test_an_xmp_packet_is_read_in_each_format(kind):
    packet = xmp('xmp:Rating="5" xmp:CreateDate="2014-05-02T10:20:30.5Z" tiff:Model="X100"')
    if kind == "HEIF":
        data = heif("HEIF", xmp=packet)
    elif kind == "PNG":
        content = b"XML:com.adobe.xmp\0\0\0\0\0" + packet
        data = zoo.add_png_chunk(saved(kind), b"iTXt", content)
    elif kind == "TIFF":
        data = saved(kind, tiffinfo={700: packet})
    else:
        data = saved(kind, xmp=packet)
    found = metadata_of(data)
    assert (found.taken, found.taken_from) == ("2014-05-02T10:20:30.5+00:00", "xmp")
    assert (found.rating, found.camera) == (5, "X100")


def test_a_reduced_picture_has_the_metadata_of_the_whole():
    data = camera_photo()
    assert metadata_of(data, min_side=16) == metadata_of(data)


def test_a_part_of_a_picture_has_the_metadata_of_the_whole():
    whole = images.decode(camera_photo())
    part = images.reduced(images.cut_out(whole, (10, 10, 60, 50)), 16)
    assert describe(part.header) == describe(whole.header)


def test_a_picture_that_says_nothing_has_its_encoding_alone():
    assert metadata_of(saved("JPEG", quality=75)) == Metadata(
        encoder="ijg",
        quality=75,
        subsampling="4:2:0",
        is_progressive=False,
        bits=8,
        frames=1,
        has_alpha=False,
        has_profile=False,
        has_thumbnail=False,
    )


def test_a_raw_file_that_is_tiff_inside_is_read_though_its_pixels_are_not():
    data = exif_block(
        image=[text_field(0x10F, b"Canon"), text_field(0x110, b"EOS R5"), (0xC612, 1, 4, b"\1\4")],
        exposure=[text_field(0x9003, b"2021:03:04 05:06:07")],
    )
    with pytest.raises(ImageError, match="camera raw"):
        images.decode(data)
    found = read_exif(data)
    assert (found["camera"], found["taken"]) == ("Canon EOS R5", "2021-03-04T05:06:07")


# --- what comes before what ---------------------------------------------------------------------


def test_exif_comes_before_xmp_but_the_rating_is_that_of_xmp():
    packet = xmp('xmp:Rating="-1" exif:DateTimeOriginal="2001-01-01T01:01:01" tiff:Model="Other"')
    found = metadata_of(saved("JPEG", exif=photo_exif(), xmp=packet))
    assert (found.taken, found.taken_from) == (PHOTO["taken"], "exif")
    assert (found.camera, found.rating) == ("NIKON D90", -1)


def test_properties_may_be_elements():
    packet = xmp(
        elements="<xmp:Rating> 4 </xmp:Rating>"
        "<photoshop:DateCreated>2014-05-02</photoshop:DateCreated>"
    )
    found = metadata_of(saved("JPEG", xmp=packet))
    assert (found.rating, found.taken, found.taken_seconds) == (4, "2014-05-02", None)


def test_xmp_gives_the_place_where_exif_has_none():
    packet = xmp('exif:GPSLatitude="33,51.5S" exif:GPSLongitude="151,12,40E"')
    found = metadata_of(saved("JPEG", exif=photo_exif(north=None, taken=None), xmp=packet))
    assert found.latitude == pytest.approx(-(33 + 51.5 / 60))
    assert found.longitude == pytest.approx(151 + 12 / 60 + 40 / 3600)


def test_the_date_of_iptc_is_taken_where_no_other_is():
    block = iptc("20190714", "123301+0200")
    resource = b"8BIM" + struct.pack(">H2xI", 0x0404, len(block)) + block + bytes(len(block) % 2)
    data = zoo.add_jpeg_segment(saved("JPEG"), 0xED, b"Photoshop 3.0\0" + resource)
    found = metadata_of(data)
    assert (found.taken, found.taken_from) == ("2019-07-14T12:33:01+02:00", "iptc")
    in_tiff = metadata_of(saved("TIFF", tiffinfo={0x83BB: iptc("20190714")}))
    assert (in_tiff.taken, in_tiff.taken_from) == ("2019-07-14", "iptc")


def test_the_time_of_saving_is_marked_as_such():
    exif = photo_exif(taken=None)
    found = metadata_of(saved("JPEG", exif=exif))
    assert (found.taken, found.taken_from) == ("2020-01-02T03:04:05", "saved")
    time = struct.pack(">H5B", 2022, 2, 3, 4, 5, 6)
    png = zoo.add_png_chunk(saved("PNG"), b"tIME", time, at_end=True)
    assert metadata_of(png).taken == "2022-02-03T04:05:06+00:00"
    text = b"Creation Time\0Sun, 14 Jul 2019 12:33:01 +0200"
    png = zoo.add_png_chunk(png, b"tEXt", text)
    assert metadata_of(png).taken == "2019-07-14T12:33:01+02:00"
    png = zoo.add_png_chunk(saved("PNG"), b"tEXt", b"Software\0Some program")
    assert metadata_of(png).software == "Some program"


@pytest.mark.parametrize(
    ("make", "model", "camera"),
    [
        ("Canon", "Canon EOS 5D", "Canon EOS 5D"),
        ("NIKON CORPORATION", "NIKON D90", "NIKON D90"),
        ("Apple", "iPhone 12", "Apple iPhone 12"),
        ("Apple", None, "Apple"),
        (None, "iPhone 12", "iPhone 12"),
        (None, None, ""),
        ("  SONY \0", "DSC-\x07RX100\n", "SONY DSC-RX100"),
    ],
)
def test_make_and_model_are_one_name(make, model, camera):
    assert metadata_of(camera_photo(make=make, model=model)).camera == camera


# --- how it is encoded --------------------------------------------------------------------------


def frames(n, size=(64, 48)):
    return [scene(number, size) for number in range(n)]


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF", "AVIF", "MPO"])
def test_the_pictures_in_a_file_are_counted(kind):
    first, *others = frames(3)
    data = saved(kind, first, save_all=True, append_images=others)
    assert metadata_of(data).frames == 3
    assert metadata_of(saved(kind, first)).frames == 1


def test_bits_opacity_profile_and_thumbnail_are_seen():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    clear = scene(0, (64, 48)).convert("RGBA")
    clear.putalpha(100)
    for kind in ("PNG", "TIFF", "WEBP"):
        found = metadata_of(saved(kind, clear, icc_profile=profile))
        assert (found.has_alpha, found.has_profile, found.bits) == (True, True, 8)
        assert metadata_of(saved(kind)).has_profile is False
    assert metadata_of(saved("JPEG", icc_profile=profile)).has_profile
    assert metadata_of(zoo.good_images()["rgb_16_bit.png"]).bits == 16
    assert metadata_of(zoo.good_images()["one_bit.png"]).bits == 1
    assert metadata_of(zoo.tiff([np.ones((4, 4), np.uint16)], photometric=1)).bits == 16
    assert metadata_of(zoo.good_images()["clear_colour.gif"]).has_alpha
    assert metadata_of(zoo.good_images()["thumbnail_inside.jpg"]).has_thumbnail
    assert metadata_of(camera_photo()).has_thumbnail is False


@pytest.mark.parametrize(
    ("subsampling", "name"), [("4:4:4", "4:4:4"), ("4:2:2", "4:2:2"), ("4:2:0", "4:2:0")]
)
def test_how_a_jpeg_was_encoded_is_seen(subsampling, name):
    found = metadata_of(saved("JPEG", quality=88, subsampling=subsampling, progressive=True))
    assert (found.encoder, found.quality, found.subsampling) == ("ijg", 88, name)
    assert found.is_progressive


def test_tables_of_ones_own_have_a_hash_and_a_quality_that_is_near():
    tables = [[max(1, value - value % 3) for value in range(2, 66)], [9] * 64]
    data = saved("JPEG", qtables=tables)
    again = saved("JPEG", scene(5, (80, 60)), qtables=tables)
    first, second = metadata_of(data), metadata_of(again)
    assert first.encoder == second.encoder
    assert len(first.encoder) == 8
    assert 50 <= first.quality <= 80
    assert metadata_of(saved("JPEG", qtables=[tables[0], [8] * 64])).encoder != first.encoder


def test_grey_and_four_colour_jpegs_have_no_name_of_a_subsampling():
    for mode in ("L", "CMYK"):
        assert metadata_of(saved("JPEG", Image.new(mode, (40, 40)))).subsampling == ""
