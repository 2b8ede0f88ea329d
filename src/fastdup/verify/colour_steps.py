"""Regions that differ only as the same colours do elsewhere: tones, and nothing that was drawn.

A map of tones is smooth, and tones are not always: where a picture was given few levels, or another
hue, what the map misses is larger for some colours than for others. It is the same wherever such a
colour is, and near a threshold it is one of two values. What was drawn on a picture differs from
what its colours become elsewhere.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import BoolArray
from fastdup.verify.equalise import TONED, Equalised
from fastdup.verify.registration import Aligned

Floats = NDArray[np.float64]

#: Bits of each channel by which colours are counted, bins beside one that count with it, and how
#: many pixels there must be to say what is usual.
_BITS, _BESIDE, _FEWEST = 4, 1, 10
#: One of so many rows and columns is counted.
_STEP = 2
#: Grey levels by which a pixel differs; how far from the mean it may for its colour, in levels and
#: deviations.
_DIFFERS, _LEVELS, _DEVIATIONS = 16, 12.0, 3.0
#: Share of the pixels of a region that must differ as they do elsewhere, seen from either picture.
#: Of 130 things that were drawn on toned copies it is up to 0.72, but for one that was smudged; of
#: posterised copies and other hues mostly from 0.9 on.
_EXPLAINED = 0.8
#: Share of what they differ by that the mean of their colours may leave: where the same colours
#: differ by chance, nearly all of it. So they do near a threshold if one picture has few levels.
_LEFT = 0.75
#: A level is frequent if none of so many beside it has more pixels, levels within `_BLUR` counted
#: together, and this share of all has it. Two may be those of a thing and its ground.
_APART, _BLUR, _FREQUENT, _SEVERAL = 12, 5, 0.002, 3
#: Pixels of the rarest level between two frequent ones, for one of these, up to which a picture has
#: few levels, and how many times as many the other must have. Of 89 posterised copies of photos,
#: saved again, it is 0 to 0.6, half of them below 0.2; of 48 photos, toned or not, mostly above.
_RARE, _TIMES = 0.4, 1.6


class _Usual(NamedTuple):
    """What the pixels of each colour differ by: bin of each pixel, counts, means and deviations."""

    bins: NDArray[np.int64]
    counts: Floats
    means: Floats
    deviations: Floats


class ColourSteps:
    """What the colours of two pictures in one tone still differ by, outside of some parts.

    Parameters
    ----------
    aligned : Aligned
        As they were.
    equal : Equalised
        The same in one tone.
    changed : (h, w) bool array
        Pixels that are left out.
    """

    def __init__(self, aligned: Aligned, equal: Equalised, changed: BoolArray) -> None:
        first, second = (np.asarray(p).astype(np.int16) for p in (equal.first, equal.second))
        self._steps = second - first
        counted = np.zeros_like(changed)
        counted[::_STEP, ::_STEP] = (aligned.inside & ~changed)[::_STEP, ::_STEP]
        pictures = (aligned.first, aligned.second)
        self._usual = [_usual(picture, self._steps, counted) for picture in pictures]
        few, more = sorted(_share_between(picture) for picture in pictures)
        self._has_few_levels = few < _RARE and more > _TIMES * few

    def explain(self, part: BoolArray) -> bool:
        """Return whether the pixels of a part differ as those of their colours do elsewhere."""
        steps = self._steps[part]
        differs = np.abs(steps).max(1, initial=0) > _DIFFERS
        if not differs.any():
            return True
        steps = steps[differs]
        for bins, counts, means, deviations in self._usual:
            colours = bins[part][differs]
            limits = _DEVIATIONS * deviations[colours] + _LEVELS
            misses = np.abs(steps - means[colours])
            is_usual = (misses < limits).all(1)
            is_by_chance = misses.sum() > _LEFT * np.abs(steps).sum()
            if is_by_chance and not self._has_few_levels:
                return False
            if (is_usual & (counts[colours] >= _FEWEST)).mean() < _EXPLAINED:
                return False
        return True


def may_explain(equal: Equalised) -> bool:
    """Return whether tones differ, so that a map of them may miss some colours."""
    return not equal.tone.is_identity and equal.shift >= TONED


def _usual(picture: NDArray[np.uint8], steps: NDArray[np.int16], counted: BoolArray) -> _Usual:
    red, green, blue = np.moveaxis(picture >> (8 - _BITS), 2, 0).astype(np.int64)
    bins = (red << (2 * _BITS)) + (green << _BITS) + blue
    colours, found = bins[counted], steps[counted].astype(np.float64)
    counts = _with_beside(np.bincount(colours, minlength=1 << (3 * _BITS)))
    at_least = np.maximum(counts, 1)[:, None]
    means, squares = (
        np.stack([_with_beside(_sums(colours, channel)) for channel in values.T], axis=1) / at_least
        for values in (found, found * found)
    )
    return _Usual(bins, counts, means, np.sqrt(np.maximum(squares - means * means, 0)))


def _sums(colours: NDArray[np.int64], values: Floats) -> Floats:
    return np.bincount(colours, values, minlength=1 << (3 * _BITS)).astype(np.float64)


def _with_beside(counts: NDArray[np.int64] | Floats) -> Floats:
    """Return the sums over the bins beside each, too."""
    side = 1 << _BITS
    cube = np.pad(counts.reshape(side, side, side).astype(np.float64), _BESIDE)
    for axis in range(3):
        shifted = [np.roll(cube, shift, axis) for shift in range(-_BESIDE, _BESIDE + 1)]
        cube = np.sum(shifted, axis=0)
    inner = slice(_BESIDE, -_BESIDE)
    return np.ascontiguousarray(cube[inner, inner, inner]).ravel()


def _share_between(picture: NDArray[np.uint8]) -> float:
    """Return how many pixels have the rarest level between two frequent ones, for one of these.

    From 0 to 1, of the channel in which it is most; 1 where too few levels are frequent.
    """
    found = []
    for values in np.moveaxis(picture, 2, 0):
        counts = np.convolve(np.bincount(values.ravel(), minlength=256), np.ones(_BLUR), "same")
        around = np.lib.stride_tricks.sliding_window_view(np.pad(counts, _APART), 2 * _APART + 1)
        is_frequent = (counts == around.max(1)) & (counts > _FREQUENT * values.size)
        levels = np.flatnonzero(is_frequent)
        if len(levels) < _SEVERAL:
            continue
        between = [counts[one : other + 1].min() for one, other in pairwise(levels)]
        beside = [min(counts[one], counts[other]) for one, other in pairwise(levels)]
        found.append(float(sum(between) / sum(beside)))
    return max(found, default=1.0)
