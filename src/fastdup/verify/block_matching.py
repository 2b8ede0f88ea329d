"""By how much small parts of a picture are to be moved to agree best with another (block matching).

The parts are compared by the correlation of levels from which brightness and contrast of a wider
part were taken, so that tone does not matter. Parts that agree with nothing follow those around.
"""

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import BoolArray
from fastdup.verify.planes import Matrix

Grey = NDArray[np.float32]

#: Half a side of the part that gives a pixel its contrast, and the least, in grey levels.
_LEVELLED, _LEAST = 10, 4.0
#: Correlation below which a part says nothing, and how much less one at the rim of the search does.
_CORRELATED, _AT_RIM = 0.3, 0.3
_N_SMOOTHINGS = 2
#: Power of levelled grey that counts as noise, and weight below which a shift is drawn to none.
_NOISE, _UNSURE = 0.05, 0.02


def find_shifts(
    first: Grey, second: Grey, inside: BoolArray, x: Matrix, y: Matrix, half: int, reach: int
) -> Matrix:
    """Return by how many pixels to read further in the second picture to meet the first.

    Parameters
    ----------
    first, second : (h, w) float32 arrays
        The pictures on one grid, as `levelled` returns them.
    inside : (h, w) bool array
        Where the second picture has pixels.
    x, y : (columns,), (rows,) arrays
        Where parts are compared, in pixels.
    half : int
        Half a side of the parts, in pixels.
    reach : int
        The most pixels to move by, in each direction.

    Returns
    -------
    shifts : (rows, columns, 2) array
        x and y, smoothed.
    """
    rows, columns = (_nearest(axis, side) for axis, side in zip((y, x), first.shape, strict=True))
    side = 2 * reach + 1
    height, width = first.shape
    beyond = np.pad(second, reach)
    down_to, across_to = _shares(rows, height, half), _shares(columns, width, half).T

    def part_means(values: Grey) -> Grey:
        return np.asarray(down_to @ values @ across_to, np.float32)

    power = part_means(first * first) + _NOISE
    squares = beyond * beyond
    scores = []
    for down in range(side):
        for across in range(side):
            place = slice(down, down + height), slice(across, across + width)
            found = part_means(first * beyond[place])
            scores.append(found / np.sqrt(power * (part_means(squares[place]) + _NOISE)))
    squared = np.array(scores, np.float32).reshape(side, side, len(rows), len(columns))
    shifts, peaks = _peaks(squared)
    weights = np.maximum(peaks - _CORRELATED, 0) * inside[np.ix_(rows, columns)]
    at_rim = (np.abs(shifts) >= reach).any(2)
    return _smoothed(shifts, weights * np.where(at_rim, _AT_RIM, 1.0))


def _nearest(axis: Matrix, side: int) -> NDArray[np.int64]:
    return np.clip(axis.astype(np.int64), 0, side - 1)


def levelled(grey: Grey) -> Grey:
    """Return grey levels less the mean around, over the contrast around."""
    detail = grey - _box_means(grey, _LEVELLED)
    deviation = np.sqrt(np.maximum(_box_means(detail * detail, _LEVELLED), 0))
    return np.asarray(detail / (deviation + _LEAST), np.float32)


def _box_means(values: Grey, half: int) -> Grey:
    """Return the mean of the pixels up to `half` away, edges repeated."""
    for _ in range(2):  # columns, then rows
        around = np.pad(values, ((half + 1, half), (0, 0)), mode="edge")
        sums = np.cumsum(around, axis=0, dtype=np.float64)
        means = (sums[2 * half + 1 :] - sums[: -2 * half - 1]) / (2 * half + 1)
        values = means.astype(np.float32).T
    return values


def _shares(centres: NDArray[np.int64], side: int, half: int) -> Grey:
    """Return what share each of `side` pixels has in the mean of the part around each centre."""
    is_near = np.abs(np.arange(side) - centres[:, None]) <= half
    return np.asarray(is_near / is_near.sum(axis=1, keepdims=True), np.float32)


def _peaks(scores: Grey) -> tuple[Matrix, Grey]:
    """Return the best of the (n, n) shifts of each part, between pixels, and its correlation."""
    side, _, n_rows, n_columns = scores.shape
    flat = scores.reshape(side * side, n_rows, n_columns)
    down, across = np.divmod(flat.argmax(0), side)
    row, column = np.indices((n_rows, n_columns))
    inner_down, inner_across = np.clip(down, 1, side - 2), np.clip(across, 1, side - 2)
    by_across = [scores[down, inner_across + step, row, column] for step in (-1, 0, 1)]
    by_down = [scores[inner_down + step, across, row, column] for step in (-1, 0, 1)]
    x = across + np.where(inner_across == across, _vertex(*by_across), 0)
    y = down + np.where(inner_down == down, _vertex(*by_down), 0)
    return np.stack([x, y], axis=-1) - side // 2, flat.max(0)


def _vertex(before: Grey, at: Grey, after: Grey) -> Grey:
    """Return where the parabola through three values is highest, from −0.5 to 0.5."""
    bend = np.minimum(before - 2 * at + after, -1e-6)
    return np.asarray(np.clip((before - after) / (2 * bend), -0.5, 0.5), np.float32)


def _smoothed(shifts: Matrix, weights: Matrix) -> Matrix:
    """Return shifts as those around have them, by their weights."""
    weighted = np.concatenate([shifts * weights[..., None], weights[..., None]], axis=-1)
    for _ in range(_N_SMOOTHINGS):
        weighted = _blurred(weighted)
    return weighted[..., :2] / (weighted[..., 2:] + _UNSURE)


def _blurred(values: Matrix) -> Matrix:
    around = np.pad(values, ((1, 1), (1, 1), (0, 0)), mode="edge")
    around = (around[:-2] + 2 * around[1:-1] + around[2:]) / 4
    return (around[:, :-2] + 2 * around[:, 1:-1] + around[:, 2:]) / 4
