"""Two pictures equally blurred, the sharper one by a filter that is fitted to both.

Where a camera moved, a lens was out of focus, or the dots of a print are seen from afar, each pixel
of the blurred picture is a weighted mean of pixels of the sharp one, by the same weights all over.
Weights below 0, which could make other detail of any texture, are none.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from fastdup.verify.cells import Grey
from fastdup.verify.registration import Aligned
from fastdup.verify.sharpness import coarser, edges

#: The longer side that pictures are brought near to, and how far the filter reaches there: a blur
#: of 8 % of that side.
_SIDE, _REACH = 213, 8
_WIDTH = 2 * _REACH + 1
#: Pixels that the filter is fitted to, and fewest of them.
_N_PIXELS, _FEWEST = 4500, 2000
#: Steps of the fit, and by what share of its mean the diagonal is raised.
_STEPS, _RIDGE = 200, 1e-3
#: Weights are multiples of this, so that the last bits of sums do not count.
_UNIT = 2.0**-16
#: Share of the variance that the filtered picture must explain. Of 56 moved copies and prints of
#: training photos it is from 0.7 on, of most other pairs with points in common less.
_EXPLAINED = 0.7

_Filter = NDArray[np.float64]


def equally_blurred(aligned: Aligned) -> Aligned | None:
    """Return both pictures, coarser and equally blurred; None where no filter explains the blur.

    Parameters
    ----------
    aligned : Aligned
        Of other sharpness.
    """
    small = coarser(aligned, max(1, round(max(aligned.inside.shape) / _SIDE)))
    inside = _eroded(small.inside)
    if inside.sum() < _FEWEST:
        return None
    is_first_sharper = edges(small.first) >= edges(small.second)
    pictures = (small.first, small.second)
    sharp, blurred = pictures if is_first_sharper else pictures[::-1]
    fit = _fitted(_grey(sharp), _grey(blurred), inside)
    if fit.explained < _EXPLAINED:
        return None
    filtered = _filtered(sharp, fit.weights)
    first, second = (filtered, blurred) if is_first_sharper else (blurred, filtered)
    return Aligned(first, second, inside, small.to_first)


def _grey(picture: NDArray[np.uint8]) -> Grey:
    return np.asarray(Image.fromarray(picture).convert("L"), np.float32)


def _eroded(inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which pixels are inside with all that the filter reaches."""
    levels = Image.fromarray(inside).convert("L")
    for _ in range(2):  # two narrow ones are one wide one, and fast
        levels = levels.filter(ImageFilter.MinFilter(_REACH + 1))
    found = np.asarray(levels) > 0
    found[:_REACH] = found[-_REACH:] = False
    found[:, :_REACH] = found[:, -_REACH:] = False
    return found


class _Fit(NamedTuple):
    weights: _Filter
    explained: float


def _fitted(sharp: Grey, blurred: Grey, inside: NDArray[np.bool_]) -> _Fit:
    """Return the weights of at least 0 that make `blurred` of `sharp`, and what they explain."""
    y, x = np.nonzero(inside)
    step = max(1, len(y) // _N_PIXELS)
    windows = np.lib.stride_tricks.sliding_window_view(sharp, (_WIDTH, _WIDTH))
    seen = windows[y[::step] - _REACH, x[::step] - _REACH].reshape(-1, _WIDTH**2).astype(np.float64)
    wanted = blurred[y[::step], x[::step]].astype(np.float64)
    # Sums of whole numbers, exact in any order.
    n, of_seen, of_wanted = len(wanted), seen.sum(axis=0), wanted.sum()
    products = seen.T @ seen - np.outer(of_seen, of_seen) / n
    targets = seen.T @ wanted - of_seen * (of_wanted / n)
    power = float(wanted @ wanted - of_wanted**2 / n)
    weights = _least_squares(products, targets)
    left = power - 2 * weights @ targets + weights @ products @ weights
    return _Fit(weights.reshape(_WIDTH, _WIDTH), 1 - float(left) / max(power, 1.0))


def _least_squares(products: _Filter, targets: _Filter) -> _Filter:
    """Return the weights of at least 0 with the least squares (Nesterov's accelerated gradient)."""
    products = products + _RIDGE * np.trace(products) / len(products) * np.eye(len(products))
    steepest = np.abs(products).sum(axis=1).max()  # no eigenvalue is larger
    weights = ahead = np.zeros(len(targets))
    momentum = 1.0
    for _ in range(_STEPS):
        found = np.maximum(ahead - (products @ ahead - targets) / steepest, 0)
        following = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        ahead = found + (momentum - 1) / following * (found - weights)
        weights, momentum = found, following
    return np.asarray(np.round(weights / _UNIT) * _UNIT)


def _filtered(picture: NDArray[np.uint8], weights: _Filter) -> NDArray[np.uint8]:
    """Return a picture filtered by `weights`, as bright as before."""
    height, width = picture.shape[:2]
    rim = ((_REACH, _REACH), (_REACH, _REACH), (0, 0))
    padded = np.pad(picture.astype(np.float64), rim, mode="edge")
    of_picture = np.fft.rfft2(padded, axes=(0, 1))
    of_weights = np.fft.rfft2(weights[::-1, ::-1], padded.shape[:2])
    product = of_picture * of_weights[:, :, None]
    found = np.fft.irfft2(product, padded.shape[:2], axes=(0, 1))[2 * _REACH :, 2 * _REACH :]
    found = found[:height, :width] + picture.mean(axis=(0, 1)) * (1 - weights.sum())
    return np.asarray(found.clip(0, 255).round(), np.uint8)
