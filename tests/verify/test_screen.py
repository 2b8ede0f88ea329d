"""The pattern of a print: found where there is one, and taken out."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from fastdup.verify.screen import find_screen, without_screen
from pictures import textured_scene

SIZE = (480, 360)


def waved(picture, down, across, levels=7):
    """Return the picture with a wave that repeats so often down and across it."""
    y, x = (np.arange(side) / side for side in (picture.height, picture.width))
    wave = levels * np.sin(2 * np.pi * (down * y[:, None] + across * x))
    values = np.asarray(picture, np.float32) + wave[:, :, None]
    return Image.fromarray(values.clip(0, 255).round().astype(np.uint8))


def dotted(picture, pitch):
    """Return a print of black dots on a slanted grid, so many pixels apart."""
    grey = np.asarray(picture.convert("L"), np.float32) / 255
    y, x = np.mgrid[: picture.height, : picture.width] * (2 * np.pi / pitch / np.sqrt(2))
    screen = 0.5 + 0.25 * (np.sin(x + y) + np.sin(x - y))
    values = (((grey - screen) * 8 + 0.5).clip(0, 1) * 255).astype(np.uint8)
    return Image.fromarray(values).convert("RGB")


@pytest.mark.parametrize("wave", [(14, 37), (-21, 24)])
def test_moire_is_found_with_its_waves_and_is_no_raster(wave):
    found = find_screen(waved(textured_scene(3, SIZE), *wave).convert("L"))
    assert np.abs(np.subtract(found.waves[0], wave)).max() <= 1
    assert found.pitch == 0


@pytest.mark.parametrize("pitch", [7, 12])
def test_a_raster_is_found_with_the_distance_of_its_dots(pitch):
    found = find_screen(dotted(textured_scene(3, SIZE), pitch).convert("L"))
    assert found.pitch * max(SIZE) == pytest.approx(pitch, rel=0.1)


def stripes():
    """Return lines straight across, as text, shelves and blinds have them."""
    picture = Image.new("RGB", SIZE, "white")
    draw = ImageDraw.Draw(picture)
    for y in range(0, SIZE[1], 9):
        draw.line((0, y, SIZE[0], y), fill="black", width=3)
    return picture


@pytest.mark.parametrize(
    "picture",
    [*(textured_scene(seed, SIZE) for seed in range(3, 6)), stripes(), Image.new("RGB", (20, 20))],
)
def test_pictures_as_they_are_have_no_pattern_of_a_print(picture):
    assert find_screen(picture.convert("L")) is None


def test_without_its_pattern_a_print_is_the_picture_made_as_smooth():
    picture = textured_scene(3, SIZE)
    printed = waved(picture, 14, 37)
    screen = find_screen(printed.convert("L"))
    smooth, cleaned = without_screen(picture, None, 0), without_screen(printed, screen, 0)
    left = np.asarray(cleaned, np.float32) - np.asarray(smooth, np.float32)
    added = np.asarray(printed, np.float32) - np.asarray(picture, np.float32)
    assert left.std() < added.std() / 3
