"""The components at any threshold, computed from the pairs in the time between two frames."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastdup.analysis.components import Components, connect
from fastdup.analysis.pairs import Pairs
from fastdup.analysis.stars import Similarity
from fastdup.analysis.strict_components import find_strict_components
from fastdup.arrays import BoolArray, FloatArray, IntArray

#: Thresholds whose components are cached, so that going back and forth computes nothing again.
_CACHED = 8


class ComponentIndex:
    """The components at one threshold, and which of them each image is in.

    Attributes
    ----------
    pairs : Pairs
        Those at or above the threshold.
    components : Components
        What those that are copies make.
    starts : (c + 1,) int64 array
        Where each component begins in ``components.members``.
    """

    def __init__(self, pairs: Pairs, components: Components, n_images: int) -> None:
        self.pairs = pairs
        self.components = components
        self.starts = np.concatenate([[0], np.cumsum(self.components.counts)]).astype(np.int64)
        self._component_of = np.full(n_images, -1, np.int64)
        self._component_of[self.components.members] = self.components.component_ids

    @property
    def n_components(self) -> int:
        """Number of components."""
        return len(self.components.counts)

    def members(self, component: int) -> IntArray:
        """Return the rows of a component, ascending."""
        return self.components.members[self.starts[component] : self.starts[component + 1]]

    def component_of(self, row: int) -> int:
        """Return the component that an image is in, -1 when it is in none."""
        return int(self._component_of[row])

    def components_of(self, rows: IntArray) -> IntArray:
        """Return the component that each of some images is in, -1 for those in none."""
        found: IntArray = self._component_of[rows]
        return found

    def is_member(self) -> BoolArray:
        """Return for each image whether it is in a component."""
        return self._component_of >= 0

    def any_of(self, rows: BoolArray) -> BoolArray:
        """Return for each component whether `rows` is true for one of its images."""
        return self._reduce(np.logical_or, rows).astype(bool)

    def least(self, values: IntArray) -> IntArray:
        """Return for each component the smallest of its images' values."""
        return self._reduce(np.minimum, values)

    def spare(self, sizes: FloatArray) -> FloatArray:
        """Return for each component the bytes beyond its largest file."""
        largest: FloatArray = self._reduce(np.maximum, sizes)
        total: FloatArray = self._reduce(np.add, sizes)
        return total - largest

    def _reduce(self, reduce: np.ufunc, values: NDArray[Any]) -> NDArray[Any]:
        if not self.n_components:
            return np.zeros(0, values.dtype)
        found: NDArray[Any] = reduce.reduceat(values[self.components.members], self.starts[:-1])
        return found


def components_by_threshold(
    pairs: Pairs,
    n_images: int,
    are_copies: NDArray[np.bool_] | None = None,
    similarity: Similarity | None = None,
) -> Callable[[float], ComponentIndex]:
    """Return a function from a threshold to its components; the last few are cached.

    Parameters
    ----------
    pairs : Pairs
        Each there once, most similar first.
    n_images : int
    are_copies : (m,) bool array, optional
        Which of the pairs join components; by default all.
    similarity : callable, optional
        Similarities of a row with several, 0 for no copies: then components are strict.
    """
    falling = -pairs.similarities
    joining = np.ones(len(falling), bool) if are_copies is None else are_copies

    @lru_cache(_CACHED)
    def at(threshold: float) -> ComponentIndex:
        n_kept = int(np.searchsorted(falling, -threshold, side="right"))
        kept = pairs.picked(slice(n_kept))
        copies = kept.picked(joining[:n_kept])
        if similarity is None:
            components = connect(copies, n_images)
        else:
            components = find_strict_components(copies, n_images, threshold, similarity)
        return ComponentIndex(kept, components, n_images)

    return at
