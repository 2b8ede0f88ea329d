"""Animations and pages: the same moments in every format, blank frames set apart, little time."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

import zoo
from fastdup.errors import ImageError, Reason
from fastdup.images import decode
from fastdup.images.frame_times import frame_times
from fastdup.images.sampling import choose_samples
from pictures import photo

BLACK = Image.new("RGB", (120, 90))
EXACT = {"GIF": {}, "PNG": {}, "WEBP": {"lossless": True}}
NAMES = {"GIF": "GIF", "PNG": "PNG", "WEBP": "WebP", "AVIF": "AVIF", "TIFF": "TIFF"}


def animation(kind, frames, duration=100, **options):
    options = {"duration": duration, **EXACT.get(kind, {}), **options}
    if kind == "TIFF":
        options = {}
    return zoo.encode(frames[0], kind, save_all=True, append_images=frames[1:], **options)


def shots(n):
    return [photo(number).resize((120, 90)) for number in range(n)]


def near(one, other):
    return np.abs(one.pixels.astype(float) - np.asarray(other, float)).mean() < 12


@pytest.mark.parametrize("kind", [*EXACT, "AVIF", "TIFF"])
def test_the_frames_of_an_animation_and_the_pages_of_a_tiff_are_those_that_it_shows(kind):
    pictures = shots(4)
    frames = decode(animation(kind, pictures), frames=True).frames
    wanted = [0, 1, 2, 3] if kind == "TIFF" else [0, 0, 1, 1, 2, 2, 3, 3]
    assert len(frames) == len(wanted)
    assert all(near(frame, pictures[place]) for frame, place in zip(frames, wanted, strict=True))


@pytest.mark.parametrize("primary", [0, 1])
def test_the_pictures_of_a_heic_are_pages_and_the_primary_one_comes_first(primary):
    heif = pytest.importorskip("pillow_heif")
    pictures, stream = shots(3), io.BytesIO()
    file = heif.HeifFile()
    for picture in pictures:
        file.add_from_pillow(picture)
    file.save(stream, quality=90, primary_index=primary)
    shown = decode(stream.getvalue(), frames=True)
    assert near(shown, pictures[primary])
    assert all(near(frame, page) for frame, page in zip(shown.frames, pictures, strict=True))


@pytest.mark.parametrize("kind", [*EXACT, "TIFF"])
def test_a_blank_first_frame_is_not_the_picture_that_is_compared(kind):
    pictures = [BLACK, *shots(3)]
    data = animation(kind, pictures)
    assert near(decode(data), pictures[1])
    frames = decode(data, frames=True).frames
    assert frames[0] is None
    assert near(frames[-1], pictures[-1])


def test_a_second_that_one_format_stores_as_one_frame_and_another_as_ten_is_the_same():
    first, second, third = shots(3)
    merged = animation("GIF", [first, second, third], [1000, 100, 100])
    apart = animation("PNG", [*[first] * 10, second, third], 100)
    assert decode(merged, frames=True).header.n_frames == 3
    for one, other in zip(
        decode(merged, frames=True).frames, decode(apart, frames=True).frames, strict=True
    ):
        assert np.abs(one.pixels.astype(float) - other.pixels).mean() < 12


@pytest.mark.parametrize("kind", EXACT)
def test_times_are_read_from_the_structure(kind):
    data = animation(kind, shots(3), [50, 200, 30])
    assert frame_times(NAMES[kind], data, 3) == [50_000, 200_000, 30_000]


@pytest.mark.parametrize("kind", EXACT)
def test_times_that_viewers_replace_are_a_tenth_of_a_second(kind):
    assert frame_times(NAMES[kind], animation(kind, shots(2), 10), 2) == [100_000] * 2


def test_a_picture_beside_an_animation_is_no_frame_of_it():
    data = animation("PNG", [BLACK, *shots(2)], default_image=True)
    assert frame_times("PNG", data, 3)[0] == 0
    assert choose_samples("PNG", data, 3, 10**4).places == (1, 1, 1, 1, 2, 2, 2, 2)


@pytest.mark.parametrize("kind", EXACT)
def test_what_does_not_change_is_a_single_picture(kind):
    data = animation(kind, [shots(1)[0]] * 3)
    assert decode(data, frames=True).frames == ()


@pytest.mark.parametrize("name", sorted(zoo.good_images()))
def test_a_single_picture_is_the_same_whether_or_not_frames_are_wanted(name):
    data = zoo.good_images()[name]
    one, other = decode(data), decode(data, frames=True)
    np.testing.assert_array_equal(one.pixels, other.pixels)
    assert "animated" in name or "pages" in name or other.frames == ()


def test_a_smaller_size_of_the_same_picture_is_no_page():
    large = photo(0)
    marked = zoo.tiff([np.asarray(large), np.asarray(large.resize((90, 60)))])
    assert decode(marked, frames=True).frames == ()


def test_thumbnails_and_masks_of_a_tiff_are_no_pages():
    page, thumbnail = np.asarray(photo(0)), np.asarray(photo(1))
    data = zoo.tiff([page, thumbnail], extra={254: 0})
    at = data.rindex(struct.pack("<HHII", 254, 4, 1, 0))
    data = data[: at + 8] + b"\1" + data[at + 9 :]
    assert decode(data, frames=True).frames == ()


def test_of_many_pages_some_are_looked_at_and_all_of_a_few():
    pages = [np.full((4, 4), number, np.uint8) for number in range(40)]
    data = zoo.tiff(pages, photometric=zoo.TIFF_GREY)
    places = choose_samples("TIFF", data, 40, 16).places
    assert len(places) == 16
    assert places[0] == 0
    assert places[-1] >= 36
    assert choose_samples("TIFF", zoo.tiff(pages[:9], photometric=1), 9, 16).places == (*range(9),)


def test_frames_far_behind_are_not_decoded():
    samples = choose_samples("AVIF", b"", 10_000, 320 * 240)
    assert max(samples.places) < 600
    assert samples.n_beyond == 9_400
    assert max(choose_samples("WebP", b"", 900, 2**24).places) < 16


def test_a_frame_with_more_pixels_than_the_limit_is_not_decoded():
    still = zoo.good_images()["still.gif"]
    bomb = b"\x21\xf9\4\x09\0\0\0\0" + b"," + struct.pack("<4HB", 0, 0, 65535, 65535, 0)
    data = still[:-1] + bomb + b"\2\2\x44\1\0;"
    assert decode(data, frames=True, max_pixels=10**6).width == zoo.WIDTH
    pages = zoo.tiff([zoo.picture(), np.asarray(photo(0))])
    shown = decode(pages, frames=True, max_pixels=zoo.WIDTH * zoo.HEIGHT)
    assert shown.width == zoo.WIDTH
    assert shown.frames[1] is None


def test_a_damaged_frame_behind_the_first_leaves_the_others():
    data = bytearray(animation("WEBP", shots(4)))
    second = data.index(b"ANMF", data.index(b"ANMF") + 4)
    data[second + 40 : second + 60] = bytes(20)
    shown = decode(bytes(data), frames=True)
    assert near(shown, shots(1)[0])


def test_an_animation_that_is_all_clear_has_no_content():
    clear = [Image.new("RGBA", (60, 40), (number, 0, 0, 0)) for number in range(3)]
    stream = io.BytesIO()
    clear[0].save(stream, "WEBP", save_all=True, append_images=clear[1:], lossless=True, exact=True)
    with pytest.raises(ImageError) as caught:
        decode(stream.getvalue(), frames=True)
    assert caught.value.reason is Reason.NO_CONTENT


def test_an_animation_that_begins_clear_is_good():
    shot = shots(1)[0].convert("RGBA")
    clear = Image.new("RGBA", shot.size, (0, 0, 0, 0))
    assert near(decode(animation("WEBP", [clear, shot])), shots(1)[0])
