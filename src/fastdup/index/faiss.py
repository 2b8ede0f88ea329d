"""Neighbours from any index that faiss can make."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from threadpoolctl import threadpool_limits

from fastdup.arrays import IntArray
from fastdup.config.providers import DEFAULT_FAISS_MODE
from fastdup.errors import NeighbourError, WorkDirError
from fastdup.index.base import Candidates, Provider, Resources, written_whole
from fastdup.index.distances import use_one_omp_thread
from fastdup.index.faiss_options import FaissOptions, brief, make_index
from fastdup.index.metrics import Metric
from fastdup.index.parallel import for_each
from fastdup.index.rows import Rows, spans

logger = logging.getLogger(__name__)

_ADD_ROWS = 16_384
_QUERY_ROWS = 1024

# A sample of so many rows trains an index; below the least, nothing is worth learning.
_TRAIN_ROWS = 16_384
_TRAIN_ROWS_PER_LIST = 64
_LEAST_TO_TRAIN = 100

#: So few rows can be searched exactly when an index cannot be made from them.
FEW_ROWS = 100_000

# faiss's own defaults (16 and 1) trade too many neighbours for speed.
_DEFAULT_PARAMS = {"efSearch": 64, "nprobe": 16}


class FaissIndex(Provider):
    """An index made from a factory string; its numbers for the rows are their row numbers.

    The index is trained and filled on one thread, since only then does faiss add the rows to a
    graph in one order, and searched on several. Where there are too few rows to train it (as for
    ``IVF1024,Flat`` with 100), they are searched with ``Flat`` instead and the log says so.

    Parameters
    ----------
    options : FaissOptions, optional
    resources : Resources, optional
    """

    name = "faiss"
    margin: ClassVar[int] = 32
    keeps_index: ClassVar[bool] = True
    options_class: ClassVar[type[FaissOptions]] = FaissOptions

    def __init__(
        self, options: FaissOptions | None = None, resources: Resources | None = None
    ) -> None:
        super().__init__(options, resources)
        self._mode: str = self.options.mode
        self._params: dict[str, float] = self.options.params
        self._index: Any = None

    @classmethod
    def check(cls, options: FaissOptions, metric: Metric, dim: int | None = None) -> None:
        """Refuse a mode that faiss cannot make for this metric or width."""
        # Making an index imports faiss; the default mode is known to do for every metric.
        if options.mode != DEFAULT_FAISS_MODE:
            make_index(options.faiss_mode, metric, dim)

    def build(self, rows: Rows) -> None:
        """Train an index on a sample of `rows` and add all of them, in blocks.

        Raises
        ------
        ConfigError
            faiss cannot make this index for rows of this width, or for this metric.
        NeighbourError
            faiss fails.
        """
        self.rows = rows
        index = make_index(self._mode, rows.metric, rows.dim)
        with _one_thread():
            try:
                if not index.is_trained:
                    self._train(index, rows)
                self._fill(index, rows)
            except RuntimeError as exc:
                if len(rows) > FEW_ROWS:
                    raise _failure(self._mode, exc) from exc
                # The message of faiss about too few training rows differs from index to index.
                logger.warning(
                    "faiss_mode=%r cannot be made from %d different images (%s): searching with "
                    "faiss_mode='Flat' instead, which is exact",
                    self._mode,
                    len(rows),
                    brief(exc),
                )
                self._mode = "Flat"
                self._fill(make_index(self._mode, rows.metric, rows.dim), rows)

    def search(self, queries: Rows, n_candidates: int) -> Candidates:
        """Return up to `n_candidates` of the nearest rows of each query."""
        n_found = min(n_candidates, len(self.rows))
        positions = np.full((len(queries), n_found), -1, np.int64)

        def search_span(span: tuple[int, int]) -> int:
            block = queries.take(slice(*span))
            positions[slice(*span)] = self._positions(self._index.search(block, n_found)[1])
            return span[1] - span[0]

        if positions.size:
            with _translated(self._mode):
                for_each(
                    search_span,
                    spans(len(queries), _QUERY_ROWS),
                    self.resources.n_threads,
                    on_done=self.resources.progress.advance,
                    prepare=use_one_omp_thread,
                )
        return Candidates(positions)

    def add_rest(self, rest: Rows) -> None:
        """Add the rows left out of the search under their numbers.

        Where the index takes no numbers, the rows it has are the first ones, and these follow.
        """
        if len(rest):
            with _one_thread(), _translated(self._mode):
                self._add(self._index, rest)

    def save(self, path: Path) -> None:
        """Write the index so that ``faiss.read_index`` opens it."""
        import faiss

        with written_whole(path) as part:
            try:
                faiss.write_index(self._index, str(part))
            except RuntimeError as exc:
                raise WorkDirError(f"{path} cannot be written: {exc}") from exc

    def load(self, path: Path, rows: Rows) -> None:
        """Read the index that `save` wrote."""
        import faiss

        try:
            index = faiss.read_index(str(path))
        except RuntimeError as exc:
            raise WorkDirError(f"{path} is not a faiss index: {exc}") from exc
        if index.d != rows.dim:
            raise WorkDirError(
                f"{path} holds rows of width {index.d}, the features have {rows.dim}: "
                "search again to write a new one"
            )
        if index.ntotal < len(rows):
            raise WorkDirError(
                f"{path} holds {index.ntotal} rows of {len(rows)}: search again to write a new one"
            )
        self.rows, self._index = rows, index
        self._set_params(index)

    def describe(self) -> str:
        """Return the mode and whether it is exact."""
        return f"faiss {self._mode} ({'exact' if self._mode == 'Flat' else 'approximate'})"

    def _train(self, index: Any, rows: Rows) -> None:
        if len(rows) < _LEAST_TO_TRAIN:
            raise RuntimeError(f"{_LEAST_TO_TRAIN} are needed to learn from")
        n_sample = max(_TRAIN_ROWS, _TRAIN_ROWS_PER_LIST * _n_lists(index))
        step = -(-len(rows) // n_sample)
        index.train(rows.take(np.arange(0, len(rows), step)))

    def _fill(self, index: Any, rows: Rows) -> None:
        self._set_params(index)
        if not np.array_equal(rows.ids, np.arange(len(rows))):
            index = _with_ids(index)
        self._add(index, rows)
        self._index = index

    def _add(self, index: Any, rows: Rows) -> None:
        self.resources.progress.start("index", len(rows))
        for start, stop in spans(len(rows), _ADD_ROWS):
            block = rows.take(slice(start, stop))
            if _keeps_ids(index):
                index.add_with_ids(block, rows.ids[start:stop])
            else:
                index.add(block)
            self.resources.progress.advance(stop - start)
        self.resources.progress.finish()

    def _set_params(self, index: Any) -> None:
        import faiss

        for name, value in {**_DEFAULT_PARAMS, **self._params}.items():
            try:
                faiss.ParameterSpace().set_index_parameter(index, name, value)
            except RuntimeError:
                if name in self._params:
                    logger.info("faiss_param %s has no effect on faiss_mode=%r", name, self._mode)

    def _positions(self, ids: IntArray) -> IntArray:
        """Return the positions of the row numbers `ids`, -1 for those that are not searched."""
        places = np.searchsorted(self.rows.ids, ids)
        places = np.minimum(places, len(self.rows) - 1)
        return np.where(self.rows.ids[places] == ids, places, -1)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Run faiss on one thread, then restore its number of threads."""
    import faiss

    n_before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        with threadpool_limits(limits=1, user_api="blas"):
            yield
    finally:
        faiss.omp_set_num_threads(n_before)


@contextmanager
def _translated(mode: str) -> Iterator[None]:
    try:
        yield
    except RuntimeError as exc:
        raise _failure(mode, exc) from exc


def _failure(mode: str, exc: RuntimeError) -> NeighbourError:
    return NeighbourError(
        f"faiss cannot search with faiss_mode={mode!r}: {brief(exc)}; "
        f"type faiss_mode={DEFAULT_FAISS_MODE!r}"
    )


def _keeps_ids(index: Any) -> bool:
    import faiss

    return isinstance(index, faiss.IndexIDMap | faiss.IndexIDMap2)


def _with_ids(index: Any) -> Any:
    """Return an empty index that takes the numbers it is given."""
    import faiss

    return index if _keeps_ids(index) else faiss.IndexIDMap2(index)


def _n_lists(index: Any) -> int:
    """Return the number of inverted lists, 0 when the index has none; and quieten its training."""
    import faiss

    try:
        inverted = faiss.extract_index_ivf(index)
    except RuntimeError:
        return 0
    # faiss would otherwise write a warning straight to the terminal.
    inverted.cp.min_points_per_centroid = 1
    return int(inverted.nlist)
