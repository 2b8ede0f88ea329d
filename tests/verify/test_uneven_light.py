"""Dark corners and other light that changes slowly are no local change; what was put there is."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance

from fastdup.verify import Picture, Verdict, judge
from fastdup.verify.kind_words import most_exact
from pictures import jpeg, opened_jpeg, photo, textured_scene

SIZE = (480, 360)


def lit(picture, light):
    """Return the picture times `light`, a function of x and y from -1 to 1."""
    x, y = np.meshgrid(np.linspace(-1, 1, picture.width), np.linspace(-1, 1, picture.height))
    levels = np.asarray(picture, np.float32) * light(x, y)[:, :, None]
    return Image.fromarray(levels.clip(0, 255).astype(np.uint8))


def with_dark_corners(picture):
    return lit(picture, lambda x, y: 1 - 0.35 * (x**2 + y**2))


def with_shade(picture):
    return lit(picture, lambda x, y: 0.75 - 0.25 * x)


def faded(picture):
    """Return the picture as a photo app makes it look old."""
    levels = np.asarray(with_dark_corners(picture), np.float32)
    sepia = levels.mean(2, keepdims=True) * np.array([1.1, 0.98, 0.78])
    mixed = 40 + (0.7 * sepia + 0.3 * levels) * 0.75
    return Image.fromarray(mixed.clip(0, 255).astype(np.uint8))


def judged(first, second):
    second = opened_jpeg(jpeg(second))
    return judge(Picture(first, first.size), Picture(second, second.size))


@pytest.mark.parametrize("seed", [21, 22])
@pytest.mark.parametrize("make", [textured_scene, photo])
@pytest.mark.parametrize("light", [with_dark_corners, with_shade, faded])
def test_a_picture_in_other_light_is_edited_and_nothing_of_it_changed(light, make, seed):
    picture = make(seed, SIZE)
    for found in (judged(picture, light(picture)), judged(light(picture), picture)):
        assert (found.verdict, found.regions) == (Verdict.EDITED, ())
        assert {"overlaid", "noisy", "less noisy"}.isdisjoint(found.kinds)


@pytest.mark.parametrize("seed", [21, 22])
def test_what_was_replaced_under_other_light_is_found(seed):
    picture = textured_scene(seed, SIZE)
    changed = picture.copy()
    changed.paste(textured_scene(99, SIZE).crop((200, 120, 280, 190)), (230, 150))
    found = judged(picture, faded(changed))
    assert found.verdict in {Verdict.EDITED, Verdict.ALTERED}
    left, top, right, bottom = (
        side * length for side, length in zip(found.regions[0].box, SIZE * 2, strict=True)
    )
    assert (left, top, right, bottom) == pytest.approx((230, 150, 310, 220), abs=10)


@pytest.mark.parametrize("seed", [21, 22, 23])
@pytest.mark.parametrize("share", [0.2, 0.45])
def test_a_watermark_all_over_is_put_on_and_no_noise(share, seed):
    picture = ImageEnhance.Brightness(textured_scene(seed, SIZE)).enhance(0.7)
    layer = Image.new("L", SIZE)
    draw = ImageDraw.Draw(layer)
    for row in range(6):
        for column in range(4):
            place = (column + row % 2 / 2) * SIZE[0] / 3.5, row * SIZE[1] / 5.5
            draw.text(place, "SAMPLE", round(255 * share), font_size=25)
    marked = Image.composite(Image.new("RGB", SIZE, "white"), picture, layer)
    found = judged(picture, marked)
    assert found.verdict in {Verdict.EDITED, Verdict.ALTERED}
    assert set(most_exact(found.kinds)) & {"overlaid", "captioned"}
    assert "noisy" not in found.kinds


@pytest.mark.parametrize("seed", [21, 22, 23])
def test_a_copy_with_noise_all_over_is_noisy_and_nothing_was_put_on_it(seed):
    picture = photo(seed, SIZE)
    noise = np.random.default_rng(seed).normal(0, 12, (SIZE[1], SIZE[0], 3))
    noisy = Image.fromarray((np.asarray(picture) + noise).clip(0, 255).astype(np.uint8))
    found = judged(picture, noisy)
    assert most_exact(found.kinds) == ("noisy",)
