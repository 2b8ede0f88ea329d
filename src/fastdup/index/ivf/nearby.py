"""Which lists each row of a self-join is compared with: so many that hardly a close pair is missed.

A row is compared with the lists whose centroids stand out among all, for that row. How far they
must stand out is the same for all rows: a row in the middle of many others is compared with many
lists, one that lies alone with few.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import IntArray
from fastdup.executors import Executor
from fastdup.index.group_by import group_by
from fastdup.index.ivf.codes import Codes
from fastdup.index.ivf.quantiser import ProbePlan
from fastdup.index.matmul import products_of_codes
from fastdup.index.rows import spans

#: Rows that each row is compared with, on average.
N_COMPARED = 5000
#: Lists up to which all centroids are compared with all rows; more are searched by their codes.
MOST_RANKED_LISTS = 12_000
#: Share of the largest product in the middle from which others stand out; the rest is the mean.
_SHARE_OF_LARGEST = 0.3
#: Centroids from which the mean and the spread of a row's products are estimated, at least.
_N_MEASURED = 256
_SAMPLE_ROWS = 2000
#: Rows in a block of `NearbyLists`, and so few of them at once that they stay in the cache.
ROWS_PER_BLOCK = 4096
_ROWS_AT_ONCE = 512
_INT32 = np.float32(-(2**31)), np.float32(2**31 - 128)


class NearbyLists(NamedTuple):
    """The list of each of n rows, and for each list the rows of others that it is compared with.

    Attributes
    ----------
    own : (n,) int32 array
    rows : (n_probes,) int32 array
        Rows that are compared with a list that is not their own: block after block of rows, list
        after list in each.
    starts : (n_blocks, n_lists + 1) int64 array
        Those of block b for list i are ``rows[starts[b, i]:starts[b, i + 1]]``.
    """

    own: NDArray[np.int32]
    rows: NDArray[np.int32]
    starts: IntArray

    @classmethod
    def joined(cls, blocks: Sequence["NearbyLists"]) -> "NearbyLists":
        """Return one of all rows, from one of each block."""
        n_before = np.cumsum([0, *(len(block.rows) for block in blocks)])
        starts = [block.starts + n for block, n in zip(blocks, n_before, strict=False)]
        own, rows = (np.concatenate([block[i] for block in blocks]) for i in (0, 1))
        return cls(own, rows, np.concatenate(starts))

    @classmethod
    def of_plan(cls, plan: ProbePlan, n_lists: int) -> "NearbyLists":
        """Return the lists that rows probe by a plan, all in one block."""
        is_other = plan.is_probed()
        is_other[:, 0] = False
        rows, columns = np.nonzero(is_other)
        order, starts = group_by(plan.lists[rows, columns], n_lists)
        return cls(plan.lists[:, 0].copy(), rows[order].astype(np.int32), starts[None])

    def of_list(self, number: int) -> NDArray[np.int32]:
        """Return the rows of other lists that one list is compared with, ascending."""
        ends = self.starts[:, number : number + 2].tolist()
        return np.concatenate([self.rows[start:stop] for start, stop in ends])


@dataclass(frozen=True)
class ListRanking:
    """Finds the lists of blocks of rows. Picklable.

    Attributes
    ----------
    codes : (n, p) int8 array
        The projected rows.
    centroids : (n_lists, c) int8 array
        Codes of the same step, of the first c components.
    level : float
        By how many standard deviations a list stands out that a row is compared with.
    has_own : bool
        Whether the own list of each row is among those, too.
    """

    codes: Codes
    centroids: Codes
    level: float = np.inf
    has_own: bool = False

    def __call__(self, span: tuple[int, int]) -> NearbyLists:
        """Return the lists of a range of rows."""
        n_rows = span[1] - span[0]
        own, is_nearby = np.empty(n_rows, np.int32), np.empty((len(self.centroids), n_rows), bool)
        for start, stop in spans(n_rows, _ROWS_AT_ONCE):
            products = self._products(slice(span[0] + start, span[0] + stop))
            middle, spread, largest = _scale(products)
            places = np.flatnonzero(products == largest)[::-1]  # of several, the first counts
            own[start + places % (stop - start)] = places // (stop - start)
            least = np.ceil(middle + np.float32(self.level) * spread)
            is_nearby[:, start:stop] = products >= np.clip(least, *_INT32).astype(np.int32)
        is_nearby[own, np.arange(n_rows)] = self.has_own
        places = np.flatnonzero(is_nearby)
        starts = np.searchsorted(places, np.arange(len(self.centroids) + 1) * n_rows)
        rows = (places % n_rows + span[0]).astype(np.int32)
        return NearbyLists(own, rows, starts[None])

    def calibrated(self, n_compared: int, n_sampled: int = _SAMPLE_ROWS) -> "ListRanking":
        """Return the ranking by which each row is compared with about `n_compared` rows.

        That is found for `n_sampled` rows.
        """
        n_rows = len(self.codes)
        if n_compared >= n_rows:
            return ListRanking(self.codes, self.centroids, -np.inf)
        products = self._products(slice(None, None, max(1, n_rows // n_sampled)))
        middle, spread, _ = _scale(products)
        level = float(np.quantile((products - middle) / spread, 1 - n_compared / n_rows))
        return ListRanking(self.codes, self.centroids, level)

    def rank(self, executor: Executor) -> NearbyLists:
        """Return the lists of all rows."""
        blocks = spans(len(self.codes), ROWS_PER_BLOCK)
        ranked = dict(executor.run(self, blocks))  # in any order
        return NearbyLists.joined([ranked[block] for block in blocks])

    def _products(self, rows: slice) -> NDArray[np.int32]:
        """Return how near rows are to each centroid: q·c − ‖c‖²/2, which orders as distances do."""
        chosen = np.ascontiguousarray(self.codes[rows, : self.centroids.shape[1]])
        products = products_of_codes(self.centroids, chosen)
        products -= half_squares(self.centroids)[:, None]
        return products


def half_squares(codes: Codes) -> NDArray[np.int32]:
    """Return half the squared length of each row of codes, rounded down."""
    return np.asarray(np.square(codes, dtype=np.int32).sum(axis=1, dtype=np.int32) // 2)


def _scale(
    products: NDArray[np.int32],
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int32]]:
    """Return what the products of each column stand out from, their spread, and the largest."""
    largest = products.max(axis=0)
    some = products[:: max(1, len(products) // _N_MEASURED)].astype(np.float32)
    middle = _SHARE_OF_LARGEST * largest + (1 - _SHARE_OF_LARGEST) * some.mean(axis=0)
    return middle.astype(np.float32), np.maximum(some.std(axis=0), 1), largest
