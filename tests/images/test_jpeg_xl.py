"""JPEG XL: the size is read before any pixel, whatever is in the file."""

import random

import numpy as np
import pytest

from fastdup.errors import ImageError, Reason
from fastdup.images import decode
from fastdup.images.jpeg_xl import jpeg_xl_size

codecs = pytest.importorskip("imagecodecs")

SIZES = [(1, 1), (8, 8), (192, 192), (200, 120), (640, 480), (480, 360), (1000, 3), (3, 1000)]
SIZES += [(320, 180), (150, 120), (256, 128), (257, 129), (2000, 1500), (96, 80), (9000, 2)]


def encoded(size, **options):
    noise = np.random.default_rng(0).integers(0, 255, (size[1], size[0], 3), np.uint8)
    return codecs.jpegxl_encode(noise, effort=1, **options)


@pytest.mark.parametrize("boxes", [False, True])
@pytest.mark.parametrize("size", SIZES)
def test_the_size_is_known_from_the_first_bytes(size, boxes):
    data = encoded(size, usecontainer=boxes)
    assert jpeg_xl_size(data) == size
    shown = decode(data)
    assert (shown.width, shown.height) == size


def test_a_picture_beyond_the_limit_is_refused_before_it_is_decoded():
    with pytest.raises(ImageError, match="40000 pixels") as caught:
        decode(encoded((200, 200)), max_pixels=39_999)
    assert caught.value.reason is Reason.TOO_LARGE


@pytest.mark.parametrize("dtype", [np.uint16, np.float32])
def test_colours_of_more_bits_are_those_of_8(dtype):
    rgb = np.random.default_rng(1).integers(0, 256, (40, 50, 3), np.uint8)
    most = 1 if dtype is np.float32 else 65535
    deep = (rgb / 255 * most).astype(dtype)
    found = decode(codecs.jpegxl_encode(deep, lossless=True)).pixels
    assert np.abs(found.astype(int) - rgb).max() <= 1


def test_of_an_animation_the_first_frame_is_shown():
    frames = np.random.default_rng(2).integers(0, 256, (3, 40, 50, 3), np.uint8)
    data = codecs.jpegxl_encode(frames, lossless=True)
    np.testing.assert_array_equal(decode(data).pixels, frames[0])


def test_whatever_the_bytes_are_it_is_a_picture_or_an_image_error():
    chance = random.Random(3)
    sources = [encoded((60, 40)), encoded((60, 40), usecontainer=True)]
    n_bad = 0
    for number in range(400):
        data = bytearray(sources[number % 2])
        for _ in range(chance.randint(1, 20)):
            data[chance.randrange(2 if number % 2 == 0 else 12, len(data))] = chance.randrange(256)
        data = bytes(data[: chance.randint(3, len(data))] if chance.random() < 0.3 else data)
        try:
            decode(data, max_pixels=10_000_000)
        except ImageError:
            n_bad += 1
    assert n_bad > 100


def moving(*frames):
    return decode(codecs.jpegxl_encode(np.stack(frames), lossless=True), frames=True)


def test_all_frames_of_an_animation_are_looked_at():
    noise = np.random.default_rng(2).integers(0, 256, (3, 40, 50, 3), np.uint8)
    shown = moving(np.zeros_like(noise[0]), *noise)
    assert shown.header.n_frames == 4
    assert (len(shown.frames), shown.n_beyond) == (8, 0)
    assert shown.frames[0] is None  # the black one
    seen = [frame.pixels for frame in shown.shown]
    assert len(seen) == 3
    for found, wanted in zip(seen, noise, strict=True):
        np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("dtype", [np.uint16, np.float32])
def test_frames_of_more_bits_are_those_of_8(dtype):
    frames = np.random.default_rng(3).integers(0, 256, (2, 40, 50, 3), np.uint8)
    deep = frames.astype(np.uint16) * 257 if dtype is np.uint16 else frames.astype(dtype) / 255
    seen = [frame.pixels for frame in moving(*deep).shown]
    np.testing.assert_array_equal(seen, frames)


def test_of_many_frames_the_beginning_is_looked_at():
    frames = np.random.default_rng(4).integers(0, 256, (610, 8, 8, 3), np.uint8)
    shown = moving(*frames)
    assert (shown.header.n_frames, shown.n_beyond) == (610, 10)


@pytest.mark.parametrize("share", [20, 50, 90, 99])
def test_an_animation_that_is_cut_within_a_frame_is_truncated(share):
    frames = np.random.default_rng(5).integers(0, 256, (3, 40, 50, 3), np.uint8)
    data = codecs.jpegxl_encode(frames, lossless=True)
    with pytest.raises(ImageError) as caught:
        decode(data[: len(data) * share // 100])
    assert caught.value.reason is Reason.TRUNCATED


def test_an_animation_too_large_for_the_memory_is_its_first_frame(monkeypatch):
    frames = np.random.default_rng(6).integers(0, 256, (2, 40, 50, 3), np.uint8)
    data = codecs.jpegxl_encode(frames, lossless=True)

    def refuse(*_, **__):
        raise ImageError("an animation that needs too much memory", reason=Reason.TOO_LARGE)

    monkeypatch.setattr("fastdup.sources.containers.apart.Apart.call", refuse)
    np.testing.assert_array_equal(decode(data, frames=True).pixels, frames[0])
