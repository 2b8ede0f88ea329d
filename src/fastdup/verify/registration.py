"""Two pictures on one grid of pixels: the map refined until edges meet, and the second drawn on it.

The refinement takes Gauss-Newton steps on a map with free gain and bias (Lucas and Kanade 1981;
Baker and Matthews 2004), on the few thousand pixels with the steepest edges, and gives little
weight to those that do not fit. A map that keeps parallels stays one; only a projective map is
refined as such.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from fastdup.verify.planes import Matrix, is_affine, mapped, pixel_scale

Grey = NDArray[np.float32]

#: Refinement on the picture shrunk by these factors, one after the other.
_SHRINKS = (4, 2, 1)
_STEPS = 3
#: Cells of a grid over the picture; each gives its steepest pixels to the refinement.
_CELLS, _PER_CELL = 24, 2
_MIN_PIXELS = 60
_MIN_SIDE = 24
#: Pixels that a side keeps when outlines are drawn at half the size; radius of the blur before, and
#: of what is usual around; grey levels of what is as steep as that.
_HALVED, _FINEST, _AROUND, _CONTRAST = 300, 0.8, 10, 60
#: Pixels at the borders where what lies beyond them has an influence.
_RIM = 3
#: A map that shifts no border by more pixels than this against the other does not turn.
_STRAIGHT = 0.3


@dataclass(frozen=True, eq=False)
class Aligned:
    """Two pictures on one grid.

    Attributes
    ----------
    first, second : (h, w, 3) uint8 arrays
        Pixel by pixel the same place, at the scale of the coarser one.
    inside : (h, w) bool array
        Where the second picture has pixels.
    to_first : (3, 3) array
        Unit coordinates of the second picture to unit coordinates of the first, refined.
    """

    first: NDArray[np.uint8]
    second: NDArray[np.uint8]
    inside: NDArray[np.bool_]
    to_first: Matrix


def refine(first: Image.Image, second: Image.Image, to_first: Matrix, sign: float = 1.0) -> Matrix:
    """Return `to_first` moved to where the edges of both pictures meet.

    Parameters
    ----------
    first, second : PIL images, mode L
    to_first : (3, 3) array
        In unit coordinates. Where it is projective, so is what is returned.
    sign : float
        -1 where the second is a negative.
    """
    to_second = np.linalg.inv(to_first)
    to_second /= to_second[2, 2]
    for shrink in _SHRINKS:
        one, other = comparable(first, second, to_second, shrink)
        if min(one.size) >= _MIN_SIDE and min(other.size) >= _MIN_SIDE:
            to_second = _climb(_array(one), sign * _array(other), to_second)
    return np.linalg.inv(to_second)


def refine_outlines(first: Image.Image, second: Image.Image, to_first: Matrix) -> Matrix:
    """Return the same by how steep both pictures are, where their tones have little in common.

    So it is where a part is covered or inverted: the tones there would lead the map astray.
    """
    return refine(_outline(first), _outline(second), to_first)


def _outline(grey: Image.Image) -> Image.Image:
    """Return how steep a picture is at half its size, beside what is usual around."""
    half = grey.reduce(2) if min(grey.size) >= _HALVED else grey
    values = _array(half.filter(ImageFilter.GaussianBlur(_FINEST)))
    steep = np.zeros_like(values)
    steep[1:-1, 1:-1] = np.hypot(
        values[1:-1, 2:] - values[1:-1, :-2], values[2:, 1:-1] - values[:-2, 1:-1]
    )
    levels = Image.fromarray(steep.clip(0, 255).astype(np.uint8))
    usual = _array(levels.filter(ImageFilter.BoxBlur(_AROUND)))
    return Image.fromarray((_CONTRAST * steep / (usual + 2)).clip(0, 255).astype(np.uint8))


def comparable(
    first: Image.Image, second: Image.Image, to_second: Matrix, shrink: int
) -> tuple[Image.Image, Image.Image]:
    """Return both pictures at one scale: that of the coarser one, shrunk."""
    scale = pixel_scale(first.size, second.size, to_second)
    return _scaled(first, min(1.0, scale) / shrink), _scaled(second, min(1.0, 1 / scale) / shrink)


def _scaled(image: Image.Image, factor: float) -> Image.Image:
    if factor > 0.97:
        return image
    width, height = (max(1, round(side * factor)) for side in image.size)
    return image.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=3.0)


def _array(image: Image.Image) -> Grey:
    return np.asarray(image, np.float32)


def _climb(one: Grey, other: Grey, to_second: Matrix) -> Matrix:
    """Return the map after a few steps that bring the steepest pixels of `one` to their like."""
    x, y = _steep_pixels(one)
    ours = one[y, x]
    u, v = (x + 0.5) / one.shape[1], (y + 0.5) / one.shape[0]
    best, best_error = to_second, np.inf
    current = to_second
    for _ in range(_STEPS + 1):
        px, py = _mapped(current, u, v, other.shape)
        inside = (px >= 1) & (py >= 1) & (px <= other.shape[1] - 3) & (py <= other.shape[0] - 3)
        if inside.sum() < _MIN_PIXELS:
            break
        theirs, gx, gy = _sample(other, px[inside], py[inside])
        gain, bias, weights, error = _fit_tone(ours[inside], theirs)
        if error >= best_error * 0.999:
            break
        best, best_error = current, error
        residual = gain * ours[inside] + bias - theirs
        jacobian = _jacobian(gx, gy, u[inside], v[inside], current, other.shape)
        weighted = jacobian * weights[:, None]
        normal = weighted.T @ jacobian
        normal[np.diag_indices(len(normal))] *= 1.001
        step = np.linalg.lstsq(normal, weighted.T @ residual, rcond=None)[0]
        current = current.copy()
        current.ravel()[: len(step)] += step
    return best


def _steep_pixels(grey: Grey) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return x and y of the steepest pixels of each cell of a grid."""
    steep = np.zeros_like(grey)
    steep[1:-1, 1:-1] = np.abs(grey[1:-1, 2:] - grey[1:-1, :-2])
    steep[1:-1, 1:-1] += np.abs(grey[2:, 1:-1] - grey[:-2, 1:-1])
    side = max(4, max(grey.shape) // _CELLS)
    rows, columns = grey.shape[0] // side, grey.shape[1] // side
    grid = steep[: rows * side, : columns * side].reshape(rows, side, columns, side)
    cells = grid.transpose(0, 2, 1, 3).reshape(rows * columns, side * side)
    picked = np.argpartition(cells, -_PER_CELL, axis=1)[:, -_PER_CELL:]
    cell = np.arange(rows * columns)[:, None]
    x = (cell % columns) * side + picked % side
    y = (cell // columns) * side + picked // side
    return x.ravel(), y.ravel()


def _mapped(matrix: Matrix, u: Matrix, v: Matrix, shape: tuple[int, ...]) -> tuple[Matrix, Matrix]:
    """Return pixel positions in a picture of `shape` for unit coordinates mapped by `matrix`."""
    x, y = mapped(matrix, u, v)
    return x * shape[1] - 0.5, y * shape[0] - 0.5


def _sample(grey: Grey, x: Matrix, y: Matrix) -> tuple[Matrix, Matrix, Matrix]:
    """Return values and slopes at positions between pixels, from the 4 × 4 pixels around."""
    left, top = x.astype(np.int64), y.astype(np.int64)
    fx, fy = x - left, y - top
    flat, width = grey.ravel(), grey.shape[1]
    base = top * width + left
    rows = []
    for row in range(-1, 3):
        a, b, c, d = (flat[base + (row * width + column)] for column in range(-1, 3))
        rows.append((b + fx * (c - b), ((c - a) + fx * (d - b - c + a)) / 2))
    value = rows[1][0] + fy * (rows[2][0] - rows[1][0])
    slope_x = rows[1][1] + fy * (rows[2][1] - rows[1][1])
    upper, lower = rows[2][0] - rows[0][0], rows[3][0] - rows[1][0]
    slope_y = (upper + fy * (lower - upper)) / 2
    return value, slope_x, slope_y


def _fit_tone(ours: Matrix, theirs: Matrix) -> tuple[float, float, Matrix, float]:
    """Return gain and bias of ours to theirs, the weight of each pixel, and the mean error."""
    weights = np.ones(len(ours))
    gain, bias = 1.0, 0.0
    for _ in range(2):
        total = weights.sum()
        mean_one, mean_other = (weights * ours).sum() / total, (weights * theirs).sum() / total
        centred = ours - mean_one
        power = (weights * centred**2).sum()
        gain = float((weights * centred * (theirs - mean_other)).sum() / max(power, 1e-6))
        bias = float(mean_other - gain * mean_one)
        misses = np.abs(gain * ours + bias - theirs)
        spread = 1.4826 * np.median(misses) + 1.0
        weights = 1 / (1 + (misses / (2 * spread)) ** 2)
    contrast = max(abs(gain), 0.05)
    return gain, bias, weights, float(np.minimum(misses, 6 * spread).mean() / contrast)


def _jacobian(
    gx: Matrix, gy: Matrix, u: Matrix, v: Matrix, matrix: Matrix, shape: tuple[int, ...]
) -> Matrix:
    """Return how each value changes with the first 6 or 8 numbers of `matrix`."""
    gx, gy = gx * shape[1], gy * shape[0]
    if is_affine(matrix):
        return np.stack([gx * u, gx * v, gx, gy * u, gy * v, gy], axis=1)
    x, y = mapped(matrix, u, v)
    depth = matrix[2, 0] * u + matrix[2, 1] * v + matrix[2, 2]
    gx, gy = gx / depth, gy / depth
    along = -(gx * x + gy * y)
    return np.stack([gx * u, gx * v, gx, gy * u, gy * v, gy, along * u, along * v], axis=1)


# --- drawing ---------------------------------------------------------------------------------


def overlay(first: Image.Image, second: Image.Image, to_first: Matrix) -> Aligned:
    """Return both pictures on the grid of the coarser one.

    Parameters
    ----------
    first, second : PIL images, mode RGB
    to_first : (3, 3) array
        In unit coordinates.
    """
    to_second = np.linalg.inv(to_first)
    one, other = comparable(first, second, to_second, 1)
    matrix = np.diag([*other.size, 1]) @ to_second @ np.diag([1 / one.width, 1 / one.height, 1])
    drawn = _drawn(other, one.size, matrix)
    inside = _inside(one.size, other.size, matrix)
    return Aligned(np.asarray(one), np.asarray(drawn), inside, to_first)


def _drawn(image: Image.Image, size: tuple[int, int], matrix: Matrix) -> Image.Image:
    """Return `image` on a grid of `size`, whose pixels `matrix` brings to its own."""
    if not is_affine(matrix):
        coefficients = tuple((matrix / matrix[2, 2]).ravel()[:8].tolist())
        perspective = Image.Transform.PERSPECTIVE
        return image.transform(size, perspective, coefficients, Image.Resampling.BILINEAR)
    (a, b, _), (d, e, _) = matrix[:2]
    if abs(a) + abs(e) < abs(b) + abs(d):  # nearer to a quarter turn
        swap = np.array([[0.0, 1, 0], [1, 0, 0], [0, 0, 1]])
        return _drawn(image.transpose(Image.Transpose.TRANSPOSE), size, swap @ matrix)
    if a < 0:
        flip = np.array([[-1.0, 0, image.width], [0, 1, 0], [0, 0, 1]])
        return _drawn(image.transpose(Image.Transpose.FLIP_LEFT_RIGHT), size, flip @ matrix)
    if e < 0:
        flip = np.array([[1.0, 0, 0], [0, -1, image.height], [0, 0, 1]])
        return _drawn(image.transpose(Image.Transpose.FLIP_TOP_BOTTOM), size, flip @ matrix)
    if abs(b) * size[1] < _STRAIGHT and abs(d) * size[0] < _STRAIGHT:
        found = _resampled(image, size, matrix)
        if found is not None:
            return found
    coefficients = tuple(matrix[:2].ravel())
    return image.transform(size, Image.Transform.AFFINE, coefficients, Image.Resampling.BILINEAR)


def _resampled(image: Image.Image, size: tuple[int, int], matrix: Matrix) -> Image.Image | None:
    """Return the same for a map that does not turn, which is fast; None if nothing is left."""
    shift_x = matrix[0, 2] + matrix[0, 1] * size[1] / 2
    shift_y = matrix[1, 2] + matrix[1, 0] * size[0] / 2
    scale_x, scale_y = matrix[0, 0], matrix[1, 1]
    # The pixels of the grid that lie inside the picture.
    left, top = max(0, int(np.ceil(-shift_x / scale_x))), max(0, int(np.ceil(-shift_y / scale_y)))
    right = min(size[0], int((image.width - shift_x) / scale_x))
    bottom = min(size[1], int((image.height - shift_y) / scale_y))
    if right <= left or bottom <= top:
        return None
    box = (
        max(0.0, left * scale_x + shift_x),
        max(0.0, top * scale_y + shift_y),
        min(image.width, right * scale_x + shift_x),
        min(image.height, bottom * scale_y + shift_y),
    )
    part = image.resize((right - left, bottom - top), Image.Resampling.BICUBIC, box)
    drawn = Image.new(image.mode, size)
    drawn.paste(part, (left, top))
    return drawn


def _inside(size: tuple[int, int], other: tuple[int, int], matrix: Matrix) -> NDArray[np.bool_]:
    """Return which pixels both pictures cover, a few pixels within the borders of either."""
    x, y = (np.arange(side) + 0.5 for side in size)
    return inside_rim(*mapped(matrix, x, y[:, None]), other)


def inside_rim(px: Matrix, py: Matrix, size: tuple[int, int]) -> NDArray[np.bool_]:
    """Return which pixels, that lie at `px` and `py` of a picture, both cover within their rims."""
    inside = (px >= _RIM) & (py >= _RIM) & (px <= size[0] - _RIM) & (py <= size[1] - _RIM)
    inside[:, :_RIM] = inside[:, -_RIM:] = inside[:_RIM] = inside[-_RIM:] = False
    return np.asarray(inside, bool)
