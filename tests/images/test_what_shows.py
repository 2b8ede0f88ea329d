"""What a picture shows survives decoding: on clear ground, in small values, in other colours."""

import io
import struct

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageDraw

import zoo
from fastdup.errors import ImageError, Reason
from fastdup.images import decode

SIZE = 120


def drawing(shape: str, colour: tuple[int, int, int], mode: str = "RGBA") -> Image.Image:
    """Return a drawing on clear ground, whose hidden colour is that of the drawing."""
    picture = Image.new("RGBA", (SIZE, SIZE), (*colour, 0))
    draw = ImageDraw.Draw(picture)
    if shape == "ring":
        draw.ellipse((20, 20, 100, 100), outline=(*colour, 255), width=12)
    else:
        draw.rectangle((30, 40, 90, 80), fill=(*colour, 255))
    if mode == "P":
        return picture.quantize(4)
    return picture.convert(mode)


def levels(data: bytes) -> list[int]:
    return sorted(set(decode(data).pixels.ravel().tolist()))


def labels(seed: int, n_values: int = 200) -> np.ndarray:
    blocks = np.random.default_rng(seed).integers(0, n_values, (6, 8))
    return np.kron(blocks, np.ones((10, 10), np.int64))


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF", "AVIF", "GIF"])
@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_a_white_drawing_on_clear_ground_shows(kind, mode):
    if kind != "PNG" and mode != "RGBA":
        pytest.skip("the same by then")
    ring, bar = (
        decode(zoo.encode(drawing(shape, (255, 255, 255), mode), kind)).pixels.astype(float)
        for shape in ("ring", "bar")
    )
    assert np.ptp(ring) > 100
    assert np.abs(ring - bar).mean() > 20


@pytest.mark.parametrize("colour", [(0, 0, 0), (200, 30, 40), (128, 128, 128), (96, 96, 96)])
def test_a_drawing_that_shows_on_white_paper_is_on_white_paper(colour):
    pixels = decode(zoo.encode(drawing("ring", colour), "PNG")).pixels
    assert pixels[0, 0].tolist() == [255, 255, 255]


def test_a_drawing_of_which_much_is_white_is_on_grey_where_all_of_it_shows():
    both = drawing("ring", (255, 255, 255))
    ImageDraw.Draw(both).rectangle((50, 50, 70, 70), fill=(0, 0, 0, 255))
    assert levels(zoo.encode(both, "PNG")) == [0, 96, 255]


def test_a_page_with_round_clear_corners_stays_on_white():
    page = Image.new("RGBA", (240, 320), (255, 255, 255, 255))
    draw = ImageDraw.Draw(page)
    for row in range(20, 300, 8):
        draw.line((20, row, 220, row), fill=(0, 0, 0, 255), width=3)
    corners = Image.new("L", page.size, 0)
    ImageDraw.Draw(corners).rounded_rectangle((0, 0, 239, 319), 20, fill=255)
    page.putalpha(corners)
    assert decode(zoo.encode(page, "PNG")).pixels[0, 0].tolist() == [255, 255, 255]


def test_pictures_that_differ_in_their_opacity_alone_are_told_apart():
    colours = Image.fromarray(zoo.picture())
    clear_left, clear_right = colours.copy(), colours.copy()
    clear_left.putalpha(Image.fromarray(zoo.alpha()))
    clear_right.putalpha(Image.fromarray(np.ascontiguousarray(zoo.alpha()[:, ::-1])))
    one, other = (
        decode(zoo.encode(image, "PNG")).pixels.astype(float) for image in (clear_left, clear_right)
    )
    assert np.abs(one - other).mean() > 40


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF", "AVIF", "GIF"])
def test_a_picture_that_is_all_clear_has_no_content(kind):
    with pytest.raises(ImageError) as caught:
        decode(zoo.encode(Image.new("RGBA", (40, 30), (200, 10, 10, 0)), kind))
    assert caught.value.reason is Reason.NO_CONTENT


@pytest.mark.parametrize("kind", ["BMP", "TGA"])
def test_bytes_for_opacity_that_a_program_left_at_0_hide_nothing(kind):
    unused = np.dstack([zoo.picture(), np.zeros_like(zoo.grey_picture())])
    data = bytearray(zoo.encode(unused, kind))
    if kind == "BMP":  # as Pillow does not write it: with masks of each channel, one of opacity
        head = struct.pack("<IiiHHIIiiII", 108, zoo.WIDTH, -zoo.HEIGHT, 1, 32, 3, 0, 0, 0, 0, 0)
        head += struct.pack("<4I", 0xFF0000, 0xFF00, 0xFF, 0xFF000000) + bytes(52)
        pixels = unused[..., [2, 1, 0, 3]].tobytes()
        data = struct.pack("<2sIII", b"BM", 122 + len(pixels), 0, 122) + head + pixels
    np.testing.assert_array_equal(decode(bytes(data)).pixels, zoo.picture())


def test_16_bits_of_grey_and_opacity_show_though_there_are_few_levels():
    deep = np.dstack(
        [zoo.grey_picture().astype(">u2") + 30_000, np.full(zoo.alpha().shape, 2**16 - 1)]
    )
    rows = [row.astype(">u2").tobytes() for row in deep]
    data = zoo.png(rows, size=(zoo.WIDTH, zoo.HEIGHT), depth=16, colour=4)
    assert np.abs(decode(data).pixels.astype(int) - 117).max() <= 1


def test_an_opaque_picture_is_the_same_with_and_without_its_opacity():
    opaque = np.dstack([zoo.picture(), np.full_like(zoo.grey_picture(), 255)])
    np.testing.assert_array_equal(decode(zoo.encode(opaque, "PNG")).pixels, zoo.picture())


def small_values() -> dict[str, bytes]:
    wide = labels(1)
    colours = wide[..., None] * [1, 2, 3] // 3
    rows = [row.astype(">u2").tobytes() for row in colours]
    grey = {"photometric": zoo.TIFF_GREY}
    return {
        "16 bits, PNG": zoo.encode(wide.astype(np.uint16), "PNG"),
        "16 bits, TIFF": zoo.tiff([wide.astype(np.uint16)], **grey),
        "16 bits with a sign": zoo.tiff([(wide - 90).astype(np.int16)], **grey, extra={339: 2}),
        "32 bits": zoo.tiff([wide.astype(np.uint32)], **grey),
        "float": zoo.tiff([wide.astype(np.float32)], **grey, extra={339: 3}),
        "colours, PNG": zoo.png(rows, size=(80, 60), depth=16, colour=2),
        "colours, TIFF": zoo.tiff([colours.astype(np.uint16)]),
        "colours, big endian": zoo.tiff([colours.astype(np.uint16)], order=">"),
        "8 bits": zoo.encode((wide // 7).astype(np.uint8), "PNG"),
        "8 bits, TIFF": zoo.encode((wide // 7).astype(np.uint8), "TIFF"),
        "0 and 1": zoo.encode((wide > 99).astype(np.uint8), "BMP"),
    }


@pytest.mark.parametrize("name", small_values())
def test_small_values_are_scaled_by_their_own_range(name):
    pixels = decode(small_values()[name]).pixels
    assert (int(pixels.min()), int(pixels.max())) == (0, 255)
    lowest, highest = decode(small_values()[name]).header.own_range
    assert lowest < highest < 200
    shown = pixels.max(axis=2).ravel()[::7].astype(float)
    assert np.corrcoef(shown, labels(1).ravel()[::7])[0, 1] > 0.8


WIDE_LABELS = {
    "neighbours far from zero": [0, 24001, 24002],
    "close together and far apart": [1, 2, 3, 60000],
    "all far from each other": [7, 20000, 40000, 65000],
    "few of a wide range": [100, 101, 8000],
    "as many as there are levels": [*range(255), 65535],
}


@pytest.mark.parametrize("name", WIDE_LABELS)
@pytest.mark.parametrize("kind", ["16 bits, PNG", "16 bits, TIFF", "32 bits", "float"])
def test_each_label_has_a_grey_level_of_its_own(name, kind):
    values = np.array(WIDE_LABELS[name])
    wide = np.kron(np.resize(values, (16, 16)), np.ones((4, 4), np.int64))
    grey = {"photometric": zoo.TIFF_GREY}
    data = {
        "16 bits, PNG": lambda: zoo.encode(wide.astype(np.uint16), "PNG"),
        "16 bits, TIFF": lambda: zoo.tiff([wide.astype(np.uint16)], **grey),
        "32 bits": lambda: zoo.tiff([wide.astype(np.uint32)], **grey),
        "float": lambda: zoo.tiff([wide.astype(np.float32)], **grey, extra={339: 3}),
    }[kind]()
    shown = decode(data).pixels[..., 0]
    assert len(set(shown.ravel().tolist())) == len(values)
    order = [int(shown[wide == value][0]) for value in values]
    assert order == sorted(order)


def test_labels_beside_one_value_for_no_label_show():
    values = np.kron(np.resize([0, 1, 2, 255], (16, 15)), np.ones((4, 4), np.int64))
    shown = levels(zoo.encode(values.astype(np.uint8), "PNG"))
    assert len(shown) == 4
    assert np.diff(shown).min() > 40


def test_black_words_on_white_paper_stay_as_they_are():
    page = Image.new("L", (80, 80), 255)
    ImageDraw.Draw(page).rectangle((9, 9, 40, 12), fill=0)
    assert levels(zoo.encode(page, "PNG")) == [0, 255]
    ImageDraw.Draw(page).rectangle((9, 19, 40, 22), fill=90)
    ImageDraw.Draw(page).rectangle((9, 29, 40, 32), fill=3)
    assert levels(zoo.encode(page, "PNG")) == [0, 3, 90, 255]


def test_a_photo_of_16_bits_keeps_its_grey_levels_though_many_values_share_one():
    ramp = np.resize(np.arange(0, 60000, 7, dtype=np.uint16), (64, 128))
    np.testing.assert_array_equal(decode(zoo.encode(ramp, "PNG")).pixels[..., 0], ramp >> 8)


@pytest.mark.parametrize("missing", [-3.4e38, 3.4e38])
def test_a_value_for_no_data_does_not_hide_the_others(missing):
    values = labels(1).astype(np.float32)
    values[:10, :10] = missing
    data = zoo.tiff([values], photometric=zoo.TIFF_GREY, extra={339: 3})
    assert len(levels(data)) > 30


def test_the_16_bits_of_a_photo_are_cut_to_their_high_byte():
    grey = np.asarray(zoo.grey_picture())
    deep = grey.astype(np.uint16) * 256 + 77
    np.testing.assert_array_equal(decode(zoo.encode(deep, "PNG")).pixels[..., 0], grey)
    rows = [row.astype(">u2").tobytes() for row in zoo.picture().astype(np.uint16) * 256 + 77]
    data = zoo.png(rows, size=(zoo.WIDTH, zoo.HEIGHT), depth=16, colour=2)
    np.testing.assert_array_equal(decode(data).pixels, zoo.picture())
    assert decode(data).header.own_range is None


@pytest.mark.parametrize("value", [0, 3, 5000, 65535])
def test_a_picture_of_one_value_stays_one_of_one_level(value):
    data = zoo.encode(np.full((30, 40), value, np.uint16), "PNG")
    assert levels(data) == [value >> 8]


def test_a_dark_photo_with_loss_is_not_stretched():
    dark = (zoo.grey_picture() // 8).astype(np.uint8)
    assert max(levels(zoo.encode(dark, "JPEG", quality=95))) < 40


# --- colour profiles ----------------------------------------------------------------------------


def wide_profile() -> bytes:
    """Return the profile of a display with a far redder red and a far greener green than sRGB."""
    # sRGB with its red and green columns exchanged: nothing can be more plainly another space.
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, green = data.index(b"rXYZ"), data.index(b"gXYZ")
    data[red : red + 4], data[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(data)


def srgb_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


PROFILED = {
    "PNG": {},
    "JPEG": {"quality": 95, "subsampling": 0},
    "WEBP": {"lossless": True},
    "TIFF": {},
    "AVIF": {"quality": 95, "subsampling": "4:4:4"},
}


@pytest.mark.parametrize("kind", PROFILED)
def test_colours_of_another_space_are_brought_to_srgb(kind):
    swapped = np.ascontiguousarray(zoo.picture()[..., [1, 0, 2]])
    data = zoo.encode(swapped, kind, icc_profile=wide_profile(), **PROFILED[kind])
    assert np.abs(decode(data).pixels.astype(float) - zoo.picture()).mean() < 5


@pytest.mark.parametrize("profile", [srgb_profile(), b"no profile", srgb_profile()[:200], b""])
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_srgb_and_damaged_profiles_leave_every_bit_as_it_is(kind, profile):
    plain = decode(zoo.encode(zoo.picture(), kind)).pixels
    with_profile = decode(zoo.encode(zoo.picture(), kind, icc_profile=profile)).pixels
    np.testing.assert_array_equal(with_profile, plain)


def test_the_grey_levels_of_a_jpeg_are_those_of_its_colours_in_srgb():
    swapped = Image.fromarray(np.ascontiguousarray(zoo.picture()[..., [1, 0, 2]]))
    data = zoo.encode(swapped.resize((402, 300)), "JPEG", icc_profile=wide_profile())
    colour = np.asarray(decode(data, min_side=150).image.convert("L"), float)
    grey = decode(data, min_side=150, grey=True)
    assert grey.image.mode == "L"
    np.testing.assert_array_equal(np.asarray(grey.image), colour)


def test_a_profile_and_transparency_go_together():
    swapped = np.dstack([zoo.picture()[..., [1, 0, 2]], zoo.alpha()])
    pixels = decode(zoo.encode(swapped, "PNG", icc_profile=wide_profile())).pixels
    assert np.abs(pixels.astype(float) - zoo.over_white()).mean() < 5


def test_a_lab_tiff_shows_its_picture():
    srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    picture = Image.fromarray(zoo.picture())
    data = zoo.encode(ImageCms.profileToProfile(picture, srgb, lab, outputMode="LAB"), "TIFF")
    assert np.abs(decode(data).pixels.astype(float) - zoo.picture()).mean() < 4


# --- damage beside the pixels -------------------------------------------------------------------


@pytest.mark.parametrize("tag", [65000, 700, 34675, 34377, 270])
def test_a_tiff_field_beyond_the_end_that_the_pixels_do_not_need_does_no_harm(tag):
    data = zoo.tiff([zoo.picture()], extra={tag: 10**9})
    field = data.index(tag.to_bytes(2, "little") + b"\4\0\1\0\0\0")
    broken = data[: field + 2] + b"\7\0\xa0\x0f\0\0" + data[field + 8 :]
    np.testing.assert_array_equal(decode(broken).pixels, zoo.picture())


@pytest.mark.parametrize("tag", [258, 273, 279])
def test_a_tiff_field_beyond_the_end_that_the_pixels_need_is_a_cut(tag):
    data = zoo.tiff([zoo.picture()])
    field = data.index(tag.to_bytes(2, "little"), len(data) - 120)
    broken = data[: field + 4] + b"\0\1\0\0\0\xca\x9a\x3b" + data[field + 12 :]
    with pytest.raises(ImageError) as caught:
        decode(broken)
    assert caught.value.reason is Reason.TRUNCATED


def test_a_link_beyond_the_end_after_the_last_of_several_pages_does_no_harm():
    data = zoo.tiff([zoo.picture(), zoo.picture()[::-1]])
    shown = decode(data[:-4] + (10**6).to_bytes(4, "little"), frames=True)
    np.testing.assert_array_equal(shown.pixels, zoo.picture())
    assert len(shown.frames) == 2


def test_a_link_to_a_page_beyond_the_end_of_a_whole_tiff_does_no_harm():
    data = zoo.tiff([zoo.picture()])
    broken = data[:-4] + (10**6).to_bytes(4, "little")
    np.testing.assert_array_equal(decode(broken).pixels, zoo.picture())


@pytest.mark.parametrize("name", ["still.avif", "still.heic", "animated.avif", "box.jp2"])
@pytest.mark.parametrize("junk", [b"junk", b"\xff" * 50, b"<html>no image</html>", bytes(40)])
def test_junk_behind_whole_boxes_does_no_harm(name, junk):
    good = zoo.good_images()
    if name not in good:
        pytest.skip("needs the extra heic")
    pixels, tolerance = zoo.expected(name)
    found = decode(good[name] + junk).pixels
    assert np.abs(found.astype(float) - pixels).mean() <= tolerance


def test_nothing_of_a_damaged_tiff_is_written_to_standard_error(capfd):
    data = bytearray(zoo.encode(zoo.picture(), "TIFF", compression="tiff_lzw"))
    data[8:400] = bytes(io.BytesIO(b"\x5a" * 392).getbuffer())
    with pytest.raises(ImageError):
        decode(bytes(data))
    assert capfd.readouterr().err == ""
