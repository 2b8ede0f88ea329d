"""Extraction on the threads of this machine.

A batch is `BATCH_SIZE` neighbours in the listing, wherever a run begins or goes on, so what a
model call sees together depends on nothing but the listing. Batches are worked on side by side,
each by one thread; they are stored in listing order, several at a time.
"""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from itertools import islice

from fastdup.extract.batch import BATCH_SIZE, Batch, BatchExtractor, Extractor
from fastdup.extract.content_hash import ContentIndex
from fastdup.extract.processes import WorkerProcesses
from fastdup.extract.reuse import ReusingExtractor
from fastdup.extract.unchanged import FILES_ANNOUNCED, keep_unchanged
from fastdup.progress import Progress, Stopwatch
from fastdup.sources import Source, SpooledUris
from fastdup.workdir import FeatureStore

#: Rows that are stored together: each time costs as much as a dozen rows.
STORE_ROWS = 64
#: With more threads than this, each works in a process of its own …
MOST_THREADS_OF_A_PROCESS = 4
#: … if there are so many images for each that starting the process is worth it.
LEAST_IMAGES_OF_A_PROCESS = 200
#: Files that are worked on at a time where each such time has a price of its own: by another
#: process, or with most rows taken over from an earlier run.
FILES_AT_ONCE = 4 * BATCH_SIZE


def extract(
    source: Source,
    uris: Sequence[str] | SpooledUris,
    store: FeatureStore,
    extractor: BatchExtractor,
    *,
    n_threads: int,
    progress: Progress,
) -> Stopwatch:
    """Bring `store` to hold a row for each of `uris`, in their order.

    What the store holds of an earlier run and is unchanged is kept.

    Parameters
    ----------
    source : Source
        Where the images are; tells whether a stored one changed.
    uris : sequence of str, or SpooledUris
        The listing, or the part of it to extract; read twice.
    store : FeatureStore
        Gets the rows.
    extractor : BatchExtractor
        Makes the rows.
    n_threads : int
        Number of batches worked on side by side.
    progress : Progress
        Hears of every image.

    Returns
    -------
    Stopwatch
        Seconds per stage, added up over the threads.
    """
    keep_unchanged(source, uris, store)
    progress.start("extracting", len(uris))
    progress.advance(store.n_listed)
    watch = Stopwatch()
    in_processes = _pays_for_processes(extractor, n_threads, len(uris) - store.n_listed)
    with (
        store.previous() as previous,
        ContentIndex(source, store.read_row) as identical,
        _workers(extractor, in_processes) as workers,
    ):
        work = ReusingExtractor(source, workers, identical, previous)
        n_files = FILES_AT_ONCE if in_processes or previous else BATCH_SIZE
        batches = _announced(_batches(uris, store.n_listed, n_files), work.announce)
        for batch in _merged(_work_in_order(batches, work, n_threads), STORE_ROWS):
            with watch.stage("write"):
                first_row = store.n_good
                store.append(batch.rows)
                identical.add(batch.good_rows, first_row)
            watch.merge(batch.watch)
            progress.advance(len(batch.rows))
    progress.finish()
    store.finish()
    return watch


def _pays_for_processes(extractor: BatchExtractor, n_threads: int, n_images: int) -> bool:
    return (
        n_threads > MOST_THREADS_OF_A_PROCESS
        and n_images >= n_threads * LEAST_IMAGES_OF_A_PROCESS
        and extractor.embedder.runs_on_cpu
        and os.name == "posix"
    )


def _workers(extractor: BatchExtractor, in_processes: bool) -> AbstractContextManager[Extractor]:
    return WorkerProcesses(extractor) if in_processes else nullcontext(extractor)


def _batches(uris: Iterable[str], start: int, n_files: int) -> Iterator[Sequence[str]]:
    """Cut the listing from `start` at multiples of `n_files`."""
    rest = islice(uris, start, None)
    size = n_files - start % n_files
    while batch := list(islice(rest, size)):
        yield batch
        size = n_files


def _announced(
    batches: Iterator[Sequence[str]], announce: Callable[[Sequence[str]], None]
) -> Iterator[Sequence[str]]:
    """Yield the batches; each was announced `FILES_ANNOUNCED` files before its turn."""
    ahead: deque[Sequence[str]] = deque()
    n_ahead = 0
    for batch in batches:
        announce(batch)
        ahead.append(batch)
        n_ahead += len(batch)
        while n_ahead > FILES_ANNOUNCED:
            n_ahead -= len(ahead[0])
            yield ahead.popleft()
    yield from ahead


def _merged(batches: Iterator[Batch], n_rows: int) -> Iterator[Batch]:
    """Join batches until they have `n_rows` or there are no more."""
    whole = Batch([], Stopwatch())
    for batch in batches:
        whole.rows.extend(batch.rows)
        whole.watch.merge(batch.watch)
        if len(whole.rows) >= n_rows:
            yield whole
            whole = Batch([], Stopwatch())
    if whole.rows:
        yield whole


def _work_in_order(
    batches: Iterator[Sequence[str]], work: Callable[[Sequence[str]], Batch], n_threads: int
) -> Iterator[Batch]:
    """Yield the outcome of each batch in order, with more batches always under way.

    Enough that one with a huge picture, in front, does not leave the other threads idle.
    """
    n_under_way = 8 * n_threads
    waiting: deque[Future[Batch]] = deque()
    with ThreadPoolExecutor(n_threads, thread_name_prefix="extract") as pool:
        try:
            for uris in batches:
                waiting.append(pool.submit(work, uris))
                if len(waiting) > n_under_way:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
