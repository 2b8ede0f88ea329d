"""A batch of pictures → (n, d) float32: colours, texture and edges, by which content is compared.

The model knows copies from others, whatever they show. These rows are the other half: pictures of
one kind of thing often share their colours, surfaces and shapes. They are plain counts on the
picture that the model gets, at half its size. Learnt are a centre, and what counts less where both
rows are compared, as pictures of one kind differ in it anyway.
"""

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import FloatArray, IntArray

#: Raised whenever a picture gets another row.
RULES = 1
#: The side of the pictures, in pixels.
SIDE = 96
_HALF = SIDE // 2
#: Grey levels, and hues × saturations × brightnesses of what is neither grey nor black.
_GREYS, _HUES, _SATURATIONS, _VALUES = 14, 12, 2, 3
_LEAST_SATURATION, _LEAST_VALUE = 0.12, 0.12
_COLOURS = _GREYS + _HUES * _SATURATIONS * _VALUES
#: Kinds of surroundings of a pixel: how many of 8 neighbours are brighter, or no even border.
_PATTERNS = 10
#: How much brighter a neighbour is at least, of 1,020; and how far away, in pixels.
_BRIGHTER, _RADII = 10, (1, 3)
#: Orientations of edges, in each of `_CELLS` × `_CELLS` parts of the picture.
_ORIENTATIONS, _CELLS = 8, 3
#: Where the next strength of an edge begins, squared: each is twice the one before.
_STRENGTHS = tuple((16 * 2**step) ** 2 for step in range(5))
#: The widths of the parts of a row, in their order, and what each weighs. Chosen on the training
#: photos of six themes.
_WIDTHS = (
    _COLOURS,
    _PATTERNS * len(_RADII),
    _CELLS**2 * _ORIENTATIONS,
    (len(_STRENGTHS) + 1) * _ORIENTATIONS // 2,
)
_WEIGHTS = (0.5, 0.1, 0.3, 0.1)
#: Width of a row.
WIDTH = sum(_WIDTHS)
#: The mean row of the model, then that of `plain_rows`: what pictures have in common.
CENTRE_PATH = Path(__file__).parent / "models" / "content_centre.npy"
#: In what pictures of one kind differ: directions of `joined_rows`, the longer the less they count.
SPREAD_PATH = CENTRE_PATH.with_name("content_spread.npy")
#: The tangent of 22.5 degrees, in 1,024ths.
_TANGENT = 424
_LEAST_LENGTH = 1e-9
#: What a cosine of these rows weighs beside that of the model's rows. Chosen on the same photos.
_BESIDE_MODEL = 0.75
#: What one of rows of a model for content weighs. Measured with a network that was trained on
#: labelled photos: all that goes by content is better than by its rows alone.
_MODEL_BESIDE_MODEL = 2.0


def content_rows(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the rows of pictures; the cosine of two is high if they look to be of one kind.

    It is the weighted mean of four cosines: of the colours (a histogram of hue, saturation and
    brightness; Swain and Ballard 1991), the texture (local binary patterns; Ojala et al. 2002), the
    layout of the edges (histograms of gradients; Dalal and Triggs 2005), and their strengths. All
    are square roots of shares, less their mean over many pictures.

    Parameters
    ----------
    pixels : (n, 96, 96, 3) uint8 array
        Red, green and blue.

    Returns
    -------
    (n, d) float32 array
        Row by row: the others of a batch change no byte of it.
    """
    if not len(pixels):
        return np.zeros((0, WIDTH), np.float32)
    rows = plain_rows(pixels) - _centre()[-WIDTH:]
    stops = np.cumsum(_WIDTHS)[:-1]
    parts = [
        normed(part) * weight**0.5
        for part, weight in zip(np.split(rows, stops, axis=1), _WEIGHTS, strict=True)
    ]
    return np.concatenate(parts, axis=1).astype(np.float32)


def with_features(
    features: NDArray[np.float32], content: NDArray[np.float32], *, is_of_model: bool = False
) -> NDArray[np.float32]:
    """Return rows whose cosine says how alike the contents of two pictures look.

    They are those of `joined_rows`. Beside rows of `content_rows`, some directions are shortened:
    those in which pictures of one theme, and parts of one picture, differ most. It is a
    normalisation by the covariance within classes (Hatch et al. 2006), kept to the few directions
    where it matters. ``benchmarks/content.py`` measures it.

    Parameters
    ----------
    features : (n, d) array
        Of the built-in model.
    content : (n, c) array
        Of `content_rows`, or of a model for content.
    is_of_model : bool
        Whether such a model made them. It knows more than the built-in one, and weighs more.

    Returns
    -------
    (n, d + c) float32 array
    """
    if is_of_model:
        return joined_rows(features, content, _MODEL_BESIDE_MODEL).astype(np.float32)
    rows, spread = joined_rows(features, content), _spread()
    rows -= (rows @ spread) @ spread.T
    return rows.astype(np.float32)


def joined_rows(
    features: NDArray[np.float32], content: NDArray[np.float32], weight: float = _BESIDE_MODEL
) -> FloatArray:
    """Return rows whose cosine is the weighted mean of those of the model's and of `content`.

    Both halves together are better than either.

    Parameters
    ----------
    features : (n, d) array
        Of the built-in model.
    content : (n, c) array
    weight : float
        Of `content`; that of `features` is 1.

    Returns
    -------
    (n, d + c) float64 array
    """
    halves = normed(normed(features) - _centre()[:-WIDTH]), normed(content) * weight**0.5
    return np.concatenate(halves, axis=1)


def coloured_shares(rows: NDArray[np.floating]) -> FloatArray:
    """Return the share of the pixels of each picture that have a colour to be seen, 0 to 1.

    Grey, black and white have none, and neither has what is nearly so. The histogram of colours has
    length 1 before its mean is taken off, so a row determines it.

    Parameters
    ----------
    rows : (n, c) array
        Of `content_rows`.

    Returns
    -------
    (n,) float64 array
    """
    mean = _centre()[-WIDTH:][:_COLOURS]
    away = normed(rows[:, :_COLOURS])
    along = away @ mean
    plain = mean + (np.sqrt(along**2 + 1 - mean @ mean) - along)[:, None] * away
    return np.asarray(np.maximum(1 - (plain[:, :_GREYS] ** 2).sum(axis=1), 0.0))


def plain_rows(pixels: NDArray[np.uint8]) -> FloatArray:
    """Return the four histograms of n pictures, each of length 1, as an (n, d) float64 array."""
    sums = _halved(pixels)
    red, green, blue = (sums[..., channel] for channel in range(3))
    grey = ((red * 77 + green * 150 + blue * 29) >> 8).astype(np.int16)
    colours = (red >> 5) << 10 | (green >> 5) << 5 | blue >> 5
    strengths, layout = _edges(grey)
    parts = [_shares(_colour_table()[colours], _COLOURS)]
    parts += [_shares(_pattern_table()[_brighter(grey, r)], _PATTERNS) for r in _RADII]
    return np.concatenate([*parts, layout, strengths], axis=1)


def normed(rows: NDArray[np.floating]) -> FloatArray:
    """Return rows at length 1, as float64; rows of zeros stay."""
    rows = rows.astype(np.float64)
    lengths = np.sqrt((rows * rows).sum(axis=1, keepdims=True))
    return np.asarray(rows / np.maximum(lengths, _LEAST_LENGTH))


def _halved(pixels: NDArray[np.uint8]) -> NDArray[np.int32]:
    """Return pictures at half their size, the sum of each 2 × 2 pixels: 0 to 1,020."""
    pairs = np.add(pixels[:, 0::2], pixels[:, 1::2], dtype=np.uint16)
    return (pairs[:, :, 0::2] + pairs[:, :, 1::2]).astype(np.int32)


def _shares(bins: IntArray, n_bins: int, weights: NDArray[np.float32] | None = None) -> FloatArray:
    """Return the square roots of the shares of each bin; (n, …) bins → (n, n_bins)."""
    n_rows = len(bins)
    places = bins.reshape(n_rows, -1) + np.arange(n_rows)[:, None] * n_bins
    given = None if weights is None else weights.ravel()
    counts = np.bincount(places.ravel(), given, n_rows * n_bins).reshape(n_rows, n_bins)
    totals = np.maximum(counts.sum(axis=1, keepdims=True), _LEAST_LENGTH)
    return np.asarray(np.sqrt(counts / totals))


def _brighter(grey: NDArray[np.int16], radius: int) -> NDArray[np.uint8]:
    """Return for each pixel which of its 8 neighbours are brighter, a bit each."""
    n_pixels = grey.shape[1] - 2 * radius
    least = grey[:, radius:-radius, radius:-radius] + _BRIGHTER
    code = np.zeros(least.shape, np.uint8)
    around = ((0, 0), (0, 1), (0, 2), (1, 2), (2, 2), (2, 1), (2, 0), (1, 0))  # clockwise
    for bit, (down, right) in enumerate(around):
        top, left = down * radius, right * radius
        other = grey[:, top : top + n_pixels, left : left + n_pixels]
        code |= (other > least).view(np.uint8) << np.uint8(bit)
    return code


def _edges(grey: NDArray[np.int16]) -> tuple[FloatArray, FloatArray]:
    """Return the shares of strengths with orientations, and of orientations in each cell."""
    across, down = (np.zeros(grey.shape, np.int32) for _ in range(2))
    np.subtract(grey[:, :, 2:], grey[:, :, :-2], out=across[:, :, 1:-1], dtype=np.int32)
    np.subtract(grey[:, 2:], grey[:, :-2], out=down[:, 1:-1], dtype=np.int32)
    squares = across * across + down * down
    orientations = _orientations(across, down)
    strengths = np.zeros(grey.shape, np.intp)
    for least in _STRENGTHS:
        strengths += squares >= least
    half = _ORIENTATIONS // 2
    by_strength = _shares(strengths * half + orientations // 2, (len(_STRENGTHS) + 1) * half)
    cell = np.arange(_HALF) * _CELLS // _HALF
    cells = (cell[:, None] * _CELLS + cell) * _ORIENTATIONS
    lengths = np.sqrt(squares.astype(np.float32))
    return by_strength, _shares(cells + orientations, _CELLS**2 * _ORIENTATIONS, lengths)


def _orientations(across: NDArray[np.int32], down: NDArray[np.int32]) -> IntArray:
    """Return which eighth of half a turn a gradient points to, by whole numbers alone."""
    leans_back = (across < 0) != (down < 0)
    wide, tall = np.abs(across), np.abs(down)
    eighth = (tall * 1024 >= wide * _TANGENT).astype(np.intp)
    eighth += tall >= wide
    eighth += tall * _TANGENT >= wide * 1024
    return np.where(leans_back, _ORIENTATIONS - 1 - eighth, eighth)


@cache
def _colour_table() -> IntArray:
    """Return the bin of each colour of 3 × 5 bits, red first."""
    levels = (np.arange(32) + 0.5) / 32
    rgb = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1)
    red, green, blue = np.moveaxis(rgb, -1, 0)
    value, lowest = rgb.max(axis=-1), rgb.min(axis=-1)
    spread = np.maximum(value - lowest, 1e-6)
    hue = np.where(
        value == red,
        (green - blue) / spread % 6,
        np.where(value == green, (blue - red) / spread + 2, (red - green) / spread + 4),
    )
    saturation = (value - lowest) / value
    hues = (hue / 6 * _HUES + 0.5).astype(np.intp) % _HUES
    above = (saturation - _LEAST_SATURATION) / (1 - _LEAST_SATURATION)
    saturations = (above * _SATURATIONS).astype(np.intp).clip(0, _SATURATIONS - 1)
    values = (value * _VALUES).astype(np.intp).clip(0, _VALUES - 1)
    greys = (rgb.mean(axis=-1) * _GREYS).astype(np.intp).clip(0, _GREYS - 1)
    colours = _GREYS + (hues * _SATURATIONS + saturations) * _VALUES + values
    is_grey = (saturation < _LEAST_SATURATION) | (value < _LEAST_VALUE)
    return np.asarray(np.where(is_grey, greys, colours).ravel())


@cache
def _pattern_table() -> IntArray:
    """Return the kind of each of the 256 surroundings, however they are turned."""
    codes = np.arange(256)
    bits = codes[:, None] >> np.arange(8) & 1
    n_borders = (bits != np.roll(bits, 1, axis=1)).sum(axis=1)
    return np.where(n_borders <= 2, bits.sum(axis=1), _PATTERNS - 1)


@cache
def _spread() -> FloatArray:
    """Return the directions that are shortened, as a (d + c, m) array.

    Of a row, the part along each is left out in the measure of its squared length, below 1.
    """
    return np.asarray(np.load(SPREAD_PATH), np.float64)


@cache
def _centre() -> FloatArray:
    return np.asarray(np.load(CENTRE_PATH), np.float64)
