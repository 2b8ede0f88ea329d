"""The symmetric self-join: of all pairs of rows, each is multiplied once and serves both."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import IntArray
from fastdup.executors import Executor
from fastdup.index.distances import cosine_distance_lower_bounds
from fastdup.index.matmul import topk_both_ways, topk_inner_products
from fastdup.index.rows import Rows, spans
from fastdup.index.topk import TopK
from fastdup.progress import Progress

#: Rows in a block, of few rows and of many; more where many are kept, up to the most.
_BLOCK_ROWS = 512
_MORE_BLOCK_ROWS = 2048
_MANY_ROWS = 20_000
_BLOCK_ROWS_PER_KEPT = 32
_MOST_BLOCK_ROWS = 4096
#: Blocks with which a block is compared in one task.
_BLOCKS_PER_TASK = 8

Span = tuple[int, int]


class _Task(NamedTuple):
    """A block of rows, and the blocks to compare it with: itself or later ones."""

    own: Span
    others: list[Span]


class _Found(NamedTuple):
    """The nearest of the rows compared, for each row of a block: ascending distances, and which."""

    of: Span
    distances: NDArray[np.floating[Any]]
    indices: IntArray


def symmetric_self_join(
    rows: Rows, n_kept: int, executor: Executor, progress: Progress, block_rows: int = 0
) -> TopK:
    """Return the `n_kept` nearest rows of each row, itself included, for cosine.

    Parameters
    ----------
    rows : Rows
    n_kept : int
        At least 1.
    executor : Executor
        Compares blocks of rows.
    progress : Progress
    block_rows : int
        Rows in a block; 0: as many as suits their number.

    Returns
    -------
    TopK
        By `cosine_distance_lower_bounds`.
    """
    nearest = TopK(len(rows), n_kept)
    tasks = _tasks(len(rows), block_rows or _suitable_block(len(rows), n_kept))
    n_products = n_reported = 0
    for task, found in executor.run(_Comparison(rows, n_kept), tasks):
        for part in found:
            nearest.add_sorted(part.distances, part.indices, slice(*part.of))
        n_products += sum(_n_products(task.own, other) for other in task.others)
        n_done = n_products // len(rows)  # as rows, each of which is compared with all
        progress.advance(n_done - n_reported)
        n_reported = n_done
    return nearest


def _suitable_block(n_rows: int, n_kept: int) -> int:
    n_block = _MORE_BLOCK_ROWS if n_rows >= _MANY_ROWS else _BLOCK_ROWS
    return max(n_block, min(_BLOCK_ROWS_PER_KEPT * n_kept, _MOST_BLOCK_ROWS))


def _tasks(n_rows: int, n_block: int) -> Iterator[_Task]:
    blocks = spans(n_rows, n_block)
    for number, own in enumerate(blocks):
        for first in range(number, len(blocks), _BLOCKS_PER_TASK):
            yield _Task(own, blocks[first : first + _BLOCKS_PER_TASK])


def _n_products(own: Span, other: Span) -> int:
    """Return how many ordered pairs of rows two blocks have."""
    n_products = (own[1] - own[0]) * (other[1] - other[0])
    return n_products if own == other else 2 * n_products


@dataclass(frozen=True)
class _Comparison:
    """Compares a block of rows with others."""

    rows: Rows
    n_kept: int

    def __call__(self, task: _Task) -> list[_Found]:
        block = self.rows.take(slice(*task.own))
        nearest, found = TopK(len(block), self.n_kept), []
        for other in task.others:
            if other == task.own:
                forth = topk_inner_products(block, block, self.n_kept)
            else:
                rows = self.rows.take(slice(*other))
                forth, back = topk_both_ways(block, rows, self.n_kept)
                found.append(_Found(other, self._distances(back[0]), back[1] + task.own[0]))
            nearest.add_sorted(self._distances(forth[0]), forth[1] + other[0])
        return [_Found(task.own, nearest.distances, nearest.indices), *found]

    def _distances(self, products: NDArray[np.float32]) -> NDArray[np.float32]:
        return cosine_distance_lower_bounds(products, self.rows.dim)
