"""PCA: rows projected on their leading principal components are shorter, and almost as far apart.

The projected rows only propose candidates, which are re-ranked by the whole rows.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from fastdup.arrays import FloatArray, IntArray
from fastdup.index.ivf.codes import MOST_COMPONENTS, code_step, to_storage
from fastdup.index.matmul import matmul
from fastdup.index.metrics import Metric
from fastdup.index.parallel import for_each
from fastdup.index.rows import Rows, releasing_pages, spans

Matrix = NDArray[np.float32]

#: Share of the rows' variance that the components explain.
_EXPLAINED_VARIANCE = 0.985
_LEAST_COMPONENTS = 32
#: The number of components is a multiple of it: such matrix products are faster.
_COMPONENTS_STEP = 16
_SAMPLE_ROWS = 10_000
_SEED = 21
#: A projected row shorter than that has nothing to compare.
_LEAST_LENGTH = 1e-6
#: Few enough that a block stays in the processor's cache.
_BLOCK_ROWS = 1024


@dataclass(frozen=True)
class PCA:
    """A projection on the principal components of some rows.

    Attributes
    ----------
    components : (d, p) float32 array
        One component per column. For cosine, the last one is what the others miss of the mean.
    offset : (p,) float32 array
        The projected mean, which is subtracted; zero for cosine, whose products depend on it.
    step : float
        Of the codes that projected rows are stored as; 0 where they are stored as float32.
    """

    components: Matrix
    offset: Matrix
    step: float = 0.0

    @property
    def n_components(self) -> int:
        """Width of projected rows."""
        return int(self.components.shape[1])

    def project(self, rows: Rows, span: tuple[int, int]) -> Matrix:
        """Return a range of rows projected, for cosine to length 1: (m, p) float32.

        Rows that lie in few of the components would else seem far from their own copies.
        """
        block = np.asarray(rows.take(slice(*span)), np.float32)
        if rows.metric is not Metric.COSINE:
            return matmul(block, self.components) - self.offset
        return _of_length_1(matmul(block, self.components))

    def project_all(self, rows: Rows, out: NDArray[Any], n_threads: int) -> None:
        """Write all projected `rows` to `out` (n, p), as they are stored."""

        def project(span: tuple[int, int]) -> int:
            out[slice(*span)] = to_storage(self.project(rows, span), self.step)
            return span[1] - span[0]

        release = releasing_pages(rows.features)
        for_each(project, spans(len(rows), _BLOCK_ROWS), n_threads, on_done=release)


def fit_pca(rows: Rows, positions: IntArray, n_rotated: int) -> PCA:
    """Return the principal components that explain nearly all the variance of a sample.

    Parameters
    ----------
    rows : Rows
    positions : (m,) int64 array
        The sample, ascending; at least one.
    n_rotated : int
        So many leading components are rotated at random among themselves, and so are the others,
        so that all have about the same variance: codes give each the same number of bits.
    """
    sample = rows.take(positions[:: max(1, len(positions) // _SAMPLE_ROWS)]).astype(np.float64)
    mean = sample.mean(axis=0)
    sample -= mean
    with threadpool_limits(limits=1, user_api="blas"):  # so that the sums have one order
        components = _leading_components(sample)
        if rows.metric is Metric.COSINE:
            components = _with_mean(components, mean - components @ (mean @ components))
        n_rotated = min(n_rotated, components.shape[1])
        for part in (slice(n_rotated), slice(n_rotated, None)):
            components[:, part] @= _random_rotation(components[:, part].shape[1])
        offset = mean @ components * (rows.metric is not Metric.COSINE)
        step = code_step(_of_length_1((sample + mean) @ components), rows.metric)
    return PCA(np.ascontiguousarray(components, np.float32), offset.astype(np.float32), step)


def _of_length_1(rows: Matrix) -> Matrix:
    lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))
    rows /= np.maximum(lengths, _LEAST_LENGTH)[:, None]
    return rows


def _leading_components(centred: FloatArray) -> FloatArray:
    """Return the components of rows with mean 0, those of largest variance first: (d, p)."""
    variances, components = np.linalg.eigh(centred.T @ centred)
    variances, components = np.maximum(variances[::-1], 0), components[:, ::-1]
    n_short = int((np.cumsum(variances) < _EXPLAINED_VARIANCE * variances.sum()).sum())
    n_kept = -(-max(_LEAST_COMPONENTS, n_short + 1) // _COMPONENTS_STEP) * _COMPONENTS_STEP
    return components[:, : min(n_kept, MOST_COMPONENTS)].copy()


def _random_rotation(n_components: int) -> FloatArray:
    drawn = np.random.default_rng(_SEED).standard_normal((n_components, n_components))
    return np.asarray(np.linalg.qr(drawn)[0])


def _with_mean(components: FloatArray, missed: FloatArray) -> FloatArray:
    """Return the components, the last one replaced by what they miss of the mean, if anything."""
    length = float(np.linalg.norm(missed))
    if length > 1e-6:
        components = np.column_stack([components[:, :-1], missed / length])
    return components
