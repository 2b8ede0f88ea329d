"""What makes no sense in a file gives an empty field, whatever it is."""

import random
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import zoo
from camera_files import (
    FRACTION,
    LONG,
    camera_photo,
    directory,
    exif_block,
    iptc,
    photo_exif,
    place_fields,
    saved,
    text_field,
    xmp,
)
from fastdup import images
from fastdup.errors import ImageError
from fastdup.images.header import MOST_BYTES, Header
from fastdup.metadata.describe import describe
from fastdup.metadata.exif import read_exif
from fastdup.metadata.iptc import read_iptc_date
from fastdup.metadata.texts import MOST_CHARACTERS
from fastdup.metadata.xmp import read_xmp

TEXTS = ("taken", "taken_from", "camera", "lens", "software", "encoder", "subsampling")
NOTHING = {"taken": "", "camera": "", "lens": "", "software": "", "rating": None}


def known(found):
    return {name: value for name, value in found.items() if value not in ("", None, False)}


def assert_sane(found):
    for name in TEXTS:
        text = getattr(found, name)
        assert isinstance(text, str)
        assert len(text) <= MOST_CHARACTERS
        assert text.isprintable()
    assert (found.latitude is None) == (found.longitude is None)
    assert found.latitude is None or -90 <= found.latitude <= 90
    assert found.longitude is None or -180 <= found.longitude <= 180
    assert found.rating is None or -1 <= found.rating <= 5
    assert found.quality is None or 1 <= found.quality <= 100
    assert found.frames is None or found.frames >= 1
    assert "\n" not in found.as_csv()


# --- EXIF ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "date",
    [b"0000:00:00 00:00:00", b"9999:99:99 99:99:99", b"    :  :     :  :  ", b"\xff" * 19, b""],
)
def test_a_date_that_is_none_is_empty(date):
    assert known(read_exif(exif_block(exposure=[text_field(0x9003, date)]))) == {}


HALF = [48, 1, 30, 1, 0, 1]


@pytest.mark.parametrize(
    ("latitude", "longitude", "letters"),
    [
        ([91, 1, 0, 1, 0, 1], HALF, b"NE"),
        (HALF, [181, 1, 0, 1, 0, 1], b"NE"),
        (HALF, [2**32 - 1, 1, 0, 1, 0, 1], b"NE"),
        ([48, 0, 0, 1, 0, 1], HALF, b"NE"),
        ([0, 1, 0, 1, 0, 1], [0, 1, 0, 1, 0, 1], b"NE"),
        (HALF, HALF, b"XE"),
        (HALF, HALF, b"\0E"),
    ],
)
def test_a_place_that_is_none_on_earth_is_empty(latitude, longitude, letters):
    block = exif_block(place=place_fields(latitude, longitude, letters))
    assert known(read_exif(block)) == {}


def test_seconds_over_zero_are_none_where_the_minutes_have_the_fraction():
    block = exif_block(place=place_fields([48, 1, 305, 10, 0, 0], HALF, b"SW"))
    assert known(read_exif(block)) == {"latitude": -(48 + 30.5 / 60), "longitude": -48.5}


def test_texts_are_cut_cleaned_and_end_at_a_zero():
    fields = [
        text_field(0x10F, b"A\x00B" * 100),
        text_field(0x110, b"\x1b[31mA\xe9 \r\n\t" + b"x" * 10_000_000),
    ]
    block = struct.pack("<2sHI", b"II", 42, 8) + directory(fields, 8)
    camera = read_exif(block)["camera"]
    assert camera.startswith("A [31mAé xxx")
    assert len(camera) == MOST_CHARACTERS
    bidi = "model\u202egnp\u2066".encode()
    found = read_exif(exif_block(image=[text_field(0x110, bidi)]))
    assert found["camera"] == "modelgnp"


@pytest.mark.parametrize(
    "field",
    [
        (0x110, LONG, 1, b"Text"),
        (0x110, 2, 2**32 - 1, b"\xff\xff\xff\xff\xff"),
        (0x110, 999, 5, b"12345"),
        (0x4746, FRACTION, 1, bytes(8)),
        (0x4746, 3, 1, b"\x63\0"),
        (0x4746, 3, 0, b"\1\0"),
    ],
)
def test_a_field_of_a_wrong_type_or_count_is_empty(field):
    found = known(read_exif(exif_block(image=[field])))
    assert {name: value for name, value in found.items() if name != "camera"} == {}
    assert len(found.get("camera", "")) <= MOST_CHARACTERS


def test_directories_that_loop_or_lie_beyond_the_end_end_the_reading():
    header = struct.pack("<2sHI", b"II", 42, 8)
    for target in (8, 2**31, 2**32 - 1):
        pointers = [(tag, LONG, 1, struct.pack("<I", target)) for tag in (0x8769, 0x8825)]
        model = text_field(0x110, b"M")
        found = read_exif(header + directory([model, *pointers], 8, following=8))
        assert known(found) == {"camera": "M"}


def test_a_directory_with_more_fields_than_any_is_passed_over():
    fields = [text_field(0x110, b"M")] + [(n, 3, 1, b"\1\0") for n in range(60_000)]
    block = struct.pack("<2sHI", b"II", 42, 8) + directory(fields, 8)
    assert known(read_exif(block)) == {}
    data = zoo.add_png_chunk(saved("PNG"), b"eXIf", block)
    assert describe(images.decode(data).header).camera == ""


# --- XMP ----------------------------------------------------------------------------------------


def test_entities_are_never_expanded():
    lines = ['<!ENTITY a0 "lol">']
    lines += [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)]
    laughs = f"<!DOCTYPE x [{''.join(lines)}]>".encode()
    packet = laughs + xmp('xmp:Rating="3"', "<xmp:CreatorTool>&a9;</xmp:CreatorTool>")
    assert known(read_xmp(packet)) == {}
    outside = b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>' + xmp(
        elements="<tiff:Model>&f;</tiff:Model>"
    )
    assert known(read_xmp(outside)) == {}


def test_huge_and_deep_packets_are_read_at_their_beginning_alone():
    deep = xmp('xmp:Rating="3"', "<a>" * 100_000 + "<xmp:CreatorTool>late</xmp:CreatorTool>")
    assert known(read_xmp(deep)) == {"rating": 3}
    long = xmp(elements=f"<tiff:Model>{'x' * 10_000_000}</tiff:Model>")
    for data in (saved("WEBP", xmp=long), saved("TIFF", tiffinfo={700: long})):
        header = images.decode(data).header
        assert len(header.xmp) == MOST_BYTES
        assert describe(header).camera == "x" * MOST_CHARACTERS


@pytest.mark.parametrize("rating", ["6", "-2", "nan", "inf", "five", "", "9" * 10_000, "1e309"])
def test_a_rating_beyond_the_stars_is_empty(rating):
    assert known(read_xmp(xmp(f'xmp:Rating="{rating}"'))) == {}


@pytest.mark.parametrize(
    "place", ["91,0N", "nan,0N", "inf,1N", "48,8.1", "N", ",N", "1e400N", "48,8N" * 1000]
)
def test_a_place_in_xmp_that_is_none_is_empty(place):
    packet = xmp(f'exif:GPSLatitude="{place}" exif:GPSLongitude="11,30E"')
    assert known(read_xmp(packet)) == {}


def test_what_is_before_a_fault_is_read():
    assert read_xmp(xmp('xmp:Rating="4"')[:-20])["rating"] == 4
    assert known(read_xmp(b"\0" * 100)) == known(read_xmp(b"")) == {}


# --- PNG ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("time", [bytes(7), b"\xff" * 7, b"", b"\x07\xe6\x02\x1f\0\0\0"])
def test_a_time_of_a_png_that_is_none_is_empty(time):
    data = zoo.add_png_chunk(saved("PNG"), b"tIME", time)
    found = describe(images.decode(data).header)
    assert (found.taken, found.taken_from, found.frames) == ("", "", 1)


@pytest.mark.parametrize("name", [b"exif", b"xmp", b"icc_profile", b"transparency", b"Software"])
def test_a_text_of_a_png_may_have_any_name(name):
    data = zoo.add_png_chunk(saved("PNG"), b"tEXt", name + b"\0" + b"\xe9" * 1000)
    assert_sane(describe(images.decode(data).header))


# --- anything -----------------------------------------------------------------------------------


def real_files():
    exif = photo_exif().tobytes()
    packet = xmp('xmp:Rating="5" exif:GPSLatitude="33,51.5S" exif:GPSLongitude="151,12,40E"')
    kinds = {
        kind: saved(kind, exif=exif, xmp=packet) for kind in ("JPEG", "PNG", "WEBP", "TIFF", "AVIF")
    }
    return {**kinds, "MPO": saved("MPO"), "GIF": zoo.good_images()["animated.gif"]}


def mutated(data, rng):
    """Return the data with a few bytes changed, a piece cut out, doubled or moved."""
    data = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        start = rng.randrange(len(data))
        stop = start + rng.randint(1, 40)
        match rng.randrange(5):
            case 0:
                data[start] = rng.randrange(256)
            case 1:
                data[start:stop] = rng.choice([b"\0", b"\xff", b"\x7f"]) * (stop - start)
            case 2:
                del data[start:stop]
            case 3:
                data[start:start] = data[start:stop]
            case 4:
                data[start : start + 4] = rng.choice([b"\0\0\0\x08", b"\x08\0\0\0", b"\xff" * 4])
        if not data:
            return b"\0"
    return bytes(data)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "MPO", "GIF"])
def test_damaged_files_give_sane_metadata_or_are_refused(kind):
    rng, data, n_read = random.Random(kind), real_files()[kind], 0
    beginning = len(data) if kind in ("TIFF", "GIF") else 1500  # what is not pixels
    for _ in range(300):
        changed = mutated(data[:beginning], rng) + data[beginning:]
        try:
            header = images.decode(changed).header
        except ImageError:
            continue
        assert_sane(describe(header))
        n_read += 1
    assert n_read > 0


def test_damaged_blocks_give_sane_metadata():
    rng, header = random.Random(5), images.decode(camera_photo()).header
    blocks = {
        "exif": [header.exif, exif_block(place=place_fields(HALF, HALF))],
        "xmp": [
            xmp('xmp:Rating="5" tiff:Model="x"', "<xmp:CreateDate>2014-05-02</xmp:CreateDate>")
        ],
        "iptc": [iptc("20190714", "123301+0200")],
    }
    for name, examples in blocks.items():
        for example in examples:
            for _ in range(1500):
                assert_sane(describe(Header(**{name: mutated(example, rng)})))


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400), st.sampled_from([b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08", b"II+\0"]))
def test_any_bytes_are_some_metadata(data, start):
    assert_sane(describe(Header(exif=start + data, xmp=data, iptc=b"\x1c" + data)))
    assert isinstance(read_iptc_date(data), str)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60))
def test_any_text_may_be_a_value(text):
    block = exif_block(
        image=[text_field(0x110, text.encode("utf-8", "surrogatepass"))],
        exposure=[text_field(0x9003, text.encode("utf-8", "surrogatepass"))],
    )
    assert_sane(describe(Header(exif=block, texts={"Software": text, "Creation Time": text})))
