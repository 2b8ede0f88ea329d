"""How brightness, contrast and colour of the second of two pictures differ from the first's."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fastdup.verify.cells import whole_cells
from fastdup.verify.luma import LUMA_32
from fastdup.verify.registration import Aligned

Levels = NDArray[np.float32]
Chroma = NDArray[np.complex64]

#: Side of the cells whose means are compared, in pixels.
_CELL = 8
#: Change in grey levels that says something; the same beside a change of colour, which clips.
_SOME_CHANGE, _BESIDE_COLOUR = 4.5, 9.0
#: Chroma, in levels, from which on a cell counts as coloured; share of such cells that is enough.
_SOME_CHROMA, _SOME_COLOURED = 5.0, 0.05
#: Share of the other's chroma below which a picture is grey; degrees of another hue; logarithm of a
#: factor of saturation, without and with a change of brightness.
_GREY, _HUE, _PALER, _PALER_TOO = 0.12, 8.0, 0.22, 0.9
#: Levels by which saving again, with a low quality, changes chroma; share of a change of chroma
#: that one affine map must explain, and the same where tones hardly differ. Of pictures saved at
#: quality 6 to 14 it explains up to 0.61 (19 in 20), at most 0.71; of those that were given other
#: colours or another saturation 0.88 and more.
_CODED_CHROMA, _SYSTEMATIC, _SLIGHT = 3.5, 0.7, 0.8
#: The same share of a change of all colours that has no name: of such saved pictures it is 0.21 to
#: 0.35 where colours change by as much as in toned ones.
_SOMEHOW_TONED = 0.5
#: Factors of saturation that are tried, and the share of a change that one of them may leave, where
#: colours were cut off at black and white and so their brightness changed, too.
_SATURATIONS, _LEFT = np.geomspace(1.25, 3.0, 9, dtype=np.float32), 0.25
#: Coloured cells to which a map can be fitted.
_LEAST_COLOURED = 12
#: Levels that may have been cut off at black and white.
_DARKEST, _LIGHTEST = 12, 243
#: Logarithm of the gain of contrast from which on it has changed, though no half has by much.
_SPREAD = 0.18
#: Levels that count as one where a curve is fitted, and by how many it may miss; the same where the
#: picture it leads to has hardly any contrast.
_CURVE_BIN, _CURVE_MISS, _LEAST_MISS = 8, 10.0, 2.5
#: A picture is a drawing if fewer levels than this each have this share of the cells.
_FEWEST_LEVELS, _SOME_LEVELS = 8, 0.005


class _Tone(NamedTuple):
    """Median changes of the darker half, the lighter half and all, and the gain of contrast."""

    low: float
    high: float
    mean: float
    gain: float

    def is_same(self, limit: float) -> bool:
        return max(abs(self.low), abs(self.high)) < limit


def describe_tone(aligned: Aligned, *, is_toned: bool = True) -> tuple[str, ...]:
    """Return how the tones of the second picture differ: "grey", "darker", "more contrast".

    "toned" where the change has no such name, and nothing where saving again may explain it.

    Parameters
    ----------
    aligned : Aligned
    is_toned : bool
        Whether tones are known to differ; else what saving again may do says nothing.
    """
    one, other = _cells(aligned)
    if not len(one):
        return ()
    tone = _tone(one @ LUMA_32, other @ LUMA_32)
    is_whole = (other.max(1) < 250) & (other.min(1) > 5)
    if is_whole.mean() < 0.05:
        is_whole[:] = True
    saturation = "" if tone.is_same(_SOME_CHANGE) else _describe_saturation(one, other)
    if saturation:
        return (saturation,)
    chromas = _chroma(one[is_whole]), _chroma(other[is_whole])
    colour = _describe_colour(chromas[0], chromas[1], tone)
    least = _SYSTEMATIC if is_toned else _SLIGHT
    if colour not in ("grey", "in colour") and not _is_systematic(one, other, least):
        colour = ""
    if not is_toned and _chroma_change(chromas[0], chromas[1]) < _CODED_CHROMA:
        colour = ""
    if colour == "other colours":
        return (colour,)
    is_cautious = colour or not is_toned
    brightness = _describe_brightness(tone, _BESIDE_COLOUR if is_cautious else _SOME_CHANGE)
    words = tuple(filter(None, (colour, brightness)))
    return ("toned",) if is_toned and not words and _is_somehow_toned(one, other) else words


def is_of_brightness(aligned: Aligned) -> bool:
    """Return whether one rising curve for all three channels explains how colours differ.

    So it is for brightness, contrast and gamma, and not where a drawing has other colours. The
    curve leads to the picture that has less contrast, for what was darkened does not show what it
    was; of drawings it must lead back as well.
    """
    one, other = _cells(aligned)
    if not len(one):
        return False
    given, wanted = (one, other) if one.std() >= other.std() else (other, one)
    levels = np.bincount((given / _CURVE_BIN).astype(np.int64).ravel())
    is_drawing = (levels > _SOME_LEVELS * given.size).sum() < _FEWEST_LEVELS
    return _is_curve(given, wanted) and (not is_drawing or _is_curve(wanted, given))


def _is_curve(given: Levels, wanted: Levels) -> bool:
    """Return whether one rising curve brings the levels of one picture to the other's."""
    given, wanted = given.ravel(), wanted.ravel()
    bins = (given / _CURVE_BIN).astype(np.int64)
    known = np.unique(bins)
    curve = np.array([np.median(wanted[bins == number]) for number in known])
    misses = np.abs(wanted - curve[np.searchsorted(known, bins)])
    falls = np.maximum.accumulate(curve) - curve
    gain = min(1.0, float(wanted.std() / max(given.std(), 1.0)))
    limit = max(_LEAST_MISS, _CURVE_MISS * gain)
    return bool(np.quantile(misses, 0.9) < limit and falls.max() < limit)


def _cells(aligned: Aligned) -> tuple[Levels, Levels]:
    """Return the mean colours of the cells that lie in both pictures, two (m, 3) arrays."""
    cell = max(1, min(_CELL, min(aligned.inside.shape) // 4))
    inside = whole_cells(aligned.inside, cell)
    means = (
        np.asarray(Image.fromarray(picture).reduce(cell), np.float32)[inside]
        for picture in (aligned.first, aligned.second)
    )
    one, other = means
    return one, other


def _tone(one: Levels, other: Levels) -> _Tone:
    between = (one > _DARKEST) & (one < _LIGHTEST)
    if between.mean() < 0.03:
        between[:] = True
    change, level = (other - one)[between], one[between]
    is_dark = level < np.median(level)
    return _Tone(
        float(np.median(change[is_dark])) if is_dark.any() else 0.0,
        float(np.median(change[~is_dark])),
        float(np.median(change)),
        float((other.std() + 0.5) / (one.std() + 0.5)),
    )


def _describe_brightness(tone: _Tone, limit: float) -> str:
    if tone.is_same(limit):
        is_spread = abs(np.log(tone.gain)) > _SPREAD
        return ("more contrast" if tone.gain > 1 else "less contrast") if is_spread else ""
    smaller, larger = sorted((abs(tone.low), abs(tone.high)))
    if tone.low * tone.high < 0 and smaller > max(1.0, 0.08 * larger):
        return "more contrast" if tone.high > 0 else "less contrast"
    return "brighter" if tone.mean > 0 else "darker"


def _describe_colour(one: Chroma, other: Chroma, tone: _Tone) -> str:
    forth, back = _colour_factor(one, other), _colour_factor(other, one)
    if forth is not None and abs(forth) < _GREY:
        return "grey"
    if back is not None and abs(back) < _GREY:
        return "in colour"
    if forth is None:
        return ""
    if abs(np.degrees(np.angle(forth))) > _HUE:
        return "other colours"
    change = np.log(max(abs(forth), 1e-3) / max(tone.gain, 0.05))
    if abs(change) > (_PALER if tone.is_same(_BESIDE_COLOUR) else _PALER_TOO):
        return "more colourful" if change > 0 else "paler"
    return ""


def _describe_saturation(one: Levels, other: Levels) -> str:
    """Return "more colourful" or "paler" where a factor of saturation alone explains the change."""
    limit = _LEFT * float(np.abs(other - one).mean())
    for given, wanted, word in ((one, other, "more colourful"), (other, one, "paler")):
        grey = (given @ LUMA_32)[:, None]
        for factor in _SATURATIONS:
            made = np.clip(grey + factor * (given - grey), 0, 255)
            if float(np.abs(made - wanted).mean()) < limit:
                return word
    return ""


def _is_somehow_toned(one: Levels, other: Levels) -> bool:
    """Return whether an affine map explains how colours differ, which coding changes at random."""
    terms = np.concatenate([one, np.ones_like(one[:, :1])], axis=1)
    return _explained(terms, other - one) > _SOMEHOW_TONED


def _is_systematic(one: Levels, other: Levels, least: float) -> bool:
    """Return whether one affine map explains how chroma differs, which coding changes at random."""
    before, after = _chroma(one), _chroma(other)
    is_coloured = np.maximum(np.abs(before), np.abs(after)) > _SOME_CHROMA
    if is_coloured.sum() < _LEAST_COLOURED:
        return True
    before, after = before[is_coloured], after[is_coloured]
    grey = one[is_coloured] @ LUMA_32
    terms = np.stack([before.real, before.imag, grey, np.ones_like(grey)], axis=1)
    change = np.stack([(after - before).real, (after - before).imag], axis=1)
    return _explained(terms, change) > least


def _explained(terms: Levels, change: Levels) -> float:
    """Return the share of a change that a linear map of the terms explains, up to 1; 0 of none."""
    square = (terms.T @ terms).astype(np.float64) + np.eye(terms.shape[1])
    misses = change - terms @ np.linalg.solve(square, terms.T @ change).astype(np.float32)
    power = float((change**2).sum())
    return 1 - float((misses**2).sum()) / power if power else 0.0


def _chroma_change(one: Chroma, other: Chroma) -> float:
    """Return by how many levels the chroma of coloured cells differs, by the median."""
    is_coloured = np.maximum(np.abs(one), np.abs(other)) > _SOME_CHROMA
    return float(np.median(np.abs(other - one)[is_coloured])) if is_coloured.any() else 0.0


def _chroma(colours: Levels) -> Chroma:
    """Return blue and red difference (ITU-R 601) as one complex number."""
    grey = colours @ LUMA_32
    return ((colours[:, 2] - grey) * 0.564 + 1j * (colours[:, 0] - grey) * 0.713).astype(
        np.complex64
    )


def _colour_factor(one: Chroma, other: Chroma) -> complex | None:
    """Return the factor between two chromas by least squares, without what fits it worst.

    Its angle turns the hue. None where `one` has hardly any colour.
    """
    is_coloured = np.abs(one) > _SOME_CHROMA
    if not len(one) or is_coloured.mean() < _SOME_COLOURED:
        return None
    one, other = one[is_coloured], other[is_coloured]
    factor, kept = 1.0 + 0j, np.ones(len(one), bool)
    for _ in range(3):
        power = float((np.abs(one[kept]) ** 2).sum())
        factor = complex((other[kept] * one[kept].conj()).sum() / power)
        misfit = np.abs(other - factor * one)
        kept = misfit <= np.quantile(misfit, 0.8)
    return factor
