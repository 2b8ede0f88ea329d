"""What the queries find on their visits to lists, and the best of it for each query."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastdup.index.group_by import group_by
from fastdup.index.parallel import for_each
from fastdup.index.rows import spans
from fastdup.index.workspace import Workspace

_MERGE_ROWS = 32_768
_PLACE_BITS = np.uint64(32)

#: A distance and a place in one number: sorted by distance, ties by place.
Keys = NDArray[np.uint64]
#: The key of nothing found.
NOTHING = np.uint64(0xFFFF_FFFF_FFFF_FFFF)


def keys_of(distances: NDArray[np.float32], places: NDArray[np.integer[Any]]) -> Keys:
    """Return the keys of places at some distances: of at least 0, so that their bits sort alike."""
    bits = distances.astype(np.float32, copy=False).view(np.uint32)
    keys = bits.astype(np.uint64)
    keys <<= _PLACE_BITS
    keys |= places.astype(np.uint64)
    return keys


def places_of(keys: Keys) -> NDArray[np.int64]:
    """Return the places that some keys hold, -1 for nothing."""
    places = (keys & np.uint64(0xFFFF_FFFF)).astype(np.int64)
    places[keys == NOTHING] = -1
    return places


class Visits:
    """The visits of q queries to their lists, list after list, and what each found.

    Parameters
    ----------
    probes : (q, p) int32 array
        The lists that each query visits, negative for none.
    n_lists : int
    n_found : int
        Rows that a visit may find.
    workspace : Workspace
        Keeps what was found.
    """

    def __init__(
        self, probes: NDArray[np.int32], n_lists: int, n_found: int, workspace: Workspace
    ) -> None:
        self.n_queries, self.n_found = len(probes), n_found
        flat = probes.ravel()
        (made,) = np.nonzero(flat >= 0)
        flat = flat[made]
        order, self._starts = group_by(flat, n_lists)
        self._queries = (made[order] // probes.shape[1]).astype(np.int32)
        self._of_queries = np.empty(len(order), np.int64)  # numbers of visits, query after query
        self._of_queries[order] = np.arange(len(order))
        self._keys = workspace.array("found", (len(flat), n_found), np.uint64, _forget)

    def spans(self, which: int, n_per_block: int) -> Iterator[slice]:
        """Yield the visits to a list, in blocks."""
        start, stop = self._starts[which], self._starts[which + 1]
        for first, last in spans(stop - start, n_per_block):
            yield slice(start + first, start + last)

    def queries(self, span: slice) -> NDArray[np.int32]:
        """Return who visits, ascending within a list."""
        return np.asarray(self._queries[span])

    def store(self, span: slice, keys: Keys) -> None:
        """Keep what some visits found: (visits, at most n_found) keys."""
        self._keys[span, : keys.shape[1]] = keys

    def best(self, n_threads: int) -> Keys:
        """Return the nearest rows that each query found on all its visits: (q, n_found) keys."""
        best = np.full((self.n_queries, self.n_found), NOTHING)
        counts = np.bincount(self._queries, minlength=self.n_queries)
        starts = np.cumsum(counts) - counts

        def merge(span: tuple[int, int]) -> int:
            part = slice(*span)
            for count in np.unique(counts[part]):
                queries = span[0] + np.flatnonzero(counts[part] == count)
                visits = self._of_queries[starts[queries][:, None] + np.arange(count)]
                best[queries] = nearest_of(
                    self._keys[visits].reshape(len(queries), -1), self.n_found
                )
            return 0

        for_each(merge, spans(self.n_queries, _MERGE_ROWS), n_threads)
        return best


def _forget(keys: NDArray[Any]) -> None:
    keys.fill(NOTHING)


def nearest_of(keys: Keys, n_wanted: int) -> Keys:
    """Return the least `n_wanted` keys of each row, ascending."""
    if keys.shape[1] > n_wanted:
        keys = np.partition(keys, n_wanted - 1, axis=1)[:, :n_wanted]
    return np.sort(keys, axis=1)


def with_the_reverse(keys: Keys, n_threads: int) -> Keys:
    """Return the nearest rows of each row, among those it found and those that found it.

    Parameters
    ----------
    keys : (n, m) uint64 array
        What each of n rows found among themselves.

    Returns
    -------
    (n, m) uint64 array
    """
    n_rows, n_found = keys.shape
    parts = spans(n_rows, _MERGE_ROWS)
    (used,) = np.nonzero(keys.ravel() != NOTHING)
    part_found = places_of(keys.ravel()[used]) // _MERGE_ROWS
    order, ends = group_by(part_found, len(parts))
    used = used[order]
    merged = np.empty_like(keys)

    def merge(span: tuple[int, int]) -> int:
        own, number = keys[slice(*span)], span[0] // _MERGE_ROWS
        reverse = _finders(keys, used[ends[number] : ends[number + 1]], span)
        known = (places_of(reverse)[:, :, None] == places_of(own)[:, None, :]).any(axis=2)
        reverse[known] = NOTHING
        merged[slice(*span)] = nearest_of(np.concatenate([own, reverse], axis=1), n_found)
        return 0

    for_each(merge, parts, n_threads)
    return merged


def _finders(keys: Keys, used: NDArray[np.int64], span: tuple[int, int]) -> Keys:
    """Return who found each row of a range, the nearest ones: as many as each row of `keys` found.

    `used` are the indices of the keys of rows in that range.
    """
    n_rows, n_found = span[1] - span[0], keys.shape[1]
    found = places_of(keys.ravel()[used]) - span[0]
    distances = keys.ravel()[used] >> _PLACE_BITS
    order = np.argsort(found.astype(np.uint64) << _PLACE_BITS | distances, kind="stable")
    counts = np.bincount(found, minlength=n_rows)
    n_each = np.minimum(counts, n_found)
    rows = np.repeat(np.arange(n_rows), n_each)
    columns = np.arange(n_each.sum()) - np.repeat(np.cumsum(n_each) - n_each, n_each)
    chosen = order[(np.cumsum(counts) - counts)[rows] + columns]
    who = (used[chosen] // n_found).astype(np.uint64)
    finders = np.full((n_rows, n_found), NOTHING)
    finders[rows, columns] = distances[chosen] << _PLACE_BITS | who
    return finders
