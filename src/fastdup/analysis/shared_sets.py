"""Which two of many things share a set, for millions of pairs at a time."""

from collections import defaultdict

import numpy as np

from fastdup.arrays import BoolArray, IntArray

#: Sets up to this size are kept as all their pairs.
_MOST_AS_PAIRS = 16


class SharedSets:
    """Sets of n things, numbered from 0.

    Parameters
    ----------
    sets, members : (m,) int64 arrays
        Number of a set, and a thing that is in it.
    n_things : int
    """

    def __init__(self, sets: IntArray, members: IntArray, n_things: int) -> None:
        self._n_things = n_things
        distinct, numbers = np.unique(sets, return_inverse=True)
        keys = _distinct(numbers * max(n_things, 1) + members)
        numbers, members = np.divmod(keys, max(n_things, 1))
        counts = np.bincount(numbers, minlength=len(distinct))
        starts = np.cumsum(counts) - counts
        found = [np.empty(0, np.int64)]
        for size in _distinct(counts[(counts > 1) & (counts <= _MOST_AS_PAIRS)]).tolist():
            of_size = members[starts[counts == size][:, None] + np.arange(size)]
            low, high = np.triu_indices(size, 1)
            found.append((of_size[:, low] * n_things + of_size[:, high]).ravel())
        self._pairs = _distinct(np.concatenate(found))
        self._large: defaultdict[int, set[int]] = defaultdict(set)
        is_large = counts[numbers] > _MOST_AS_PAIRS
        for number, member in zip(
            numbers[is_large].tolist(), members[is_large].tolist(), strict=True
        ):
            self._large[member].add(number)

    def share(self, ones: IntArray, others: IntArray) -> BoolArray:
        """Return which of k pairs of things share a set; a thing and itself do not.

        Parameters
        ----------
        ones, others : (k,) int64 arrays
            -1 for nothing.
        """
        low, high = np.minimum(ones, others), np.maximum(ones, others)
        keys = np.where(low < 0, -1, low * self._n_things + high)
        place = np.searchsorted(self._pairs, keys)
        shares: BoolArray = (np.append(self._pairs, -2)[place] == keys) & (low != high)
        if self._large:
            large = np.fromiter(self._large, np.int64, len(self._large))
            (open_,) = np.nonzero(
                ~shares & (low != high) & np.isin(low, large) & np.isin(high, large)
            )
            pairs = zip(low[open_].tolist(), high[open_].tolist(), strict=True)
            found = (not self._large[a].isdisjoint(self._large[b]) for a, b in pairs)
            shares[open_] = np.fromiter(found, bool, len(open_))
        return shares


def _distinct(values: IntArray) -> IntArray:
    """Return the distinct values in order; faster than `numpy.unique`, which hashes them."""
    in_order = np.sort(values)
    distinct: IntArray = in_order[np.append(True, in_order[1:] != in_order[:-1])[: len(values)]]
    return distinct
