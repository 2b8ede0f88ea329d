"""The neighbours of every row among the others, and of other rows among them."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from fastdup.errors import ConfigError, NeighbourError
from fastdup.executors import Executor
from fastdup.index.base import Neighbours
from fastdup.index.brute_force import BruteForce, search_all_pairs
from fastdup.index.cache import SearchCache
from fastdup.index.dedupe import dedupe_rows, expand_duplicates
from fastdup.index.distinct_search import DistinctSearch
from fastdup.index.faiss import FaissIndex
from fastdup.index.metrics import Metric
from fastdup.index.providers import check_options, choose_provider, make_provider
from fastdup.index.rerank import rerank
from fastdup.index.rows import Rows, check_values, squared_norms
from fastdup.progress import Progress, SilentProgress

logger = logging.getLogger(__name__)

#: A search of so many rows takes minutes, and goes on after a kill.
_RESUMES_FROM = 1_000_000


#: A search of fewer rows takes seconds, and stays on this machine.
SHARED_FROM = 20_000


@dataclass(frozen=True)
class SelfJoin:
    """The neighbours of every row, and who found them.

    Attributes
    ----------
    neighbours : Neighbours
        Of n rows, k each, itself not counted.
    metric : Metric
        What the raw similarities measure.
    description : str
        One line for people: "brute_force (exact): 12,000 images".
    """

    neighbours: Neighbours
    metric: Metric
    description: str


def self_join(
    features: NDArray[Any],
    k: int,
    *,
    nn_provider: str = "auto",
    nnmodel: str = "brute_force",
    distance: str = "cosine",
    faiss_mode: str = "HNSW32",
    faiss_param: str = "",
    n_threads: int = 1,
    index_path: Path | None = None,
    known_path: Path | None = None,
    scratch: Path | None = None,
    max_memory_bytes: int | None = None,
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> SelfJoin:
    """Return the k nearest other rows of each row.

    Rows that are the same are searched as one, so that thousands of copies cost nothing; and the
    similarities of what a provider finds are computed anew in float64. Hence the result is the
    same for any number of threads, and differs between providers only in the neighbours that an
    approximate one misses.

    Parameters
    ----------
    features : (n, d) array
        Read as float32, in blocks, and not modified; may be a ``np.memmap``. n may be 0.
    k : int
        At least 1.
    nn_provider : {"auto", "faiss", "turi"}
        ``auto`` compares all pairs of up to `EXACT_LIMIT` different rows; beyond, it takes the
        scalable self-join, for manhattan faiss.
    nnmodel : {"ball_tree", "brute_force", "lsh"}
        For ``turi``.
    distance : {"cosine", "euclidean", "manhattan", "squared_euclidean"}
        See `Metric` for what similarity they make.
    faiss_mode, faiss_param : str
        For ``faiss``: an index-factory string, and values such as ``"efSearch=175,nprobe=200"``.
    n_threads : int
        At least 1.
    index_path : Path, optional
        Where the faiss index goes when faiss is used. It holds every row under its row number.
    known_path : Path, optional
        Where an exact search, or one by a faiss index, leaves what it knows, so that the next one
        compares only what is new, or asks the index again, with the same result.
    scratch : Path, optional
        Folder of its own for what a large search makes: about half of the features' size,
        gone when it ends. After a kill the same search goes on from there. None: the memory.
    max_memory_bytes : int, optional
        Memory that the search should keep to; with less than it needs, it works in `scratch`. None
        for any. Has no influence on the result.
    progress : Progress, optional
    executor : Executor, optional
        Who compares blocks of rows, where there are many; by default `n_threads` threads. Has no
        influence on the result.

    Raises
    ------
    ConfigError
        An option is not one of those above.
    NeighbourError
        The features are no matrix of finite numbers, or faiss fails.
    WorkDirError
        The index cannot be written.
    """
    _check_shape(features, k, n_threads)
    check_options(
        nn_provider=nn_provider,
        nnmodel=nnmodel,
        distance=distance,
        faiss_mode=faiss_mode,
        faiss_param=faiss_param,
        dim=features.shape[1],
    )
    metric, progress = Metric.of(distance), progress or SilentProgress()
    norms = squared_norms(features, n_threads)
    check_values(features, metric, norms)
    cache = SearchCache(known_path)
    groups = dedupe_rows(features, n_threads, norms)
    choice = choose_provider(nn_provider, nnmodel, metric, len(groups.first))
    if executor and executor.is_distributed and len(groups.first) < SHARED_FROM:
        executor = None
    provider = make_provider(
        choice.name,
        faiss_mode=faiss_mode,
        faiss_param=faiss_param,
        scratch=_scratch(
            (len(groups.first), features.shape[1]), max_memory_bytes, scratch, executor
        ),
        n_threads=n_threads,
        progress=progress,
        executor=executor,
    )
    provider.announce(len(groups.first), features.shape[1], choice.reason)
    search = DistinctSearch(
        features, groups, metric, n_threads=n_threads, progress=progress, norms=norms
    )
    if isinstance(provider, FaissIndex):
        found = search.by_index(provider, k, index_path, cache)
    elif provider.exact:
        found = search.exactly(provider, k, cache)
    else:
        found = search.run(provider, k)
    reason = f", {choice.reason}" if choice.reason else ""
    description = f"{provider.describe()}: {len(features):,} images{reason}"
    logger.debug("neighbours by %s", description)
    neighbours = expand_duplicates(groups, found, k, zero_group=search.zero_group)
    return SelfJoin(neighbours, metric, description)


def nearest(
    features: NDArray[Any],
    queries: NDArray[Any],
    k: int,
    *,
    distance: str = "cosine",
    n_threads: int = 1,
) -> Neighbours:
    """Return the k rows of `features` nearest to each row of `queries`, exactly.

    Parameters
    ----------
    features : (n, d) array
    queries : (q, d) array
        Rows of their own: one that equals a row of `features` has it for a neighbour.
    k : int
    distance : str
    n_threads : int
        As for `self_join`.

    Raises
    ------
    ConfigError, NeighbourError
        As for `self_join`.
    """
    metric = Metric.of(distance)
    for matrix in (features, queries):
        _check_shape(matrix, k, n_threads)
        check_values(matrix, metric, squared_norms(matrix, n_threads))
    if features.shape[1] != queries.shape[1]:
        raise NeighbourError(
            f"the queries have width {queries.shape[1]}, the features {features.shape[1]}: "
            "extract both with the same model"
        )
    rows = Rows(features, metric)
    # A view is another object: so that queries taken from `features` may find themselves.
    query_rows = Rows(queries.view(), metric)
    n_wanted = k + BruteForce.margin
    candidates = search_all_pairs(rows, query_rows, n_wanted, n_threads=n_threads)
    return rerank(rows, query_rows, candidates, k, n_threads=n_threads)


def _scratch(
    shape: tuple[int, int],
    max_memory_bytes: int | None,
    folder: Path | None,
    executor: Executor | None,
) -> Path | None:
    """Return where a large search keeps what it makes, None for memory."""
    if executor and executor.is_distributed:  # files that all machines may see need not travel
        return folder
    n_rows, dim = shape
    copy_bytes = 2 * n_rows * dim
    is_tight = max_memory_bytes is not None and copy_bytes > max_memory_bytes // 2
    return folder if is_tight or n_rows >= _RESUMES_FROM else None


def _check_shape(features: NDArray[Any], k: int, n_threads: int) -> None:
    if features.ndim != 2 or not features.shape[1]:
        raise NeighbourError(
            f"features are a matrix of n rows and d columns, not of shape {features.shape}"
        )
    for option, value in (("nearest_neighbors_k", k), ("n_threads", n_threads)):
        if value < 1:
            raise ConfigError(f"{option}={value} is too small: type {option}=1 or more")
