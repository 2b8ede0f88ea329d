"""How the colours of one picture become those of the other: one smooth map for all pixels."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from fastdup.verify.registration import Aligned

Colours = NDArray[np.float32]

_N_SAMPLES = 2000
_ROUNDS = 3
#: Levels this near to black and white may have been cut off there.
_DARKEST, _LIGHTEST = 4, 251
_TABLE_SIDE = 9
#: Weight of leaving colours as they are, against what the pixels say.
_RIDGE = 1e-6
#: Shifts from which on a picture is toned, or has other colours altogether.
TONED, RECOLOURED = 14.0, 40.0
#: Side of the cells whose colours are compared, and which of their differences counts.
_COLOUR_CELL, _SHIFTED = 8, 0.7


@dataclass(frozen=True, eq=False)
class ToneMap:
    """A map of colours.

    Attributes
    ----------
    coefficients : (11, 3) array
        Of `_terms`, for each channel.
    error : float
        Median distance of the samples from the map, in grey levels.
    explained : float
        Share of the other picture's variance that the map explains, from 0 to 1.
    """

    coefficients: Colours
    error: float
    explained: float

    def apply(self, image: Image.Image) -> Image.Image:
        """Return the picture, mode RGB, with its colours mapped."""
        levels = np.linspace(0, 1, _TABLE_SIDE, dtype=np.float32)
        blue, green, red = np.meshgrid(levels, levels, levels, indexing="ij")
        colours = np.stack([red.ravel(), green.ravel(), blue.ravel()], axis=1)
        table = np.clip(_terms(colours) @ self.coefficients, 0, 1)
        lut = ImageFilter.Color3DLUT(_TABLE_SIDE, table.ravel().tolist(), channels=3)
        return image.filter(lut)


def fit_tone(
    given: NDArray[np.uint8], wanted: NDArray[np.uint8], inside: NDArray[np.bool_]
) -> ToneMap:
    """Return the map from the colours of one picture to those of the other, pixel by pixel.

    Parameters
    ----------
    given, wanted : (h, w, 3) uint8 arrays
    inside : (h, w) bool array
        Pixels to look at; at least one.

    Notes
    -----
    Robust: pixels that do not fit, since something else is shown there, lose their weight (Cauchy
    weights). What black and white cut off is left out, and cut off again when the map is applied.
    """
    places = np.flatnonzero(inside)
    places = places[:: max(1, len(places) // _N_SAMPLES)]
    ours, theirs = (picture.reshape(-1, 3)[places] for picture in (given, wanted))
    terms, targets = _terms((ours / 255).astype(np.float32)), (theirs / 255).astype(np.float32)
    is_whole = ((theirs > _DARKEST) & (theirs < _LIGHTEST)).all(1)
    weights = np.where(is_whole | (is_whole.mean() < 0.1), np.float32(1), np.float32(0.01))
    base, misses = weights, np.zeros(len(places), np.float32)
    coefficients = np.zeros((terms.shape[1], 3), np.float32)
    for _ in range(_ROUNDS):
        weighted = terms * weights[:, None]
        normal = (weighted.T @ terms).astype(np.float64)
        normal[np.diag_indices(len(normal))] += _RIDGE * len(places)
        normal_targets = (weighted.T @ targets).astype(np.float64) + _RIDGE * len(
            places
        ) * _IDENTITY
        coefficients = np.linalg.solve(normal, normal_targets).astype(np.float32)
        misses = np.abs(np.clip(terms @ coefficients, 0, 1) - targets).max(1)
        spread = 2 * np.float32(np.median(misses)) + np.float32(0.01)
        weights = base / (1 + (misses / spread) ** 2)
    return ToneMap(coefficients, float(np.median(misses) * 255), _explained(targets, misses))


def _terms(colours: Colours) -> Colours:
    """Return the (n, 11) terms that the map is linear in, of (n, 3) colours from 0 to 1."""
    red, green, blue = colours.T
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    one = np.ones_like(red)
    squares = (red * red, green * green, blue * blue, red * green, red * blue, green * blue)
    return np.stack([one, red, green, blue, *squares, luma**3], axis=1).astype(np.float32)


#: Where the pixels say nothing, colours stay as they are.
_IDENTITY = np.zeros((11, 3))
_IDENTITY[1:4] = np.eye(3)
#: The map of a picture to itself.
IDENTITY = ToneMap(_IDENTITY.astype(np.float32), 0.0, 1.0)


def _explained(targets: Colours, misses: NDArray[np.float32]) -> float:
    variance = float(targets.var(0).sum()) + 1e-4
    return max(0.0, 1.0 - 3 * float(np.median(misses)) ** 2 / variance)


def colour_shift(aligned: Aligned) -> float:
    """Return by how many grey levels the colours of small cells differ, without any map."""
    one, other = (
        np.asarray(Image.fromarray(picture).reduce(_COLOUR_CELL), np.int16)
        for picture in (aligned.first, aligned.second)
    )
    inside = np.asarray(Image.fromarray(aligned.inside).convert("L").reduce(_COLOUR_CELL)) == 255
    shifts = np.abs(one - other).max(2)[inside]
    return float(np.quantile(shifts, _SHIFTED)) if len(shifts) else 0.0
