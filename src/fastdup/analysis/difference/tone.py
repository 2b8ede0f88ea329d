"""Brightness, contrast, colour: how the tone of one picture differs from the other's."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastdup.analysis.difference.pixels import Pixels, averaged, chroma, luma
from fastdup.analysis.difference.words import Words

#: Side of the squares that tone is averaged over.
_TONE_BLOCK = 8
#: Change of tone, in grey levels, that coding alone may make.
SAME_TONE = 4.5
#: Chroma, in levels, from which on a place counts as coloured.
_SOME_CHROMA = 5.0


class Tone(NamedTuple):
    """How brightness and colour of the second differ, measured on small averages.

    Attributes
    ----------
    low, high : float
        Median change of what is darker, and lighter, than the middle, in grey levels.
    mean : float
        Median change of all.
    gain : float
        Of contrast.
    colour, colour_back : complex or None
        Factors from the first's chroma to the second's, whose angle turns the hue, and from the
        second's to the first's; None where a picture has hardly any colour to start from.
    """

    low: float
    high: float
    mean: float
    gain: float
    colour: complex | None
    colour_back: complex | None

    @classmethod
    def of(cls, first: Pixels, second: Pixels) -> "Tone":
        """Measure two RGB pictures of one size that show the same."""
        one, other = (averaged(pixels, _TONE_BLOCK) for pixels in (first, second))
        a, b = (luma(np.asarray(p, np.float32)).ravel() for p in (one, other))
        za, zb = (chroma(np.asarray(p, np.float32)).ravel() for p in (one, other))
        # Black and white stay what they are under most changes: they are left out.
        between = (a > 12) & (a < 243)
        if between.mean() < 0.03:
            between[:] = True
        unclipped = between & (other.max(-1).ravel() < 250) & (other.min(-1).ravel() > 5)
        if unclipped.mean() < 0.05:
            unclipped = between
        change, level = (b - a)[between], a[between]
        dark = level < np.median(level)
        return cls(
            float(np.median(change[dark])) if dark.any() else 0.0,
            float(np.median(change[~dark])),
            float(np.median(change)),
            float((b.std() + 0.5) / (a.std() + 0.5)),
            _colour_factor(za[unclipped], zb[unclipped]),
            _colour_factor(zb[unclipped], za[unclipped]),
        )

    def is_same(self, limit: float) -> bool:
        """Return whether neither dark nor light parts changed by more than `limit` levels."""
        return max(abs(self.low), abs(self.high)) < limit


def _colour_factor(za: NDArray[np.complex64], zb: NDArray[np.complex64]) -> complex | None:
    """Return the factor between two chromas by least squares, without what fits it worst."""
    coloured = np.abs(za) > _SOME_CHROMA
    if coloured.mean() < 0.05:
        return None
    za, zb = za[coloured], zb[coloured]
    factor, kept = 1.0 + 0j, np.ones(len(za), bool)
    for _ in range(3):
        power = float((np.abs(za[kept]) ** 2).sum())
        factor = complex((zb[kept] * za[kept].conj()).sum() / power)
        misfit = np.abs(zb - factor * za)
        kept = misfit <= np.quantile(misfit, 0.8)
    return factor


def describe_colour(words: Words, tone: Tone, caution: float) -> bool:
    """Say how the colours differ, return whether they do; `caution` is a factor on the limits."""
    for of, factor in ((words.second, tone.colour), (words.first, tone.colour_back)):
        if factor is not None and abs(factor) < 0.12:
            of.append("grey")
            return True
    if tone.colour is None:
        return False
    if abs(np.degrees(np.angle(tone.colour))) > 8 * caution:
        words.second.append("other colours")
        return True
    change = np.log(max(abs(tone.colour), 1e-3) / max(tone.gain, 0.05))
    if abs(change) > (0.22 * caution if tone.is_same(9.0) else 0.9):
        words.second.append("more colourful" if change > 0 else "paler")
        return True
    return False


def describe_tone(words: Words, tone: Tone, limit: float) -> None:
    """Say how brightness or contrast differ by more than `limit` levels."""
    if tone.is_same(limit):
        return
    smaller, larger = sorted((abs(tone.low), abs(tone.high)))
    if tone.low * tone.high < 0 and smaller > max(1.0, 0.08 * larger):
        words.second.append("more contrast" if tone.high > 0 else "less contrast")
    else:
        words.second.append("brighter" if tone.mean > 0 else "darker")
