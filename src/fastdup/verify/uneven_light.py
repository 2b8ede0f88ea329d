"""Light that changes slowly over a picture: dark corners, a shadow, a filter from top to bottom.

One map of colours for all pixels leaves that over. It is no local change, so it is evened out
before pixels are compared.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fastdup.arrays import BoolArray
from fastdup.verify.cells import whole_cells
from fastdup.verify.colour_map import ToneMap, fit_tone

Levels = NDArray[np.float32]
Exact = NDArray[np.float64]

#: Side of the cells whose mean colours are compared, in pixels; so many cells are needed, and such
#: a share of all in which no colour is cut off.
_CELL, _LEAST_CELLS, _LEAST_SHARE = 8, 60, 0.25
#: Mean miss of the cells, in grey levels, from which on light may be uneven; the share of it that
#: the first round may leave, and the last.
_SOME, _SOMEWHAT_LESS, _LEFT = 1.5, 0.8, 0.6
#: Misses above this many levels are all the same: something else is shown there.
_MOST = 30.0
#: Mean levels beyond which colours are cut off at black or white.
_DARKEST, _LIGHTEST = 5, 250
#: Rounds in which colours and light are fitted in turn, and the share of misses that ends them.
_ROUNDS, _HARDLY_LESS = 4, 0.95
_ROUNDS_OF_WEIGHTS = 5
#: Gains of light are no smaller and no larger.
_LEAST_GAIN, _LARGEST_GAIN = 0.2, 5.0


class _Target(NamedTuple):
    """What other colours are fitted to: the cells of a grid over a picture.

    Attributes
    ----------
    colours : (rows, columns, 3) float32 array
        Their means.
    terms : (rows, columns, 7) float32 array
        Of the place, which the change of light is linear in.
    chosen : (rows, columns) bool array
        Cells that say something.
    """

    colours: Levels
    terms: Levels
    chosen: BoolArray

    def mean_miss(self, colours: Levels) -> float:
        """Return by how many grey levels the colours of cells differ from these."""
        misses = np.abs(colours - self.colours).max(2)[self.chosen]
        return float(np.minimum(misses, _MOST).mean())


class _Light(NamedTuple):
    """How light changes over a picture: gain and offset of each cell and channel."""

    gains: Levels
    offsets: Levels

    def cast_on(self, picture: Image.Image) -> Image.Image:
        """Return the picture, mode RGB, in this light."""
        return _scaled(picture, self.gains, self.offsets)

    def taken_from(self, picture: Image.Image) -> Image.Image:
        """Return the picture, mode RGB, without this light."""
        gains = np.reciprocal(self.gains)
        return _scaled(picture, gains, -self.offsets * gains)


class InLight(NamedTuple):
    """A picture with the colours of another one, and in its light.

    Attributes
    ----------
    picture : PIL image, mode RGB
    tone : ToneMap
        Between the colours of both.
    miss : float
        Grey levels by which small cells differ after that, on average.
    """

    picture: Image.Image
    tone: ToneMap
    miss: float


def map_in_light(
    first: Image.Image, second: Image.Image, tone: ToneMap, inside: BoolArray
) -> InLight | None:
    """Return the first picture with the colours of the second, and in its light.

    None where light is even, so that the map alone does as well.

    Parameters
    ----------
    first, second : PIL images, mode RGB
        On one grid.
    tone : ToneMap
        From the first picture's colours to the second's, as if light were even.
    inside : (h, w) bool array
        Pixels to look at.

    Notes
    -----
    Light is, for each channel, a gain and an offset that are polynomials of the place, of degree 2
    and with the fourth power of the distance from the centre, as in dark corners. Colours and light
    are fitted in turn, for a map alone takes dark corners for dark colours. Robust: cells that do
    not fit, since something else is shown there, lose their weight (Cauchy weights).
    """
    target = _target(second, inside)
    if target.chosen.sum() < max(_LEAST_CELLS, _LEAST_SHARE * target.chosen.size):
        return None
    source = tone.apply(first)
    before = target.mean_miss(_colours(source))
    if before < _SOME:
        return None
    light, miss = _fit(_colours(source), target)
    if miss > _SOMEWHAT_LESS * before:
        return None
    given = np.asarray(first)
    for _ in range(_ROUNDS - 1):
        next_tone = fit_tone(given, np.asarray(light.taken_from(second)), inside)
        next_source = next_tone.apply(first)
        next_light, next_miss = _fit(_colours(next_source), target)
        if next_miss > _HARDLY_LESS * miss:
            break
        tone, source, light, miss = next_tone, next_source, next_light, next_miss
    return InLight(light.cast_on(source), tone, miss) if miss < _LEFT * before else None


def _colours(picture: Image.Image) -> Levels:
    """Return the mean colours of the cells of a picture."""
    return np.asarray(picture.reduce(_CELL), np.float32)


def _target(picture: Image.Image, inside: BoolArray) -> _Target:
    colours = _colours(picture)
    is_whole = (colours.max(2) < _LIGHTEST) & (colours.min(2) > _DARKEST)
    rows, columns = is_whole.shape
    y, x = np.meshgrid(np.linspace(-1, 1, rows), np.linspace(-1, 1, columns), indexing="ij")
    around = (x * x + y * y) ** 2
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y, around], axis=2)
    return _Target(colours, terms.astype(np.float32), whole_cells(inside, _CELL) & is_whole)


def _fit(colours: Levels, target: _Target) -> tuple[_Light, float]:
    """Return the light of the target on the colours of cells, and what it misses."""
    light = _Light(np.empty_like(colours), np.empty_like(colours))
    terms = target.terms[target.chosen].astype(np.float64)
    for channel in range(3):
        given, wanted = (
            p[:, :, channel][target.chosen].astype(np.float64) / 255
            for p in (colours, target.colours)
        )
        gain, offset = np.split(_fit_channel(terms, given, wanted), 2)
        light.gains[:, :, channel] = target.terms @ gain.astype(np.float32)
        light.offsets[:, :, channel] = 255 * (target.terms @ offset.astype(np.float32))
    np.clip(light.gains, _LEAST_GAIN, _LARGEST_GAIN, out=light.gains)
    return light, target.mean_miss(np.clip(colours * light.gains + light.offsets, 0, 255))


def _fit_channel(terms: Exact, given: Exact, wanted: Exact) -> Exact:
    """Return the coefficients of the gain, then those of the offset."""
    design = np.hstack([terms * given[:, None], terms])
    weights, solved = np.ones(len(given)), np.zeros(design.shape[1])
    for _ in range(_ROUNDS_OF_WEIGHTS):
        weighted = design * weights[:, None]
        normal = weighted.T @ design + 1e-6 * len(given) * np.eye(len(solved))
        solved = np.linalg.solve(normal, weighted.T @ wanted)
        misses = np.abs(design @ solved - wanted)
        weights = 1 / (1 + (misses / (2 * np.median(misses) + 1 / 255)) ** 2)
    return solved


def _scaled(picture: Image.Image, gains: Levels, offsets: Levels) -> Image.Image:
    """Return the picture times gains plus offsets of cells, smooth between them."""
    box = (0.0, 0.0, picture.width / _CELL, picture.height / _CELL)
    levels = np.asarray(picture)
    found = np.empty_like(levels)
    for channel in range(3):
        gain, offset = (
            np.asarray(
                Image.fromarray(np.ascontiguousarray(field[:, :, channel])).resize(
                    picture.size, Image.Resampling.BILINEAR, box
                )
            )
            for field in (gains, offsets)
        )
        found[:, :, channel] = np.clip(levels[:, :, channel] * gain + offset + 0.5, 0, 255)
    return Image.fromarray(found)
