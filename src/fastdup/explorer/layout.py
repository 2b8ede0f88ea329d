"""Points on a plane at which the neighbours of the features are neighbours again.

The cost is that of LargeVis (Tang et al. 2016), as UMAP has it (McInnes et al. 2018): a point is
drawn to its nearest others, and pushed away from random ones, by Student's kernel. Each step moves
all points at once, along one of their neighbours and a few random others, so that NumPy does it in
tens of milliseconds for 100,000 points, and the result is the same each time.
"""

import numpy as np

from fastdup.arrays import FloatArray, IntArray

#: Steps, the fewer the more points, so that together they move so many points.
_FEWEST, _MOST, _MOVES = 300, 1_500, 20_000_000
#: Random others that push each point away in a step.
_OTHERS = 8
#: Longest move of a point by one other, in the units of the layout, and the extent at the start.
_LONGEST, _EXTENT = 4.0, 10.0
#: Keeps points at one place from pushing each other infinitely far.
_SOFTENING = 1e-3
_SEED = 0


def lay_out(start: FloatArray, indices: IntArray) -> FloatArray:
    """Return an (n, 2) float64 array: points near those of their neighbours.

    Parameters
    ----------
    start : (n, 2) float64 array
        Where the points are at first; the layout keeps their rough order.
    indices : (n, k) int64 array
        The nearest others of each point, -1 where there are fewer.
    """
    n_points = len(start)
    if n_points < 3 or not indices.shape[1]:
        return np.array(start, np.float64)
    points = _scaled(start)
    rng = np.random.default_rng(_SEED)
    # Points at one place have no direction away from each other.
    points += rng.normal(0, 1e-4 * _EXTENT, points.shape)
    steps = min(max(_MOVES // n_points, _FEWEST), _MOST)
    every = np.arange(n_points)
    for step in range(steps):
        pace = 1.0 - step / steps
        near = indices[every, rng.integers(0, indices.shape[1], n_points)]
        near = np.where(near < 0, every, near)
        pull = _pull(points, near)
        move = pull.copy()
        for axis in range(2):  # the other end is drawn as well
            move[:, axis] -= np.bincount(near, pull[:, axis], n_points)
        for _ in range(_OTHERS):
            move += _push(points, rng.integers(0, n_points, n_points))
        points += pace * move
    return points


def _scaled(start: FloatArray) -> FloatArray:
    centred = start - start.mean(axis=0)
    spread = float(np.abs(centred).max())
    scaled: FloatArray = centred * (_EXTENT / spread if spread > 0 else 0.0)
    return scaled


def _pull(points: FloatArray, near: IntArray) -> FloatArray:
    """Return the way of each point towards another."""
    way = points[near] - points
    squared = (way * way).sum(axis=1, keepdims=True)
    pull: FloatArray = np.clip(way * (2.0 / (1.0 + squared)), -_LONGEST, _LONGEST) / 2.0
    return pull


def _push(points: FloatArray, others: IntArray) -> FloatArray:
    """Return the way of each point away from another."""
    way = points - points[others]
    squared = (way * way).sum(axis=1, keepdims=True)
    strength = 2.0 / ((_SOFTENING + squared) * (1.0 + squared))
    push: FloatArray = np.clip(way * strength, -_LONGEST, _LONGEST)
    return push
