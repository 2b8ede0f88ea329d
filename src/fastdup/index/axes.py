"""Rows on their principal axes: shorter, and as good to find candidates by."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from fastdup.index.matmul import matmul
from fastdup.index.metrics import Metric
from fastdup.index.parallel import for_each
from fastdup.index.rows import Rows, releasing_pages, spans

Matrix = NDArray[np.float32]

#: Share of the rows' variance that the axes hold.
_VARIANCE_KEPT = 0.985
_LEAST_AXES = 32
#: The number of axes is a multiple of it, as matrix products like it.
_AXES_STEP = 16
_SAMPLE_ROWS = 10_000
_SEED = 21
#: Few enough that a block stays in the processor's cache.
_BLOCK_ROWS = 1024


@dataclass(frozen=True)
class Axes:
    """Axes that hold nearly all the variance of some rows.

    Attributes
    ----------
    matrix : (d, p) float32 array
        One axis per column; for cosine, the last one makes up for what the others miss of the mean.
    offset : (p,) float32 array
        Where the rows' centre lies on the axes; zero for cosine, since products depend on it.
    """

    matrix: Matrix
    offset: Matrix

    @property
    def n_axes(self) -> int:
        """Width of rows on the axes."""
        return int(self.matrix.shape[1])

    def project(self, rows: Rows, span: tuple[int, int]) -> Matrix:
        """Return a range of rows, ready to compare, on the axes: (m, p) float32."""
        part = slice(*span)
        scales = rows.scales(part) if rows.metric is Metric.COSINE else None
        if scales is None:
            return matmul(np.asarray(rows.take(part)), self.matrix) - self.offset
        block = matmul(rows.raw(part), self.matrix)  # fewer numbers to scale afterwards
        block *= scales
        return block

    def project_all(self, rows: Rows, copy: NDArray[Any], n_threads: int) -> None:
        """Write all `rows` on the axes, as `stored`, to `copy`."""

        def lay(span: tuple[int, int]) -> int:
            copy[slice(*span)] = stored(self.project(rows, span), copy.dtype)
            return span[1] - span[0]

        hear = releasing_pages(rows.features)
        for_each(lay, spans(len(rows), _BLOCK_ROWS), n_threads, on_done=hear)


def principal_axes(rows: Rows, positions: NDArray[np.int64], n_turned: int) -> Axes:
    """Return the axes of largest variance of the rows at `positions`, ascending.

    As many as hold nearly all the variance: what is left out hardly tells one row from another.
    The first `n_turned` are turned among themselves, so that each has as much to tell as the other.
    """
    sample = rows.take(positions[:: max(1, len(positions) // _SAMPLE_ROWS)]).astype(np.float64)
    mean = sample.mean(axis=0)
    sample -= mean
    with threadpool_limits(limits=1, user_api="blas"):  # so that the sums have one order
        axes = _leading(sample)
        if rows.metric is Metric.COSINE:
            axes = _with_mean(axes, mean - axes @ (mean @ axes))
        n_turned = min(n_turned, axes.shape[1])
        axes[:, :n_turned] = axes[:, :n_turned] @ _rotation(n_turned)
        offset = mean @ axes * (rows.metric is not Metric.COSINE)
    return Axes(np.ascontiguousarray(axes, np.float32), offset.astype(np.float32))


def _leading(centred: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the axes that hold nearly all the variance of rows around 0, the largest first."""
    variances, axes = np.linalg.eigh(centred.T @ centred)
    variances, axes = np.maximum(variances[::-1], 0), axes[:, ::-1]
    n_short = int((np.cumsum(variances) < _VARIANCE_KEPT * variances.sum()).sum())
    n_axes = -(-max(_LEAST_AXES, n_short + 1) // _AXES_STEP) * _AXES_STEP
    return axes[:, :n_axes].copy()


def _rotation(n_axes: int) -> NDArray[np.float64]:
    drawn = np.random.default_rng(_SEED).standard_normal((n_axes, n_axes))
    return np.asarray(np.linalg.qr(drawn)[0])


def _with_mean(axes: NDArray[np.float64], missed: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the axes, with `missed` of the mean in place of the least one, if it is anything."""
    length = float(np.linalg.norm(missed))
    if length > 1e-6:
        axes = np.column_stack([axes[:, :-1], missed / length])
    return axes


def stored(rows: Matrix, dtype: Any) -> NDArray[Any]:
    """Return rows as they are laid out: float32, or its upper halves, rounded: bfloat16."""
    if dtype == np.float32:
        return rows
    bits = rows.view(np.uint32) + np.uint32(0x8000)
    return np.asarray(bits >> np.uint32(16)).astype(np.uint16)


def whole(rows: NDArray[Any]) -> Matrix:
    """Return stored rows as float32: ten times as fast from bfloat16 as from float16."""
    if rows.dtype == np.float32:
        return np.asarray(rows)
    bits = rows.astype(np.uint32)
    bits <<= np.uint32(16)
    return np.asarray(bits).view(np.float32)
