"""Where in a picture another one lies, by points that look alike: what most of them agree on.

Each match of two points, by their sizes and directions, says where the whole of the other picture
would lie (generalised Hough transform, Lowe 2004). The match that most others agree with is taken,
and the place is fitted to all that agree.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import BoolArray, FloatArray, IntArray
from fastdup.parts.part_points import UNITS
from fastdup.verify.keypoints import N_DIRECTIONS

#: Matches of two pictures that are looked at, the nearest ones.
_MOST_MATCHES = 24
#: By how much what two matches say may differ: in the place, as a share of the size; in the
#: logarithm of the size; in the angle.
_NEAR, _LIKE_SIZE, _LIKE_ANGLE = 0.15, 0.32, 0.45
#: How far from the fitted place a point may be, as a share of the part's size, and beside that of
#: the picture's.
_FIT, _GRAIN = 0.03, 0.003
#: Points count once in each cell: so many along a side, of the part and of the picture.
_PART_CELLS, _WHOLE_CELLS = 25, 80
_MIDDLE = 0.5 + 0.5j


class Views(NamedTuple):
    """Matched points of pictures, each as seen in its own picture.

    Attributes
    ----------
    place : (m,) complex128 array
        x + iy, in units of the longest side.
    side : (m,) float64 array
        Of the version in which it was found.
    turn : (m,) complex128 array
        Of length 1: its direction.
    """

    place: NDArray[np.complex128]
    side: FloatArray
    turn: NDArray[np.complex128]

    @classmethod
    def of(cls, points: NDArray[np.void], is_mirrored: BoolArray | bool = False) -> "Views":
        """Return m points, of the mirrored picture where `is_mirrored`."""
        x, y = (points[axis] / UNITS for axis in ("x", "y"))
        angle = points["direction"] * (2 * np.pi / N_DIRECTIONS)
        x = np.where(is_mirrored, 1 - x, x)
        angle = np.where(is_mirrored, np.pi - angle, angle)
        return cls(x + 1j * y, points["side"].astype(np.float64), np.exp(1j * angle))


class Places(NamedTuple):
    """Where the other picture lies, for each of g pairs of pictures.

    Attributes
    ----------
    n_points : (g,) int64 array
        Different points that agree.
    spread : (g,) float64 array
        Standard deviation of their places in the part, in units of its longest side.
    centre, scale, centre_of_part : (g,) complex128 arrays
        The place p of the part is centre + scale (p - centre_of_part) in the picture; both in units
        of their longest sides.
    """

    n_points: IntArray
    spread: FloatArray
    centre: NDArray[np.complex128]
    scale: NDArray[np.complex128]
    centre_of_part: NDArray[np.complex128]


def find_places(whole: Views, part: Views, bits: IntArray, starts: IntArray) -> Places:
    """Return what most matches of each pair of pictures agree on.

    Parameters
    ----------
    whole, part : Views
        The m matched points, pair after pair; the part is mirrored where it should be.
    bits : (m,) int64 array
        By which they differ.
    starts : (g,) int64 array
        Where the matches of each pair begin; none is empty.
    """
    size = part.side / whole.side
    turn = whole.turn * part.turn.conj()
    middle = whole.place + size * turn * (_MIDDLE - part.place)
    guess = _Guesses(middle, np.log(size), turn)
    pair = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(size)))
    best = _most_agreed(guess, bits, starts, pair)
    fit = best[pair]
    agrees = guess.agree(fit, slice(None))
    for tolerance in (2 * _FIT, 2 * _FIT, _FIT):
        scale, centre, centre_of_part = _fitted(whole, part, agrees, starts, pair)
        # A fit far from the guess has too few points, or those of one line.
        change = scale / (size * turn)[best]
        is_like = (np.abs(np.log(np.abs(change))) < _LIKE_SIZE) & (
            np.abs(np.angle(change)) < _LIKE_ANGLE
        )
        scale = np.where(is_like, scale, (size * turn)[best])
        off = whole.place - centre[pair] - scale[pair] * (part.place - centre_of_part[pair])
        agrees = guess.agree(fit, slice(None), 2) & (
            np.abs(off) < tolerance * np.abs(scale)[pair] + _GRAIN
        )
    n_points = np.minimum(
        _n_cells(part.place, _PART_CELLS, agrees, pair, len(starts)),
        _n_cells(whole.place, _WHOLE_CELLS, agrees, pair, len(starts)),
    )
    spread = _spread(part.place, agrees, starts, pair)
    return Places(n_points, spread, centre, scale, centre_of_part)


class _Guesses(NamedTuple):
    """What each match says of the part: where its middle is, its size and its angle."""

    middle: NDArray[np.complex128]
    size: FloatArray
    turn: NDArray[np.complex128]

    def agree(self, one: IntArray, other: IntArray | slice, slack: float = 1) -> BoolArray:
        near = np.abs(self.middle[one] - self.middle[other]) < slack * _NEAR * np.exp(
            self.size[one]
        )
        like = np.abs(self.size[one] - self.size[other]) < _LIKE_SIZE
        angle = (self.turn[one] * self.turn[other].conj()).real > np.cos(_LIKE_ANGLE)
        return np.asarray(near & like & angle)


def _most_agreed(guess: _Guesses, bits: IntArray, starts: IntArray, pair: IntArray) -> IntArray:
    """Return the match of each pair of pictures with which most of the others agree."""
    order = np.lexsort((bits, pair))
    kept = order[np.arange(len(order)) - starts[pair] < _MOST_MATCHES]
    of_pair = pair[kept]
    first = np.searchsorted(of_pair, np.arange(len(starts)))
    n_kept = np.diff(first, append=len(kept))[of_pair]
    one = np.repeat(np.arange(len(kept)), n_kept)
    within = np.arange(len(one)) - np.repeat(np.cumsum(n_kept) - n_kept, n_kept)
    other = first[of_pair[one]] + within
    n_agree = np.bincount(one[guess.agree(kept[one], kept[other])], minlength=len(kept))
    best = np.lexsort((-n_agree, of_pair))[first]
    return np.asarray(kept[best])


def _fitted(
    whole: Views, part: Views, agrees: BoolArray, starts: IntArray, pair: IntArray
) -> tuple[NDArray[np.complex128], NDArray[np.complex128], NDArray[np.complex128]]:
    """Return the similarity of least squares: factor, and the means that it maps to each other."""
    n_points = np.maximum(np.add.reduceat(agrees, starts, dtype=np.int64), 1)

    def total(values: NDArray[np.complex128]) -> NDArray[np.complex128]:
        return np.asarray(np.add.reduceat(np.where(agrees, values, 0), starts))

    centre, centre_of_part = total(whole.place) / n_points, total(part.place) / n_points
    x, y = whole.place - centre[pair], part.place - centre_of_part[pair]
    length = total(y * y.conj()).real
    return total(x * y.conj()) / np.maximum(length, 1e-6) + 1e-9, centre, centre_of_part


def _n_cells(
    place: NDArray[np.complex128], n_along: int, agrees: BoolArray, pair: IntArray, n_pairs: int
) -> IntArray:
    """Return in how many cells of a picture there are points that agree."""
    x, y = (np.floor(values * n_along).astype(np.int64) for values in (place.real, place.imag))
    cells = np.unique(((pair * 2 * n_along + y + 1) * 2 * n_along + x + 1)[agrees])
    return np.bincount(cells // (2 * n_along) ** 2, minlength=n_pairs)


def _spread(
    place: NDArray[np.complex128], agrees: BoolArray, starts: IntArray, pair: IntArray
) -> FloatArray:
    n_points = np.maximum(np.add.reduceat(agrees, starts, dtype=np.int64), 1)
    mean = np.add.reduceat(np.where(agrees, place, 0), starts) / n_points
    square = np.where(agrees, np.abs(place - mean[pair]) ** 2, 0)
    return np.asarray(np.sqrt(np.add.reduceat(square, starts) / n_points))
