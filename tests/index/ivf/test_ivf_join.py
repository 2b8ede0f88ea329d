"""The scalable self-join: what it finds, and that it resumes after a kill."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from fastdup.errors import ConfigError
from fastdup.executors import LocalExecutor
from fastdup.index.base import Resources
from fastdup.index.brute_force import search_all_pairs
from fastdup.index.ivf.codes import MOST_COMPONENTS
from fastdup.index.ivf.nearest_pairs import largest_product
from fastdup.index.ivf.pca import fit_pca
from fastdup.index.ivf.provider import IvfJoin, IvfOptions
from fastdup.index.ivf.self_join import ListScan
from fastdup.index.metrics import Metric
from fastdup.index.rerank import rerank
from fastdup.index.rows import Rows

N_CANDIDATES = 6
DIM = 32

SEARCH = """
import sys
from pathlib import Path
import numpy as np
from fastdup.index.base import Resources
from fastdup.index.ivf.provider import IvfJoin, IvfOptions
from fastdup.index.metrics import Metric
from fastdup.index.rows import Rows

features, scratch, found = map(Path, sys.argv[1:])
rows = Rows(np.memmap(features, np.float32, "r").reshape(-1, 32), Metric.COSINE)
provider = IvfJoin(
    IvfOptions(scratch_from=0, save_interval_s=0), Resources(scratch=scratch)
)
provider.build(rows)
np.save(found, provider.search(rows, 6).positions)
provider.close()
"""


def families(n_rows: int = 4000, seed: int = 1) -> NDArray[np.float32]:
    """Return rows in families of five; the further members are less alike."""
    rng = np.random.default_rng(seed)
    heads = rng.standard_normal((n_rows // 5, DIM))
    rows = np.repeat(heads, 5, axis=0)
    rows += np.tile([0, 0.1, 0.2, 0.4, 0.6], n_rows // 5)[:, None] * rng.standard_normal(rows.shape)
    return rows[rng.permutation(len(rows))].astype(np.float32)


def search(provider: IvfJoin, rows: Rows) -> NDArray[np.int64]:
    """Return the candidates, and leave open whether that is the end of the search."""
    provider.build(rows)
    return provider.search(rows, N_CANDIDATES).positions


@pytest.fixture
def rows() -> Rows:
    return Rows(families(), Metric.COSINE)


@pytest.fixture
def whole(rows: Rows) -> bytes:
    """What a search finds that is not interrupted."""
    return search(IvfJoin(), rows).tobytes()


@pytest.mark.parametrize(("metric", "least"), [(Metric.COSINE, 0.85), (Metric.EUCLIDEAN, 0.5)])
def test_close_pairs_are_found(metric: Metric, least: float) -> None:
    rows = Rows(families(10_000), metric)
    provider = IvfJoin()
    provider.build(rows)
    found = rerank(rows, rows, provider.search(rows, N_CANDIDATES), 2)
    true = rerank(rows, rows, search_all_pairs(rows, rows, N_CANDIDATES), 2)
    is_close = true.similarities >= least
    is_found = (true.indices[:, :, None] == found.indices[:, None, :]).any(axis=2)
    assert is_close.mean() > 0.5
    assert is_found[is_close].mean() >= 0.99


def test_rows_of_more_numbers_than_codes_are_kept_for_find_their_copies() -> None:
    rng = np.random.default_rng(4)
    features = rng.standard_normal((2400, 1300)).astype(np.float32)
    features[1200:] = features[:1200] + 0.3 * rng.standard_normal((1200, 1300))
    rows = Rows(features, Metric.COSINE)
    flat = Rows(rng.standard_normal((3000, 1300)).astype(np.float32), Metric.COSINE)
    assert fit_pca(flat, np.arange(3000), 300).n_components == MOST_COMPONENTS
    assert 2 * largest_product(MOST_COMPONENTS) < 1 << 23  # the bits that a product has
    provider = IvfJoin()
    provider.build(rows)
    found = rerank(rows, rows, provider.search(rows, provider.margin + 2), 1)
    assert np.array_equal(found.indices[:, 0], (np.arange(2400) + 1200) % 2400)


def test_tasks_of_any_size_and_any_number_of_threads_find_the_same(
    rows: Rows, whole: bytes
) -> None:
    for probes_per_task, n_threads in [(1, 1), (1, 3), (10**9, 2)]:
        options = IvfOptions(probes_per_task=probes_per_task)
        provider = IvfJoin(options, Resources(n_threads=n_threads))
        assert search(provider, rows).tobytes() == whole


class CountingExecutor(LocalExecutor):
    """Counts the lists compared, one in each task, and fails after so many."""

    def __init__(self, n_before_failure: int = 10**9) -> None:
        super().__init__(1)
        self.n_before_failure, self.n_compared = n_before_failure, 0
        self.work: list[type] = []

    def run(
        self, work: Callable[[Any], Any], tasks: Iterable[Any], **options: Any
    ) -> Iterator[tuple[Any, Any]]:
        self.work.append(type(work))
        for done in super().run(work, tasks, **options):
            if isinstance(work, ListScan):
                if self.n_compared == self.n_before_failure:
                    raise InterruptedError
                self.n_compared += 1
            yield done


def resumable(scratch: Path, executor: CountingExecutor) -> IvfJoin:
    options = IvfOptions(scratch_from=0, probes_per_task=1, save_interval_s=0)
    return IvfJoin(options, Resources(scratch=scratch, executor=executor))


def interrupt(scratch: Path, rows: Rows) -> None:
    """Leave a search of which 100 lists are done."""
    with pytest.raises(InterruptedError):
        search(resumable(scratch, CountingExecutor(100)), rows)
    assert int((scratch / "done").read_text()) == 100


def test_an_interrupted_search_resumes_where_it_was(
    tmp_path: Path, rows: Rows, whole: bytes
) -> None:
    scratch, executor = tmp_path / "scratch", CountingExecutor()
    interrupt(scratch, rows)
    provider = resumable(scratch, executor)
    assert search(provider, rows).tobytes() == whole
    assert executor.work == [ListScan]  # the lists are not trained, nor ranked, again
    assert executor.n_compared <= 379 - 100  # of at most 6·√4000 lists
    provider.close()
    assert not scratch.exists()


def test_a_search_interrupted_while_it_is_reranked_compares_no_list_again(
    tmp_path: Path, rows: Rows, whole: bytes
) -> None:
    scratch, executor = tmp_path / "scratch", CountingExecutor()
    search(resumable(scratch, CountingExecutor()), rows)  # and not closed
    assert search(resumable(scratch, executor), rows).tobytes() == whole
    assert executor.n_compared == 0


def test_what_another_search_left_is_not_used(tmp_path: Path, rows: Rows, whole: bytes) -> None:
    scratch, executor = tmp_path / "scratch", CountingExecutor()
    interrupt(scratch, Rows(families(seed=2), Metric.COSINE))
    assert search(resumable(scratch, executor), rows).tobytes() == whole
    assert executor.n_compared > 300


def test_a_search_killed_at_random_moments_ends_with_the_same_bytes(tmp_path: Path) -> None:
    features = families(10_000)
    features.tofile(tmp_path / "features")
    places = [tmp_path / name for name in ("features", "scratch", "found.npy")]
    command = [sys.executable, "-c", SEARCH, *map(str, places)]
    rng = np.random.default_rng(3)
    for _ in range(6):
        process = subprocess.Popen(command)
        time.sleep(rng.uniform(0.3, 1.2))
        process.kill()
        process.wait()
    subprocess.run(command, check=True)
    expected = search(IvfJoin(), Rows(features, Metric.COSINE))
    assert np.load(tmp_path / "found.npy").tobytes() == expected.tobytes()
    assert not (tmp_path / "scratch").exists()


@pytest.mark.parametrize("name", ["scratch_from", "probes_per_task", "save_interval_s"])
@pytest.mark.parametrize("value", [-1, float("nan")])
def test_options_out_of_range_are_refused(name: str, value: float) -> None:
    with pytest.raises(ConfigError, match=f"{name}={value!r} is too small"):
        IvfOptions(**{name: value})


@pytest.mark.parametrize(
    ("limit", "scratch_from", "uses_folder"),
    [(None, 10_000, False), (None, 4000, True), (1, 10_000, True), (10**9, 10_000, False)],
)
def test_the_folder_is_used_for_many_rows_or_little_memory(
    limit: int | None, scratch_from: int, uses_folder: bool, rows: Rows, tmp_path: Path
) -> None:
    resources = Resources(max_memory_bytes=limit, scratch=tmp_path / "scratch")
    provider = IvfJoin(IvfOptions(scratch_from=scratch_from), resources)
    provider.build(rows)
    assert (tmp_path / "scratch").exists() == uses_folder
    provider.close()
    assert not (tmp_path / "scratch").exists()
