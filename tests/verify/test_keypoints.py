"""Local features: the same for the same pixels, and those of mirror images and negatives known."""

from itertools import pairwise

import numpy as np
import pytest
from PIL import Image, ImageOps

from fastdup.verify.keypoints import CLOSE, QUICK, Detail, describe
from fastdup.verify.matching import match
from pictures import jpeg, opened_jpeg, textured_scene


def grey_scene(seed, size=(400, 300)):
    return textured_scene(seed, size).convert("L")


def shares_in_common(first, second, most_bits):
    """Return the share of points of `first` that `second` has, and of these with equal bits."""
    bits = [
        np.unpackbits(np.ascontiguousarray(features.descriptors).view(np.uint8), axis=1)
        for features in (first, second)
    ]
    differing = []
    for point, own in zip(first.points, bits[0], strict=True):
        is_there = np.abs((second.points - point) * second.size).max(1) < 0.5
        if is_there.any():
            differing.append((bits[1][is_there] != own).sum(1).min())
    return len(differing) / len(first), float(np.mean(np.array(differing) <= most_bits))


#: One level: no pixel is rounded, so that a negative is exactly one.
ONE_LEVEL = Detail(320, 400, 1)
#: Of this picture all levels have even sides: those of its mirror image are mirrored, too.
EVEN_LEVELS = Detail(288, 400, 5)


@pytest.mark.parametrize("seed", range(3))
def test_mirrored_features_are_those_of_the_mirrored_picture(seed):
    picture = grey_scene(seed, (320, 240))
    mirrored = ImageOps.mirror(picture)
    found = describe(picture, ONE_LEVEL).mirrored()
    points, descriptors = shares_in_common(found, describe(mirrored, ONE_LEVEL), 0)
    assert points >= 0.99
    assert descriptors >= 0.85
    picture = grey_scene(seed, (288, 216))
    ours, theirs = (describe(p, EVEN_LEVELS) for p in (picture, ImageOps.mirror(picture)))
    points, descriptors = shares_in_common(ours.mirrored(), theirs, 8)
    assert points >= 0.85
    assert descriptors >= 0.97


@pytest.mark.parametrize("seed", range(3))
def test_inverted_features_are_those_of_the_negative(seed):
    picture = grey_scene(seed, (320, 240))
    negative = ImageOps.invert(picture)
    found = describe(picture, ONE_LEVEL).inverted()
    assert shares_in_common(found, describe(negative, ONE_LEVEL), 0) == (1, 1)
    points, descriptors = shares_in_common(describe(picture).inverted(), describe(negative), 8)
    assert points >= 0.97
    assert descriptors >= 0.97


def test_mirroring_and_inverting_twice_gives_the_features_back():
    features = describe(grey_scene(1))
    for change in ("mirrored", "inverted"):
        once = getattr(features, change)()
        twice = getattr(once, change)()
        assert not np.array_equal(once.descriptors, features.descriptors)
        assert np.array_equal(twice.descriptors, features.descriptors)
        assert np.allclose(twice.points, features.points, atol=1e-6)
    both = features.mirrored().inverted(), features.inverted().mirrored()
    assert np.array_equal(both[0].descriptors, both[1].descriptors)


def test_points_are_in_unit_coordinates_and_spread_over_the_picture():
    features = describe(grey_scene(2))
    assert features.points.dtype == np.float32
    assert features.descriptors.shape == (len(features), 4)
    assert 0.5 * QUICK.n_points < len(features) <= 1.1 * QUICK.n_points
    assert features.size == (320, 240)
    assert features.points.min() > 0
    assert features.points.max() < 1
    quarters = {(x > 0.5, y > 0.5) for x, y in features.points.tolist()}
    assert len(quarters) == 4


def test_a_closer_look_finds_more_points():
    picture = grey_scene(3, (800, 600))
    assert len(describe(picture, CLOSE)) > 1.5 * len(describe(picture, QUICK))
    assert len(describe(picture, Detail(320, 50, 5))) <= 55


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (20, 20), (31, 47), (40, 33)])
def test_small_pictures_and_plain_ones_have_no_points_and_no_matches(size):
    none = describe(Image.new("L", size, 100))
    assert len(none) == 0
    assert none.descriptors.shape == (0, 4)
    assert match(none, describe(grey_scene(1))).shape == (0, 2)
    assert match(describe(grey_scene(1)), none).shape == (0, 2)


def test_a_picture_matches_itself_point_by_point():
    features = describe(grey_scene(4))
    pairs = match(features, features)
    assert np.array_equal(pairs[:, 0], pairs[:, 1])
    assert len(pairs) > 0.9 * len(features)


def test_most_points_of_a_saved_copy_match_where_they_are():
    picture = textured_scene(5)
    first, second = (describe(p.convert("L")) for p in (picture, opened_jpeg(jpeg(picture, 60))))
    pairs = match(first, second)
    off = np.abs(first.points[pairs[:, 0]] - second.points[pairs[:, 1]]) * first.size
    assert len(pairs) > 0.5 * len(first)
    assert (off.max(1) < 3).mean() > 0.95


def test_few_points_of_other_scenes_match():
    scenes = [describe(grey_scene(seed)) for seed in range(6)]
    counts = [len(match(a, b)) for a, b in pairwise(scenes)]
    assert max(counts) < 0.08 * QUICK.n_points
