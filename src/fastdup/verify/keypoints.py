"""Local features of a picture: corners with binary descriptors that stand rotation and scale.

Corners are local maxima of the Harris response (Harris and Stephens 1988) on a pyramid. Each is
described by 256 comparisons of two smoothed pixels (BRIEF, Calonder et al. 2010), turned to the
direction of the patch's intensity centroid (ORB, Rublee et al. 2011).

The comparisons are closed under mirroring and under inversion: the descriptor of the mirrored or
inverted patch is the same 256 bits in another order. So a mirrored picture or a negative is matched
without describing it again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fastdup.verify.windows import box_sum, local_maximum

#: Radius of a described patch, in pixels of its pyramid level.
PATCH_RADIUS = 15
#: Directions that a patch is turned to, 12 degrees apart.
N_DIRECTIONS = 30
#: Comparisons of a descriptor: a quarter is drawn, the rest are its mirror images and inversions.
N_BITS = 256
_SEED = 0
_HARRIS_K = np.float32(0.04)
#: Smallest Harris response of a corner: a step of a few grey levels on two sides.
_MIN_RESPONSE = 1e5
#: Corners are spread: each cell of so many pixels gives its strongest few before any gives more.
_CELL, _PER_CELL = 64, 8
_CENTROID_RADIUS, _CENTROID_STEP = 13, 3
_MIN_SIDE = 8


class Detail(NamedTuple):
    """How closely a picture is looked at.

    Attributes
    ----------
    side : int
        Longest side in pixels that the picture is shrunk to.
    n_points : int
        About how many points are described.
    n_levels : int
        Levels of the pyramid.
    """

    side: int
    n_points: int
    n_levels: int


#: What confirms most copies, and what finds a small picture on a page full of text.
QUICK, CLOSE = Detail(320, 400, 5), Detail(480, 800, 6)
_LEVEL_FACTOR = 1.35
_MIRROR_X, _RIGHT = np.array([-1, 1], np.float32), np.array([1, 0], np.float32)


@dataclass(frozen=True, eq=False)
class LocalFeatures:
    """Described points of one picture.

    Attributes
    ----------
    points : (m, 2) float32 array
        x and y in unit coordinates: (0, 0) is the upper left corner, (1, 1) the lower right.
    descriptors : (m, 4) uint64 array
        256 bits each, to be compared by Hamming distance. The four words are: as drawn, mirrored,
        inverted, both.
    size : (int, int)
        Width and height of the picture that was looked at, in pixels.
    n_corners : int
        How many there were to choose from.
    """

    points: NDArray[np.float32]
    descriptors: NDArray[np.uint64]
    size: tuple[int, int]
    n_corners: int = 0

    def mirrored(self) -> "LocalFeatures":
        """Return the features of the picture mirrored left to right."""
        points = self.points * _MIRROR_X + _RIGHT
        words = np.ascontiguousarray(self.descriptors[:, [1, 0, 3, 2]])
        return LocalFeatures(points, words, self.size, self.n_corners)

    def inverted(self) -> "LocalFeatures":
        """Return the features of the picture's negative."""
        words = np.ascontiguousarray(self.descriptors[:, [2, 3, 0, 1]])
        return LocalFeatures(self.points, words, self.size, self.n_corners)

    def __len__(self) -> int:
        return len(self.points)


def describe(grey: Image.Image, detail: Detail = QUICK) -> LocalFeatures:
    """Return the local features of a picture.

    Parameters
    ----------
    grey : PIL image, mode L
        At any size; shrunk to `detail.side`, never enlarged.
    detail : Detail

    Returns
    -------
    LocalFeatures
        The same for the same pixels, on any machine.
    """
    grey = _shrunk(grey, detail.side)
    points = [np.empty((0, 2), np.float32)]
    descriptors = [np.empty((0, N_BITS // 8), np.uint8)]
    n_left = n_corners = 0
    for level, share in _pyramid(grey, detail):
        n_wanted = round(detail.n_points * share) + n_left
        smooth, corners, n_found = _corners(level, n_wanted)
        n_corners += n_found
        n_left = n_wanted - len(corners)
        if len(corners):
            points.append(_unit(corners, level.size))
            descriptors.append(_describe(smooth, corners))
    words = np.ascontiguousarray(np.concatenate(descriptors)).view(np.uint64)
    return LocalFeatures(np.concatenate(points), words, grey.size, n_corners)


def _shrunk(image: Image.Image, side: int) -> Image.Image:
    factor = side / max(image.size)
    if factor >= 1:
        return image
    width, height = (max(_MIN_SIDE, round(length * factor)) for length in image.size)
    return image.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=2.0)


def _pyramid(grey: Image.Image, detail: Detail) -> Iterator[tuple[Image.Image, float]]:
    """Yield each level and its share of the points, which is that of its pixels."""
    shares = _LEVEL_FACTOR ** (-2.0 * np.arange(detail.n_levels))
    shares /= shares.sum()
    for number, share in enumerate(shares):
        factor = _LEVEL_FACTOR**number
        width, height = (max(_MIN_SIDE, round(length / factor)) for length in grey.size)
        if min(width, height) < 2 * _MARGIN + 2:
            return
        level = grey.resize((width, height), Image.Resampling.BILINEAR) if number else grey
        yield level, float(share)


# --- corners ---------------------------------------------------------------------------------


def _corners(level: Image.Image, n_wanted: int) -> tuple[NDArray[np.int16], NDArray[np.int64], int]:
    """Return the smoothed level, two pixels smaller on each side, and up to `n_wanted` corners.

    Returns
    -------
    smooth : (h - 4, w - 4) int16 array
        Sums of 5 × 5 pixels.
    corners : (m, 2) int64 array
        x and y in `smooth`.
    n_found : int
        How many corners there are.
    """
    grey = np.asarray(level, np.float32)
    response = _harris(grey)  # 3 pixels smaller on each side
    peaks = local_maximum(response)  # another 2
    border = _MARGIN - 3
    inner, highest = (_trimmed(a, border) for a in (response[2:-2, 2:-2], peaks))
    places = np.flatnonzero((inner == highest) & (inner > _MIN_RESPONSE))
    y, x = np.divmod(places, inner.shape[1])
    chosen = _spread(x, y, inner[y, x], n_wanted)
    corners = np.stack([x[chosen], y[chosen]], axis=1) + (border + 3)
    return box_sum(grey).astype(np.int16), corners, len(places)


def _harris(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    dx = grey[1:-1, 2:] - grey[1:-1, :-2]
    dy = grey[2:, 1:-1] - grey[:-2, 1:-1]
    xx, yy, xy = box_sum(dx * dx), box_sum(dy * dy), box_sum(dx * dy)
    trace = xx + yy
    response: NDArray[np.float32] = xx * yy - xy * xy - _HARRIS_K * trace * trace
    return response


def _trimmed(values: NDArray[np.float32], border: int) -> NDArray[np.float32]:
    return values[border:-border, border:-border]


def _spread(
    x: NDArray[np.int64], y: NDArray[np.int64], strength: NDArray[np.float32], n_wanted: int
) -> NDArray[np.int64]:
    """Return which corners to keep: the strongest few of each cell, then the next few."""
    if len(x) <= n_wanted:
        return np.arange(len(x))
    cells = (y // _CELL) * (x.max() // _CELL + 1) + x // _CELL
    order = np.lexsort((-strength, cells))
    ordered = cells[order]
    is_first = np.concatenate([[True], ordered[1:] != ordered[:-1]])
    starts = np.maximum.accumulate(np.where(is_first, np.arange(len(order)), 0))
    rounds = np.empty(len(order), np.int64)
    rounds[order] = (np.arange(len(order)) - starts) // _PER_CELL
    return np.sort(np.lexsort((-strength, rounds))[:n_wanted])


def _unit(corners: NDArray[np.int64], size: tuple[int, int]) -> NDArray[np.float32]:
    return np.asarray((corners + 2.5) / np.array(size), np.float32)


# --- descriptors -----------------------------------------------------------------------------


def _describe(smooth: NDArray[np.int16], corners: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Return the (m, 32) bytes of each corner's comparisons."""
    width, pixels = smooth.shape[1], np.ascontiguousarray(smooth).ravel()
    places = (corners[:, 1] * width + corners[:, 0]).astype(np.int32)[:, None]
    disc = np.take(pixels, places + _offsets(_DISC, width)).astype(np.float32)
    along_x, along_y = disc @ _DISC.astype(np.float32).T[..., None]
    angles = np.arctan2(along_y, along_x)[:, 0]
    directions = np.round(angles * (N_DIRECTIONS / (2 * np.pi))).astype(np.int64) % N_DIRECTIONS
    values = np.take(pixels, places + _offsets(_TESTS, width)[directions])
    return np.packbits(values[:, :N_BITS] < values[:, N_BITS:], axis=1)


def _offsets(places: NDArray[np.int32], width: int) -> NDArray[np.int32]:
    return places[..., 1] * np.int32(width) + places[..., 0]


def _draw_tests() -> NDArray[np.int32]:
    """Return (directions, 2 × bits, 2) offsets x and y: first all first pixels, then all second."""
    generator = np.random.default_rng(_SEED)
    drawn = generator.normal(0, PATCH_RADIUS / 2.2, (N_BITS // 4, 2, 2))
    drawn = np.clip(np.round(drawn), 1 - PATCH_RADIUS, PATCH_RADIUS - 1)
    mirrored = drawn * [1, -1]
    both = np.concatenate([drawn, mirrored])
    tests = np.concatenate([both, -both[:, ::-1]])
    angles = np.arange(N_DIRECTIONS) * (2 * np.pi / N_DIRECTIONS)
    cosines, sines = np.cos(angles), np.sin(angles)
    turns = np.array([[cosines, sines], [-sines, cosines]]).transpose(2, 0, 1)
    turned = np.round(tests @ turns[:, None]).astype(np.int32)  # directions, bits, pixel, xy
    return np.ascontiguousarray(turned.transpose(0, 2, 1, 3)).reshape(N_DIRECTIONS, -1, 2)


def _draw_disc() -> NDArray[np.int32]:
    """Return the (m, 2) offsets of the pixels that the direction is taken from."""
    steps = np.arange(-(_CENTROID_RADIUS // _CENTROID_STEP), _CENTROID_RADIUS // _CENTROID_STEP + 1)
    x, y = np.meshgrid(steps * _CENTROID_STEP, steps * _CENTROID_STEP)
    is_inside = x * x + y * y <= _CENTROID_RADIUS**2
    return np.stack([x[is_inside], y[is_inside]], axis=1).astype(np.int32)


_TESTS, _DISC = _draw_tests(), _draw_disc()
#: Pixels at the border of a level that no patch is centred on.
_MARGIN = int(np.abs(_TESTS).max()) + 1
