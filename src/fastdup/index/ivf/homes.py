"""The home of a list: the lists around it, with which all its rows are compared first."""

from dataclasses import dataclass

import numpy as np

from fastdup.arrays import IntArray
from fastdup.index.ivf.codes import Codes
from fastdup.index.ivf.keys import NO_KEY, SLOT_BITS, Keys
from fastdup.index.ivf.lists import InvertedLists
from fastdup.index.ivf.nearby import half_squares
from fastdup.index.ivf.nearest_pairs import largest_product
from fastdup.index.matmul import products_of_codes, topk_of_codes
from fastdup.index.rows import spans

#: Rows of a home, at least, unless its lists are too small for that.
_ROWS = 512
_MOST_LISTS = 16
_BLOCK_LISTS = 256
#: Products of one block.
_BLOCK_PRODUCTS = 1 << 19


def homes_of(centroids: Codes, lists: InvertedLists) -> list[IntArray]:
    """Return the lists of the home of each list, itself first and then the nearest.

    Parameters
    ----------
    centroids : (n_lists, c) int8 array
    lists : InvertedLists
    """
    sizes, n_lists = lists.sizes, len(centroids)
    homes: list[IntArray] = []
    for start, stop in spans(n_lists, _BLOCK_LISTS):
        nearness = (
            products_of_codes(centroids[start:stop], centroids) - half_squares(centroids)
        ).astype(np.int64)
        nearness = nearness * n_lists - np.arange(n_lists)  # no two are equal
        nearness[np.arange(stop - start), np.arange(start, stop)] = np.iinfo(np.int64).max
        n_kept = min(_MOST_LISTS, n_lists)
        nearest = np.argpartition(-nearness, n_kept - 1, axis=1)[:, :n_kept]
        order = np.argsort(-np.take_along_axis(nearness, nearest, axis=1), axis=1)
        nearest = np.take_along_axis(nearest, order, axis=1)
        n_before = np.cumsum(sizes[nearest], axis=1) - sizes[nearest]
        homes += [row[before < _ROWS] for row, before in zip(nearest, n_before, strict=True)]
    return homes


@dataclass(frozen=True)
class HomeComparison:
    """Compares the rows of lists with those of their homes. Picklable.

    Attributes
    ----------
    codes : (n, p) int8 array
        By slot.
    starts : (n_lists + 1,) int64 array
        Of the lists.
    homes : list of int64 arrays
    k : int
        Rows to find for each.
    """

    codes: Codes
    starts: IntArray
    homes: list[IntArray]
    k: int

    def __call__(self, span: tuple[int, int]) -> Keys:
        """Return what the rows of a range of lists found at home: (m, k) keys."""
        found = np.full((self.starts[span[1]] - self.starts[span[0]], self.k), NO_KEY)
        for number in range(*span):
            self._compare(number, found, int(self.starts[span[0]]))
        return found

    def _compare(self, number: int, found: Keys, first_slot: int) -> None:
        start, stop = int(self.starts[number]), int(self.starts[number + 1])
        if start == stop:
            return
        slots = np.concatenate(
            [np.arange(self.starts[i], self.starts[i + 1]) for i in self.homes[number]]
        )
        rows, largest = np.take(self.codes, slots, axis=0), largest_product(self.codes.shape[1])
        for first, last in spans(stop - start, max(64, _BLOCK_PRODUCTS // len(slots))):
            queries = self.codes[start + first : start + last]
            products, columns = topk_of_codes(queries, rows, self.k)
            keys = (largest - products).astype(np.uint64) << SLOT_BITS
            keys |= slots[columns].astype(np.uint64)
            place = start - first_slot
            found[place + first : place + last, : keys.shape[1]] = np.sort(keys, axis=1)
