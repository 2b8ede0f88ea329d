"""The scalable self-join: each list of alike rows against the rows near it, one product at a time.

An index that is asked point by point wastes what a self-join knows: all queries are there at once.
Here the rows are laid out list by list, and each list meets all rows that have it among their
nearest lists in one matrix product (Jégou et al. 2011, turned inside out).
"""

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from fastdup.index.base import ArrayProvider, Candidates
from fastdup.index.lists import Lists, train_lists
from fastdup.index.meetings import Comparison, halved, meetings
from fastdup.index.metrics import Metric
from fastdup.index.parallel import for_each
from fastdup.index.rows import Rows, spans
from fastdup.index.visits import Visits, best_of, inverse, with_the_reverse
from fastdup.index.workspace import InFolder, InMemory, Workspace, fingerprint

#: Lists per square root of the number of rows: then finding the lists of a row and comparing it
#: with their rows take about the same time.
LISTS_PER_ROOT = 6
#: Lists that each row is compared with.
N_PROBES = 8


class ClusteredJoin(ArrayProvider):
    """Compares each row with those of the few lists that are nearest to it.

    A pair is found when either row has the other's list among its nearest. A copy of the rows,
    list by list, is half the size of the features; it lies in memory or in `scratch`.

    Parameters
    ----------
    n_threads, progress
        As for every `Provider`.
    scratch : Path, optional
        Folder for what the search makes, gone when it ends; after a kill, it goes on from there.
        None: all is held in memory.
    """

    name = "clusters"
    exact: ClassVar[bool] = False
    margin: ClassVar[int] = 2

    def __init__(self, *, scratch: Path | None = None, **options: Any) -> None:
        super().__init__(**options)
        self._scratch = scratch
        self._workspace: Workspace = InMemory()
        self._lists: Lists
        self._probes: NDArray[np.int32]

    def build(self, rows: Rows) -> None:
        """Make the lists, and find those nearest to each of `rows`."""
        self._rows = rows
        n_lists = max(1, min(len(rows), round(LISTS_PER_ROOT * len(rows) ** 0.5)))
        if not len(rows):
            self._lists = Lists(np.zeros((rows.dim, 1), np.float32), np.zeros((1, 1), np.float32))
            self._probes = np.zeros((0, 1), np.int32)
            return
        if self._scratch is not None:
            options = (n_lists, N_PROBES, type(self).margin)
            self._workspace = InFolder(self._scratch, fingerprint(rows, *options))
        state = self._workspace.state("lists")
        if state is not None and state.exists():
            self.load(state, rows)
            return
        self._lists = train_lists(rows, n_lists, self._n_threads)
        self._probes = self._lists.nearest(rows, self._n_probes, self._executor)
        rows.let_go()
        if state is not None:
            self.save(state)

    def search(self, queries: Rows, n_candidates: int) -> Candidates:
        """Return up to `n_candidates` of the nearest rows of each query."""
        n_found = min(n_candidates, len(self._rows))
        if not n_found or not len(queries):
            return Candidates(np.full((len(queries), n_found), -1, np.int64))
        order = np.argsort(self._probes[:, 0], kind="stable")
        places = inverse(order)
        rows = self._laid_out(self._rows, places, self._workspace)
        if queries is self._rows:
            found = self._join(rows, order, rows, places, self._probes, n_found)
            self._workspace.remove()
            return Candidates(with_the_reverse(*found))
        probes = self._lists.nearest(queries, self._n_probes, self._executor)
        places = np.arange(len(queries))
        others = self._laid_out(queries, places, InMemory())
        return Candidates(self._join(rows, order, others, places, probes, n_found)[0])

    @property
    def _n_probes(self) -> int:
        return min(N_PROBES, len(self._lists))

    def _join(
        self,
        rows: NDArray[Any],
        order: NDArray[np.int64],
        queries: NDArray[Any],
        places: NDArray[np.int64],
        probes: NDArray[np.int32],
        n_found: int,
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the nearest rows of each query among those of its lists, and their distances.

        `order` tells which row lies where in `rows`, `places` where each query lies in `queries`.
        """
        starts = np.searchsorted(self._probes[order, 0], np.arange(len(self._lists) + 1))
        workspace = self._workspace if queries is rows else InMemory()
        visits = Visits(probes, len(self._lists), n_found, workspace)
        n_done = workspace.n_done()
        self._progress.advance(int(starts[n_done]))
        work = Comparison(rows, queries, n_found, self._rows.metric is Metric.COSINE)
        stops: dict[int, int] = {}  # of meetings done out of turn, by their first list
        for meeting, found in self._executor.run(work, meetings(visits, starts, places, n_done)):
            for span, (distances, nearest) in zip(meeting.spans, found, strict=True):
                visits.store(span, order[nearest], distances)
            first, stop = meeting.lists
            stops[first] = stop
            while n_done in stops:
                n_done = stops.pop(n_done)
                workspace.tell_done(n_done)
            self._progress.advance(int(starts[stop] - starts[first]))
        return best_of(visits, self._n_threads)

    def _laid_out(
        self, rows: Rows, places: NDArray[np.int64], workspace: Workspace
    ) -> NDArray[Any]:
        """Return a copy of `rows`, each at its place, ready to compare."""
        # For rows of length 1 half the bits do; others may lie close together far from zero.
        is_halved = rows.metric is Metric.COSINE

        def fill(copy: NDArray[Any]) -> None:
            def lay(span: tuple[int, int]) -> int:
                block = rows.take(slice(*span)).astype(np.float32, copy=False)
                copy[places[slice(*span)]] = halved(block) if is_halved else block
                return 0

            for_each(lay, spans(len(rows)), self._n_threads)
            if self._executor.is_distributed and isinstance(copy, np.memmap):
                copy.flush()  # so that other machines see it
            rows.let_go()

        dtype = np.uint16 if is_halved else np.float32
        return workspace.array("rows", (len(rows), rows.dim), dtype, fill)

    def _state(self) -> dict[str, NDArray[Any]]:
        return {"axes": self._lists.axes, "centres": self._lists.centres, "probes": self._probes}

    def _set_state(self, state: dict[str, NDArray[Any]]) -> None:
        self._lists = Lists(state["axes"], state["centres"])
        self._probes = state["probes"]
