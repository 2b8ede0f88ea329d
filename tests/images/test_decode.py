"""Good files decode to what they show; bad ones give their reason; nothing else gets out."""

import io
import struct
import subprocess
import sys
import threading
import warnings
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from PIL import Image, ImageFile

import zoo
from fastdup.config.options import DEFAULT_MAX_PIXELS
from fastdup.errors import ImageError, Reason
from fastdup.images import cut_out, decode, reduced

GOOD, BAD = zoo.good_images(), zoo.bad_images()


def reason_of(data: bytes, **options: int) -> tuple[Reason, str]:
    with pytest.raises(ImageError) as caught:
        decode(data, **options)
    return caught.value.reason, str(caught.value)


@pytest.mark.parametrize("name", GOOD)
def test_a_good_file_decodes_to_the_picture_that_it_shows(name):
    pixels, tolerance = zoo.expected(name)
    image = decode(GOOD[name])
    assert image.pixels.shape == pixels.shape
    assert (image.height, image.width) == pixels.shape[:2]
    assert image.pixels.dtype == np.uint8
    assert image.pixels.flags.c_contiguous
    assert np.abs(image.pixels.astype(float) - pixels).mean() <= tolerance


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_gives_its_reason_in_one_line(name):
    data, reason = BAD[name]
    found, message = reason_of(data)
    assert found is reason, message
    assert message
    assert "\n" not in message


def test_the_picture_of_the_zoo_differs_from_all_its_turns_and_swaps():
    picture = zoo.picture().astype(float)
    for n in range(2, 9):
        stored = zoo.stored_for(n, zoo.picture())
        assert stored.shape != picture.shape or np.abs(stored - picture).mean() > 20
    for channels in ([2, 1, 0], [0, 2, 1], [1, 0, 2]):
        assert np.abs(picture[..., channels] - picture).mean() > 20


def test_the_result_is_frozen():
    image = decode(GOOD["tiny.png"])
    with pytest.raises(FrozenInstanceError):
        image.width = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    ("min_side", "shape"),
    [(None, (300, 402)), (301, (300, 402)), (151, (300, 402)), (150, (150, 201)), (30, (38, 51))],
)
def test_a_jpeg_is_reduced_only_while_both_sides_keep_the_smallest_size(min_side, shape):
    large = Image.fromarray(zoo.picture()).resize((402, 300))
    image = decode(zoo.encode(large, "JPEG"), min_side=min_side)
    assert image.pixels.shape == (*shape, 3)
    assert (image.width, image.height) == (402, 300)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(("min_side", "shape"), [(None, (300, 402)), (150, (150, 201))])
def test_grey_levels_are_those_of_the_picture_in_colour(form, min_side, shape):
    data = zoo.encode(Image.fromarray(zoo.picture()).resize((402, 300)), form)
    grey = decode(data, min_side=min_side, grey=True)
    assert grey.image.mode == "L"
    assert grey.pixels.shape == shape
    assert (grey.width, grey.height) == (402, 300)
    colour = np.asarray(decode(data, min_side=min_side).image.convert("L"), dtype=float)
    assert np.abs(grey.pixels - colour).mean() < 3


def test_a_jpeg_stored_in_rgb_and_one_in_cmyk_are_decoded_in_grey():
    picture = Image.fromarray(zoo.picture()).resize((402, 300))
    for data in (
        zoo.encode(picture, "JPEG", keep_rgb=True),
        zoo.encode(picture.convert("CMYK"), "JPEG"),
    ):
        assert decode(data, min_side=150, grey=True).pixels.shape == (150, 201)


def test_a_reduced_picture_looks_like_the_full_one():
    large = Image.fromarray(zoo.picture()).resize((400, 300))
    image = decode(zoo.encode(large, "JPEG", quality=95), min_side=100)
    small = np.asarray(large.reduce(2), dtype=float)
    assert np.abs(image.pixels - small).mean() < 3


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_reduced_and_turned_picture_reports_its_upright_full_size(orientation):
    large = np.asarray(Image.fromarray(zoo.picture()).resize((160, 96)))
    stored = zoo.stored_for(orientation, large)
    image = decode(zoo.encode(stored, "JPEG", exif=zoo.exif(orientation)), min_side=48)
    assert (image.width, image.height) == (160, 96)
    assert image.pixels.shape == (48, 80, 3)


@pytest.mark.parametrize("name", ["baseline.jpg", "rgb.png", "pages.tif", "lossy.webp"])
def test_every_format_is_reduced_to_the_same_scale(name):
    image = decode(GOOD[name], min_side=8)
    assert image.pixels.shape == (zoo.HEIGHT // 4, zoo.WIDTH // 4, 3)
    assert (image.width, image.height) == (zoo.WIDTH, zoo.HEIGHT)


@pytest.mark.parametrize(
    "name", ["baseline.jpg", "rgb.png", "still.gif", "rgb.bmp", "pages.tif", "lossy.webp"]
)
def test_the_limit_of_pixels_is_inclusive(name):
    n_pixels = zoo.WIDTH * zoo.HEIGHT
    assert decode(GOOD[name], max_pixels=n_pixels).width == zoo.WIDTH
    reason, message = reason_of(GOOD[name], max_pixels=n_pixels - 1)
    assert reason is Reason.TOO_LARGE
    assert message == f"48 x 32 = {n_pixels} pixels are more than the limit of {n_pixels - 1}"


def test_a_wide_picture_is_within_the_limit_by_area_not_by_side():
    data = zoo.encode(np.zeros((1, 60_000), np.uint8), "PNG")
    assert decode(data).pixels.shape == (1, 60_000, 3)
    assert DEFAULT_MAX_PIXELS == 2**28


def test_the_limit_of_the_host_process_is_left_as_it_is(monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    for name in ("baseline.jpg", "rgb.png", "rgb.bmp", "still.avif"):
        decode(GOOD[name])
    # This decoder looks at it itself.
    assert reason_of(GOOD["lzw.tif"])[0] is Reason.TOO_LARGE
    assert Image.MAX_IMAGE_PIXELS == 100


def test_files_cut_short_are_bad_even_where_the_host_process_tolerates_them(monkeypatch):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    for name, (data, reason) in BAD.items():
        if reason is Reason.TRUNCATED:
            assert reason_of(data)[0] is Reason.TRUNCATED, name


def test_heic_without_the_extra_names_the_line_to_type(monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)  # as if it were not installed

    heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(40)
    reason, message = reason_of(heic)
    assert reason is Reason.UNSUPPORTED
    assert "pip install pillow-heif" in message


def test_jpeg_xl_without_the_extra_names_the_line_to_type(monkeypatch):
    monkeypatch.delitem(sys.modules, "fastdup.images.jpeg_xl_decoder", raising=False)
    monkeypatch.setitem(sys.modules, "imagecodecs", None)  # as if it were not installed
    codestream = b"\xff\x0a\x7a\x43\x04\x92" + bytes(40)
    reason, message = reason_of(codestream)
    assert reason is Reason.UNSUPPORTED
    assert "pip install imagecodecs" in message


def test_an_unsupported_file_is_named():
    assert "PSD" in reason_of(BAD["deep.psd"][0])[1]
    assert "camera raw" in reason_of(BAD["adobe.dng"][0])[1]


def test_what_is_no_image_is_quoted():
    assert "%PDF" in reason_of(BAD["document.pdf"][0])[1]


def test_an_orientation_survives_when_other_png_metadata_is_damaged():
    data = zoo.add_png_chunk(GOOD["turned_6.png"], b"iCCP", b"name\0\7junk")
    np.testing.assert_array_equal(decode(data).pixels, zoo.picture())


@pytest.mark.parametrize(
    ("marker", "content"),
    [(0xE0, b"JFIF\0"), (0xED, b"Photoshop 3.0\x008BIM\4\xed\0\0\0\0\0\x10\0")],
)
@pytest.mark.parametrize("name", ["turned_6.jpg", "cmyk.jpg"])
def test_a_jpeg_is_good_though_what_is_beside_its_picture_is_damaged(name, marker, content):
    pixels, tolerance = zoo.expected(name)
    data = zoo.add_jpeg_segment(GOOD[name], marker, content)
    assert np.abs(decode(data).pixels.astype(float) - pixels).mean() <= tolerance


def test_damaged_exif_in_a_png_leaves_the_picture_as_stored():
    plain = GOOD["rgb.png"]
    chunk = zoo.png_chunk(b"eXIf", zoo.exif(6)[6:])[:-4] + bytes(4)
    np.testing.assert_array_equal(decode(plain[:33] + chunk + plain[33:]).pixels, zoo.picture())


@pytest.mark.parametrize("value", [0, 9, 65535])
def test_an_orientation_that_does_not_exist_counts_as_upright(value):
    data = zoo.encode(zoo.picture(), "PNG", exif=zoo.exif(value))
    np.testing.assert_array_equal(decode(data).pixels, zoo.picture())


@pytest.mark.parametrize("scale", [1e-38, 1.0, 1e30, 3.4e38])
def test_float_pictures_span_their_own_range_whatever_it_is(scale):
    values = np.array([[-1.0, 0.2, 1.0, np.inf, -np.inf, np.nan]]) * scale
    data = zoo.tiff([values.astype(np.float32)], photometric=zoo.TIFF_GREY, extra={339: 3})
    assert decode(data).pixels[0, :, 0].tolist() == [0, 153, 255, 255, 0, 0]


def test_a_signalling_nan_is_as_good_as_any():
    values = np.array([[0x7FA00000, 0x40000000, 0x3F800000]], np.uint32).view(np.float32)
    data = zoo.tiff([values], photometric=zoo.TIFF_GREY, extra={339: 3})
    assert decode(data).pixels[0, :, 0].tolist() == [0, 255, 0]


@pytest.mark.parametrize("values", [[[np.nan, np.nan]], [[np.inf, -np.inf]], [[7.5, 7.5]]])
def test_float_pictures_without_a_range_are_black(values):
    data = zoo.tiff([np.array(values, np.float32)], photometric=zoo.TIFF_GREY, extra={339: 3})
    assert not decode(data).pixels.any()


def test_twelve_bit_tiff_uses_the_whole_range_of_brightness():
    two = np.array([0xFF, 0xF8, 0x00], np.uint8)  # 4095, 2048
    data = zoo.tiff([two.reshape(1, 3)], photometric=zoo.TIFF_GREY)
    data = data.replace(b"\x02\x01\x03\0\x01\0\0\0\x08\0", b"\x02\x01\x03\0\x01\0\0\0\x0c\0")
    data = data.replace(b"\0\x01\x04\0\x01\0\0\0\x03\0", b"\0\x01\x04\0\x01\0\0\0\x02\0")
    assert decode(data).pixels[0, :, 0].tolist() == [255, 128]


def test_warnings_of_pillow_stay_inside_and_filters_are_left_as_they_were():
    one, two = struct.pack("<HHI", 274, 4, 1), struct.pack("<HHI", 274, 3, 2)
    two_orientations = zoo.tiff([zoo.picture()], extra={274: 1}).replace(one, two)
    empty_animation = zoo.add_png_chunk(GOOD["rgb.png"], b"acTL", bytes(8))
    for data in (two_orientations, empty_animation, GOOD["damaged_exif.jpg"]):
        with pytest.warns(UserWarning), Image.open(io.BytesIO(data)) as image:
            image.getexif()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            before = list(warnings.filters)
            assert decode(data).pixels.shape == zoo.picture().shape
            assert warnings.filters == before
        assert caught == []


def test_many_threads_decode_alike_and_leave_the_filters_as_they_were():
    names = ["baseline.jpg", "alpha.png", "lzw.tif", "animated.gif", "alpha.webp"] * 8
    alone = {name: decode(GOOD[name]).pixels for name in names}
    before, wrong = list(warnings.filters), []

    def work():
        for name in names:
            if not np.array_equal(decode(GOOD[name]).pixels, alone[name]):
                wrong.append(name)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert warnings.filters == before


def test_a_picture_that_does_not_fit_into_memory_is_too_large(monkeypatch):
    def exhausted(*_):
        raise MemoryError

    whole = decode(GOOD["baseline.jpg"])
    for method, act in (
        ("load", lambda: decode(GOOD["tiny.png"])),
        ("crop", lambda: cut_out(whole, (0, 0, 8, 8))),
        ("reduce", lambda: reduced(whole, 4)),
    ):
        monkeypatch.setattr(Image.Image, method, exhausted)
        monkeypatch.setattr(ImageFile.ImageFile, method, exhausted, raising=False)
        with pytest.raises(ImageError, match=r"^not enough memory to decode it$") as caught:
            act()
        assert caught.value.reason is Reason.TOO_LARGE


@pytest.mark.parametrize(
    "corners",
    [
        (10, 10, 10, 10, 10, 30, 10, 30),
        (10, 10, 30, 10, 30, 10, 10, 10),
        (-50, -50, -10, -50, -10, -10, -50, -10),
        (900, 0, 950, 0, 950, 50, 900, 50),
        (-1e7, -1e7, 1e7, -1e7, 1e7, 1e7, -1e7, 1e7),
    ],
)
def test_a_rotated_box_without_pixels_of_the_picture_is_empty(corners):
    with pytest.raises(ImageError, match="empty or outside the picture") as caught:
        cut_out(decode(GOOD["baseline.jpg"]), corners)
    assert caught.value.reason is Reason.EMPTY


def test_only_the_plugins_of_known_formats_are_loaded(tmp_path):
    (tmp_path / "tiny.png").write_bytes(GOOD["tiny.png"])
    code = (
        "import sys, fastdup.images as i; i.decode(open(sys.argv[1], 'rb').read());"
        "print(sorted(m for m in sys.modules if 'Eps' in m or 'pillow_heif' in m))"
    )
    command = [sys.executable, "-c", code, tmp_path / "tiny.png"]
    done = subprocess.run(command, capture_output=True, check=True)
    assert done.stdout.strip() == b"[]"


def test_the_package_alone_does_not_load_pillow():
    code = "import sys, fastdup; print('PIL' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout.strip() == b"False"


def test_an_image_error_of_a_decoder_names_the_format_and_keeps_its_cause():
    with pytest.raises(ImageError, match=r"^JPEG: ") as caught:
        decode(BAD["overwritten_table.jpg"][0])
    assert isinstance(caught.value.__cause__, OSError)
