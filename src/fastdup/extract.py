"""Source × images × embedder → rows of features and records of bad images.

A batch is `BATCH_SIZE` neighbours in the listing, wherever a run begins or goes on, so what a
model call sees together depends on nothing but the listing. Batches are worked on side by side,
each by one thread; they are stored in listing order.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastdup import images
from fastdup.embed import Embedder
from fastdup.errors import ImageError, Reason
from fastdup.image_stats import measure
from fastdup.progress import Progress, Stopwatch
from fastdup.sources import UNREACHABLE, Source, SpooledUris, Stamp
from fastdup.workdir import BadRow, FeatureStore, GoodRow, ListedRow, PreviousRows

BATCH_SIZE = 32
#: Files above this are looked at before they are read: a film in a photo folder costs nothing.
LOOK_FIRST_BYTES = 32 * 2**20
#: No file above this is read.
MAX_FILE_BYTES = 2**31
#: These reasons may pass without the file changing; such files are tried anew on each run.
PASSING_REASONS = frozenset({Reason.TIMEOUT})


class Batch(NamedTuple):
    """The outcome of one batch: its rows in listing order, and what each stage took."""

    rows: list[ListedRow]
    watch: Stopwatch


class _Prepared(NamedTuple):
    """An image ready for the model."""

    uri: str
    stamp: Stamp
    pixels: NDArray[np.uint8]
    stats: Sequence[str]


class BatchExtractor:
    """Turns a batch of URIs into rows; knows nothing of who schedules it or where rows go.

    Parameters
    ----------
    source : Source
        Where the images are read from.
    embedder : Embedder
        What turns them into features.
    max_pixels : int
        Largest picture to decode.
    """

    def __init__(self, source: Source, embedder: Embedder, max_pixels: int) -> None:
        self._source = source
        self._embedder = embedder
        self._max_pixels = max_pixels

    def __call__(self, uris: Sequence[str], previous: PreviousRows | None = None) -> Batch:
        """Return a row for each of `uris`, taken from `previous` where that is unchanged."""
        watch = Stopwatch()
        outcomes = [self._prepare_or_reuse(uri, previous, watch) for uri in uris]
        prepared = [outcome for outcome in outcomes if isinstance(outcome, _Prepared)]
        with watch.stage("embed"):
            features = self._embedder.embed([image.pixels for image in prepared])
        embedded = map(_finished_row, prepared, features)
        rows = [next(embedded) if isinstance(o, _Prepared) else o for o in outcomes]
        return Batch(rows, watch)

    def _prepare_or_reuse(
        self, uri: str, previous: PreviousRows | None, watch: Stopwatch
    ) -> _Prepared | ListedRow:
        with watch.stage("read"):
            stamp = self._source.stamp(uri)
        reusable = previous.get(uri, stamp) if previous else None
        if reusable and not (isinstance(reusable, BadRow) and reusable.reason in PASSING_REASONS):
            return reusable
        try:
            return self._prepare(uri, stamp, watch)
        except ImageError as exc:
            is_unreachable = exc.reason in (Reason.NOT_FOUND, Reason.NO_ACCESS)
            return BadRow(uri, UNREACHABLE if is_unreachable else stamp, exc.reason, str(exc))

    def _prepare(self, uri: str, stamp: Stamp, watch: Stopwatch) -> _Prepared:
        with watch.stage("read"):
            data = self._read(uri, stamp)
        with watch.stage("decode"):
            decoded = self._decode(data)
        with watch.stage("measure"):
            stats = measure(
                decoded.image, width=decoded.width, height=decoded.height, file_size=len(data)
            )
        with watch.stage("resize"):
            pixels = self._embedder.prepare(decoded.image)
        return _Prepared(uri, stamp, pixels, stats.as_text())

    def _read(self, uri: str, stamp: Stamp) -> bytes:
        if stamp.size_bytes > LOOK_FIRST_BYTES:
            images.require_image(self._source.read(uri, images.HEAD_BYTES))
        if stamp.size_bytes > MAX_FILE_BYTES:
            raise ImageError(f"a file of {stamp.size_bytes:,} bytes", reason=Reason.TOO_LARGE)
        return self._source.read(uri)

    def _decode(self, data: bytes) -> images.DecodedImage:
        try:
            return images.decode(
                data, min_side=self._embedder.min_side, max_pixels=self._max_pixels
            )
        except MemoryError as exc:
            raise ImageError("not enough memory to decode it", reason=Reason.TOO_LARGE) from exc


def _finished_row(image: _Prepared, features: NDArray[np.float32]) -> ListedRow:
    if not np.isfinite(features).all():
        detail = "the model gives values that are not finite for it"
        return BadRow(image.uri, image.stamp, Reason.DECODE_ERROR, detail)
    return GoodRow(image.uri, image.stamp, features, image.stats)


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
    n_kept = count_unchanged(source, uris, store)
    if n_kept < store.n_listed:
        store.step_aside()
    previous = store.previous()
    progress.start("extracting", len(uris))
    progress.advance(store.n_listed)
    watch = Stopwatch()
    for batch in _work_in_order(_batches(uris, store.n_listed), extractor, previous, n_threads):
        with watch.stage("write"):
            store.append(batch.rows)
        watch.merge(batch.watch)
        progress.advance(len(batch.rows))
    progress.finish()
    store.finish()
    return watch


def count_unchanged(source: Source, uris: Iterable[str], store: FeatureStore) -> int:
    """Return how many stored rows, from the first, still are what the listing and the files say."""
    n_same = 0
    for uri, stored in zip(uris, store.stored(), strict=False):
        may_have_passed = stored.reason in PASSING_REASONS
        if uri != stored.uri or may_have_passed or source.stamp(uri) != stored.stamp:
            break
        n_same += 1
    return n_same


def _batches(uris: Iterable[str], start: int) -> Iterator[Sequence[str]]:
    """Cut the listing from `start` at multiples of `BATCH_SIZE`."""
    rest = islice(uris, start, None)
    size = BATCH_SIZE - start % BATCH_SIZE
    while batch := list(islice(rest, size)):
        yield batch
        size = BATCH_SIZE


def _work_in_order(
    batches: Iterator[Sequence[str]],
    extractor: BatchExtractor,
    previous: PreviousRows | None,
    n_threads: int,
) -> Iterator[Batch]:
    """Yield the outcome of each batch in order, with a few more batches always under way."""
    n_under_way = 2 * n_threads
    waiting: deque[Future[Batch]] = deque()
    with ThreadPoolExecutor(n_threads, thread_name_prefix="extract") as pool:
        try:
            for uris in batches:
                waiting.append(pool.submit(extractor, uris, previous))
                if len(waiting) > n_under_way:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
