"""Blur, sharpening and noise: how the fine detail of the second of two pictures differs."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from fastdup.verify.cells import Grey, cell_means
from fastdup.verify.registration import Aligned

#: Side of the squares in which detail is compared; fewer squares with detail say nothing.
_SQUARE, _FEWEST = 32, 4
#: Side of the part that is looked at, in the middle.
_SIDE = 320
#: Mean square of the detail of a square, in grey levels, from which on it has some.
_SOME_DETAIL = 4.0
#: Factor of the coarser detail from which on one picture is sharper; of the finest, below which the
#: other was blurred.
_SHARPER, _BLURRED = 1.35, 0.2
#: Fine detail in the flattest squares that the other picture does not explain, in grey levels, from
#: which on it is noise; how much more than in the other it must be there.
_GRAIN, _MUCH_GRAIN, _MORE_GRAIN = 3.5, 5.0, 1.7
_LEAST_GAIN = 0.2


class _Moments(NamedTuple):
    """Mean squares of the detail of both pictures, and the mean product, of each square."""

    one: Grey
    other: Grey
    both: Grey


def describe_fine_detail(aligned: Aligned) -> tuple[str, ...]:
    """Return "blurred", "sharpened" or "noisy" as the second picture is beside the first.

    "sharper", "softer" and "less noisy" where it is the first to which that was done; nothing where
    saving again may explain what differs.
    """
    pictures = _greys(aligned)
    if not pictures or min(pictures[0].size) < 2 * _SQUARE:
        return ()
    spreads = [float(np.asarray(picture).std()) + 0.5 for picture in pictures]
    gain = np.float32(max(_LEAST_GAIN, spreads[1] / spreads[0]))
    fine = _moments([_detail(picture, 1) for picture in pictures], gain)
    smooth = [picture.filter(ImageFilter.BoxBlur(1)) for picture in pictures]
    middle = _moments([_detail(picture, 2) for picture in smooth], gain)
    return _describe_sharpness(_factors(fine), _factors(middle)) or _describe_noise(fine)


def _describe_sharpness(fine: tuple[float, float], middle: tuple[float, float]) -> tuple[str, ...]:
    """Return which picture is sharper; `fine` and `middle` are factors to the second and back.

    Coding changes only the finest detail. A blur takes nearly all of that, sharpening raises it by
    a factor.
    """
    is_second_sharper = middle[0] > middle[1]
    if max(middle) < _SHARPER:
        return ()
    is_blur = (fine[1] if is_second_sharper else fine[0]) < _BLURRED
    if is_second_sharper:
        return ("sharper" if is_blur else "sharpened",)
    return ("blurred" if is_blur else "softer",)


def _describe_noise(fine: _Moments) -> tuple[str, ...]:
    """Return which picture has grain that the other has not."""
    factors = _factors(fine)
    level = [float(np.sqrt(np.quantile(power, 0.2))) for power in (fine.one, fine.other)]
    rest = [_unexplained(fine.one, fine.other, fine.both)]
    rest.append(_unexplained(fine.other, fine.one, fine.both))
    for mine, beside, word in ((1, 0, "noisy"), (0, 1, "less noisy")):
        is_grainy = rest[mine] > _GRAIN and level[mine] > _MORE_GRAIN * level[beside]
        has_more = rest[mine] > _MUCH_GRAIN and rest[mine] > 1.25 * rest[beside]
        if is_grainy or (has_more and factors[mine] < 0.85 and factors[beside] > 0.9):
            return (word,)
    return ()


def _unexplained(mine: Grey, theirs: Grey, both: Grey) -> float:
    """Return the detail of the flattest squares that the other picture does not explain."""
    rest = np.maximum(mine - both**2 / np.maximum(theirs, 1e-6), 0)
    return float(np.quantile(np.sqrt(rest), 0.2))


def _greys(aligned: Aligned) -> list[Image.Image]:
    """Return the middle of where both pictures are, of each in grey; nothing without any."""
    rows, columns = np.nonzero(aligned.inside.any(1))[0], np.nonzero(aligned.inside.any(0))[0]
    if not len(rows):
        return []
    part = _middle(rows), _middle(columns)
    both = (aligned.first, aligned.second)
    return [Image.fromarray(picture[part]).convert("L") for picture in both]


def _middle(places: NDArray[np.int64]) -> slice:
    """Return the middle of what lies between the first place and the last."""
    start, n_places = int(places[0]), int(places[-1]) + 1 - int(places[0])
    start += max(0, n_places - _SIDE) // 2
    return slice(start, start + min(n_places, _SIDE))


def _detail(picture: Image.Image, radius: int) -> Grey:
    """Return by how much each pixel differs from the mean around it, in grey levels."""
    smooth = picture.filter(ImageFilter.BoxBlur(radius))
    return np.asarray(picture, np.float32) - np.asarray(smooth, np.float32)


def _moments(details: list[Grey], gain: np.float32) -> _Moments:
    """Return the moments of the detail of two pictures, that of the second divided by `gain`."""
    one, other = details[0], details[1] / gain
    products = (one * one, other * other, one * other)
    return _Moments(*(cell_means(product, _SQUARE).ravel() for product in products))


def _factors(moments: _Moments) -> tuple[float, float]:
    """Return the factors of detail, to the second and back, where there is most; 1 without any.

    Coding drops the weak detail of a square and keeps the strong; a blur takes both. Noise in one
    picture does not raise its own factor.
    """
    one, other, both = moments
    has_detail = np.maximum(one, other) > _SOME_DETAIL
    if np.count_nonzero(has_detail) < _FEWEST:
        return 1.0, 1.0
    one, other, both = one[has_detail], other[has_detail], both[has_detail]
    strength = np.sqrt(one * other)
    is_strong = strength >= np.quantile(strength, 0.6)
    forth, back = (both[is_strong] / np.maximum(power[is_strong], 1e-6) for power in (one, other))
    return float(np.median(forth)), float(np.median(back))
