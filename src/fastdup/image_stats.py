"""Statistics of one image: brightness, contrast, sharpness, size."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_LEVELS = np.arange(256.0)
_TAILS = np.array([0.01, 0.99])


class ImageStats(NamedTuple):
    """The columns of ``stats.csv`` after the filename.

    All but the sizes are measured on the grey picture (ITU-R 601 luma, 0 to 255) at the reduced
    scale that the model needs, so that pictures of any size can be compared.

    Attributes
    ----------
    width, height : int
        Size of the upright full picture in pixels.
    unique : int
        Number of different grey levels, 1 to 256.
    blur : float
        Variance of the Laplacian; small when blurred (Pech-Pacheco et al. 2000).
    mean, min, max, stdv : float
        Mean, minimum, maximum and standard deviation of the grey levels, 0 to 255.
    file_size : int
        Size of the file in bytes.
    contrast : float
        Distance between the 1st and the 99th percentile of the grey levels, divided by 255; 0 to 1.
    """

    width: int
    height: int
    unique: int
    blur: float
    mean: float
    min: float
    max: float
    stdv: float
    file_size: int
    contrast: float

    def as_text(self) -> Sequence[str]:
        """Return the columns as text, floats with 4 decimals."""
        return [f"{value:.4f}" if isinstance(value, float) else str(value) for value in self]


def measure(image: Image.Image, *, width: int, height: int, file_size: int) -> ImageStats:
    """Return the statistics of a decoded RGB picture.

    Parameters
    ----------
    image : PIL image, mode RGB
        The upright picture, at full or reduced scale.
    width, height : int
        Size of the full picture in pixels.
    file_size : int
        Size of the file in bytes.
    """
    grey = image.convert("L")
    counts = np.asarray(grey.histogram(), dtype=np.float64)
    n_pixels = grey.width * grey.height
    used = np.flatnonzero(counts)
    mean = float(counts @ _LEVELS / n_pixels)
    variance = float(counts @ (_LEVELS - mean) ** 2 / n_pixels)
    return ImageStats(
        width=width,
        height=height,
        unique=len(used),
        blur=_laplacian_variance(np.asarray(grey)),
        mean=mean,
        min=float(used[0]),
        max=float(used[-1]),
        stdv=variance**0.5,
        file_size=file_size,
        contrast=_spread(counts, n_pixels),
    )


def _spread(counts: NDArray[np.float64], n_pixels: int) -> float:
    low, high = (counts.cumsum() / n_pixels).searchsorted(_TAILS)
    return float(high - low) / 255


def _laplacian_variance(grey: NDArray[np.uint8]) -> float:
    """Return the variance of the 4-neighbour Laplacian; 0 for pictures under 3 × 3 pixels."""
    if min(grey.shape) < 3:
        return 0.0
    width = grey.shape[1]
    flat = grey.astype(np.int16).ravel()
    # In the flat array all neighbours lie at fixed offsets. This is wrong for the first and last
    # column, which are dropped below.
    laplacian = flat[width:-width] * np.int16(4)
    laplacian -= flat[: -2 * width]
    laplacian -= flat[2 * width :]
    laplacian -= flat[width - 1 : -width - 1]
    laplacian -= flat[width + 1 : 1 - width]
    # Sums of integers are exact in float64, so their order does not matter.
    inside = laplacian.reshape(-1, width)[:, 1:-1].astype(np.float64)
    mean = inside.sum() / inside.size
    inside *= inside  # not a dot product: BLAS would use all cores for it
    return float(inside.sum() / inside.size - mean**2)
