"""Extraction shard by shard, by whatever executor; the shards' rows are joined in listing order.

A shard is a range of the listing. Whoever works on it makes a folder of its own with its rows, and
renames it when it is whole; so a process or machine that dies takes along nothing but the shards
that it was at, and a run that was stopped goes on with the shards that are there. The store takes
them over in listing order, while others are still being made.
"""

import os
import shutil
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import islice

from fastdup.errors import WorkDirError
from fastdup.executors import Executor
from fastdup.extract.batch import BATCH_SIZE
from fastdup.extract.reuse import PASSING_REASONS
from fastdup.extract.shard import ShardDone, ShardTask, ShardWorker, put_in_place
from fastdup.extract.unchanged import count_unchanged, keep_unchanged
from fastdup.progress import Progress, Stopwatch
from fastdup.sources import Source, SpooledUris, Stamp
from fastdup.workdir import (
    BadRow,
    FeatureStore,
    ListedRow,
    PreviousRows,
    WorkDir,
    stored_rows,
)

#: A collection is cut into so many shards, so that many machines end at about the same time …
_N_SHARDS = 128
#: … unless they would be too small to be worth a task, or too large to be lost with a machine.
_LEAST_IMAGES, _MOST_IMAGES = 8 * BATCH_SIZE, 128 * BATCH_SIZE


def extract_shards(
    source: Source,
    uris: Sequence[str] | SpooledUris,
    store: FeatureStore,
    worker: ShardWorker,
    executor: Executor,
    *,
    on_gpu: bool,
    progress: Progress,
) -> Stopwatch:
    """Bring `store` to hold a row for each of `uris`, in their order, as `extract` does.

    Parameters
    ----------
    source : Source
        Where the images are; tells whether a stored one changed.
    uris : sequence of str, or SpooledUris
        The listing, or the part of it to extract; read three times.
    store : FeatureStore
        Gets the rows.
    worker : ShardWorker
        Makes the shards.
    executor : Executor
        Runs the worker.
    on_gpu : bool
        Whether the worker needs a GPU.
    progress : Progress
        Hears of every shard.

    Returns
    -------
    Stopwatch
        Seconds per stage, added up over all that worked.
    """
    keep_unchanged(source, uris, store)
    progress.start("extracting", len(uris))
    progress.advance(store.n_listed)
    watch = Stopwatch()
    with store.previous() as previous:
        shards = _Shards(source, uris, store, worker, previous, progress)
        for task, done in executor.run(worker, shards.to_make(), on_gpu=on_gpu):
            shards.land(task, done)
            watch.merge(done.watch)
            with watch.stage("write"):
                shards.take_over()
        with watch.stage("write"):
            shards.take_over()
    progress.finish()
    store.finish()
    shutil.rmtree(worker.folder, ignore_errors=True)
    return watch


class _Shard:
    """A range of the listing that the store does not have yet.

    ``known`` has, by position in the range, the stamps of files whose rows an earlier run made.
    """

    def __init__(self, name: str, n_images: int, known: dict[int, Stamp], *, is_made: bool) -> None:
        self.name = name
        self.n_images = n_images
        self.known = known
        self.is_made = is_made


class _Shards:
    """The shards of one extraction: which are to be made, which are, and their way to the store."""

    def __init__(
        self,
        source: Source,
        uris: Sequence[str] | SpooledUris,
        store: FeatureStore,
        worker: ShardWorker,
        previous: PreviousRows | None,
        progress: Progress,
    ) -> None:
        self._source = source
        self._store = store
        self._worker = worker
        self._previous = previous
        self._progress = progress
        self._size = _shard_size(len(uris))
        self._to_plan = islice(uris, store.n_listed, None)
        self._to_store = islice(uris, store.n_listed, None)
        self._waiting: deque[_Shard] = deque()  # in listing order
        self._being_made: dict[str, _Shard] = {}

    def to_make(self) -> Iterator[ShardTask]:
        """Yield what has to be extracted, in listing order."""
        start = self._store.n_listed
        # Borders are multiples of the size, wherever a run goes on: so that shards are found again.
        while uris := list(islice(self._to_plan, self._size - start % self._size)):
            name = f"{start:012}-{start + len(uris):012}"
            start += len(uris)
            known = self._known(uris)
            task = ShardTask(name, tuple(uri for i, uri in enumerate(uris) if i not in known))
            shard = _Shard(name, len(uris), known, is_made=self._is_made(task))
            self._waiting.append(shard)
            if shard.is_made:
                self._progress.advance(shard.n_images)
                self.take_over()
            else:
                self._being_made[name] = shard
                yield task

    def land(self, task: ShardTask, done: ShardDone) -> None:
        """Take note of a shard that was made, and put it into the folder if it is not there."""
        if done.files is not None:
            final = self._path(task.name)
            folder = f"{final}.landing"
            shutil.rmtree(folder, ignore_errors=True)
            os.mkdir(folder)
            for name, data in done.files.items():
                with open(os.path.join(folder, name), "wb") as file:
                    file.write(data)
            put_in_place(folder, final)
        shard = self._being_made.pop(task.name)
        shard.is_made = True
        self._progress.advance(shard.n_images)

    def take_over(self) -> None:
        """Store the rows of all shards that are next in the listing and made."""
        while self._waiting and self._waiting[0].is_made:
            shard = self._waiting.popleft()
            # All at once, so that a kill never leaves a part of a shard in the store.
            self._store.append(list(self._rows(shard)))
            shutil.rmtree(self._path(shard.name), ignore_errors=True)

    def _known(self, uris: Sequence[str]) -> dict[int, Stamp]:
        """Return the stamps of files that are unchanged since an earlier run, by position."""
        if self._previous is None:
            return {}
        self._source.expect(uris, lambda *_: True)
        known = {}
        for position, uri in enumerate(uris):
            stamp = self._source.stamp(uri)
            row = self._previous.get(uri, stamp)
            if row and not (isinstance(row, BadRow) and row.reason in PASSING_REASONS):
                known[position] = stamp
        return known

    def _is_made(self, task: ShardTask) -> bool:
        """Tell whether a shard is there from a run that was stopped, whole and up to date."""
        if not task.uris:
            return True
        path = self._path(task.name)
        if not os.path.isdir(path):
            return False
        with FeatureStore(WorkDir(path), self._worker.signature) as store:
            if store.n_listed == len(task.uris) == count_unchanged(self._source, task.uris, store):
                return True
        shutil.rmtree(path)
        return False

    def _rows(self, shard: _Shard) -> Iterator[ListedRow]:
        dim, n_made = int(self._worker.signature["dim"]), shard.n_images - len(shard.known)
        made = stored_rows(WorkDir(self._path(shard.name)), dim, n_made) if n_made else iter(())
        for position, uri in enumerate(islice(self._to_store, shard.n_images)):
            if position in shard.known and self._previous:
                row = self._previous.get(uri, shard.known[position])
            else:
                row = next(made, None)
            if row is None or row.uri != uri:
                path = self._path(shard.name)
                raise WorkDirError(f"{path} is damaged at {uri}: delete it and run again")
            yield row

    def _path(self, name: str) -> str:
        return os.path.join(self._worker.folder, name)


def _shard_size(n_images: int) -> int:
    """Return how many images a shard has: whole batches, and the same for the same listing."""
    size = -(-n_images // _N_SHARDS // BATCH_SIZE) * BATCH_SIZE
    return min(max(size, _LEAST_IMAGES), _MOST_IMAGES)
