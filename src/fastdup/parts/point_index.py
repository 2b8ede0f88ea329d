"""Which points of pictures look alike: an index of binary descriptors.

Two descriptors that differ in few bits agree in some of many small sets of bits (multi-index
hashing, Norouzi et al. 2012; here the sets are drawn, as in Indyk and Motwani 1998). For each set,
all points are sorted by what they have there. Where many points have the same, it is a pattern that
all pictures show, such as a letter: nothing is compared there.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import BoolArray, IntArray
from fastdup.index.parallel import for_each

Words = NDArray[np.uint64]

#: Sets of bits, and how many points of either kind may have the same in one.
N_SETS, MOST_ALIKE = 24, 16
#: Bits of 128 by which points that look alike may differ.
MOST_BITS = 22
#: A set has as many bits as doublings make the number of coarse points, and so many more …
_MORE_BITS = 2
#: … within limits.
_FEWEST_BITS, _MOST_BITS_OF_A_SET = 16, 40
#: Threads at most: each holds the keys of all points.
_MOST_THREADS = 4
#: The low bits of a sorted key are the number of the point; their highest is that of coarse points.
_NUMBER_BITS = np.uint64(36)
_COARSE = np.uint64(1 << 35)
_NUMBER = _COARSE - np.uint64(1)
#: Odd numbers that spread the bits of a set over those of the key (Dietzfelbinger et al. 1997).
_SPREAD = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F], np.uint64)


class Matches(NamedTuple):
    """Points that look alike, each pair once, ordered by coarse and fine point.

    Attributes
    ----------
    fine, coarse : (m,) int64 arrays
        Numbers of the points.
    is_mirrored : (m,) bool array
        Whether the coarse point looks like it when it is mirrored.
    bits : (m,) int64 array
        Of 128, by which they differ.
    """

    fine: IntArray
    coarse: IntArray
    is_mirrored: BoolArray
    bits: IntArray

    def picked(self, which: IntArray | BoolArray | slice) -> "Matches":
        """Return the matches at some places, in a slice, or those for which a mask is true."""
        fine, coarse, is_mirrored, bits = self
        return Matches(fine[which], coarse[which], is_mirrored[which], bits[which])


def find_matches(
    fine: Words,
    coarse: Words,
    fine_pictures: IntArray,
    coarse_pictures: IntArray,
    n_threads: int = 1,
) -> Matches:
    """Return which fine points look like which coarse ones of other pictures.

    Parameters
    ----------
    fine, coarse : (m, 2) and (p, 2) uint64 arrays
        The words of the points; see `POINT`.
    fine_pictures, coarse_pictures : (m,) and (p,) int64 arrays
        The picture of each.
    n_threads : int

    Returns
    -------
    Matches
        Nearly all that differ in few bits, but for patterns that all pictures show. The same for
        any number of threads.
    """
    turned = np.concatenate([coarse, coarse[:, ::-1]])
    turned_pictures = np.tile(coarse_pictures, 2)
    sets = _draw_sets(_bits_of_a_set(len(turned)))
    found: list[IntArray] = [np.empty(0, np.int64)] * len(sets)

    def look(number: int) -> None:
        one, other = _alike_in(sets[number], fine, turned)
        for word in range(2):  # the first one alone refuses most
            is_near = _n_different(fine, turned, one, other, words=word + 1) <= MOST_BITS
            one, other = one[is_near], other[is_near]
        is_of_others = fine_pictures[one] != turned_pictures[other]
        found[number] = other[is_of_others] * len(fine) + one[is_of_others]

    if len(fine) and len(coarse):
        for_each(look, range(len(sets)), min(n_threads, _MOST_THREADS))
    pairs = np.sort(np.concatenate(found))  # np.unique takes five times as long
    pairs = pairs[np.concatenate([[True], pairs[1:] != pairs[:-1]])[: len(pairs)]]
    other, one = np.divmod(pairs, max(len(fine), 1))
    bits = _n_different(fine, turned, one, other, words=2).astype(np.int64)
    is_mirrored = other >= len(coarse)
    return Matches(one, other - is_mirrored * len(coarse), is_mirrored, bits)


def _n_different(
    fine: Words, turned: Words, one: IntArray, other: IntArray, words: int
) -> NDArray[np.uint8]:
    """Return by how many bits of the first words points differ."""
    found = np.zeros(len(one), np.uint8)
    for word in range(words):
        found += np.bitwise_count(fine[one, word] ^ turned[other, word])
    return found


def _bits_of_a_set(n_points: int) -> int:
    n_bits = int(np.log2(max(n_points, 1))) + _MORE_BITS
    return min(max(n_bits, _FEWEST_BITS), _MOST_BITS_OF_A_SET)


def _draw_sets(n_bits: int) -> Words:
    """Return (sets, 2) words in which the bits of each set are 1."""
    generator = np.random.default_rng(0)
    chosen = np.zeros((N_SETS, 128), np.uint8)
    for row in chosen:
        row[generator.permutation(128)[:n_bits]] = 1
    return np.packbits(chosen, axis=1).view(np.uint64)


def _alike_in(bit_set: Words, fine: Words, turned: Words) -> tuple[IntArray, IntArray]:
    """Return the numbers of points that have the same in a set of bits."""
    keys = np.concatenate([_keys(bit_set, fine), _keys(bit_set, turned) | _COARSE])
    keys.sort()
    content = keys >> _NUMBER_BITS
    starts = np.flatnonzero(np.concatenate([[True], content[1:] != content[:-1]]))
    n_coarse = np.add.reduceat((keys & _COARSE) != 0, starts, dtype=np.int64)
    n_fine = np.diff(starts, append=len(keys)) - n_coarse
    is_rare = (np.minimum(n_fine, n_coarse) > 0) & (np.maximum(n_fine, n_coarse) <= MOST_ALIKE)
    starts, n_fine, n_coarse = (a[is_rare] for a in (starts, n_fine, n_coarse))
    n_pairs = n_fine * n_coarse
    bucket = np.repeat(np.arange(len(starts)), n_pairs)
    within = np.arange(len(bucket)) - np.repeat(np.cumsum(n_pairs) - n_pairs, n_pairs)
    place, place_of_coarse = np.divmod(within, n_coarse[bucket])
    one = starts[bucket] + place
    other = starts[bucket] + n_fine[bucket] + place_of_coarse
    return tuple((keys[which] & _NUMBER).astype(np.int64) for which in (one, other))


def _keys(bit_set: Words, words: Words) -> Words:
    """Return keys that sort points by what they have in a set of bits, then by number."""
    spread = (words & bit_set) * _SPREAD
    content = spread[:, 0] + spread[:, 1]
    numbers = np.arange(len(words), dtype=np.uint64)
    return content >> _NUMBER_BITS << _NUMBER_BITS | numbers
