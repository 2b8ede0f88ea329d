"""The scalable self-join: each list of alike rows against the rows near it, one product at a time.

An index that is asked point by point wastes what a self-join knows: all queries are there at once.
Here the rows are laid out list by list, on their principal axes, and each list meets all rows that
have it among their nearest lists in one matrix product (Jégou et al. 2011, turned inside out).
"""

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from fastdup.index.axes import Axes, principal_axes, whole
from fastdup.index.base import ArrayProvider, Candidates
from fastdup.index.group_by import group_by
from fastdup.index.lists import (
    MOST_PROBES,
    Lists,
    mean_probes,
    sample_positions,
    train_lists,
    visited,
)
from fastdup.index.meetings import Comparison, meetings
from fastdup.index.metrics import Metric
from fastdup.index.parallel import for_each
from fastdup.index.rows import Rows, spans
from fastdup.index.visits import Keys, Visits, places_of, with_the_reverse
from fastdup.index.workspace import InFolder, InMemory, Workspace, fingerprint

#: Lists per square root of the number of rows: then finding the lists of a row and comparing it
#: with their rows take about the same time.
LISTS_PER_ROOT = 6
#: The centres of lists lie on the first of the rows' principal axes, this share of their width.
_LIST_AXES_SHARE = 4
_LEAST_LIST_AXES = 32
_LAY_ROWS = 8192


class ClusteredJoin(ArrayProvider):
    """Compares each row with those of the few lists that are nearest to it.

    A pair is found when either row visits the other's list. A copy of the rows on their principal
    axes, a fifth of the size of the features or less, lies in memory or in `scratch`.

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
        self._axes: Axes
        self._lists: Lists
        self._probes: NDArray[np.int32]
        self._copy: NDArray[Any] | None = None

    def build(self, rows: Rows) -> None:
        """Make the lists, and find those nearest to each of `rows`."""
        self._rows = rows
        if not len(rows):
            self._axes = Axes(np.eye(rows.dim, dtype=np.float32), np.zeros(rows.dim, np.float32))
            self._lists = Lists(np.zeros((1, 1), np.float32))
            self._probes = np.zeros((0, 1), np.int32)
            return
        n_lists = max(1, min(len(rows), round(LISTS_PER_ROOT * len(rows) ** 0.5)))
        if self._scratch is not None:
            options = (n_lists, mean_probes(len(rows)), MOST_PROBES, type(self).margin)
            self._workspace = InFolder(self._scratch, fingerprint(rows, *options))
        state = self._workspace.state("lists")
        if state is not None and state.exists():
            self.load(state, rows)
            return
        self._train(n_lists)
        self._probes = self._lists.probes(self._projected(), self._executor)
        if state is not None:
            self.save(state)

    def search(self, queries: Rows, n_candidates: int) -> Candidates:
        """Return up to `n_candidates` of the nearest rows of each query."""
        n_found = min(n_candidates, len(self._rows))
        if not n_found or not len(queries):
            return Candidates(np.full((len(queries), n_found), -1, np.int64))
        order, starts = group_by(self._probes[:, 0], len(self._lists))
        rows, sizes = self._laid_out(order), np.diff(starts)
        positions = np.empty((len(queries), n_found), np.int64)
        if queries is self._rows:
            probes = visited(self._probes[order], sizes, n_found)
            keys = self._join(rows, starts, rows, probes, n_found)
            positions[order] = _from_places(with_the_reverse(keys, self._n_threads), order)
        else:
            others = self._project(queries, InMemory())
            probes = self._lists.probes(others, self._executor)
            probes = visited(probes, sizes, n_found)
            keys = self._join(rows, starts, others, probes, n_found)
            positions[:] = _from_places(keys, order)
        return Candidates(positions)

    def close(self) -> None:
        """Delete what lies in the scratch folder."""
        self._workspace.remove()

    def _train(self, n_lists: int) -> None:
        """Find the axes and, on the first of them, the lists."""
        rows = self._rows
        positions = sample_positions(len(rows), n_lists)
        n_axes = max(_LEAST_LIST_AXES, rows.dim // _LIST_AXES_SHARE // 2 * 2)
        self._axes = principal_axes(rows, positions, n_axes)
        sample = np.ascontiguousarray(whole(self._projected()[positions, :n_axes]))
        self._lists = train_lists(sample, n_lists, mean_probes(len(rows)), self._n_threads)

    def _join(
        self,
        rows: NDArray[Any],
        starts: NDArray[np.int64],
        queries: NDArray[Any],
        probes: NDArray[np.int32],
        n_found: int,
    ) -> Keys:
        """Return the nearest rows of each query among those of its lists, by their places.

        `starts` tells where each list begins in `rows`.
        """
        workspace = self._workspace if queries is rows else InMemory()
        visits = Visits(probes, len(self._lists), n_found, workspace)
        n_done = workspace.n_done()
        self._progress.advance(int(starts[n_done]))
        work = Comparison(rows, queries, n_found, self._rows.metric is Metric.COSINE)
        stops: dict[int, int] = {}  # of meetings done out of turn, by their first list
        for meeting, found in self._executor.run(work, meetings(visits, starts, n_done)):
            for span, keys in zip(meeting.spans, found, strict=True):
                visits.store(span, keys)
            first, stop = meeting.lists
            stops[first] = stop
            while n_done in stops:
                n_done = stops.pop(n_done)
                workspace.tell_done(n_done)
            self._progress.advance(int(starts[stop] - starts[first]))
        return visits.best(self._n_threads)

    def _projected(self) -> NDArray[Any]:
        """Return the rows on their axes, as they are to be laid out."""
        if self._copy is None:
            self._copy = self._project(self._rows, self._workspace)
        return self._copy

    @property
    def _dtype(self) -> type[np.generic]:
        """Of rows as they are laid out.

        For rows of length 1 half the bits do; others may lie close together far from their mean.
        """
        return np.uint16 if self._rows.metric is Metric.COSINE else np.float32

    def _project(self, rows: Rows, workspace: Workspace) -> NDArray[Any]:
        def fill(copy: NDArray[Any]) -> None:
            self._axes.project_all(rows, copy, self._n_threads)
            rows.release_pages()

        shape = (len(rows), self._axes.n_axes)
        return self._shared(workspace.array("projected", shape, self._dtype, fill))

    def _laid_out(self, order: NDArray[np.int64]) -> NDArray[Any]:
        """Return the rows on their axes, list by list: in `order`."""

        def fill(copy: NDArray[Any]) -> None:
            projected = self._projected()

            def lay(span: tuple[int, int]) -> int:
                np.take(projected, order[slice(*span)], axis=0, out=copy[slice(*span)])
                return 0

            for_each(lay, spans(len(order), _LAY_ROWS), self._n_threads)

        shape = (len(order), self._axes.n_axes)
        rows = self._shared(self._workspace.array("rows", shape, self._dtype, fill))
        self._copy = None
        self._workspace.drop("projected")
        return rows

    def _shared(self, array: NDArray[Any]) -> NDArray[Any]:
        """Return the array, once other machines see it that may have to."""
        if self._executor.is_distributed and isinstance(array, np.memmap):
            array.flush()
        return array

    def _state(self) -> dict[str, NDArray[Any]]:
        return {
            "axes": self._axes.matrix,
            "offset": self._axes.offset,
            "centres": self._lists.centres,
            "slack": np.array(self._lists.slack),
            "probes": self._probes,
        }

    def _set_state(self, state: dict[str, NDArray[Any]]) -> None:
        self._axes = Axes(state["axes"], state["offset"])
        self._lists = Lists(state["centres"], float(state["slack"]))
        self._probes, self._copy = state["probes"], None


def _from_places(keys: Keys, order: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return which rows were found, -1 for none; `order` tells which lies at which place."""
    places = places_of(keys)
    return np.where(places < 0, -1, order[places])
