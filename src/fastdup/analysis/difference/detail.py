"""Blur, sharpening, noise, additions: how the detail of one picture differs from the other's."""

from typing import NamedTuple

import numpy as np

from fastdup.analysis.difference.pixels import (
    Pixels,
    averaged,
    box,
    extreme,
    high_pass,
    local_range,
    luma,
)
from fastdup.analysis.difference.words import Words
from fastdup.arrays import FloatArray

#: Side of the squares that sharpness is measured in.
_SHARP_BLOCK = 32


class Sharpness(NamedTuple):
    """How the detail of the two differs, by the median over squares.

    Attributes
    ----------
    fine, middle : (float, float)
        Factors of the finest detail, and of coarser one: from the first to what the second has of
        it, and from the second to the first. Noise in one does not raise its own factor.
    noise : (float, float)
        Fine detail in the flattest squares of both, in levels.
    rest : (float, float)
        What of it the other picture does not explain.
    """

    fine: tuple[float, float]
    middle: tuple[float, float]
    noise: tuple[float, float]
    rest: tuple[float, float]

    @classmethod
    def of(cls, first: Pixels, second: Pixels, gain: float) -> "Sharpness":
        """Measure two grey pictures of one size, the second with `gain` times the contrast."""
        second = second / np.float32(gain)
        aa, bb, ab = _moments(high_pass(first, 1), high_pass(second, 1))
        coarse = (high_pass(box(values, 1), 2) for values in (first, second))
        unexplained = [
            np.sqrt(np.maximum(mine - ab**2 / np.maximum(theirs, 1e-6), 0))
            for mine, theirs in ((aa, bb), (bb, aa))
        ]
        low = [float(np.sqrt(np.quantile(power, 0.2))) for power in (aa, bb)]
        rest = [float(np.quantile(values, 0.2)) for values in unexplained]
        return cls(
            _factors(aa, bb, ab), _factors(*_moments(*coarse)), (low[0], low[1]), (rest[0], rest[1])
        )


def _moments(a: Pixels, b: Pixels) -> list[FloatArray]:
    """Return the mean squares of both and the mean product, of each square."""
    products = (a * a, b * b, a * b)
    return [np.asarray(averaged(p, _SHARP_BLOCK), np.float64).ravel() for p in products]


def _factors(aa: FloatArray, bb: FloatArray, ab: FloatArray) -> tuple[float, float]:
    """Return the factors of detail, each way, where there is most; (1, 1) where there is none.

    Coding drops the weak detail of a square and keeps the strong; a blur takes both.
    """
    detailed = np.maximum(aa, bb) > 4
    if np.count_nonzero(detailed) < 4:
        return 1.0, 1.0
    aa, bb, ab = aa[detailed], bb[detailed], ab[detailed]
    strength = np.sqrt(aa * bb)
    strong = strength >= np.quantile(strength, 0.6)
    return (
        float(np.median(ab[strong] / np.maximum(aa[strong], 1e-6))),
        float(np.median(ab[strong] / np.maximum(bb[strong], 1e-6))),
    )


def describe_sharpness(words: Words, sharpness: Sharpness) -> bool:
    """Say which picture is blurred or sharpened.

    Coding changes only the finest detail. A blur takes nearly all of that, sharpening raises it by
    a factor.
    """
    sharper = 0 if sharpness.middle[0] > sharpness.middle[1] else 1
    if sharpness.middle[sharper] < 1.35:
        return False
    is_blur = sharpness.fine[1 - sharper] < 0.2
    of_second = (sharper == 0) != is_blur
    (words.second if of_second else words.first).append("blurred" if is_blur else "sharper")
    return True


def describe_noise(words: Words, sharpness: Sharpness) -> bool:
    """Say which picture has grain that the other has not, over all that the other has."""
    rest, noise, fine = sharpness.rest, sharpness.noise, sharpness.fine
    for of, mine, other in ((words.second, 1, 0), (words.first, 0, 1)):
        is_grainy = rest[mine] > 3.5 and noise[mine] > 1.7 * noise[other]
        has_more = rest[mine] > 5 and rest[mine] > 1.25 * rest[other] and fine[mine] < 0.85
        if is_grainy or (has_more and fine[other] > 0.9):
            of.append("noisy")
            return True
    return False


def describe_addition(words: Words, first: Pixels, second: Pixels) -> None:
    """Say where something lies over one of the pictures: text, a logo, a sticker."""
    a, b = luma(first), luma(second)
    change = np.abs(box(b - a, 1))
    least = 9 + 3 * float(np.median(change))
    beyond = change > local_range(a) + least
    if float(beyond.mean()) < 0.001:
        return
    # Where something was put on a picture it ends with an edge, which the other has not.
    changed = (change > least).astype(np.float32)
    for pick in (np.maximum, np.maximum, np.maximum, np.minimum, np.minimum, np.minimum):
        changed = extreme(changed, pick)  # fills the holes where both happen to be alike
    around = extreme(changed, np.maximum) > extreme(changed, np.minimum)
    ends_in_second = local_range(b)[around].mean() >= local_range(a)[around].mean()
    (words.second if ends_in_second else words.first).append("something added")
