"""The few colours that most of some pixels have: ink, paper, the ground of a picture."""

import numpy as np
from numpy.typing import NDArray

Colours = NDArray[np.uint8]

#: Bins of each channel in which colours are counted; how near colours must be to be one.
_BINS, _WIDTH = 16, 28
#: A frequent colour is that of so many of the pixels; there are no more than so many.
_LEAST, _MOST = 0.04, 6


def label_colours(one: Colours, other: Colours) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the number of the frequent colour that each pixel has, 0 where it has none of them.

    Parameters
    ----------
    one, other : (m, 3) and (n, 3) uint8 arrays
        Colours are frequent if they are in both together.
    """
    colours = np.concatenate([one, other]).astype(np.int16)
    labels = np.zeros(len(colours), np.int64)
    for number in range(1, _MOST + 1):
        left = np.flatnonzero(labels == 0)
        mode = _mode(colours[left])
        if mode is None:
            break
        near = left[np.abs(colours[left] - mode).max(1) <= _WIDTH]
        if len(near) < _LEAST * len(colours):
            break
        labels[near] = number
    return labels[: len(one)], labels[len(one) :]


def _mode(colours: NDArray[np.int16]) -> NDArray[np.int16] | None:
    """Return the colour that most others are near to, None without any."""
    if not len(colours):
        return None
    bins = colours >> 4
    keys = (bins[:, 0] * _BINS + bins[:, 1]) * _BINS + bins[:, 2]
    counts = np.bincount(keys, minlength=_BINS**3).reshape(_BINS, _BINS, _BINS)
    for axis in range(3):
        padded = np.pad(counts, [(1, 1) if a == axis else (0, 0) for a in range(3)])
        below, here, above = (np.take(padded, range(k, k + _BINS), axis=axis) for k in range(3))
        counts = below + here + above
    centre = np.array(np.unravel_index(counts.argmax(), counts.shape)) * _BINS + _BINS // 2
    near = colours[np.abs(colours - centre).max(1) <= 3 * _BINS // 2]
    return np.asarray(np.median(near, axis=0), np.int16)
