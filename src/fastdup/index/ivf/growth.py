"""A self-join brought up to date: only new rows, and such as lost a neighbour, are compared.

The lists of the join before are kept. Each of these rows is compared with the lists around it, and
with more of them than at first: the others do not look for it. A pair counts for both of its rows.
"""

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import IntArray
from fastdup.index.base import Candidates, NewPairs, Resources
from fastdup.index.ivf.blocks import PROBES_PER_TASK
from fastdup.index.ivf.codes import Codes
from fastdup.index.ivf.keys import NO_KEY, SLOT_BITS, Keys, slots_of
from fastdup.index.ivf.lists import InvertedLists, fill_lists
from fastdup.index.ivf.nearby import N_COMPARED, ListRanking, NearbyLists
from fastdup.index.ivf.nearest_pairs import NearestPairs, Pairs, largest_product
from fastdup.index.ivf.pca import PCA
from fastdup.index.ivf.self_join import ListScan, bounds_of, list_tasks, without_the_far
from fastdup.index.matmul import topk_of_codes
from fastdup.index.parallel import for_each
from fastdup.index.rows import Rows, spans

#: Rows that a new row is compared with, on average: twice as many as one of the first join, which
#: is also found by the rows that are compared with it.
N_COMPARED_WITH_NEW = 2 * N_COMPARED
_SAMPLE_ROWS = 300
#: Slots whose chosen rows are first compared with all rows there, and with those before and after.
_SLOTS_AT_ONCE, _SLOTS_BESIDE = 2048, 256
#: Share of rows to compare, and of rows added since the lists were trained, up to which the lists
#: do; of more, a search from the start costs little more and has lists that fit.
_MOST_COMPARED = _MOST_ADDED = 0.25


@dataclass(frozen=True)
class KeptLists:
    """What a self-join of n rows leaves for one of nearly the same rows.

    Attributes
    ----------
    components, offset, step
        See `PCA`.
    centroids : (n_lists, c) int8 array
        Codes of the same step.
    order : (n,) int64 array
        The position of the row in each slot.
    starts : (n_lists + 1,) int64 array
        Of the lists; see `InvertedLists`.
    codes : (n, p) int8 array
        By slot.
    bounds : (n,) int32 array
        By position: the least product of a new row that could be one of the nearest.
    n_added : (1,) int64 array
        Rows added since the lists were trained.
    """

    components: NDArray[np.float32]
    offset: NDArray[np.float32]
    step: NDArray[np.float64]
    centroids: Codes
    order: IntArray
    starts: IntArray
    codes: Codes
    bounds: NDArray[np.int32]
    n_added: IntArray

    @classmethod
    def of_state(cls, state: dict[str, NDArray[Any]], dim: int) -> "KeptLists | None":
        """Return what `state` returned, None if it is something else or of another width."""
        if set(state) != {field.name for field in fields(cls)}:
            return None
        kept = cls(**state)
        n_rows, n_components = len(kept.order), kept.components.shape[-1]
        fits = kept.components.shape == (dim, n_components)
        fits = fits and kept.codes.shape == (n_rows, n_components) and kept.codes.dtype == np.int8
        fits = fits and len(kept.bounds) == n_rows == kept.starts[-1]
        return kept if fits and len(kept.starts) == len(kept.centroids) + 1 else None

    def state(self) -> dict[str, NDArray[Any]]:
        """Return it as arrays."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def pca(self) -> PCA:
        """The projection of the rows."""
        return PCA(self.components, self.offset, float(self.step))

    def is_worth_it(self, n_rows: int, n_new: int, n_compared: int) -> bool:
        """Return whether comparing so many rows with the lists is better than a new search."""
        n_added = int(self.n_added[0]) + n_new
        return n_compared <= _MOST_COMPARED * n_rows and n_added <= _MOST_ADDED * n_rows


@dataclass(frozen=True)
class _Layout:
    """The rows of now in the lists of before.

    Attributes
    ----------
    lists : InvertedLists
    codes : (n, p) int8 array
        By slot.
    slots : (n,) int64 array
        Of the rows.
    chosen : (m,) int64 array
        The slots of the rows to compare.
    nearby : NearbyLists
        The lists that each of these is compared with, its own among them.
    """

    lists: InvertedLists
    codes: Codes
    slots: IntArray
    chosen: IntArray
    nearby: NearbyLists


def compare_new(
    kept: KeptLists,
    rows: Rows,
    before: IntArray,
    chosen: IntArray,
    k: int,
    n_wanted: int,
    resources: Resources,
) -> tuple[NewPairs, KeptLists]:
    """Return what the rows `chosen` find in the lists, and for which others they may be near.

    Parameters
    ----------
    kept : KeptLists
        Of the rows before.
    rows : Rows
    before : (n,) int64 array
        The position that each row had before, -1 for a new one.
    chosen : (m,) int64 array
        Positions of the rows to compare, ascending; the new ones are among them.
    k, n_wanted : int
        Candidates of each, itself included; how many of them are wanted, itself included.
    resources : Resources
    """
    layout = _laid_out(kept, rows, before, chosen, resources)
    lists, codes, step = layout.lists, layout.codes, float(kept.step)
    n_components = codes.shape[1]
    keys = _found_close_by(layout, k, resources.n_threads)
    bounds = kept.bounds[before]
    bounds[chosen] = bounds_of(keys, n_wanted, step, n_components)
    pairs = _scan(layout, bounds[lists.order], resources)
    number = np.full(len(rows), -1, np.int32)  # of the chosen, by slot
    number[layout.chosen] = np.arange(len(chosen))
    first, second = number[pairs.first], number[pairs.second]
    is_both = second >= 0
    nearest = NearestPairs(n_components, keys)
    nearest.merge_one_way(
        np.concatenate([first, second[is_both]]),
        np.concatenate([pairs.second, pairs.first[is_both]]),
        np.concatenate([pairs.products, pairs.products[is_both]]),
        resources.n_threads,
    )
    keys = without_the_far(nearest.keys, n_wanted, step)
    bounds[chosen] = bounds_of(keys, n_wanted, step, n_components)
    one, other = lists.order[pairs.second], lists.order[pairs.first]
    counts = ~is_both & (before[other] < 0) & (pairs.products >= bounds[one])
    found = NewPairs(Candidates(lists.positions(slots_of(keys))), one[counts], other[counts])
    n_added = kept.n_added + int((before < 0).sum())
    return found, replace(
        kept, order=lists.order, starts=lists.starts, codes=codes, bounds=bounds, n_added=n_added
    )


def _laid_out(
    kept: KeptLists, rows: Rows, before: IntArray, chosen: IntArray, resources: Resources
) -> _Layout:
    slots_before = np.empty(len(kept.order), np.int64)
    slots_before[kept.order] = np.arange(len(kept.order))
    sources = slots_before[before]  # of new rows, any
    is_new = before[chosen] < 0
    new = chosen[is_new]
    new_codes = np.empty((len(new), kept.codes.shape[1]), np.int8)
    kept.pca.project_all(rows.choose(new), new_codes, resources.n_threads)
    chosen_codes = kept.codes[sources[chosen]]
    chosen_codes[is_new] = new_codes
    ranking = ListRanking(kept.codes, kept.centroids)
    level = ranking.calibrated(N_COMPARED_WITH_NEW, _SAMPLE_ROWS).level
    nearby = ListRanking(chosen_codes, kept.centroids, level, True).rank(resources.workers)
    n_lists = len(kept.centroids)
    own = np.repeat(np.arange(n_lists, dtype=np.int32), np.diff(kept.starts))[sources]
    own[new] = nearby.own[is_new]
    lists = fill_lists(own, n_lists)
    slots = np.empty(len(rows), np.int64)
    slots[lists.order] = np.arange(len(rows))
    codes = np.take(kept.codes, sources[lists.order], axis=0)
    codes[slots[new]] = new_codes
    return _Layout(lists, codes, slots, slots[chosen], nearby)


def _found_close_by(layout: _Layout, k: int, n_threads: int) -> Keys:
    """Return what the chosen rows find in the slots around: lists that follow lie close together.

    What they find is only to be a bound for the scan of the lists.
    """
    n_rows = len(layout.codes)
    by_slot = np.argsort(layout.chosen)
    chosen, keys = layout.chosen[by_slot], np.full((len(by_slot), k), NO_KEY)
    largest = largest_product(layout.codes.shape[1])

    def compare(span: tuple[int, int]) -> None:
        first, last = np.searchsorted(chosen, span)
        if first == last:
            return
        start, stop = max(0, span[0] - _SLOTS_BESIDE), min(n_rows, span[1] + _SLOTS_BESIDE)
        queries = layout.codes[chosen[first:last]]
        products, columns = topk_of_codes(queries, layout.codes[start:stop], k)
        found = (largest - products).astype(np.uint64) << SLOT_BITS
        found |= (columns + start).astype(np.uint64)
        keys[by_slot[first:last], : found.shape[1]] = np.sort(found, axis=1)

    for_each(compare, spans(n_rows, _SLOTS_AT_ONCE), n_threads)
    return keys


def _scan(layout: _Layout, bounds: NDArray[np.int32], resources: Resources) -> Pairs:
    """Return the pairs of the chosen rows, first, with others by which one of both gains."""
    slots = layout.chosen.astype(np.int32)
    work = ListScan(layout.codes, layout.lists.starts, layout.nearby, slots, bounds)
    tasks = list_tasks(layout.nearby, 0, PROBES_PER_TASK)
    return Pairs.joined([pairs for _, pairs in resources.workers.run(work, tasks)])
