"""A squared distance and a slot packed into one integer, so that sorting needs no indirection.

Sorted as integers, keys are in the order of their distances, ties by slot.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import IntArray

Keys = NDArray[np.uint64]

SLOT_BITS = np.uint64(32)
_SLOT_MASK = np.uint64(0xFFFF_FFFF)
#: Stands where nothing was found; larger than every other key.
NO_KEY = np.uint64(0xFFFF_FFFF_FFFF_FFFF)


def pack_keys(distances: NDArray[np.float32], slots: NDArray[np.integer[Any]]) -> Keys:
    """Return keys of distances, which must be at least 0 so that their bits sort as they do."""
    keys = distances.astype(np.float32, copy=False).view(np.uint32).astype(np.uint64)
    keys <<= SLOT_BITS
    keys |= slots.astype(np.uint64)
    return keys


def slots_of(keys: Keys) -> IntArray:
    """Return the slots in some keys, -1 for `NO_KEY`."""
    slots = (keys & _SLOT_MASK).astype(np.int64)
    slots[keys == NO_KEY] = -1
    return slots


def smallest_keys(keys: Keys, k: int) -> Keys:
    """Return the k smallest keys of each row, ascending; all where there are fewer."""
    if keys.shape[1] > k:
        keys = np.partition(keys, k - 1, axis=1)[:, :k]
    return np.sort(keys, axis=1)
