"""The work of the join, for any executor: blocks of queries times the rows that they probe."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastdup.index.ivf.codes import to_float32
from fastdup.index.ivf.keys import Keys, pack_keys
from fastdup.index.ivf.lists import InvertedLists
from fastdup.index.ivf.probes import Probes
from fastdup.index.matmul import topk_inner_products

#: Inner products in one block, which stay in the processor's cache.
_BLOCK_PRODUCTS = 1 << 19
_LEAST_QUERIES = 64
#: Probes in one task: a tenth of a second of work.
PROBES_PER_TASK = 8192


class Block(NamedTuple):
    """One matrix product: the rows of a list times some of the queries that probe it.

    Attributes
    ----------
    slots : (int, int)
        Half-open range of the rows.
    probes : slice
        The numbers of the probes.
    queries : (q,) int32 array
        The queries of these probes.
    """

    slots: tuple[int, int]
    probes: slice
    queries: NDArray[np.int32]


class Task(NamedTuple):
    """All blocks of a few lists.

    Attributes
    ----------
    lists : (int, int)
        Half-open range of their numbers.
    blocks : list of Block
    """

    lists: tuple[int, int]
    blocks: list[Block]


def tasks(
    lists: InvertedLists,
    probes: Probes,
    first: int,
    probes_per_task: int = PROBES_PER_TASK,
) -> Iterator[Task]:
    """Yield the tasks from the list number `first` on; each has at least so many probes."""
    blocks: list[Block] = []
    for number in range(first, len(lists)):
        blocks += _blocks_of_list(lists, probes, number)
        is_last = number + 1 == len(lists)
        if is_last or sum(len(block.queries) for block in blocks) >= probes_per_task:
            yield Task((first, number + 1), blocks)
            first, blocks = number + 1, []


def _blocks_of_list(lists: InvertedLists, probes: Probes, number: int) -> Iterator[Block]:
    slots = lists.slots(number)
    size = slots[1] - slots[0]
    if size:
        n_queries = max(_LEAST_QUERIES, _BLOCK_PRODUCTS // size)
        for part in probes.of_list(number, n_queries):
            yield Block(slots, part, probes.queries[part])


@dataclass(frozen=True)
class Comparison:
    """Compares the queries of a task with the rows of the lists that they probe. Picklable.

    Attributes
    ----------
    rows, queries : (n, p) and (q, p) arrays
        Projected, as they are stored; rows by slot.
    k : int
        Rows to find for each probe.
    is_cosine : bool
        Whether rows are of length 1 and compared by inner product.
    step : float
        Of the codes; 0 where the rows are stored as float32.
    """

    rows: NDArray[Any]
    queries: NDArray[Any]
    k: int
    is_cosine: bool
    step: float

    def __call__(self, task: Task) -> list[Keys]:
        """Return, for each block, the rows that its queries found: (q, at most k) keys."""
        return [self._compare(block) for block in task.blocks]

    def _compare(self, block: Block) -> Keys:
        start, stop = block.slots
        rows = to_float32(self.rows[start:stop], self.step)
        queries = to_float32(self.queries[block.queries], self.step)
        if self.is_cosine:
            products, found = topk_inner_products(queries, rows, self.k)
            distances = 1 - products
        else:  # ‖q − r‖² = ‖q‖² − 2 (q·r − ‖r‖²/2)
            bias = np.einsum("ij,ij->i", rows, rows) / -2
            products, found = topk_inner_products(queries, rows, self.k, bias)
            distances = np.einsum("ij,ij->i", queries, queries)[:, None] - 2 * products
        return pack_keys(np.maximum(distances, 0, out=distances), found + start)
