"""Local features of a picture: points with binary descriptors that stand rotation and scale.

Points are found on a pyramid. Each is described by 256 comparisons of two smoothed pixels (BRIEF,
Calonder et al. 2010), turned to the direction of the patch's intensity centroid (ORB, Rublee et al.
2011).

The comparisons are closed under mirroring and under inversion: the descriptor of the mirrored or
inverted patch is the same 256 bits in another order. So a mirrored picture or a negative is matched
without describing it again.
"""

from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fastdup.verify.interest_points import find_points, spread
from fastdup.verify.pyramid import pyramid, shrunk
from fastdup.verify.windows import REACH, box_sum, centre

#: Radius of a described patch, in pixels of its pyramid level.
PATCH_RADIUS = 15
#: Directions that a patch is turned to, 12 degrees apart.
N_DIRECTIONS = 30
#: Comparisons of a descriptor: a quarter is drawn, the rest are its mirror images and inversions.
N_BITS = 256
_SEED = 0
#: Patches that are described at a time: with twice as many, each takes up to three times as long,
#: for their pixels do not fit into the cache.
_AT_A_TIME = 128
#: Directions to the opposite one.
_BACK = N_DIRECTIONS // 2
_CENTROID_RADIUS, _CENTROID_STEP = 13, 3


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


#: What settles most pairs, what settles those in doubt, and what finds a small picture on a page
#: full of text, after a glance that settles most of these; what finds points in a print made of
#: dots, once these are smoothed away.
FIRST, QUICK, CLOSE = Detail(256, 250, 4), Detail(320, 400, 5), Detail(480, 800, 3)
PAGE = Detail(480, 500, 1)
SOFT = Detail(319, 400, 5)
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
    directions : (m,) uint8 array
        What each patch is turned to, of `N_DIRECTIONS`, clockwise from the right.
    size : (int, int)
        Width and height of the picture that was looked at, in pixels.
    n_found : int
        How many points there were to choose from.
    """

    points: NDArray[np.float32]
    descriptors: NDArray[np.uint64]
    directions: NDArray[np.uint8]
    size: tuple[int, int]
    n_found: int = 0

    @cached_property
    def spectrum(self) -> NDArray[np.float32]:
        """Sums and differences of the four words, with bits as −1 and 1: a (2, m, 128) array.

        The first half of each row is of what a negative keeps, the second of what it turns into its
        opposite. Mirroring keeps the first row, and turns the second into its opposite.
        """
        bits = np.unpackbits(self.descriptors.view(np.uint8), axis=1).astype(np.int8)
        drawn, mirrored, inverted, both = (2 * bits - 1).reshape(len(bits), 4, -1).swapaxes(0, 1)
        found = np.empty((2, len(bits), N_BITS // 2), np.float32)
        half = N_BITS // 4
        for row, (one, other) in enumerate(
            ((drawn + mirrored, inverted + both), (drawn - mirrored, inverted - both))
        ):
            found[row, :, :half], found[row, :, half:] = one + other, one - other
        return found

    def mirrored(self) -> "LocalFeatures":
        """Return the features of the picture mirrored left to right."""
        points = self.points * _MIRROR_X + _RIGHT
        words = np.ascontiguousarray(self.descriptors[:, [1, 0, 3, 2]])
        directions = (N_DIRECTIONS + _BACK - self.directions) % N_DIRECTIONS
        return LocalFeatures(points, words, directions, self.size, self.n_found)

    def inverted(self) -> "LocalFeatures":
        """Return the features of the picture's negative."""
        words = np.ascontiguousarray(self.descriptors[:, [2, 3, 0, 1]])
        directions = (self.directions + _BACK) % N_DIRECTIONS
        return LocalFeatures(self.points, words, directions, self.size, self.n_found)

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
    grey = shrunk(grey, detail.side)
    levels = pyramid(grey, detail.n_levels, 2 * _margin() + 1)
    if not len(levels.sizes):
        return LocalFeatures(
            points=np.empty((0, 2), np.float32),
            descriptors=np.empty((0, N_BITS // 64), np.uint64),
            directions=np.empty(0, np.uint8),
            size=grey.size,
        )
    width = levels.sheet.shape[1]
    smooth = box_sum(levels.sheet.astype(np.int16).ravel(), width)
    found = find_points(smooth, levels, _margin())
    points = spread(found, detail.n_points)
    pixels = np.stack([points.x + points.off_x, points.y + points.off_y], axis=1)
    unit = (pixels + 0.5) * (levels.scales / grey.size)[points.level]
    starts = (points.places - centre(width)).astype(np.int32)[:, None]
    directions = _directions(smooth, width, starts)
    words = _describe(smooth, width, starts, directions)
    return LocalFeatures(unit.astype(np.float32), words, directions, grey.size, len(found.places))


# --- descriptors -----------------------------------------------------------------------------


def _directions(
    smooth: NDArray[np.int16], width: int, starts: NDArray[np.int32]
) -> NDArray[np.uint8]:
    """Return what the patches around some places of a smoothed picture are turned to."""
    disc, _ = _offsets(width)
    values = np.take(smooth, starts + disc).astype(np.float32)
    along_x, along_y = values @ _disc().astype(np.float32).T[..., None]
    angles = np.arctan2(along_y, along_x)[:, 0]
    directions = np.round(angles * (N_DIRECTIONS / (2 * np.pi))).astype(np.int64) % N_DIRECTIONS
    return np.asarray(directions, np.uint8)


def _describe(
    smooth: NDArray[np.int16],
    width: int,
    starts: NDArray[np.int32],
    directions: NDArray[np.uint8],
) -> NDArray[np.uint64]:
    """Return the (m, 4) words of the comparisons around these places."""
    _, tests = _offsets(width)
    found = np.empty((len(starts), N_BITS // 64), np.uint64)
    for first in range(0, len(starts), _AT_A_TIME):
        some = slice(first, first + _AT_A_TIME)
        compared = np.take(smooth, starts[some] + tests[directions[some]])
        is_darker = compared[:, :N_BITS] < compared[:, N_BITS:]
        found[some] = np.packbits(is_darker, axis=1).view(np.uint64)
    return found


@lru_cache(maxsize=64)
def _offsets(width: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return how far on the pixels of a direction and those of all tests lie in a flat level."""
    rows = np.array([1, width], np.int32)
    return _disc() @ rows, _tests() @ rows


@cache  # not at once: the generator of random numbers takes 8 ms to load
def _tests() -> NDArray[np.int32]:
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


@cache
def _disc() -> NDArray[np.int32]:
    """Return the (m, 2) offsets of the pixels that the direction is taken from."""
    steps = np.arange(-(_CENTROID_RADIUS // _CENTROID_STEP), _CENTROID_RADIUS // _CENTROID_STEP + 1)
    x, y = np.meshgrid(steps * _CENTROID_STEP, steps * _CENTROID_STEP)
    is_inside = x * x + y * y <= _CENTROID_RADIUS**2
    return np.stack([x[is_inside], y[is_inside]], axis=1).astype(np.int32)


@cache
def _margin() -> int:
    """Return how many pixels at the border of a level no patch is centred on."""
    return int(np.abs(_tests()).max()) + 1 + REACH
