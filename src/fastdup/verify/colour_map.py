"""How the colours of one picture become those of the other: one map for all pixels.

The map is a curve for each channel if that fits, as for brightness, contrast, gamma, posterised
copies; or else a smooth map of all three, as for grey, hue and saturation. It is fitted to flat
places, for where two colours meet, blur, noise and half a pixel of misalignment mix them.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Colours = NDArray[np.float32]
Levels = NDArray[np.uint8]

_N_SAMPLES = 2500
_ROUNDS = 4
#: Levels this near to black and white may have been cut off there.
_DARKEST, _LIGHTEST = 4, 251
_TABLE_SIDE = 9
#: Weight of leaving colours as they are, against what the pixels say.
_RIDGE = 1e-5
#: Grey levels among the neighbours of a pixel that halve its weight.
_FLAT = 10.0
#: Bins of each channel in which colours are counted, so that rare colours count for more.
_COARSE = 4
#: Bins of a curve, and the misses, from 0 to 1, that halve the weight of a sample.
_CURVE_BINS, _CURVE_MISS = 32, 0.05
#: Misses above this are all the same: something else is shown there.
_MOST_MISS = 0.12
#: Curves that miss by no more are taken at once; others where they miss by no more than the smooth
#: map.
_CURVE_MISSES = 2 / 255


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
    curves : (256, 3) array or None
        What each level of each channel becomes, from 0 to 1; used in place of the coefficients.
    """

    coefficients: Colours
    error: float
    explained: float
    curves: Colours | None = None

    @property
    def is_identity(self) -> bool:
        """Whether it leaves all colours as they are."""
        return self.curves is None and self.coefficients is IDENTITY.coefficients

    def apply(self, image: Image.Image) -> Image.Image:
        """Return the picture, mode RGB, with its colours mapped."""
        if self.curves is not None:
            return image.point(np.round(self.curves.T * 255).astype(int).ravel().tolist())
        levels = np.linspace(0, 1, _TABLE_SIDE, dtype=np.float32)
        blue, green, red = np.meshgrid(levels, levels, levels, indexing="ij")
        colours = np.stack([red.ravel(), green.ravel(), blue.ravel()], axis=1)
        table = np.clip(_terms(colours) @ self.coefficients, 0, 1)
        lut = ImageFilter.Color3DLUT(_TABLE_SIDE, table.ravel().tolist(), channels=3)
        return image.filter(lut)


class Samples(NamedTuple):
    """Colours of the same places in two pictures.

    Attributes
    ----------
    given, wanted : (n, 3) float32 arrays
        From 0 to 1.
    weights : (n,) float32 array
        Less where the colours around differ.
    """

    given: Colours
    wanted: Colours
    weights: Colours

    def turned(self) -> "Samples":
        """Return the same for the map back."""
        return Samples(self.wanted, self.given, self.weights)


def sample_colours(first: Levels, second: Levels, inside: NDArray[np.bool_]) -> Samples:
    """Return the colours of places on a grid.

    Parameters
    ----------
    first, second : (h, w, 3) uint8 arrays
    inside : (h, w) bool array
        Pixels to look at.
    """
    step = max(1, int(np.sqrt(inside.sum() / _N_SAMPLES)))
    is_inside = inside[1:-1:step, 1:-1:step]
    means, spread = [], np.zeros(int(is_inside.sum()), np.float32)
    for picture in (first, second):
        around = np.stack(
            [
                picture[
                    1 + y : picture.shape[0] - 1 + y : step, 1 + x : picture.shape[1] - 1 + x : step
                ][is_inside]
                for y, x in ((0, 0), (0, 1), (1, 0), (0, -1), (-1, 0))
            ]
        ).astype(np.float32)
        means.append(around.mean(0) / 255)
        spread = np.maximum(spread, np.ptp(around, axis=0).max(1))
    flatness = 1 / (1 + (spread / _FLAT) ** 2)
    return Samples(means[0], means[1], flatness.astype(np.float32))


def fit_tone(
    given: NDArray[np.uint8], wanted: NDArray[np.uint8], inside: NDArray[np.bool_]
) -> ToneMap:
    """Return the map from the colours of one picture to those of the other, pixel by pixel.

    Parameters
    ----------
    given, wanted : (h, w, 3) uint8 arrays
    inside : (h, w) bool array
        Pixels to look at.
    """
    return fit_samples(sample_colours(given, wanted, inside))


def fit_samples(samples: Samples) -> ToneMap:
    """Return the map that samples of two pictures show; `IDENTITY` where there are none.

    Notes
    -----
    Robust: pixels that do not fit, since something else is shown there, lose their weight (Cauchy
    weights). What black and white cut off is left out, and cut off again when the map is applied.
    """
    if not len(samples.given):
        return IDENTITY
    curves, curve_misses = _fit_curves(samples)
    by_curves = _tone_map(IDENTITY.coefficients, samples, curve_misses, curves)
    if mean_miss(curve_misses) <= _CURVE_MISSES:
        return by_curves
    smooth, misses = _fit_smooth(samples)
    return by_curves if mean_miss(curve_misses) <= mean_miss(misses) else smooth


def identity_of(samples: Samples) -> ToneMap:
    """Return the map that leaves colours as they are, and what it explains."""
    return _tone_map(IDENTITY.coefficients, samples, _distances(samples.given, samples.wanted))


def misses_of(tone: ToneMap, samples: Samples) -> float:
    """Return by how much colours differ after the map, from 0 to 1; see `mean_miss`."""
    if tone.curves is None:
        mapped = np.clip(_terms(samples.given) @ tone.coefficients, 0, 1)
    else:
        mapped = _mapped_by_curves(tone.curves, samples.given)
    return mean_miss(_distances(mapped, samples.wanted))


def mean_miss(misses: Colours) -> float:
    """Return the mean of misses from 0 to 1, those of other content cut off."""
    return float(np.minimum(misses, _MOST_MISS).mean())


def _fit_smooth(samples: Samples) -> tuple[ToneMap, Colours]:
    """Return the smooth map and the misses of the samples."""
    given, wanted, flatness = samples
    terms = _terms(given)
    is_whole = ((wanted > _DARKEST / 255) & (wanted < _LIGHTEST / 255)).all(1)
    is_cut_off = ~is_whole & (is_whole.mean() >= 0.1)
    base: Colours = flatness * np.where(is_cut_off, np.float32(0.01), np.float32(1))
    base = np.asarray(base / np.sqrt(_n_alike(given)), np.float32)
    base *= len(given) / base.sum()
    weights, misses = base, np.zeros(len(given), np.float32)
    coefficients, ridge = IDENTITY.coefficients, _RIDGE * len(given)
    for _ in range(_ROUNDS):
        weighted = terms * weights[:, None]
        normal = (weighted.T @ terms).astype(np.float64)
        normal[np.diag_indices(len(normal))] += ridge
        targets = (weighted.T @ wanted).astype(np.float64) + ridge * _IDENTITY
        coefficients = np.linalg.solve(normal, targets).astype(np.float32)
        misses = _distances(np.clip(terms @ coefficients, 0, 1), wanted)
        spread = 2 * _weighted_median(misses, base) + np.float32(0.01)
        weights = np.asarray(base / (1 + (misses / spread) ** 2), np.float32)
    return _tone_map(coefficients, samples, misses), misses


def _fit_curves(samples: Samples) -> tuple[Colours, Colours]:
    """Return a curve for each channel, (256, 3), and the misses of the samples."""
    curves = np.stack(
        [
            _fit_curve(given, wanted, samples.weights)
            for given, wanted in zip(samples.given.T, samples.wanted.T, strict=True)
        ],
        axis=1,
    )
    return curves, _distances(_mapped_by_curves(curves, samples.given), samples.wanted)


def _fit_curve(given: Colours, wanted: Colours, flatness: Colours) -> Colours:
    """Return what each of 256 levels becomes: the robust mean of each bin, lines between them."""
    bins = np.minimum((given * _CURVE_BINS).astype(np.int64), _CURVE_BINS - 1)
    weights = flatness
    for _ in range(3):
        total = np.bincount(bins, weights, _CURVE_BINS) + 1e-9
        means = np.bincount(bins, weights * wanted, _CURVE_BINS) / total
        misses = np.abs(means[bins] - wanted)
        weights = (flatness / (1 + (misses / _CURVE_MISS) ** 2)).astype(np.float32)
    is_known = total > 1e-3 * len(given) / _CURVE_BINS
    if not is_known.any():
        return np.linspace(0, 1, 256, dtype=np.float32)
    count = np.maximum(np.bincount(bins, minlength=_CURVE_BINS), 1)
    centres = (np.bincount(bins, given, _CURVE_BINS) / count)[is_known]
    known = means[is_known]
    # Beyond the levels that are there, a curve goes on as far above or below as at its end.
    ends = max(0.0, known[0] - centres[0]), min(1.0, known[-1] + 1 - centres[-1])
    places = np.concatenate([[-1e-6], centres, [1 + 1e-6]])
    values = np.concatenate([ends[:1], known, ends[1:]])
    return np.asarray(np.interp(np.arange(256) / 255, places, values), np.float32)


def _mapped_by_curves(curves: Colours, colours: Colours) -> Colours:
    levels = np.round(colours * 255).astype(np.int64)
    found: Colours = np.take_along_axis(curves, levels, axis=0)
    return found


def _tone_map(
    coefficients: Colours, samples: Samples, misses: Colours, curves: Colours | None = None
) -> ToneMap:
    median = float(np.median(misses))
    variance = float(samples.wanted.var(0).sum()) + 1e-4
    explained = max(0.0, 1.0 - 3 * median**2 / variance)
    return ToneMap(coefficients, median * 255, explained, curves)


def _distances(colours: Colours, others: Colours) -> Colours:
    found: Colours = np.abs(colours - others).max(1)
    return found


def _n_alike(colours: Colours) -> NDArray[np.int64]:
    """Return for each colour how many there are like it."""
    bins = np.minimum((colours * _COARSE).astype(np.int64), _COARSE - 1)
    keys = (bins[:, 0] * _COARSE + bins[:, 1]) * _COARSE + bins[:, 2]
    found: NDArray[np.int64] = np.bincount(keys)[keys]
    return found


def _weighted_median(values: Colours, weights: Colours) -> np.float32:
    order = np.argsort(values, kind="stable")
    total = np.cumsum(weights[order])
    return np.float32(values[order[np.searchsorted(total, total[-1] / 2)]])


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
