"""Arithmetic on pictures as arrays: brightness, colour, averages, local extremes."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.float32]


def luma(pixels: Pixels) -> Pixels:
    """Return the grey levels (ITU-R 601) of an RGB picture."""
    return pixels @ np.array([0.299, 0.587, 0.114], np.float32)


def chroma(pixels: Pixels) -> NDArray[np.complex64]:
    """Return blue and red difference (ITU-R 601) of an RGB picture, as one complex number."""
    red, blue = pixels[..., 0], pixels[..., 2]
    grey = luma(pixels)
    return ((blue - grey) * 0.564 + 1j * (red - grey) * 0.713).astype(np.complex64)


def averaged(values: NDArray[Any], block: int) -> NDArray[Any]:
    """Return the means of squares of `block` pixels; fewer where the picture is small."""
    block = max(1, min(block, *(side // 4 for side in values.shape[:2])))
    height, width = (side // block * block for side in values.shape[:2])
    squares = values[:height, :width].reshape(
        height // block, block, width // block, block, *values.shape[2:]
    )
    return np.asarray(squares.mean(axis=(1, 3)))


def local_range(values: Pixels) -> Pixels:
    """Return highest minus lowest level within 3 pixels of each, in rows and columns."""
    return extreme(values, np.maximum) - extreme(values, np.minimum)


def extreme(values: Pixels, pick: np.ufunc) -> Pixels:
    """Return the largest, or smallest, of squares of 7 pixels, by windows of 2, 4 and 7."""
    for _ in range(2):
        windows = np.pad(values.T, ((3, 3), (0, 0)), mode="edge")
        for step in (1, 2, 3):
            windows = pick(windows[:-step], windows[step:])
        values = windows
    return values


def box(values: Pixels, radius: int) -> Pixels:
    """Return the means over squares of 2 · radius + 1 pixels, the edges repeated."""
    size = 2 * radius + 1
    sums = np.pad(values, radius + 1, mode="edge").astype(np.float64).cumsum(0)
    sums = (sums[size:] - sums[:-size])[: values.shape[0]].cumsum(1)
    sums = (sums[:, size:] - sums[:, :-size])[:, : values.shape[1]]
    return np.asarray(sums / size**2, np.float32)


def high_pass(values: Pixels, radius: int) -> Pixels:
    """Return what each pixel differs from the mean around it."""
    return values - box(values, radius)
