"""The fine detail of two pictures on one grid: blur, sharpening, noise; both made equally sharp.

Sharpness is compared where both pictures show the same detail, cell by cell, so that neither noise
nor what was put on one of them counts; and at half scale, where saving and resampling change
little. Noise is what either picture has at the finest scale and the other does not explain, where
both are quietest.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from fastdup.arrays import BoolArray
from fastdup.verify.cells import Grey

Levels = NDArray[np.uint8]

#: Side of the cells, in pixels at half scale.
_CELL = 4
#: Rows and columns of the parts in which noise is measured, and which rows are looked at: one of so
#: many.
_STRIP, _NOISE_STEP = (8, 16), 2
#: Which rows are looked at for the filter: one of so many.
_STEP = 4
#: Power of fine detail that counts, and the squared correlation that makes it the same detail.
_LEAST_POWER, _SAME_DETAIL = 4.0, 0.5
#: Grey levels of power that count as none.
_ROUNDING = 0.3
#: So many cells are needed.
_LEAST_CELLS = 12
#: Doublings of fine detail from which on the sharper picture is filtered.
_OTHER = 0.15
#: The share of parts, the quietest, that noise is measured in; so many parts are needed.
_QUIET, _LEAST_PARTS = 0.3, 6
#: Noise is in nearly all of these parts: the share in which it may be less.
_NEARLY_ALL = 0.2
#: Doublings of the quiet parts from which on one picture lost noise, which coding takes too, and
#: levels from which on no saving or resizing explains it.
_QUIETER, _CLEARLY = 1.0, 2.0
#: The share of parts below the strongest, in which the factors of the finest detail are measured.
_STRONG = 0.6
#: Mean levels beyond which noise is cut off at black or white.
_DARKEST, _LIGHTEST = 8, 247
_N_SAMPLES, _ROUNDS = 3000, 4
#: Doublings from which on one picture was blurred or sharpened; the same after a map of tones.
_SHARPER, _SHARPER_AFTER_MAP = 0.27, 0.5
#: The same between sizes whose ratio, as a logarithm, is so large; noise says nothing there.
_SHARPER_OTHER_SIZE, _OTHER_SIZE = 1.0, 0.4
#: The same where one of the two was enlarged, or stretched, which softens it, and levels of noise
#: that this takes.
_SOFTER_ENLARGED, _SMOOTHED_NOISE = 0.7, 9.0
#: Share of the fine detail in common, below which saving may have taken the rest, and from which on
#: noise must be seen in quiet parts, too.
_WORN, _NEARLY_SAME = 0.5, 0.95
#: Doublings of the quiet parts, from which on one picture has more noise; the same after a map of
#: tones, to few levels for one.
_LOUDER, _LOUDER_AFTER_MAP = 0.2, 1.0
#: The finest detail of a picture that was blurred along one direction, or that has few edges: its
#: doublings at half scale and where both are quiet, and its factor back, in pictures of one size.
_SLIGHTLY_SOFTER, _SMOOTHED, _ALIGNED = 0.1, 1.0, 0.7
#: Factor of the finest detail below which one picture was blurred, not the other sharpened.
_BLUR = 0.3
#: Doublings by which the finer of two pictures is less sharp once it is drawn on the grid of the
#: coarser one, and the second where it is turned or stretched.
_DRAWN, _TURNED = 0.2, -0.15
#: Ratio of the scales of both pictures, as a logarithm, from which on one of them is the finer.
_FINER = 0.03
#: Grey levels from which on what the second picture has more is noise; where the first was reduced,
#: which smooths it, or tones were mapped.
_NOISE, _NOISE_AFTER_MAP = 1.0, 4.0


@dataclass(frozen=True, eq=False)
class Sharpness:
    """What the second picture has of fine detail, beside the first.

    Attributes
    ----------
    gain : float
        Doublings of its amplitude from the first picture to the second: below 0 the second is more
        blurred, above 0 the first. 0 where too little detail is in common to say.
    noise : float
        Grey levels of the noise that the second has and the first has not; below 0 the reverse.
    louder : float
        Doublings of the finest detail from the first picture to the second, where both are quiet.
    finest : (float, float)
        Factors of the finest detail, from the first picture to the second and back: blur takes
        nearly all of it.
    in_common : float
        Share of the cells with fine detail that show the same in both, from 0 to 1.
    cells : (rows, columns) bool array
        Cells of 8 × 8 pixels, from the second pixel on, that show the same fine detail.
    """

    gain: float
    noise: float
    louder: float
    finest: tuple[float, float]
    in_common: float
    cells: BoolArray


def compare_sharpness(one: Image.Image, other: Image.Image, inside: BoolArray) -> Sharpness:
    """Return what the second picture has of fine detail, beside the first.

    Parameters
    ----------
    one, other : PIL images, mode L
        On one grid, in the same tone.
    inside : (h, w) bool array
        Pixels to look at.
    """
    first, second = (_laplacian(np.asarray(p.reduce(2), np.float32)) for p in (one, other))
    height, width = (side // 2 * 2 for side in inside.shape)
    seen = inside[:height, :width][2:-2:2, 2:-2:2]
    first, second = (
        first[: seen.shape[0], : seen.shape[1]],
        second[: seen.shape[0], : seen.shape[1]],
    )
    power, power_other, product = _powers(first, second, (_CELL, _CELL))
    is_textured = _all(seen, (_CELL, _CELL)) & (np.maximum(power, power_other) > _LEAST_POWER)
    is_alike = (product > 0) & (product * product > _SAME_DETAIL * power * power_other)
    is_common = is_textured & is_alike
    # A strong blur leaves nothing in common at this scale: then all cells count.
    chosen = is_common if is_common.sum() >= _LEAST_CELLS else is_textured
    if chosen.sum() < _LEAST_CELLS:
        return Sharpness(0.0, 0.0, 0.0, (1.0, 1.0), 1.0, is_common)
    ratio = (power_other[chosen] + _ROUNDING) / (power[chosen] + _ROUNDING)
    gain = float(np.median(np.log2(ratio))) / 2
    in_common = float(is_common.sum() / is_textured.sum())
    return Sharpness(gain, *_compare_finest(one, other, inside), in_common, is_common)


def describe_fine_detail(
    sharpness: Sharpness, *, scale: float, enlarged: float, is_turned: bool, is_toned: bool
) -> str:
    """Return "blurred", "sharpened" or "noisy" as the second picture is beside the first.

    "sharper", "softer" and "less noisy" where that was done to the first; "" where saving again,
    resizing or turning may explain what differs.

    Parameters
    ----------
    sharpness : Sharpness
    scale : float
        Pixels of the second picture, as it was compared, for one of the first, along a side.
    enlarged : float
        The same of the pictures at full size.
    is_turned : bool
        Whether the second was turned by no quarter turns, or stretched.
    is_toned : bool
        Whether the tones of one were mapped to those of the other.
    """
    by_drawing = _TURNED if is_turned else 0.0
    if abs(np.log(scale)) > _FINER:
        by_drawing = -_DRAWN if scale > 1 else _DRAWN
    gain = sharpness.gain - by_drawing
    is_other_size = abs(np.log(scale)) > _OTHER_SIZE
    limit = _SHARPER_AFTER_MAP if is_toned else _SHARPER
    if is_other_size:
        limit = _SHARPER_OTHER_SIZE
    of_second, of_first = (
        max(limit, _SOFTER_ENLARGED) if by > _FINER else limit
        for by in (np.log(enlarged), -np.log(enlarged))
    )
    if gain < -of_second:
        return "blurred" if sharpness.finest[0] < _BLUR else "softer"
    if gain > of_first:
        return "sharper" if sharpness.finest[1] < _BLUR else "sharpened"
    if is_other_size:
        return ""
    is_as_drawn = max(abs(np.log(scale)), abs(np.log(enlarged))) <= _FINER and not is_turned
    return (is_as_drawn and _smoothed(sharpness)) or _noise(
        sharpness, scale=scale, enlarged=enlarged, is_toned=is_toned
    )


def _smoothed(sharpness: Sharpness) -> str:
    """Return "blurred" or "sharper" where the finest detail of one picture is gone, else ""."""
    gain, louder, (forth, back) = sharpness.gain, sharpness.louder, sharpness.finest
    if abs(sharpness.noise) > _NOISE:
        return ""
    if gain < -_SLIGHTLY_SOFTER and louder < -_SMOOTHED and forth < _BLUR and back > _ALIGNED:
        return "blurred"
    if gain > _SLIGHTLY_SOFTER and louder > _SMOOTHED and back < _BLUR and forth > _ALIGNED:
        return "sharper"
    return ""


def _noise(sharpness: Sharpness, *, scale: float, enlarged: float, is_toned: bool) -> str:
    """Return "noisy" or "less noisy" as the second picture is beside the first, else ""."""
    limits = [_NOISE_AFTER_MAP if is_toned else _NOISE] * 2
    if abs(np.log(scale)) > _FINER:
        limits[scale > 1] = _NOISE_AFTER_MAP
    if abs(np.log(enlarged)) > _FINER:
        limits[enlarged > 1] = _SMOOTHED_NOISE
    if sharpness.in_common < _WORN:  # by saving, which adds blocks
        limits = [max(limit, _CLEARLY) for limit in limits]
    louder = _LOUDER_AFTER_MAP if is_toned else _LOUDER
    is_louder = sharpness.louder > louder or (not is_toned and sharpness.in_common < _NEARLY_SAME)
    if sharpness.noise > limits[0] and is_louder:
        return "noisy"
    # What only was enlarged lost more along its edges than in its quiet parts.
    quieter = np.log2(max(sharpness.finest[0], 1e-3)) if np.log(enlarged) > _FINER else 0.0
    if sharpness.noise < -limits[1] and sharpness.louder < min(-_QUIETER, quieter):
        return "less noisy"
    return ""


def is_same_detail(sharpness: Sharpness, word: str) -> bool:
    """Return whether saving or resizing may explain what `describe_fine_detail` found."""
    is_noise = word in ("noisy", "less noisy")
    is_clear = abs(sharpness.noise) > _CLEARLY and abs(sharpness.louder) > _QUIETER
    return not word or (is_noise and not is_clear)


def match_sharpness(one: Levels, other: Levels, sharpness: Sharpness) -> tuple[Levels, Levels]:
    """Return both pictures, the sharper one filtered to be as sharp as the other.

    Parameters
    ----------
    one, other : (h, w) uint8 arrays
    sharpness : Sharpness
        Of the same pictures.
    """
    is_swapped = sharpness.gain > 0
    if abs(sharpness.gain) < _OTHER or sharpness.cells.sum() < _LEAST_CELLS:
        return one, other
    sharp, soft = (other, one) if is_swapped else (one, other)
    image = Image.fromarray(sharp)
    smooth, smoother = (np.asarray(image.filter(ImageFilter.BoxBlur(r))) for r in (1, 3))
    flags = np.zeros(sharp.shape, bool)
    large = sharpness.cells.repeat(2 * _CELL, axis=0).repeat(2 * _CELL, axis=1)
    height, width = (min(a, b - 2) for a, b in zip(large.shape, sharp.shape, strict=True))
    flags[2 : 2 + height, 2 : 2 + width] = large[:height, :width]
    y, x = np.nonzero(flags[::_STEP])
    step = max(1, len(y) // _N_SAMPLES)
    y, x = y[::step] * _STEP, x[::step]
    first, second = _fit_filter(
        *(p[y, x].astype(np.float32) for p in (sharp, smooth, smoother, soft))
    )
    grey = sharp.astype(np.float32)
    grey += first * (smooth - grey) + second * (smoother - grey)
    filtered = np.clip(grey, 0, 255).astype(np.uint8)
    return (soft, filtered) if is_swapped else (filtered, soft)


def _fit_filter(sharp: Grey, smooth: Grey, smoother: Grey, soft: Grey) -> tuple[np.float32, ...]:
    """Return the weights of two smoothed pictures that bring the sharp one nearest to the soft."""
    terms, targets = np.stack([smooth - sharp, smoother - sharp], axis=1), soft - sharp
    weights: Grey
    weights, found = np.ones(len(targets), np.float32), np.zeros(2, np.float32)
    for _ in range(_ROUNDS):
        weighted = terms * weights[:, None]
        normal = (weighted.T @ terms).astype(np.float64)
        normal[np.diag_indices(2)] += len(targets) / 2
        found = np.linalg.solve(normal, weighted.T @ targets).astype(np.float32)
        misses = np.abs(terms @ found - targets)
        weights = np.asarray(1 / (1 + (misses / (2 * np.median(misses) + 1)) ** 2), np.float32)
    return found[0], found[1]


def _compare_finest(
    one: Image.Image, other: Image.Image, inside: BoolArray
) -> tuple[float, float, tuple[float, float]]:
    """Return the noise of the second picture, how much louder it is, and the factors of detail.

    Noise is the difference of the powers, times the share that is not in common: sharpening raises
    the power of what both show, coding lowers it, and noise adds what the other picture does not
    explain.
    """
    levels = [np.asarray(p, np.float32) for p in (one, other)]
    first, second = (_laplacian(grey, _NOISE_STEP) for grey in levels)
    means = [_means(grey[1:-1:_NOISE_STEP, 1:-1], _STRIP) for grey in levels]
    is_seen = _all(inside[1:-1:_NOISE_STEP, 1:-1], _STRIP)
    is_seen &= (np.minimum(*means) > _DARKEST) & (np.maximum(*means) < _LIGHTEST)
    if is_seen.sum() < _LEAST_PARTS:
        return 0.0, 0.0, (1.0, 1.0)
    power, power_other, product = (p[is_seen] for p in _powers(first, second, _STRIP))
    in_common = np.minimum(product * product / (power * power_other + 1e-6), 1)
    quiet = np.minimum(power, power_other)
    is_quiet = quiet <= np.quantile(quiet, _QUIET)
    more, less = np.quantile(
        ((power_other - power) * (1 - in_common))[is_quiet], (_NEARLY_ALL, 1 - _NEARLY_ALL)
    )
    noise = float(np.sqrt(max(0.0, more)) - np.sqrt(max(0.0, -less)))
    quiet_levels = [float(np.median(p[is_quiet])) + _ROUNDING for p in (power, power_other)]
    louder = float(np.log2(quiet_levels[1] / quiet_levels[0])) / 2
    strength = power * power_other
    is_strong = strength >= np.quantile(strength, _STRONG)
    forth, back = (
        float(np.median(product[is_strong] / (p[is_strong] + 1e-6))) for p in (power, power_other)
    )
    return noise, louder, (forth, back)


def _laplacian(grey: Grey, step: int = 1) -> Grey:
    """Return how much pixels differ from the mean of the four around, in one of `step` rows."""
    inner = grey[1:-1:step]
    around = grey[:-2:step, 1:-1] + grey[2::step, 1:-1] + inner[:, :-2] + inner[:, 2:]
    return np.asarray(inner[:, 1:-1] - around / 4, np.float32)


def _powers(first: Grey, second: Grey, side: tuple[int, int]) -> tuple[Grey, Grey, Grey]:
    """Return the mean square of each cell of both, and the mean of their product."""
    return (
        _means(first * first, side),
        _means(second * second, side),
        _means(first * second, side),
    )


def _means(values: Grey, side: tuple[int, int]) -> Grey:
    found: Grey = _cells(values, side).mean((1, 3))
    return found


def _all(flags: BoolArray, side: tuple[int, int]) -> BoolArray:
    return np.asarray(_cells(flags, side).all((1, 3)))


def _cells(values: NDArray[Any], side: tuple[int, int]) -> NDArray[Any]:
    """Return the whole cells of a grid, (rows, height, columns, width)."""
    rows, columns = values.shape[0] // side[0], values.shape[1] // side[1]
    cut = values[: rows * side[0], : columns * side[1]]
    return cut.reshape(rows, side[0], columns, side[1])
