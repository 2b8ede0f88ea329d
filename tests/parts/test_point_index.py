"""Points that differ in few bits are found, and patterns that all pictures show are left out."""

import numpy as np
import pytest

from fastdup.parts.point_index import MOST_ALIKE, MOST_BITS, find_matches

N_PICTURES = 40


def random_words(rng, n):
    return rng.integers(0, 2**63, (n, 2), dtype=np.uint64) * 2 + rng.integers(
        0, 2, (n, 2), dtype=np.uint64
    )


def changed(words, n_bits, rng):
    """Return words of which so many bits are others."""
    bits = np.unpackbits(words.view(np.uint8), axis=1)
    for row in bits:
        row[rng.permutation(128)[:n_bits]] ^= 1
    return np.packbits(bits, axis=1).view(np.uint64)


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def found_in(fine, coarse, n_threads=1):
    """Return the matches of points that are all of other pictures."""
    pictures = np.arange(len(fine)), len(fine) + np.arange(len(coarse))
    return find_matches(fine, coarse, *pictures, n_threads)


def test_points_that_differ_in_few_bits_are_nearly_all_found(rng):
    fine = random_words(rng, 500)
    found = found_in(fine, changed(fine, 10, rng))
    assert np.array_equal(found.fine, found.coarse)
    assert len(found.fine) > 480
    assert set(found.bits.tolist()) == {10}
    assert not found.is_mirrored.any()


def test_points_that_differ_in_many_bits_are_not_found(rng):
    fine = random_words(rng, 500)
    assert len(found_in(fine, changed(fine, MOST_BITS + 1, rng)).fine) == 0
    assert len(found_in(fine, random_words(rng, 500)).fine) == 0


def test_mirrored_points_are_found_with_their_words_exchanged(rng):
    fine = random_words(rng, 100)
    found = found_in(fine, np.ascontiguousarray(fine[:, ::-1]))
    assert found.is_mirrored.all()
    assert np.array_equal(found.fine, np.arange(100))
    assert np.array_equal(found.coarse, np.arange(100))


def test_points_of_the_same_picture_are_not_compared(rng):
    words = random_words(rng, 30)
    pictures = np.arange(30) // 3
    found = find_matches(words, words, pictures, pictures)
    assert len(found.fine) == 0
    assert len(find_matches(words, words, pictures, pictures + 1).fine) == 30


def test_patterns_of_many_points_are_left_out(rng):
    letter = np.repeat(random_words(rng, 1), MOST_ALIKE + 1, axis=0)
    rare = random_words(rng, 20)
    found = found_in(np.concatenate([letter, rare]), np.concatenate([rare[:5], letter]))
    assert found.fine.tolist() == [MOST_ALIKE + 1 + number for number in range(5)]
    few = letter[:MOST_ALIKE]
    assert len(found_in(few, few[:3]).fine) == 3 * MOST_ALIKE


def test_each_pair_is_there_once_in_order(rng):
    fine = random_words(rng, 200)
    found = found_in(fine, changed(fine, 3, rng))
    pairs = list(zip(found.coarse.tolist(), found.fine.tolist(), strict=True))
    assert pairs == sorted(set(pairs))


def test_any_number_of_threads_finds_the_same(rng):
    fine = random_words(rng, 300)
    coarse = changed(fine, 20, rng)
    one, four = found_in(fine, coarse), found_in(fine, coarse, n_threads=4)
    assert all(np.array_equal(a, b) for a, b in zip(one, four, strict=True))


def test_without_points_nothing_is_found(rng):
    none, some = np.empty((0, 2), np.uint64), random_words(rng, 5)
    for fine, coarse in ((none, none), (none, some), (some, none)):
        assert all(len(column) == 0 for column in found_in(fine, coarse))
