"""A picture that was twisted, bulged or waved is drawn straight again; other pictures are not."""

import numpy as np
import pytest
from PIL import Image, ImageFilter

from fastdup.verify import Picture, Verdict, judge
from fastdup.verify.agreement import compare_detail
from fastdup.verify.bending import unbend
from fastdup.verify.keypoints import QUICK
from fastdup.verify.registration import overlay
from fastdup.verify.transform import find_transform
from pictures import photo, reopened, textured_scene

SIZE = (480, 360)


def bent(image, bend):
    """Return the picture with what lies at each place taken from `bend(x, y)`, both −1 to 1."""
    x, y = np.meshgrid(*(np.linspace(-1, 1, side) for side in image.size))
    columns, rows = (
        ((at + 1) / 2 * (side - 1)).clip(0, side - 1)
        for at, side in zip(bend(x, y), image.size, strict=True)
    )
    values = np.asarray(image, np.float32)
    left, top = np.floor(columns).astype(int), np.floor(rows).astype(int)
    right, bottom = (
        np.minimum(first + 1, side - 1) for first, side in zip((left, top), image.size, strict=True)
    )
    across, down = (columns - left)[..., None], (rows - top)[..., None]
    upper = values[top, left] * (1 - across) + values[top, right] * across
    lower = values[bottom, left] * (1 - across) + values[bottom, right] * across
    return Image.fromarray((upper * (1 - down) + lower * down).round().astype(np.uint8))


def twisted(x, y):
    angle = 0.9 * (1 - np.hypot(x, y)).clip(0) ** 2
    return x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)


def bulged(x, y):
    factor = 0.8 + 0.2 * (x**2 + y**2)
    return x * factor, y * factor


def waved(x, y):
    return x + 0.02 * np.sin(9 * y), y + 0.02 * np.sin(9 * x)


@pytest.mark.parametrize("bend", [twisted, bulged, waved])
def test_a_bent_picture_is_drawn_straight(bend):
    original = photo(1, SIZE)
    first, second = Picture(original, original.size), Picture(bent(original, bend), original.size)
    found = find_transform(first.features(QUICK), second.features(QUICK))
    flat = compare_detail(overlay(first.image, second.image, found.to_first))
    unbent = unbend(first.image, second.image, found.matches, found.to_first, 0.5)
    straight = compare_detail(unbent.aligned)
    assert straight.same > 0.9
    assert flat.same < straight.same - 0.2


@pytest.mark.parametrize(
    ("bend", "verdicts"),
    [
        (twisted, {Verdict.EDITED}),
        (bulged, {Verdict.EDITED, Verdict.ALTERED}),  # what was pressed together is not seen well
        (waved, {Verdict.EDITED, Verdict.ALTERED}),
    ],
)
def test_a_bent_copy_is_found(bend, verdicts):
    original = photo(2, SIZE)
    copy = reopened(bent(original, bend))
    judged = judge(Picture(original, original.size), Picture(copy, copy.size))
    assert judged.verdict in verdicts
    assert "bent" in judged.kinds


def rippled(x, y):
    return x + 0.03 * np.sin(14 * y + 1), y + 0.03 * np.sin(14 * x)


@pytest.mark.parametrize("seed", [3, 6])
def test_a_bent_copy_with_detail_as_fine_as_its_pixels_is_found(seed):
    picture = textured_scene(seed, (640, 480))
    grain = np.random.default_rng(seed).normal(0, 9, (480, 640, 1))
    grainy = Image.fromarray((np.asarray(picture) + grain).clip(0, 255).astype(np.uint8))
    original = grainy.filter(ImageFilter.UnsharpMask(2.5, 180, 2))
    copy = reopened(bent(original, rippled))
    judged = judge(Picture(original, original.size), Picture(copy, copy.size))
    assert judged.verdict in {Verdict.EDITED, Verdict.ALTERED}
    assert "bent" in judged.kinds


def test_matches_that_follow_no_field_bend_nothing():
    first, second = photo(3), photo(4)
    one = Picture(first, first.size)
    found = find_transform(one.features(QUICK), one.features(QUICK))
    points = np.random.default_rng(0).permutation(found.matches.points)
    assert unbend(first, second, found.matches._replace(points=points), np.eye(3), 0.0) is None


def test_an_unbent_copy_is_not_called_bent():
    original = photo(5)
    copy = reopened(original.resize((400, 300)))
    judged = judge(Picture(original, original.size), Picture(copy, copy.size))
    assert judged.verdict is Verdict.SAME_PICTURE
    assert "bent" not in judged.kinds
