"""Whether the larger of two pictures was only enlarged: it has no more detail than the smaller one.

Enlarging puts a cliff into the spectrum: what lies above the smaller picture's finest detail is
missing, and interpolation weakens what lies just below. A picture that is merely soft has neither
of the two against a smaller copy of itself.
"""

from enum import Enum, auto

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from PIL import Image, ImageFilter

#: Side in pixels of the part that is looked at, of the larger picture: the one with most detail.
_SIDE = 384
#: Bands below, just below and just above the smaller picture's finest detail, as shares of it.
_MIDDLE, _BELOW, _ABOVE = (0.25, 0.45), (0.7, 0.95), (1.1, 1.6)
#: Power above the cliff beside that below, and below it beside that of the smaller picture, up to
#: which a picture was enlarged.
_CLIFF, _WEAKENED = 0.2, 0.88
#: Power in the middle beside that of the smaller picture, below which that one was sharpened; where
#: linear interpolation has weakened what is below the cliff so much, it weakens the middle, too.
_SHARPENED, _LINEAR, _SHARPENED_IF_LINEAR = 0.88, 0.45, 0.77
#: Power in the smaller picture's finest band, in squared grey levels, from which on there is
#: detail rather than noise of encoding; the same where a JPEG's quality is low.
_DETAIL, _DETAIL_IF_COARSE, _COARSE = 6.0, 30.0, 70
#: A larger picture of less than this scale shows more in any case.
_LEAST_SCALE, _LEAST_SIDE = 0.45, 64


class Gain(Enum):
    """What the larger of two pictures has over the smaller one: more detail, none, or unclear."""

    MORE = auto()
    NONE = auto()
    UNCLEAR = auto()


def gain_of_larger(
    larger: Image.Image, smaller: Image.Image, *, quality: int | None = None
) -> Gain:
    """Return whether the larger picture shows more than the smaller one.

    Unclear is mostly a picture without fine detail, of which both sizes show the same.

    Parameters
    ----------
    larger, smaller : PIL images, mode L
        The same picture, upright, at full size.
    quality : int or None
        Of the smaller one, if it is a JPEG, 1 to 100.
    """
    scale = (smaller.width * smaller.height / (larger.width * larger.height)) ** 0.5
    one, other = _part_with_detail(larger, smaller)
    if scale >= 1 or min(other.shape) < _LEAST_SIDE:
        return Gain.MORE
    finest = _power(other, _BELOW)
    below = _power(one, _BELOW, scale)
    weakened = below * scale**2 / finest
    middle = _power(one, _MIDDLE, scale) * scale**2 / _power(other, _MIDDLE)
    is_coarse = quality is not None and quality < _COARSE
    if finest < (_DETAIL_IF_COARSE if is_coarse else _DETAIL):
        return Gain.UNCLEAR if scale > _LEAST_SCALE else Gain.MORE
    is_sharpened = middle < (_SHARPENED_IF_LINEAR if weakened < _LINEAR else _SHARPENED)
    has_cliff = _power(one, _ABOVE, scale) < _CLIFF * below and weakened < _WEAKENED
    return Gain.NONE if has_cliff and not is_sharpened else Gain.MORE


def _part_with_detail(
    larger: Image.Image, smaller: Image.Image
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the same part of both as grey levels: that in which the smaller has most edges."""
    width, height = (min(1.0, _SIDE / side) for side in larger.size)
    fine = smaller.filter(ImageFilter.FIND_EDGES).resize((32, 32), Image.Resampling.BOX)
    edges = np.asarray(fine, np.float32)
    columns, rows = (max(1, round(32 * share)) for share in (width, height))
    sums = sliding_window_view(edges, (rows, columns)).sum((2, 3))
    top, left = np.unravel_index(int(sums.argmax()), sums.shape)
    box = left / 32, top / 32, min(1.0, left / 32 + width), min(1.0, top / 32 + height)
    return _cut(larger, box), _cut(smaller, box)


def _cut(image: Image.Image, box: tuple[float, float, float, float]) -> NDArray[np.float32]:
    left, top, right, bottom = (
        round(share * side) for share, side in zip(box, image.size * 2, strict=True)
    )
    return np.asarray(image.crop((left, top, right, bottom)), np.float32)


def _power(grey: NDArray[np.float32], band: tuple[float, float], scale: float = 1.0) -> float:
    """Return the mean power in a band of frequencies, at least a little.

    Parameters
    ----------
    grey : (h, w) float32 array
    band : (low, high)
        1 is the finest that pixels of `scale` times the size can show.
    scale : float
    """
    height, width = grey.shape
    window = np.hanning(height)[:, None] * np.hanning(width)
    spectrum = np.fft.rfft2((grey - grey.mean()) * window)
    power = np.abs(spectrum) ** 2 / (window**2).sum()
    frequency = 2 * np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width))
    low, high = band[0] * scale, min(1.0, band[1] * scale)
    inside = (frequency > low) & (frequency < high)
    return max(1e-6, float(power[inside].mean())) if inside.any() else 1e-6
