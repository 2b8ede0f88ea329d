"""The probes of all queries, sorted by list, and what each of them found."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastdup.index.group_by import group_by
from fastdup.index.ivf.keys import NO_KEY, Keys, smallest_keys
from fastdup.index.ivf.quantiser import ProbePlan
from fastdup.index.ivf.scratch import Scratch
from fastdup.index.parallel import for_each
from fastdup.index.rows import spans

_MERGE_ROWS = 32_768


class Probes:
    """One probe for each query and list that it probes, numbered list after list.

    Parameters
    ----------
    plan : ProbePlan
        Of q queries.
    n_lists : int

    Attributes
    ----------
    queries : (n_probes,) int32 array
        The query of each probe; ascending within a list.
    by_query : (n_probes,) int64 array
        The numbers of the probes, query after query.
    n_queries : int
    """

    def __init__(self, plan: ProbePlan, n_lists: int) -> None:
        self.n_queries = len(plan)
        (probed,) = np.nonzero(plan.is_probed().ravel())
        order, self._starts = group_by(plan.lists.ravel()[probed], n_lists)
        self.queries = (probed[order] // plan.lists.shape[1]).astype(np.int32)
        self.by_query = np.empty(len(order), np.int64)
        self.by_query[order] = np.arange(len(order))

    def __len__(self) -> int:
        return len(self.queries)

    def of_list(self, number: int, n_per_block: int) -> Iterator[slice]:
        """Yield the probes of one list, in blocks."""
        start, stop = self._starts[number], self._starts[number + 1]
        for first, last in spans(stop - start, n_per_block):
            yield slice(start + first, start + last)


class ProbeResults:
    """The nearest rows that each probe found.

    Parameters
    ----------
    probes : Probes
    k : int
        Rows that a probe may find.
    scratch : Scratch
        Keeps them.
    """

    def __init__(self, probes: Probes, k: int, scratch: Scratch) -> None:
        self._probes, self._k = probes, k
        self._keys = scratch.array("found", (len(probes), k), np.uint64, _fill_with_nothing)

    def store(self, probes: slice, keys: Keys) -> None:
        """Keep what some probes found: (n_probes, at most k) keys."""
        self._keys[probes, : keys.shape[1]] = keys

    def best(self, n_threads: int) -> Keys:
        """Return the nearest rows that each query found by all its probes: (q, k) keys."""
        n_queries, k = self._probes.n_queries, self._k
        best = np.full((n_queries, k), NO_KEY)
        counts = np.bincount(self._probes.queries, minlength=n_queries)
        starts = np.cumsum(counts) - counts

        def merge(span: tuple[int, int]) -> None:
            part = slice(*span)
            for count in np.unique(counts[part]):
                queries = span[0] + np.flatnonzero(counts[part] == count)
                probes = self._probes.by_query[starts[queries][:, None] + np.arange(count)]
                best[queries] = smallest_keys(self._keys[probes].reshape(len(queries), -1), k)

        for_each(merge, spans(n_queries, _MERGE_ROWS), n_threads)
        return best


def _fill_with_nothing(keys: NDArray[Any]) -> None:
    keys.fill(NO_KEY)
