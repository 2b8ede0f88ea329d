"""Where a part lies is what most matches agree on, turned, scaled and mirrored or not."""

import numpy as np
import pytest

from fastdup.parts.placing import Views, find_places

#: A part of a third of the size, turned by 50 degrees.
SIZE, ANGLE, MIDDLE = 0.33, np.radians(50), 0.6 + 0.4j


def views(place, side, angle):
    return Views(
        np.asarray(place), np.full(len(place), side, float), np.exp(1j * np.asarray(angle))
    )


def true_matches(rng, n, noise=0.002):
    row, column = np.divmod(rng.permutation(20)[:n], 5)  # none is in the cell of another
    part = 0.1 + 0.18 * column + 1j * (0.1 + 0.15 * row)
    angles = rng.uniform(0, 2 * np.pi, n)
    whole = MIDDLE + SIZE * np.exp(1j * ANGLE) * (part - (0.5 + 0.5j))
    whole = whole + rng.normal(0, noise, n) + 1j * rng.normal(0, noise, n)
    seen = angles + ANGLE + rng.uniform(-0.1, 0.1, n)
    return views(whole, 500, seen), views(part, 500 * SIZE, angles)


def chance_matches(rng, n):
    places = rng.uniform(0, 1, (2, n)) + 1j * rng.uniform(0, 1, (2, n))
    angles = rng.uniform(0, 2 * np.pi, (2, n))
    return views(places[0], 500, angles[0]), views(places[1], 500 * SIZE, angles[1])


def joined(*parts):
    return tuple(
        Views(*(np.concatenate(columns) for columns in zip(*views, strict=True)))
        for views in zip(*parts, strict=True)
    )


def n_points(whole, part, starts=(0,)):
    bits = np.zeros(len(part.place), np.int64)
    return find_places(whole, part, bits, np.array(starts)).n_points.tolist()


@pytest.fixture
def rng():
    return np.random.default_rng(1)


def test_all_points_that_lie_right_agree(rng):
    assert n_points(*true_matches(rng, 9)) == [9]


def test_matches_by_chance_do_not_agree(rng):
    counts = [n_points(*chance_matches(rng, 8))[0] for _ in range(200)]
    assert np.mean(np.array(counts) >= 3) < 0.02


def test_matches_by_chance_among_right_ones_are_left_out(rng):
    assert n_points(*joined(true_matches(rng, 6), chance_matches(rng, 10))) == [6]


def test_points_a_little_off_agree_and_far_off_do_not(rng):
    whole, part = true_matches(rng, 8, noise=0)
    whole.place[0] += 0.5 * 0.03 * SIZE
    assert n_points(whole, part) == [8]
    whole.place[0] += 0.2 * SIZE
    assert n_points(whole, part) == [7]


def test_the_same_point_counts_once(rng):
    whole, part = true_matches(rng, 1)
    assert n_points(*joined(*[(whole, part)] * 6)) == [1]


def test_several_pairs_of_pictures_are_placed_at_once(rng):
    parts = [true_matches(rng, n) for n in (4, 1, 7)]
    assert n_points(*joined(*parts), starts=(0, 4, 5)) == [4, 1, 7]


def test_points_close_together_have_little_spread(rng):
    whole, part = true_matches(rng, 6)
    bits, starts = np.zeros(6, np.int64), np.array([0])
    assert find_places(whole, part, bits, starts).spread[0] > 0.1
    near = Views(part.place * 0 + 0.3 + 0.3j, part.side, part.turn)
    assert find_places(whole, near, bits, starts).spread[0] < 0.01
