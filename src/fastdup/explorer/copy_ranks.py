"""The order in which copies are kept by a rule, found for a group when it is shown."""

from functools import cached_property

import numpy as np

from fastdup.actions.candidate import Candidate
from fastdup.actions.keep import CopyChoice, is_protected
from fastdup.analysis.components import connect
from fastdup.arrays import IntArray
from fastdup.explorer.collection import Collection
from fastdup.explorer.component_index import ComponentIndex


class CopyRanks:
    """The order of copies by a choice; safe to use from several threads.

    To order 100,000 images takes two seconds, and a page shows a few groups.

    Parameters
    ----------
    collection : Collection
    choice : CopyChoice

    Attributes
    ----------
    are_protected : (n,) bool array
        Which images must not go, of those whose order was asked for.
    """

    def __init__(self, collection: Collection, choice: CopyChoice) -> None:
        self._collection = collection
        self._sort_key, self._never = choice.sort_key(), choice.protected()
        self._ranks = np.full(collection.n_images, -1, np.int64)
        self.are_protected = np.zeros(collection.n_images, bool)

    def of(self, members: IntArray) -> IntArray:
        """Return a place for each image of a component at any threshold, the first to keep lowest.

        Parameters
        ----------
        members : (m,) int64 array
        """
        if len(members) and (self._ranks[members] < 0).any():
            whole = self._components.component_of(int(members[0]))
            self._rank(self._components.members(whole) if whole >= 0 else members)
        ranks: IntArray = self._ranks[members]
        return ranks

    @cached_property
    def _components(self) -> ComponentIndex:
        """Those of all pairs of copies: each of those at a threshold is a part of one of them."""
        collection = self._collection
        pairs = collection.pairs.picked(collection.are_copies)
        return ComponentIndex(pairs, connect(pairs, collection.n_images), collection.n_images)

    def _rank(self, rows: IntArray) -> None:
        copies = {row: self._candidate(row) for row in rows.tolist()}
        if self._never:
            kept = [row for row, copy in copies.items() if is_protected(copy.path, self._never)]
            self.are_protected[kept] = True
        in_order = sorted(copies, key=lambda row: self._sort_key(copies[row]))
        self._ranks[in_order] = np.arange(len(in_order))

    def _candidate(self, row: int) -> Candidate:
        stats, mtimes = self._collection.stats, self._collection.mtimes_ns
        mtime_ns = int(mtimes[row]) if len(mtimes) else -1
        path = self._collection.paths[row]
        if not stats:
            return Candidate(path, 0, 0, -1, mtime_ns, 0.0)
        width, height, size_bytes = (
            int(stats[name][row]) for name in ("width", "height", "file_size")
        )
        return Candidate(path, width, height, size_bytes, mtime_ns, float(stats["blur"][row]))
