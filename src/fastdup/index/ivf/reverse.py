"""Reverse neighbours: a pair that only one of its rows found counts for both."""

import numpy as np

from fastdup.arrays import IntArray
from fastdup.index.group_by import group_by
from fastdup.index.ivf.keys import NO_KEY, SLOT_BITS, Keys, slots_of, smallest_keys
from fastdup.index.parallel import for_each
from fastdup.index.rows import spans

_MERGE_ROWS = 32_768


def with_reverse_neighbours(keys: Keys, n_threads: int) -> Keys:
    """Return the nearest rows of each row, among those that it found and those that found it.

    Parameters
    ----------
    keys : (n, k) uint64 array
        What each of n rows found among them.
    n_threads : int

    Returns
    -------
    (n, k) uint64 array
    """
    n_rows, k = keys.shape
    parts = spans(n_rows, _MERGE_ROWS)
    (used,) = np.nonzero(keys.ravel() != NO_KEY)
    part_of_found = slots_of(keys.ravel()[used]) // _MERGE_ROWS
    order, starts = group_by(part_of_found, len(parts))
    used = used[order]
    merged = np.empty_like(keys)

    def merge(span: tuple[int, int]) -> None:
        own, part = keys[slice(*span)], span[0] // _MERGE_ROWS
        reverse = _reverse_neighbours(keys, used[starts[part] : starts[part + 1]], span)
        known = (slots_of(reverse)[:, :, None] == slots_of(own)[:, None, :]).any(axis=2)
        reverse[known] = NO_KEY
        merged[slice(*span)] = smallest_keys(np.concatenate([own, reverse], axis=1), k)

    for_each(merge, parts, n_threads)
    return merged


def _reverse_neighbours(keys: Keys, used: IntArray, span: tuple[int, int]) -> Keys:
    """Return the nearest k of the rows that found each row of a range.

    `used` are the flat indices of the keys that hold rows of that range.
    """
    n_rows, k = span[1] - span[0], keys.shape[1]
    found = slots_of(keys.ravel()[used]) - span[0]
    distances = keys.ravel()[used] >> SLOT_BITS
    order = np.argsort(found.astype(np.uint64) << SLOT_BITS | distances, kind="stable")
    counts = np.bincount(found, minlength=n_rows)
    n_kept = np.minimum(counts, k)
    rows = np.repeat(np.arange(n_rows), n_kept)
    columns = np.arange(n_kept.sum()) - np.repeat(np.cumsum(n_kept) - n_kept, n_kept)
    chosen = order[(np.cumsum(counts) - counts)[rows] + columns]
    finders = (used[chosen] // k).astype(np.uint64)
    reverse = np.full((n_rows, k), NO_KEY)
    reverse[rows, columns] = distances[chosen] << SLOT_BITS | finders
    return reverse
