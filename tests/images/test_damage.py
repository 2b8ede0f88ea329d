"""Whatever the bytes: a picture or an ImageError, and never a picture from a file cut short."""

import struct
import zlib
from random import Random

import numpy as np
import pytest

import zoo
from fastdup.errors import ImageError, Reason
from fastdup.images import decode
from pictures import jpeg, scene

GOOD = zoo.good_images()

# Files that are whole before their last byte.
PADDED = {"junk_behind.jpg", "junk_behind.png", "deflate_pages.tif", "footer.tga"}

NOTHING_BUT_PIXELS = (".pbm", ".pgm", ".ppm", ".tga")

CUT_REASONS = {Reason.TRUNCATED, Reason.EMPTY, Reason.NOT_AN_IMAGE}
N_MUTATIONS = 6000


def outcome(data: bytes) -> Reason | None:
    """Return why `data` is bad, None for a picture, after checking that either is well formed."""
    try:
        image = decode(data, max_pixels=2**22, frames=True)
    except ImageError as error:
        message = str(error)
        assert message
        assert message.isprintable()
        assert len(message) < 300
        return error.reason
    assert image.pixels.dtype == np.uint8
    assert image.pixels.flags.c_contiguous
    assert image.pixels.shape == (image.height, image.width, 3)
    assert min(image.pixels.shape) > 0
    return None


#: Bytes from which on a file is known, where that takes more.
KNOWN_FROM = {"compressed.svgz": 150, "prolog.svg": 70, "entities.svg": 100}


@pytest.mark.parametrize("name", sorted(set(GOOD) - PADDED))
def test_a_file_cut_anywhere_is_bad(name):
    data = GOOD[name]
    step = max(1, len(data) // 150)
    places = {*range(0, len(data), step), *range(min(60, len(data))), *range(-60, 0)}
    for place in places:
        cut = data[:place]
        assert outcome(cut) in CUT_REASONS, f"cut at {place} of {len(data)}"
        assert len(cut) < KNOWN_FROM.get(name, 32) or outcome(cut) is Reason.TRUNCATED


@pytest.mark.parametrize("name", ["junk_behind.jpg", "junk_behind.png", "footer.tga"])
def test_a_cut_through_junk_behind_the_end_does_no_harm(name):
    pixels, tolerance = zoo.expected(name)
    image = decode(GOOD[name][:-7])
    assert np.abs(image.pixels.astype(float) - pixels).mean() <= tolerance


def test_thousands_of_mutations_give_a_picture_or_an_image_error():
    files = [data for _, data in sorted(GOOD.items())]
    rng = Random(20_240_229)
    outcomes = {
        outcome(mutate(rng.choice(files), rng.choice(files), rng)) for _ in range(N_MUTATIONS)
    }
    assert {None, Reason.TRUNCATED, Reason.DECODE_ERROR, Reason.TOO_LARGE} <= outcomes


def mutate(data: bytes, other: bytes, rng: Random) -> bytes:
    """Return `data` with bytes flipped, overwritten, cut out, or spliced in from `other`."""
    mutated, at = bytearray(data), rng.randrange(len(data))
    kind = rng.randrange(5)
    if kind == 0:
        for _ in range(rng.choice([1, 1, 3, 20])):
            mutated[rng.randrange(len(mutated))] = rng.randrange(256)
    elif kind == 1:  # headers are worth more than their share
        mutated[rng.randrange(min(len(mutated), 200))] ^= 1 << rng.randrange(8)
    elif kind == 2:
        mutated[at : at + 4] = rng.choice([b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff"])
    elif kind == 3:
        del mutated[at : at + rng.randrange(1, 60)]
    else:
        start = rng.randrange(len(other))
        mutated[at : at + 50] = other[start : start + rng.randrange(100)]
    return bytes(mutated)


def test_random_bytes_behind_every_signature_are_no_picture():
    rng = Random(7)
    # Those that have nothing but pixels behind their first bytes are pictures of anything.
    structured = (item for item in sorted(GOOD.items()) if not item[0].endswith(NOTHING_BUT_PIXELS))
    for name, data in structured:
        assert outcome(data[:16] + rng.randbytes(2000)) is not None, name


def test_endless_loops_of_directories_end():
    page = bytearray(zoo.tiff([zoo.picture()]))
    first = int.from_bytes(page[4:8], "little")
    page[-4:] = first.to_bytes(4, "little")
    assert outcome(bytes(page)) is None


def chunk(kind: bytes, content: bytes) -> bytes:
    crc = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", crc)


@pytest.mark.parametrize(
    ("kind", "content"), [(b"gAMA", b"\0"), (b"pHYs", b"\0\1"), (b"acTL", bytes(4))]
)
def test_a_png_with_a_part_beside_the_picture_that_is_too_short_is_shown(kind, content):
    data = zoo.encode(scene(1), "PNG")
    header_end = 33
    mended = data[:header_end] + chunk(kind, content) + data[header_end:]
    assert outcome(mended) is None
    assert outcome(mended[:-40]) is Reason.TRUNCATED


def test_a_jpeg_whose_segment_of_adobe_is_too_short_is_shown():
    data = jpeg(scene(1))
    assert outcome(data[:2] + b"\xff\xee\0\x07Adobe" + data[2:]) is None


@pytest.mark.parametrize(("tag", "kind", "count", "start"), [
    (330, 4, 3, 10**9), (315, 2, 2**31, 8), (65000, 7, 2**32 - 1, 8),
])  # fmt: skip
def test_a_tiff_with_a_field_beside_the_picture_that_leads_nowhere_is_shown(
    tag, kind, count, start
):
    data = zoo.encode(scene(1), "TIFF")
    assert outcome(with_field(data, tag, kind, count, start)) is None


def with_field(data: bytes, *field: int) -> bytes:
    """Return a TIFF with one more field, in a new directory at the end."""
    at = struct.unpack_from("<I", data, 4)[0]
    n_fields = struct.unpack_from("<H", data, at)[0]
    fields = [data[at + 2 + 12 * i : at + 14 + 12 * i] for i in range(n_fields)]
    fields = sorted([*fields, struct.pack("<HHII", *field)], key=lambda entry: entry[1::-1])
    directory = struct.pack("<H", n_fields + 1) + b"".join(fields) + bytes(4)
    padded = data + b"\0" * (len(data) % 2)
    return padded[:4] + struct.pack("<I", len(padded)) + padded[8:] + directory
