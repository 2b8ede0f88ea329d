"""Rows of features as the providers of neighbours read them: in blocks, unit length for cosine."""

import mmap
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastdup.errors import NeighbourError
from fastdup.index.metrics import Metric

BLOCK_ROWS = 4096

# The square of a distance between larger values could overflow float32.
_LARGEST = 1e15


def spans(n_rows: int, n_per_block: int = BLOCK_ROWS) -> list[tuple[int, int]]:
    """Return the half-open ranges that cut `n_rows` rows into blocks of `n_per_block`."""
    return [(i, min(i + n_per_block, n_rows)) for i in range(0, n_rows, n_per_block)]


def check_values(features: NDArray[Any], metric: Metric) -> None:
    """Refuse features whose distances cannot be computed.

    Raises
    ------
    NeighbourError
        Names the first row with a value that is not finite, or whose square float32 cannot hold.
    """
    largest = np.finfo(np.float32).max if metric is Metric.COSINE else _LARGEST
    for start, stop in spans(len(features)):
        fits = (np.abs(features[start:stop]) <= largest).all(axis=1)
        if not fits.all():
            row = start + int(np.argmin(fits))
            raise NeighbourError(
                f"row {row} of the features holds a value that is not a number from -{largest:.2g} "
                f"to {largest:.2g}: extract the features again, or leave that row out"
            )


class Rows:
    """A choice of rows of a feature matrix, read block by block and never copied as a whole.

    Parameters
    ----------
    features : (n, d) array
        Any real dtype, read as float32; may be a ``np.memmap``. Never modified.
    metric : Metric
        For cosine the blocks hold rows of length 1 (all zero where the feature row is all zero).
    ids : (m,) int64 array, optional
        The rows chosen, ascending; all of them by default.

    Attributes
    ----------
    ids : (m,) int64 array
        Row numbers in `features`. A *position* is an index into this array.
    squared_norms : (m,) float64 array
        ‖row‖₂², for cosine only; elsewhere empty.
    """

    def __init__(
        self, features: NDArray[Any], metric: Metric, ids: NDArray[np.int64] | None = None
    ) -> None:
        self.features = features
        self.metric = metric
        self.ids = np.arange(len(features), dtype=np.int64) if ids is None else ids
        self.squared_norms = np.empty(0)
        if metric is Metric.COSINE:
            self.squared_norms = np.concatenate(
                [np.empty(0), *(self._measure(start, stop) for start, stop in spans(len(self)))]
            )

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def dim(self) -> int:
        """Width of the rows."""
        return int(self.features.shape[1])

    def let_go(self) -> None:
        """Give back the memory of a mapped file; what is read again comes from its cache."""
        mapped = getattr(self.features, "_mmap", None)
        if mapped is not None and hasattr(mmap, "MADV_DONTNEED"):
            mapped.madvise(mmap.MADV_DONTNEED)

    def choose(self, positions: NDArray[np.int64]) -> "Rows":
        """Return the rows at `positions`, ascending, as rows of their own."""
        return Rows(self.features, self.metric, self.ids[positions])

    def raw(self, positions: NDArray[np.int64] | slice) -> NDArray[np.float32]:
        """Return a copy of the rows at `positions` as they are, float32, with −0.0 made 0.0."""
        ids = self.ids[positions]
        if len(ids) and ids[-1] - ids[0] == len(ids) - 1 and isinstance(positions, slice):
            block = self.features[ids[0] : ids[-1] + 1]  # a plain slice reads a memmap in order
        else:
            block = self.features[ids]
        return np.asarray(np.add(block, np.float32(0), dtype=np.float32, order="C"))

    def take(
        self, positions: NDArray[np.int64] | slice, *, precise: bool = False
    ) -> NDArray[np.floating[Any]]:
        """Return the rows at `positions`, ready to compare: of length 1 for cosine.

        The result is float64 when `precise`, else float32.
        """
        dtype = np.float64 if precise else np.float32
        block = self.raw(positions)
        if self.metric is not Metric.COSINE:
            return block.astype(dtype, copy=False)
        norms = np.sqrt(self.squared_norms[positions])
        norms[norms == 0] = 1.0
        # Divided in float64: the squared length of a float32 row may not fit into float32.
        return (block.astype(np.float64) / norms[:, None]).astype(dtype, copy=False)

    def _measure(self, start: int, stop: int) -> NDArray[np.float64]:
        block = self.raw(slice(start, stop)).astype(np.float64)
        return np.asarray((block * block).sum(axis=1))
