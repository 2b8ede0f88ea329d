"""Connected components: images connected by pairs, directly or through others."""

from typing import NamedTuple

import numpy as np

from fastdup.analysis.pairs import Pairs
from fastdup.arrays import FloatArray, IntArray


class Components(NamedTuple):
    """Components of at least two images, the largest first, ties by their first image.

    Attributes
    ----------
    members : (m,) int64 array
        Row numbers of all images in components, one component after the other, ascending in each.
    component_ids : (m,) int64 array
        The component of each member, 0 for the largest.
    counts : (c,) int64 array
        Number of images in each component.
    mean, min, max : (c,) float64 arrays
        Similarity over the pairs of each component, each pair counted once.
    """

    members: IntArray
    component_ids: IntArray
    counts: IntArray
    mean: FloatArray
    min: FloatArray
    max: FloatArray


def find_components(pairs: Pairs, n_images: int) -> Components:
    """Return the components that `pairs` connect among `n_images` images."""
    return connect(distinct_pairs(pairs), n_images)


def distinct_pairs(pairs: Pairs) -> Pairs:
    """Return each unordered pair once, the lower row first, ordered by rows.

    Where a pair is there twice, its first similarity counts.
    """
    low = np.minimum(pairs.sources, pairs.targets)
    high = np.maximum(pairs.sources, pairs.targets)
    width = int(high.max(initial=0)) + 1
    _, first = np.unique(low * width + high, return_index=True)
    return Pairs(low[first], high[first], pairs.similarities[first])


def connect(pairs: Pairs, n_images: int) -> Components:
    """Return the components that `pairs`, each there once, connect among `n_images` images."""
    low, high, values = pairs
    roots = connected_roots(low, high, n_images)
    distinct_roots, first_member, sizes = np.unique(roots, return_index=True, return_counts=True)
    is_connected = sizes > 1
    order = np.lexsort((first_member[is_connected], -sizes[is_connected]))
    roots_in_order, counts = distinct_roots[is_connected][order], sizes[is_connected][order]
    component_of_root = np.full(n_images, -1, np.int64)
    component_of_root[roots_in_order] = np.arange(len(counts))
    component_ids = component_of_root[roots]
    members = np.flatnonzero(component_ids >= 0)
    members = members[np.lexsort((members, component_ids[members]))]
    mean, lowest, highest = _spread(component_ids[low], values, len(counts))
    return Components(members, component_ids[members], counts, mean, lowest, highest)


def connected_roots(low: IntArray, high: IntArray, n_images: int) -> IntArray:
    """Return for each image the lowest row number that pairs connect it to.

    Both ends of each pair hook the higher of their roots to the lower one, then all paths are
    halved until they are flat; so the number of rounds grows with the logarithm of a chain's
    length (Shiloach and Vishkin 1982).
    """
    roots = np.arange(n_images, dtype=np.int64)
    while True:
        root_low, root_high = roots[low], roots[high]
        open_pairs = root_low != root_high
        if not open_pairs.any():
            return roots
        low, high = low[open_pairs], high[open_pairs]
        root_low, root_high = root_low[open_pairs], root_high[open_pairs]
        np.minimum.at(roots, np.maximum(root_low, root_high), np.minimum(root_low, root_high))
        while not np.array_equal(flatter := roots[roots], roots):
            roots = flatter


def _spread(
    component_ids: IntArray, values: FloatArray, n_components: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    n_pairs = np.bincount(component_ids, minlength=n_components)
    mean = np.bincount(component_ids, weights=values, minlength=n_components) / n_pairs
    lowest = np.full(n_components, np.inf)
    highest = np.full(n_components, -np.inf)
    np.minimum.at(lowest, component_ids, values)
    np.maximum.at(highest, component_ids, values)
    return mean, lowest, highest
