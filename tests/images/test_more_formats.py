"""Icons, and formats of games, scanners and old programs: what the zoo does not show."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

import zoo
from fastdup.errors import ImageError, Reason
from fastdup.images import decode, sniff
from pictures import scene


def shown(data):
    return decode(data).pixels


def reason_of(data):
    with pytest.raises(ImageError) as failure:
        decode(data)
    return failure.value.reason


def test_of_an_icon_the_largest_picture_is_taken_wherever_it_stands():
    small, large = scene(1, (16, 16)), scene(2, (200, 120))
    for pictures in ({"PNG": [small, large]}, {"PNG": [large, small]}, {"bitmap": [small, large]}):
        decoded = decode(zoo.icon(pictures))
        assert (decoded.width, decoded.height) == (200, 120)
        np.testing.assert_array_equal(decoded.pixels, np.asarray(large))


def test_an_icon_larger_than_its_directory_can_say_has_its_own_size():
    decoded = decode(zoo.icon({"PNG": [scene(1, (256, 256))], "bitmap": [scene(2, (256, 255))]}))
    assert (decoded.width, decoded.height) == (256, 256)


def test_an_icon_that_promises_too_much_is_refused_before_memory_is_taken():
    data = bytearray(zoo.icon({"bitmap": [scene(1, (16, 16))]}))
    data[26:34] = struct.pack("<ii", 100_000, 200_000)
    assert reason_of(bytes(data)) in (Reason.TOO_LARGE, Reason.TRUNCATED)
    huge = zoo.bad_images()["huge.png"][0]
    entry = struct.pack("<4B2H2I", 16, 16, 0, 0, 1, 32, len(huge), 22)
    huge = struct.pack("<HHH", 0, 1, 1) + entry + huge
    assert reason_of(huge) is Reason.TOO_LARGE


@pytest.mark.parametrize(
    "head",
    [
        b"P1 is the first of seven points.",
        b"P6 and P7 are pins\n",
        b"P5\nabc 3\n255\n",
        b"\0\0\1\0" + bytes(60),
        b"\0\0\2\0\7\0" + b"\xff" * 60,
        bytes(64),
        b"\0\1\0\0\0\x0f\0\x80\0\3\0\x70GSUB" + bytes(40),
    ],
)
def test_what_only_begins_alike_is_none_of_these_formats(head):
    assert sniff(head) is None


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"P1\n# c\n3 1\n101\n", [0, 255, 0]),
        (b"P1 3 1 1 0 1 ", [0, 255, 0]),
        (b"P2\n3 1\n9\n0 9 3\n", [0, 255, 85]),
        (b"P2\n3 1\n255\n0 # a comment 9 9\n255 85\n", [0, 255, 85]),
        (b"P5 3 1 15\n\x00\x0f\x05", [0, 255, 85]),
        (b"P5 3 1 255\n\x00\xff\x55junk behind", [0, 255, 85]),
    ],
)
def test_netpbm_files_scale_by_the_value_of_white(data, expected):
    np.testing.assert_array_equal(shown(data)[0, :, 1], expected)


@pytest.mark.parametrize(
    "data",
    [
        b"P2\n3 1\n9\n0 9 ",
        b"P5 3 1 255\n\x00\xff",
        b"P7\nWIDTH 3\n",
        b"P4 9 1\n\x00",
        b"PF 2 2 -1\n",
    ],
)
def test_netpbm_files_that_end_early_are_truncated(data):
    assert reason_of(data) is Reason.TRUNCATED


@pytest.mark.parametrize(
    "data", [b"P5 0 1 255\n\x00", b"P5 9999999 999999999 255\n", b"P2 1 1 0\n0 "]
)
def test_netpbm_files_whose_header_makes_no_sense_are_bad(data):
    assert reason_of(data) in (Reason.DECODE_ERROR, Reason.TOO_LARGE)


def test_grey_floats_are_scaled_by_their_own_range():
    values = np.array([[-1.0, 0.0], [1.0, np.nan]], ">f4")
    pixels = shown(b"Pf\n2 2\n1.0\n" + values[::-1].tobytes())
    np.testing.assert_array_equal(pixels[..., 0], [[0, 128], [255, 0]])


@pytest.mark.parametrize(
    ("bits", "masks"),
    [(16, (0xF800, 0x7E0, 0x1F)), (24, (0xFF0000, 0xFF00, 0xFF)), (32, (0xFF, 0xFF00, 0xFF0000))],
)
def test_uncompressed_textures_are_unpacked_by_their_masks(bits, masks):
    picture = zoo.picture()
    height, width, _ = picture.shape
    values = np.zeros((height, width), np.uint32)
    for channel, mask in enumerate(masks):
        shift = (mask & -mask).bit_length() - 1
        values |= np.round(picture[..., channel] / 255 * (mask >> shift)).astype(np.uint32) << shift
    stored = values.astype("<u4").view(np.uint8).reshape(height, width, 4)[..., : bits // 8]
    head = struct.pack("<4s4I56x", b"DDS ", 124, 7, height, width)
    head += struct.pack("<III", 32, 0x40, 0) + struct.pack("<5I", bits, *masks, 0) + bytes(20)
    pixels = shown(head.ljust(128, b"\0") + stored.tobytes())
    assert np.abs(pixels.astype(int) - picture).max() <= (5 if bits == 16 else 0)


def test_a_file_of_photoshop_says_why_it_cannot_be_shown():
    for name, words in {
        "deep.psd": "16 bits",
        "without_composite.psd": "maximum compatibility",
        "large.psb": "large documents",
    }.items():
        with pytest.raises(ImageError, match=words):
            decode(zoo.bad_images()[name][0])


def test_a_qoi_file_that_would_take_minutes_is_refused():
    data = b"qoif" + struct.pack(">IIBB", 9000, 9000, 3, 0) + b"\xfd" * 2_000_000 + bytes(7) + b"\1"
    assert reason_of(data) is Reason.TOO_LARGE


def test_old_icons_of_apple_are_read_too():
    data = io.BytesIO()
    Image.fromarray(zoo.picture()).resize((32, 32)).save(data, "PNG")
    whole = zoo.icns({b"ic11": data.getvalue(), b"TOC ": bytes(8)})
    assert decode(whole).width == 32
