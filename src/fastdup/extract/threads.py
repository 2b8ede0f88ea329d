"""Extraction on the threads of this machine.

A batch is `BATCH_SIZE` consecutive files of the listing. Its borders depend on the listing alone,
also when a run is resumed, so the same images always share a model call. Each batch is processed
by one thread, many at a time. They are stored in listing order.
"""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from itertools import islice

from fastdup.extract.batch import BATCH_SIZE, Batch, BatchExtractor, Extractor
from fastdup.extract.content_hash import ContentIndex
from fastdup.extract.reuse import ReusingExtractor
from fastdup.extract.unchanged import PREFETCHED_FILES, keep_unchanged
from fastdup.progress import Progress, Stopwatch
from fastdup.sources import Reader
from fastdup.sources.disk_list import DiskList
from fastdup.workdir.append_only import ListedRow
from fastdup.workdir.store import FeatureStore

#: Rows per write. The fixed cost of a write equals that of a dozen rows.
STORE_ROWS = 64
#: With more threads than this, each thread uses a process of its own …
MOST_THREADS_OF_A_PROCESS = 4
#: … if each has at least this many images, so that starting the process pays off.
LEAST_IMAGES_OF_A_PROCESS = 200
#: Files per call when a call has a cost of its own: when it goes to another process, or when most
#: rows are reused from an earlier run …
FILES_PER_CALL = 4 * BATCH_SIZE
#: … and when there is much to do in other processes. What one call costs this process binds with
#: many cores: with calls this long, it spends a fifth less on each image.
MOST_FILES_PER_CALL = 16 * BATCH_SIZE
#: Each thread makes at least so many long calls, so that all end at about the same time.
_LONG_CALLS_PER_THREAD = 16
#: Files in the queue of each thread, which keep it busy while the batch in front decodes a huge
#: picture; as many calls where they are short.
_CALLS_QUEUED, _FILES_QUEUED = 8, 32 * BATCH_SIZE


def extract(
    reader: Reader,
    uris: Sequence[str] | DiskList,
    store: FeatureStore,
    extractor: BatchExtractor,
    *,
    n_threads: int,
    progress: Progress,
) -> Stopwatch:
    """Fill `store` with a row for each of `uris`, in their order.

    Rows of an earlier run are kept if their files are unchanged.

    Parameters
    ----------
    reader : Reader
        Reads the images, and reports whether a stored one changed.
    uris : sequence of str, or DiskList
        The listing, or the part of it to extract; read twice.
    store : FeatureStore
        Receives the rows.
    extractor : BatchExtractor
        Makes the rows.
    n_threads : int
        Number of batches processed in parallel.
    progress : Progress
        Counts the images.

    Returns
    -------
    Stopwatch
        Seconds per stage, added up over the threads.
    """
    keep_unchanged(reader, uris, store)
    progress.start("extracting", len(uris))
    progress.advance(store.n_listed)
    watch = Stopwatch()
    n_new = len(uris) - store.n_listed
    in_processes = _pays_for_processes(extractor, n_threads, n_new)
    with (
        store.previous() as previous,
        ContentIndex(reader, store.read_row) as contents,
        _workers(extractor, in_processes) as workers,
    ):
        work = ReusingExtractor(reader, workers, contents, previous)
        n_files = FILES_PER_CALL if previous else BATCH_SIZE
        if in_processes:
            n_files = files_per_call(n_new, n_threads)
        n_queued = n_threads * min(_CALLS_QUEUED, _FILES_QUEUED // n_files)
        batches = _prefetched(_batches(uris, store.n_listed, n_files), work.prefetch)
        for batch in _merged(_work_in_order(batches, work, n_threads, n_queued), STORE_ROWS):
            with watch.stage("write"):
                first_row = store.n_good
                store.append(batch.rows)
                contents.add(batch.good_rows, first_row)
            watch.merge(batch.watch)
            progress.advance(len(batch.rows))
    progress.finish()
    store.finish()
    return watch


def files_per_call(n_images: int, n_threads: int) -> int:
    """Return how many files are sent to another process at a time, a multiple of `BATCH_SIZE`.

    Parameters
    ----------
    n_images : int
        How many there are to extract.
    n_threads : int
        How many share them.
    """
    n_fair = n_images // (n_threads * _LONG_CALLS_PER_THREAD)
    whole = n_fair // BATCH_SIZE * BATCH_SIZE
    return min(MOST_FILES_PER_CALL, max(FILES_PER_CALL, whole))


def _pays_for_processes(extractor: BatchExtractor, n_threads: int, n_images: int) -> bool:
    return (
        n_threads > MOST_THREADS_OF_A_PROCESS
        and n_images >= n_threads * LEAST_IMAGES_OF_A_PROCESS
        and extractor.embedder.runs_on_cpu
        and os.name == "posix"
    )


def _workers(extractor: BatchExtractor, in_processes: bool) -> AbstractContextManager[Extractor]:
    if not in_processes:
        return nullcontext(extractor)
    from fastdup.executors.processes import WorkerProcesses  # few machines have so many cores

    return WorkerProcesses(extractor)


def _batches(uris: Iterable[str], start: int, n_files: int) -> Iterator[Sequence[str]]:
    """Cut the listing from `start` at multiples of `n_files`."""
    rest = islice(uris, start, None)
    size = n_files - start % n_files
    while batch := list(islice(rest, size)):
        yield batch
        size = n_files


def _prefetched(
    batches: Iterator[Sequence[str]], prefetch: Callable[[Sequence[str]], None]
) -> Iterator[Sequence[str]]:
    """Yield the batches; call `prefetch` for each, `PREFETCHED_FILES` files before its turn."""
    ahead: deque[Sequence[str]] = deque()
    n_ahead = 0
    for batch in batches:
        prefetch(batch)
        ahead.append(batch)
        n_ahead += len(batch)
        while n_ahead > PREFETCHED_FILES:
            n_ahead -= len(ahead[0])
            yield ahead.popleft()
    yield from ahead


def _merged(batches: Iterator[Batch], n_rows: int) -> Iterator[Batch]:
    """Join and cut consecutive batches into batches of `n_rows`; the last may be smaller."""
    rows: list[ListedRow] = []
    watch = Stopwatch()
    for batch in batches:
        rows.extend(batch.rows)
        watch.merge(batch.watch)
        while len(rows) >= n_rows:
            yield Batch(rows[:n_rows], watch)
            rows, watch = rows[n_rows:], Stopwatch()
    if rows:
        yield Batch(rows, watch)


def _work_in_order(
    batches: Iterator[Sequence[str]],
    work: Callable[[Sequence[str]], Batch],
    n_threads: int,
    n_queued: int,
) -> Iterator[Batch]:
    """Yield the outcome of each batch in order, with `n_queued` batches under way or in the queue.

    The queue keeps the other threads busy while the batch in front decodes a huge picture.
    """
    waiting: deque[Future[Batch]] = deque()
    with ThreadPoolExecutor(n_threads, thread_name_prefix="extract") as pool:
        try:
            for uris in batches:
                waiting.append(pool.submit(work, uris))
                if len(waiting) > n_queued:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
