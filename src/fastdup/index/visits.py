"""What the queries find on their visits to lists, and the best of it for each query."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastdup.index.parallel import for_each
from fastdup.index.rows import spans
from fastdup.index.workspace import Workspace

_MERGE_ROWS = 65_536


class Visits:
    """The visits of q queries to their lists, list after list, and what each found.

    Parameters
    ----------
    probes : (q, p) int32 array
        The lists that each query visits.
    n_lists : int
    n_found : int
        Rows that a visit may find.
    workspace : Workspace
        Keeps what was found.
    """

    def __init__(
        self, probes: NDArray[np.int32], n_lists: int, n_found: int, workspace: Workspace
    ) -> None:
        self.n_queries, self.n_probes = probes.shape
        flat = probes.ravel()
        self._order = np.argsort(flat, kind="stable")
        self._starts = np.searchsorted(flat[self._order], np.arange(n_lists + 1))
        shape = (len(flat), n_found)
        self._positions = workspace.array("positions", shape, np.int32, _filler(-1))
        self._distances = workspace.array("distances", shape, np.float32, _filler(np.inf))

    def spans(self, which: int, n_per_block: int) -> Iterator[slice]:
        """Yield the visits to a list, in blocks."""
        start, stop = self._starts[which], self._starts[which + 1]
        for first, last in spans(stop - start, n_per_block):
            yield slice(start + first, start + last)

    def queries(self, span: slice) -> NDArray[np.int64]:
        """Return who visits."""
        return np.asarray(self._order[span] // self.n_probes)

    def store(
        self, span: slice, positions: NDArray[np.int64], distances: NDArray[np.float32]
    ) -> None:
        """Keep what some visits found: (visits, at most n_found) arrays."""
        self._positions[span, : positions.shape[1]] = positions
        self._distances[span, : positions.shape[1]] = distances

    def found(
        self, span: tuple[int, int], numbers: NDArray[np.int64]
    ) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Return all that a range of queries found; `numbers` is that of each visit."""
        visits = numbers[span[0] * self.n_probes : span[1] * self.n_probes]
        shape = (span[1] - span[0], -1)
        return self._positions[visits].reshape(shape), self._distances[visits].reshape(shape)

    def numbers(self) -> NDArray[np.int64]:
        """Return the place of each visit in the order of lists, query after query."""
        return inverse(self._order)

    @property
    def n_found(self) -> int:
        """Rows that a visit may find."""
        return int(self._positions.shape[1])


def inverse(order: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where each number lies in `order`, a permutation."""
    places = np.empty_like(order)
    places[order] = np.arange(len(order))
    return places


def _filler(value: float) -> Callable[[NDArray[Any]], None]:
    return lambda array: array.fill(value)


def best_of(visits: Visits, n_threads: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return the nearest rows that each query found on all its visits, nearest first.

    Returns
    -------
    positions, distances : (q, n_found) int64 and float32 arrays
        -1 and infinity where there are fewer.
    """
    positions = np.empty((visits.n_queries, visits.n_found), np.int64)
    distances = np.empty(positions.shape, np.float32)
    numbers = visits.numbers()

    def merge(span: tuple[int, int]) -> int:
        part = slice(*span)
        positions[part], distances[part] = _nearest(*visits.found(span, numbers), visits.n_found)
        return 0

    for_each(merge, spans(visits.n_queries, _MERGE_ROWS), n_threads)
    return positions, distances


def with_the_reverse(
    positions: NDArray[np.int64], distances: NDArray[np.float32]
) -> NDArray[np.int64]:
    """Return the nearest rows of each row, among those it found and those that found it.

    Parameters
    ----------
    positions, distances : (n, m) arrays
        What each of n rows found among themselves.

    Returns
    -------
    (n, m) int64 array
        -1 where there are fewer.
    """
    n_rows, n_found = positions.shape
    finders = np.repeat(np.arange(n_rows), n_found)
    flat = positions.ravel()
    # Nearest first within each row found: what lies beyond the first few need not be looked at.
    order = np.lexsort((finders, distances.ravel(), flat))
    starts = np.searchsorted(flat[order], np.arange(n_rows + 1))
    merged = np.empty_like(positions)
    for start, stop in spans(n_rows, _MERGE_ROWS):
        reverse, their_distances = np.full((2, stop - start, n_found), -1.0)
        their_distances[:] = np.inf
        counts = np.minimum(np.diff(starts[start : stop + 1]), n_found)
        rows = np.repeat(np.arange(stop - start), counts)
        columns = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        chosen = order[starts[start + rows] + columns]
        reverse[rows, columns] = finders[chosen]
        their_distances[rows, columns] = distances.ravel()[chosen]
        known = (reverse[:, :, None] == positions[start:stop, None, :]).any(axis=2)
        their_distances[known] = np.inf
        both = np.concatenate([positions[start:stop], reverse.astype(np.int64)], axis=1)
        merged[start:stop], _ = _nearest(
            both, np.concatenate([distances[start:stop], their_distances], axis=1), n_found
        )
    return merged


def _nearest(
    positions: NDArray[np.signedinteger], distances: NDArray[np.floating], n_wanted: int
) -> tuple[NDArray[np.signedinteger], NDArray[np.floating]]:
    """Return the `n_wanted` nearest of each row, -1 where the distance is infinite."""
    order = np.argsort(distances, axis=1, kind="stable")[:, :n_wanted]
    nearest = np.take_along_axis(distances, order, axis=1)
    return np.where(np.isinf(nearest), -1, np.take_along_axis(positions, order, axis=1)), nearest
