"""Rows of features as the providers of neighbours read them: in blocks, unit length for cosine."""

import mmap
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import FloatArray, IntArray
from fastdup.errors import NeighbourError
from fastdup.index.metrics import Metric
from fastdup.index.parallel import for_each

BLOCK_ROWS = 4096

#: So few rows at a time stay in the processor's cache.
_NORM_ROWS = 256
#: Of a mapped file that is read in order, no more than this counts as memory of the process.
_HELD_BYTES = 1 << 29

#: Rows of lengths in between are scaled as they are: nothing can overflow.
_PLAIN_LENGTHS = (1e-12, 1e12)

# The square of a distance between larger values could overflow float32.
_LARGEST = 1e15


def spans(n_rows: int, n_per_block: int = BLOCK_ROWS) -> list[tuple[int, int]]:
    """Return the half-open ranges that cut `n_rows` rows into blocks of `n_per_block`."""
    return [(i, min(i + n_per_block, n_rows)) for i in range(0, n_rows, n_per_block)]


def squared_norms(features: NDArray[Any], n_threads: int = 1) -> FloatArray:
    """Return ‖row‖₂² of each row, read as float32; not finite where a value is not."""
    norms = np.empty(len(features))

    def measure(span: tuple[int, int]) -> int:
        with np.errstate(over="ignore", invalid="ignore"):
            for start in range(*span, _NORM_ROWS):
                block = np.asarray(features[start : min(start + _NORM_ROWS, span[1])], np.float32)
                values = block.astype(np.float64, order="C")  # so that the sums have one order
                values *= values
                values.sum(axis=1, out=norms[start : start + len(block)])
        return span[1] - span[0]

    for_each(measure, spans(len(features)), n_threads, on_done=releasing_pages(features))
    return norms


def release_pages(features: NDArray[Any]) -> None:
    """Give back the memory of a mapped file; what is read again comes from its cache."""
    mapped = getattr(features, "_mmap", None)
    is_shared = getattr(features, "mode", "c") != "c"  # else changes would be lost
    if mapped is not None and is_shared and hasattr(mmap, "MADV_DONTNEED"):
        mapped.madvise(mmap.MADV_DONTNEED)


def releasing_pages(features: NDArray[Any]) -> Callable[[int], None]:
    """Return what is called with the numbers of rows read, and releases them now and then."""
    n_each = max(1, _HELD_BYTES // max(1, features[:1].nbytes))
    n_held = 0

    def on_read(n_rows: int) -> None:
        nonlocal n_held
        n_held += n_rows
        if n_held >= n_each:
            release_pages(features)
            n_held = 0

    return on_read


def check_values(features: NDArray[Any], metric: Metric, norms: FloatArray) -> None:
    """Refuse features whose distances cannot be computed.

    Parameters
    ----------
    features : (n, d) array
    metric : Metric
    norms : (n,) float64 array
        Their `squared_norms`.

    Raises
    ------
    NeighbourError
        Names the first row with a value that is not finite, or whose square float32 cannot hold.
    """
    largest = float(np.finfo(np.float32).max) if metric is Metric.COSINE else _LARGEST
    (doubtful,) = np.nonzero(~(norms <= largest**2))
    for start, stop in spans(len(doubtful)):
        rows = doubtful[start:stop]
        fits = (np.abs(features[rows]) <= largest).all(axis=1)
        if not fits.all():
            row = rows[int(np.argmin(fits))]
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
    norms : (m,) float64 array, optional
        Their `squared_norms`, where they are known.

    Attributes
    ----------
    ids : (m,) int64 array
        Row numbers in `features`. A *position* is an index into this array.
    squared_norms : (m,) float64 array
        ‖row‖₂², for cosine only; elsewhere empty.
    """

    def __init__(
        self,
        features: NDArray[Any],
        metric: Metric,
        ids: IntArray | None = None,
        norms: FloatArray | None = None,
    ) -> None:
        self.features = features
        self.metric = metric
        self.ids = np.arange(len(features), dtype=np.int64) if ids is None else ids
        self.squared_norms = np.empty(0)
        if metric is Metric.COSINE:
            self.squared_norms = norms if norms is not None else self._measured()

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def dim(self) -> int:
        """Width of the rows."""
        return int(self.features.shape[1])

    def release_pages(self) -> None:
        """Give back the memory of a mapped file; see the function."""
        release_pages(self.features)

    def read_ahead(self, start: int, stop: int) -> None:
        """Have a mapped file read from the row at `start` to that at `stop`, in order."""
        mapped = getattr(self.features, "_mmap", None)
        if mapped is not None and hasattr(mmap, "MADV_WILLNEED"):
            first, last = self.ids[start], self.ids[min(stop, len(self)) - 1]
            n_before = self.features.ctypes.data - np.frombuffer(mapped, np.uint8).ctypes.data
            begin, end = (int(n_before + i * self.features.strides[0]) for i in (first, last + 1))
            begin -= begin % mmap.PAGESIZE
            mapped.madvise(mmap.MADV_WILLNEED, begin, min(end, len(mapped)) - begin)

    def choose(self, positions: IntArray) -> "Rows":
        """Return the rows at `positions`, ascending, as rows of their own."""
        norms = self.squared_norms[positions] if len(self.squared_norms) else None
        return Rows(self.features, self.metric, self.ids[positions], norms)

    def raw(self, positions: IntArray | slice) -> NDArray[np.float32]:
        """Return a copy of the rows at `positions` as they are, float32, with −0.0 made 0.0."""
        ids = self.ids[positions]
        if len(ids) and ids[-1] - ids[0] == len(ids) - 1 and isinstance(positions, slice):
            block = self.features[ids[0] : ids[-1] + 1]  # a plain slice reads a memmap in order
        else:
            block = self.features[ids]
        return np.asarray(np.add(block, np.float32(0), dtype=np.float32, order="C"))

    def stored(self, positions: IntArray) -> NDArray[np.float32]:
        """Return a copy of the rows at `positions` as they are, float32, −0.0 included."""
        return np.ascontiguousarray(np.take(self.features, self.ids[positions], axis=0), np.float32)

    def take(
        self, positions: IntArray | slice, *, precise: bool = False
    ) -> NDArray[np.floating[Any]]:
        """Return the rows at `positions`, ready to compare: of length 1 for cosine.

        The result is float64 when `precise`, else float32.
        """
        dtype = np.float64 if precise else np.float32
        block = self.raw(positions)
        if self.metric is not Metric.COSINE:
            return block.astype(dtype, copy=False)
        scales = None if precise else self.scales(positions)
        if scales is not None:
            block *= scales
            return block
        norms = np.sqrt(self.squared_norms[positions])
        norms[norms == 0] = 1.0
        # Divided in float64: the squared length of a float32 row may not fit into float32.
        return (block.astype(np.float64) / norms[:, None]).astype(dtype, copy=False)

    def scales(self, positions: IntArray | slice) -> NDArray[np.float32] | None:
        """Return what to multiply raw rows by for length 1, for cosine: (m, 1) float32.

        None where one is so short or long that float32 might not do.
        """
        lengths = np.sqrt(self.squared_norms[positions])
        least, most = _PLAIN_LENGTHS
        if not ((lengths >= least) & (lengths <= most)).all():
            return None
        return np.asarray((1 / lengths).astype(np.float32)[:, None])

    def _measured(self) -> FloatArray:
        blocks = [squared_norms(self.raw(slice(*span))) for span in spans(len(self))]
        return np.concatenate([np.empty(0), *blocks])
