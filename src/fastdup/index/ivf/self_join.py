"""The self-join of rows stored as codes: what each list finds near itself, and then farther away.

First each list is compared with its own rows and those of the lists around it. From then on a pair
counts only if it is closer than what one of its rows has: few are, and those are cheap to find in a
matrix of products. A pair counts for both of its rows, whichever of them probed the other's list.

The result is the nearest of all pairs that are compared. It depends neither on the order in which
they are compared nor on how often: a search that was killed may repeat some.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import IntArray
from fastdup.index.base import Resources
from fastdup.index.ivf.codes import Codes
from fastdup.index.ivf.homes import HomeComparison, homes_of
from fastdup.index.ivf.keys import NO_KEY, SLOT_BITS, Keys
from fastdup.index.ivf.lists import InvertedLists
from fastdup.index.ivf.nearby import NearbyLists
from fastdup.index.ivf.nearest_pairs import NO_BOUND, NearestPairs, Pairs, largest_product
from fastdup.index.ivf.scratch import Scratch
from fastdup.index.matmul import products_of_codes
from fastdup.index.rows import spans

_LISTS_PER_TASK = 32
#: Standard deviations of a product by rounding, up to which a row may be nearer than another.
_SPREADS = 4.0
#: Inner products in one block, which stay in the processor's cache.
_BLOCK_PRODUCTS = 1 << 19
_LEAST_QUERIES = 64
#: Pairs found that wait to be merged.
_WAITING_PAIRS = 1_000_000


def self_join_codes(
    codes: Codes,
    lists: InvertedLists,
    nearby: NearbyLists,
    centroids: Codes,
    k: int,
    resources: Resources,
    scratch: Scratch,
    probes_per_task: int,
) -> Keys:
    """Return the nearest rows of each row, itself included, among those that it is compared with.

    Parameters
    ----------
    codes : (n, p) int8 array
        The rows by slot.
    lists : InvertedLists
    nearby : NearbyLists
        Of the rows in their own order.
    centroids : (n_lists, c) int8 array
        Codes of the same step.
    k : int
        At least 1.
    resources : Resources
    scratch : Scratch
        Keeps what was found, and how many lists are done.
    probes_per_task : int

    Returns
    -------
    (n, k) uint64 array
        By slot; see `NearestPairs`.
    """
    keys = scratch.load("nearest")
    if keys is None:
        keys = _found_at_home(codes, lists, centroids, k, resources)
        scratch.store("nearest", keys)
    nearest = NearestPairs(codes.shape[1], keys)
    n_done = scratch.n_done()
    resources.progress.advance(int(lists.starts[n_done]))
    slots = np.empty(len(codes), np.int32)
    slots[lists.order] = np.arange(len(codes), dtype=np.int32)
    work = ListScan(codes, lists.starts, nearby, slots, nearest.bounds())
    todo = list_tasks(nearby, n_done, probes_per_task)
    stops: dict[int, int] = {}  # of tasks done out of order, by their first list
    waiting: list[Pairs] = []
    for (first, stop), pairs in resources.workers.run(work, todo):
        stops[first] = stop
        while n_done in stops:
            n_done = stops.pop(n_done)
        waiting.append(pairs)
        if sum(len(found.first) for found in waiting) >= _WAITING_PAIRS or scratch.is_due():
            nearest.merge(waiting, resources.n_threads)
            waiting = []
            work.bounds[:] = nearest.bounds()  # from now on, fewer pairs are worth merging
            if scratch.is_due():
                scratch.store("nearest", nearest.keys)
                scratch.record(n_done)
        resources.progress.advance(int(lists.starts[stop] - lists.starts[first]))
    nearest.merge(waiting, resources.n_threads)
    scratch.store("nearest", nearest.keys)
    scratch.record(len(lists))
    return nearest.keys


def without_the_far(keys: Keys, n_wanted: int, step: float) -> Keys:
    """Return the keys without those that rounding alone cannot have kept from the first ones.

    Parameters
    ----------
    keys : (n, k) uint64 array
        From `self_join_codes`.
    n_wanted : int
        The first that are wanted.
    step : float
        Of the codes.
    """
    if not 0 < n_wanted < keys.shape[1]:
        return keys
    return np.where(keys > _farthest(keys, n_wanted, step)[:, None], NO_KEY, keys)


def bounds_of(keys: Keys, n_wanted: int, step: float, n_components: int) -> NDArray[np.int32]:
    """Return the least product by which a row not yet compared could be one of the first: (n,).

    Parameters
    ----------
    keys, n_wanted, step
        As for `without_the_far`, before or after it; `n_wanted` is less than k.
    n_components : int
        Of the codes.
    """
    last = np.minimum(keys[:, -1], _farthest(keys, n_wanted, step))
    products = largest_product(n_components) - (last >> SLOT_BITS).astype(np.int64)
    return np.where(last == NO_KEY, NO_BOUND, products).astype(np.int32)


def _farthest(keys: Keys, n_wanted: int, step: float) -> Keys:
    """Return the largest key of each row that may be one of the first, by exact similarity."""
    # Codes are rounded by up to a half, evenly: of two rows of length 1 / step, the product varies
    # by the square root of 1 / 6 of that.
    tolerance = np.uint64(round(_SPREADS / (step * 6**0.5))) << SLOT_BITS
    last = keys[:, n_wanted - 1]
    return np.where(last == NO_KEY, last, last + tolerance)


def _found_at_home(
    codes: Codes, lists: InvertedLists, centroids: Codes, k: int, resources: Resources
) -> Keys:
    """Return what each row found among the rows around it."""
    keys = np.empty((len(codes), k), np.uint64)
    work = HomeComparison(codes, lists.starts, homes_of(centroids, lists), k)
    for span, found in resources.workers.run(work, spans(len(lists), _LISTS_PER_TASK)):
        keys[lists.starts[span[0]] : lists.starts[span[1]]] = found
    return keys


def list_tasks(nearby: NearbyLists, first: int, probes_per_task: int) -> Iterator[tuple[int, int]]:
    """Yield ranges of lists from the number `first` on, with at least so many probes each."""
    n_probes = np.diff(nearby.starts, axis=1).sum(axis=0)
    n_waiting = 0
    for number in range(first, len(n_probes)):
        n_waiting += int(n_probes[number])
        if n_waiting >= probes_per_task or number + 1 == len(n_probes):
            yield first, number + 1
            first, n_waiting = number + 1, 0


@dataclass(frozen=True)
class ListScan:
    """Finds pairs among the rows of lists and those that probe them. Picklable.

    Attributes
    ----------
    codes : (n, p) int8 array
        By slot.
    starts : (n_lists + 1,) int64 array
        Of the lists.
    nearby : NearbyLists
        Of the rows in their own order.
    slots : (n,) int32 array
        Theirs.
    bounds : (n,) int32 array
        A pair counts whose product is at least the bound of one of its rows; by slot.
    """

    codes: Codes
    starts: IntArray
    nearby: NearbyLists
    slots: NDArray[np.int32]
    bounds: NDArray[np.int32]

    def __call__(self, span: tuple[int, int]) -> Pairs:
        """Return the pairs found by a range of lists."""
        return Pairs.joined([pairs for number in range(*span) for pairs in self._of_list(number)])

    def _of_list(self, number: int) -> Iterator[Pairs]:
        start, stop = int(self.starts[number]), int(self.starts[number + 1])
        if start == stop:
            return
        queries = np.sort(self.slots[self.nearby.of_list(number)])  # neighbours are read together
        n_queries = max(_LEAST_QUERIES, _BLOCK_PRODUCTS // (stop - start))
        for first, last in spans(len(queries), n_queries):
            yield self._scan(queries[first:last], start, stop)

    def _scan(self, queries: NDArray[np.int32], start: int, stop: int) -> Pairs:
        # The queries are the columns: they are many, and long rows are compared in less time.
        of_queries = np.take(self.codes, queries, axis=0)
        products = products_of_codes(self.codes[start:stop], of_queries)
        is_near = products >= self.bounds[queries]
        is_near |= products >= self.bounds[start:stop, None]
        places = np.flatnonzero(is_near)
        rows = places // len(queries)
        first = queries[places - rows * len(queries)]
        return Pairs(first, (rows + start).astype(np.int32), products.ravel()[places])
