"""The provider `ivf_join`: each inverted list times all rows that probe it, in one product.

An index that is searched query by query wastes what a self-join knows: all queries are there at
once. Here the rows are laid out list by list, and each list meets all rows that probe it in one
matrix product (the inverted file of Jégou et al. 2011, with its two loops exchanged).
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import IntArray
from fastdup.errors import ConfigError
from fastdup.index.base import Candidates, NewPairs, Provider, Resources
from fastdup.index.ivf.blocks import PROBES_PER_TASK, Comparison, tasks
from fastdup.index.ivf.codes import storage_dtype, to_float32, to_storage
from fastdup.index.ivf.estimate import log_estimate, most_updated
from fastdup.index.ivf.growth import KeptLists, compare_new
from fastdup.index.ivf.keys import Keys, slots_of
from fastdup.index.ivf.kmeans import n_lists_for, sample_positions, train_quantiser
from fastdup.index.ivf.lists import InvertedLists, fill_lists
from fastdup.index.ivf.nearby import MOST_RANKED_LISTS, N_COMPARED, ListRanking, NearbyLists
from fastdup.index.ivf.pca import PCA, fit_pca
from fastdup.index.ivf.probes import ProbeResults, Probes
from fastdup.index.ivf.quantiser import CoarseQuantiser, mean_nprobe
from fastdup.index.ivf.reverse import with_reverse_neighbours
from fastdup.index.ivf.scratch import SAVE_INTERVAL_S, FolderScratch, Scratch, search_fingerprint
from fastdup.index.ivf.self_join import bounds_of, self_join_codes, without_the_far
from fastdup.index.metrics import Metric
from fastdup.index.parallel import for_each
from fastdup.index.rows import Rows, spans
from fastdup.progress import SilentProgress

#: Rows from which an estimate is logged: fewer are searched before it is read.
ANNOUNCED_FROM = 20_000
#: Rows from which a search takes minutes, and therefore resumes after a kill.
SCRATCH_FROM = 1_000_000

#: Centroids have one leading principal component for every four columns of the rows.
_COLUMNS_PER_CENTROID_COMPONENT = 4
_LEAST_CENTROID_COMPONENTS = 32
_COPY_ROWS = 8192
#: Queries that are not among the rows and are searched together: at least so many, and so many for
#: each list that the products with its rows stay large. Each takes 3 KB meanwhile.
_LEAST_TOGETHER, _PER_LIST = 2**15, 16


@dataclass(frozen=True)
class IvfOptions:
    """Options of `IvfJoin`; none has an influence on the result.

    Attributes
    ----------
    scratch_from : int
        Rows from which the search works in the scratch folder, if there is one, and resumes there
        after a kill; with fewer it does so only where the memory is too small.
    probes_per_task : int
        A task for the executor has at least so many probes; at least 1.
    save_interval_s : float
        Seconds between two records in the scratch folder of what is done; at least 0.
    """

    scratch_from: int = SCRATCH_FROM
    probes_per_task: int = PROBES_PER_TASK
    save_interval_s: float = SAVE_INTERVAL_S

    def __post_init__(self) -> None:
        """Check the values."""
        for name, least in (("scratch_from", 0), ("probes_per_task", 1), ("save_interval_s", 0)):
            if not getattr(self, name) >= least:
                value = getattr(self, name)
                raise ConfigError(f"{name}={value!r} is too small: it must be at least {least}")


class IvfJoin(Provider):
    """Compares each row with the rows of the inverted lists near to it.

    A pair is found when either row is compared with the list of the other. A copy of the projected
    rows, for the cosine a tenth of the size of the features, is held in memory or in a folder.

    Parameters
    ----------
    options : IvfOptions, optional
    resources : Resources, optional
    """

    name = "ivf_join"
    margin: ClassVar[int] = 10
    metrics: ClassVar[frozenset[Metric]] = frozenset(Metric) - {Metric.MANHATTAN}
    keeps_result: ClassVar[bool] = True
    options_class: ClassVar[type[IvfOptions]] = IvfOptions

    def __init__(
        self, options: IvfOptions | None = None, resources: Resources | None = None
    ) -> None:
        super().__init__(options, resources)
        self._scratch = Scratch()
        self._pca: PCA
        self._quantiser: CoarseQuantiser
        self._nearby: NearbyLists
        self._projected: NDArray[Any] | None = None
        self._kept: KeptLists | None = None

    def announce(self, n_rows: int, dim: int, reason: str) -> None:
        """Log how long the search will take, of rows so many that it takes a second or more."""
        if n_rows >= ANNOUNCED_FROM:
            log_estimate(reason or self.name, n_rows, dim, self.resources.n_threads)

    def most_updated(self, n_rows: int) -> int:
        """Return how many rows may be new, for an update to cost a third of a search at most."""
        return min(super().most_updated(n_rows), most_updated(n_rows))

    def build(self, rows: Rows) -> None:
        """Train the quantiser, and find the lists nearest to each of `rows`."""
        self.rows = rows
        if not len(rows):
            self._pca = PCA(np.eye(rows.dim, dtype=np.float32), np.zeros(rows.dim, np.float32))
            self._quantiser = CoarseQuantiser(np.zeros((1, 1), np.float32))
            self._nearby = NearbyLists(*(np.zeros(0, np.int32),) * 2, np.zeros((0, 2), np.int64))
            return
        n_lists, nprobe = n_lists_for(len(rows)), mean_nprobe(len(rows))
        folder = self._scratch_folder(len(rows), rows.dim)
        if folder is not None:
            name = search_fingerprint(rows, self.name, n_lists, nprobe, N_COMPARED, self.margin)
            self._scratch = FolderScratch(folder, name, self.options.save_interval_s)
        state = self._scratch.path("quantiser")
        if state is not None and state.exists():
            self.load(state, rows)
            return
        self._train(n_lists, nprobe)
        self._nearby = self._rank()
        if state is not None:
            self.save(state)

    def search(self, queries: Rows, n_candidates: int) -> Candidates:
        """Return up to `n_candidates` of the nearest rows of each query."""
        k = min(n_candidates, len(self.rows))
        if not k or not len(queries):
            return Candidates(np.full((len(queries), k), -1, np.int64))
        lists = fill_lists(self._nearby.own, len(self._quantiser))
        rows = self._laid_out(lists.order)
        if queries is not self.rows:
            return self._search_others(queries, lists, rows, k)
        if self._pca.step:
            keys = self._join_codes(lists, rows, k)
            if k == n_candidates and len(lists) <= MOST_RANKED_LISTS:
                self._kept = self._lists_to_keep(lists, rows, keys)
            keys = without_the_far(keys, k - self.margin, self._pca.step)
        else:
            keys = self._compare(lists, rows, rows, k, self._scratch, self.resources)
            keys = with_reverse_neighbours(keys, self.resources.n_threads)
        positions = np.empty((len(queries), k), np.int64)
        positions[lists.order] = lists.positions(slots_of(keys))
        return Candidates(positions)

    def _search_others(
        self, queries: Rows, lists: InvertedLists, rows: NDArray[Any], k: int
    ) -> Candidates:
        """Return the nearest rows of queries that are not among the rows, some at a time.

        Each of their probes keeps what it finds until all are done.
        """
        positions = np.empty((len(queries), k), np.int64)
        silent = replace(self.resources, progress=SilentProgress())
        for start, stop in spans(len(queries), max(_LEAST_TOGETHER, _PER_LIST * len(lists))):
            some = self._project(queries.choose(np.arange(start, stop)), Scratch())
            keys = self._compare(lists, rows, some, k, Scratch(), silent)
            positions[start:stop] = lists.positions(slots_of(keys))
            self.resources.progress.advance(stop - start)
        return Candidates(positions)

    def kept(self) -> dict[str, NDArray[Any]]:
        """Return the lists, where rows are stored as codes."""
        return self._kept.state() if self._kept else {}

    def compare_new(
        self,
        rows: Rows,
        before: IntArray,
        chosen: IntArray,
        state: dict[str, NDArray[Any]],
        n_candidates: int,
    ) -> NewPairs | None:
        """Compare some rows with the lists that a search left."""
        kept = KeptLists.of_state(state, rows.dim)
        n_new = int((before < 0).sum())
        if kept is None or not kept.is_worth_it(len(rows), n_new, len(chosen)):
            return None
        n_wanted = n_candidates - self.margin
        threads = replace(self.resources, executor=None)  # too little to share
        found, self._kept = compare_new(kept, rows, before, chosen, n_candidates, n_wanted, threads)
        return found

    def close(self) -> None:
        """Delete the scratch folder."""
        self._scratch.remove()

    def _scratch_folder(self, n_rows: int, dim: int) -> Path | None:
        """Return where the search keeps what it makes, None for memory."""
        resources = self.resources
        if resources.workers.is_distributed:  # files that all machines can read need not be sent
            return resources.scratch
        limit = resources.max_memory_bytes
        is_tight = limit is not None and 2 * n_rows * dim > limit // 2
        return resources.scratch if is_tight or n_rows >= self.options.scratch_from else None

    def _train(self, n_lists: int, nprobe: int) -> None:
        """Fit the PCA and, on its leading components, the quantiser."""
        rows = self.rows
        positions = sample_positions(len(rows), n_lists)
        n_components = rows.dim // _COLUMNS_PER_CENTROID_COMPONENT
        n_components = max(_LEAST_CENTROID_COMPONENTS, n_components // 2 * 2)  # coded in pairs
        self._pca = fit_pca(rows, positions, n_components)
        sample = to_float32(self._projected_rows()[positions, :n_components], self._pca.step)
        sample = np.ascontiguousarray(sample)
        self._quantiser = train_quantiser(sample, n_lists, nprobe, self.resources.n_threads)

    def _rank(self) -> NearbyLists:
        """Return which lists each row is compared with."""
        rows, workers = self._projected_rows(), self.resources.workers
        if self._pca.step and len(self._quantiser) <= MOST_RANKED_LISTS:
            return ListRanking(rows, self._centroid_codes).calibrated(N_COMPARED).rank(workers)
        plan = self._quantiser.plan(rows, self._pca.step, workers)
        return NearbyLists.of_plan(plan, len(self._quantiser))

    @property
    def _centroid_codes(self) -> NDArray[Any]:
        return to_storage(self._quantiser.centroids, self._pca.step)

    def _join_codes(self, lists: InvertedLists, rows: NDArray[Any], k: int) -> Keys:
        """Return the nearest rows of each row, itself included."""
        return self_join_codes(
            rows,
            lists,
            self._nearby,
            self._centroid_codes,
            k,
            self.resources,
            self._scratch,
            self.options.probes_per_task,
        )

    def _lists_to_keep(self, lists: InvertedLists, rows: NDArray[Any], keys: Keys) -> KeptLists:
        bounds = np.empty(len(keys), np.int32)
        n_wanted, step = keys.shape[1] - self.margin, self._pca.step
        bounds[lists.order] = bounds_of(keys, n_wanted, step, rows.shape[1])
        return KeptLists(
            self._pca.components,
            self._pca.offset,
            np.array(step),
            self._centroid_codes,
            lists.order,
            lists.starts,
            rows,
            bounds,
            np.zeros(1, np.int64),
        )

    def _compare(
        self,
        lists: InvertedLists,
        rows: NDArray[Any],
        queries: NDArray[Any],
        k: int,
        scratch: Scratch,
        resources: Resources,
    ) -> Keys:
        """Return the nearest rows of each query among those of the lists that it probes."""
        step, workers = self._pca.step, resources.workers
        plan = self._quantiser.plan(queries, step, workers).comparing_enough(lists.sizes, k)
        probes = Probes(plan, len(lists))
        results = ProbeResults(probes, k, scratch)
        n_done = scratch.n_done()
        resources.progress.advance(int(lists.starts[n_done]))
        work = Comparison(rows, queries, k, self.rows.metric is Metric.COSINE, step)
        todo = tasks(lists, probes, n_done, self.options.probes_per_task)
        stops: dict[int, int] = {}  # of tasks done out of order, by their first list
        for task, found in workers.run(work, todo):
            for block, keys in zip(task.blocks, found, strict=True):
                results.store(block.probes, keys)
            first, stop = task.lists
            stops[first] = stop
            while n_done in stops:
                n_done = stops.pop(n_done)
                scratch.save_n_done(n_done)
            resources.progress.advance(int(lists.starts[stop] - lists.starts[first]))
        return results.best(resources.n_threads)

    def _projected_rows(self) -> NDArray[Any]:
        """Return the rows projected, as they are stored, in their own order."""
        if self._projected is None:
            self._projected = self._project(self.rows, self._scratch)
        return self._projected

    def _project(self, rows: Rows, scratch: Scratch) -> NDArray[Any]:
        def fill(out: NDArray[Any]) -> None:
            self._pca.project_all(rows, out, self.resources.n_threads)
            rows.release_pages()

        shape = (len(rows), self._pca.n_components)
        return self._shared(scratch.array("projected", shape, self._dtype, fill))

    def _laid_out(self, order: IntArray) -> NDArray[Any]:
        """Return the projected rows list by list: in `order`."""

        def fill(out: NDArray[Any]) -> None:
            projected = self._projected_rows()

            def copy(span: tuple[int, int]) -> None:
                np.take(projected, order[slice(*span)], axis=0, out=out[slice(*span)])

            for_each(copy, spans(len(order), _COPY_ROWS), self.resources.n_threads)

        shape = (len(order), self._pca.n_components)
        rows = self._shared(self._scratch.array("rows", shape, self._dtype, fill))
        self._projected = None
        self._scratch.drop("projected")
        return rows

    @property
    def _dtype(self) -> type[np.generic]:
        return storage_dtype(self._pca.step)

    def _shared(self, array: NDArray[Any]) -> NDArray[Any]:
        """Return the array, written to its file if other machines are to read that."""
        if self.resources.workers.is_distributed and isinstance(array, np.memmap):
            array.flush()
        return array

    def state(self) -> dict[str, NDArray[Any]]:
        """Return the PCA, the quantiser and the lists to probe."""
        return {
            "components": self._pca.components,
            "offset": self._pca.offset,
            "step": np.array(self._pca.step),
            "centroids": self._quantiser.centroids,
            "slack": np.array(self._quantiser.slack),
            **self._nearby._asdict(),
        }

    def restore(self, state: dict[str, NDArray[Any]]) -> None:
        """Take up the PCA, the quantiser and the lists to probe."""
        self._pca = PCA(state["components"], state["offset"], float(state["step"]))
        self._quantiser = CoarseQuantiser(state["centroids"], float(state["slack"]))
        self._nearby = NearbyLists(*(state[name] for name in NearbyLists._fields))
        self._projected = None
