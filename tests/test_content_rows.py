"""Rows for content: what they know, and that a picture's row depends on nothing but the picture."""

import numpy as np
import pytest

from fastdup.content_rows import SIDE, SPREAD_PATH, WIDTH, content_rows, joined_rows, with_features


def pictures(seed, *, hue, n=6):
    """Coloured blobs at other places in each picture; `hue` is their red, green and blue."""
    rng = np.random.default_rng(seed)
    drawn = np.full((n, SIDE, SIDE, 3), 230, np.uint8)
    for picture in drawn:
        for top, left in rng.integers(0, SIDE - 30, (4, 2)):
            picture[top : top + 30, left : left + 30] = hue
    return drawn


def test_rows_have_length_1_and_their_stated_width():
    rows = content_rows(pictures(1, hue=(200, 20, 20)))
    assert rows.shape == (6, WIDTH)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)
    assert WIDTH <= 256


def test_the_others_of_a_batch_change_no_byte_of_a_row():
    rng = np.random.default_rng(2)
    noise = rng.integers(0, 256, (8, SIDE, SIDE, 3), np.uint8)
    whole = content_rows(noise)
    for size in (1, 3, 5):
        parts = [content_rows(noise[at : at + size]) for at in range(0, 8, size)]
        assert np.concatenate(parts).tobytes() == whole.tobytes()


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (0, 0, 255)])
def test_a_picture_of_one_colour_has_a_finite_row(colour):
    row = content_rows(np.full((1, SIDE, SIDE, 3), colour, np.uint8))
    assert np.isfinite(row).all()
    assert row.any()


def test_pictures_of_one_colour_scheme_are_nearer_than_those_of_another():
    red, other_red = (content_rows(pictures(seed, hue=(200, 20, 20))) for seed in (3, 4))
    blue = content_rows(pictures(5, hue=(20, 20, 200)))
    assert (red @ other_red.T).mean() > (red @ blue.T).mean() + 0.05


def test_edges_of_another_direction_make_another_row():
    lines = np.zeros((1, SIDE, SIDE, 3), np.uint8)
    lines[:, ::8] = lines[:, 1::8] = lines[:, 2::8] = lines[:, 3::8] = 255
    across, down = content_rows(lines), content_rows(lines.transpose(0, 2, 1, 3))
    assert float(across[0] @ down[0]) < 0.9


def test_rows_with_features_weigh_both_cosines():
    rng = np.random.default_rng(6)
    features = rng.normal(size=(4, 576)).astype(np.float32)
    content = content_rows(rng.integers(0, 256, (4, SIDE, SIDE, 3), np.uint8))
    rows = joined_rows(features, content)
    assert rows.shape == (4, 576 + WIDTH)
    ours, theirs = (rows[:, part] @ rows[:, part].T for part in (slice(576, None), slice(576)))
    np.testing.assert_allclose(ours / 0.75, content @ content.T, atol=1e-5)
    np.testing.assert_allclose(theirs.diagonal(), 1, atol=1e-5)


def test_what_pictures_of_one_kind_differ_in_counts_less():
    rng = np.random.default_rng(7)
    features = rng.normal(size=(4, 576)).astype(np.float32)
    content = content_rows(rng.integers(0, 256, (4, SIDE, SIDE, 3), np.uint8))
    before, after = joined_rows(features, content), with_features(features, content)
    directions = np.load(SPREAD_PATH).astype(np.float64)
    squares = (directions**2).sum(axis=0)
    assert (squares > 0).all()
    assert (squares < 1).all()
    np.testing.assert_allclose(after @ directions, before @ directions * (1 - squares), atol=2e-3)
    across = np.eye(576 + WIDTH) - (directions / squares) @ directions.T
    np.testing.assert_allclose(after @ across, before @ across, atol=2e-3)
