"""The nearest rows of each row, while pairs of rows are added, each of which counts for both.

A key holds how far an inner product is below the largest that codes can have, and a slot; see
`fastdup.index.ivf.keys`.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import BoolArray
from fastdup.index.group_by import group_by
from fastdup.index.ivf.codes import LARGEST_CODE
from fastdup.index.ivf.keys import NO_KEY, SLOT_BITS, Keys
from fastdup.index.parallel import for_each
from fastdup.index.rows import spans

#: The bound of a row that still has room.
NO_BOUND = np.iinfo(np.int32).min

# Rows of one part are sorted by one integer: row, how far below the largest product, slot.
_PART_BITS, _PRODUCT_BITS, _PACKED_SLOT_BITS = np.uint64(12), np.uint64(23), np.uint64(29)
_PART_ROWS = 1 << int(_PART_BITS)
_PRODUCT_SHIFT, _ROW_SHIFT = _PACKED_SLOT_BITS, _PACKED_SLOT_BITS + _PRODUCT_BITS
_SLOT_MASK = np.uint64((1 << int(_PACKED_SLOT_BITS)) - 1)
_PRODUCT_MASK = np.uint64((1 << int(_PRODUCT_BITS)) - 1)


class Pairs(NamedTuple):
    """Pairs of different rows.

    Attributes
    ----------
    first, second : (m,) int32 arrays
        Slots.
    products : (m,) int32 array
        Of their codes.
    """

    first: NDArray[np.int32]
    second: NDArray[np.int32]
    products: NDArray[np.int32]

    @classmethod
    def none(cls) -> "Pairs":
        """Return no pairs."""
        return cls(*(np.empty(0, np.int32) for _ in cls._fields))

    @classmethod
    def joined(cls, found: Sequence["Pairs"]) -> "Pairs":
        """Return all of some pairs."""
        return cls(*map(np.concatenate, zip(*found, strict=True))) if found else cls.none()


class NearestPairs:
    """The k nearest of the rows that each row was paired with.

    Parameters
    ----------
    n_components : int
        Of the codes: at most `fastdup.index.ivf.codes.MOST_COMPONENTS`.
    keys : (n, k) uint64 array
        Ascending, none twice; `NO_KEY` at the end where there are fewer.
    """

    def __init__(self, n_components: int, keys: Keys) -> None:
        self.keys = keys
        self._largest = largest_product(n_components)

    def bounds(self) -> NDArray[np.int32]:
        """Return the least product of a row that could be one of each row's nearest: (n,)."""
        last = self.keys[:, -1]
        products = self._largest - (last >> SLOT_BITS).astype(np.int64)
        return np.where(last == NO_KEY, NO_BOUND, products).astype(np.int32)

    def merge(self, found: list[Pairs], n_threads: int) -> None:
        """Add pairs, of which some may have been added before."""
        if not found:
            return
        pairs, bounds = Pairs.joined(found), self.bounds()
        forth, back = (pairs.products >= bounds[rows] for rows in pairs[:2])
        self.merge_one_way(
            np.concatenate([pairs.first[forth], pairs.second[back]]),
            np.concatenate([pairs.second[forth], pairs.first[back]]),
            np.concatenate([pairs.products[forth], pairs.products[back]]),
            n_threads,
        )

    def merge_one_way(
        self,
        rows: NDArray[np.int32],
        others: NDArray[np.int32],
        products: NDArray[np.int32],
        n_threads: int,
    ) -> None:
        """Add `others` to those that `rows` were paired with: (m,) arrays."""
        below = self._largest - products
        order, starts = group_by(rows // _PART_ROWS, -(-len(self.keys) // _PART_ROWS))

        def merge(span: tuple[int, int]) -> None:
            part = span[0] // _PART_ROWS
            chosen = order[starts[part] : starts[part + 1]]
            packed = _packed(rows[chosen] - span[0], below[chosen], others[chosen])
            own = self.keys[slice(*span)]
            self.keys[slice(*span)] = _smallest(np.concatenate([packed, _packed_keys(own)]), own)

        for_each(merge, spans(len(self.keys), _PART_ROWS), n_threads)


def largest_product(n_components: int) -> int:
    """Return the largest inner product that codes of so many components can have."""
    return LARGEST_CODE**2 * n_components


def _packed(
    rows: NDArray[np.int32], below: NDArray[np.int32], slots: NDArray[np.int32]
) -> NDArray[np.uint64]:
    packed = rows.astype(np.uint64) << _ROW_SHIFT
    packed |= below.astype(np.uint64) << _PRODUCT_SHIFT
    packed |= slots.astype(np.uint64)
    return packed


def _packed_keys(keys: Keys) -> NDArray[np.uint64]:
    rows, _ = np.nonzero(keys != NO_KEY)
    used = keys[keys != NO_KEY]
    packed = rows.astype(np.uint64) << _ROW_SHIFT
    packed |= used >> SLOT_BITS << _PRODUCT_SHIFT
    packed |= used & _SLOT_MASK
    return packed


def _smallest(packed: NDArray[np.uint64], like: Keys) -> Keys:
    """Return the smallest keys of each row, in the shape of `like`."""
    n_rows, k = like.shape
    packed.sort()
    packed = packed[_is_first(packed)]
    starts = np.searchsorted(packed >> _ROW_SHIFT, np.arange(n_rows + 1, dtype=np.uint64))
    places = starts[:-1, None] + np.arange(k)
    is_there = places < starts[1:, None]
    chosen = packed[np.minimum(places, len(packed) - 1)] if len(packed) else like
    keys = (chosen >> _PRODUCT_SHIFT & _PRODUCT_MASK) << SLOT_BITS | (chosen & _SLOT_MASK)
    return np.where(is_there, keys, NO_KEY)


def _is_first(ascending: NDArray[np.uint64]) -> BoolArray:
    """Return which numbers differ from the one before."""
    return np.concatenate([np.ones(min(1, len(ascending)), bool), ascending[1:] != ascending[:-1]])
