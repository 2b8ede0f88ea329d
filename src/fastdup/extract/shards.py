"""Extraction shard by shard on an executor; the rows are joined in listing order.

A shard is a range of the listing. A worker writes its rows to a new folder and renames the folder
when it is complete. So when a process or machine dies, only its unfinished shards are lost, and a
stopped run resumes with the finished ones. The driver moves finished shards into the store in
listing order, while others are still being made.
"""

import os
import shutil
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from fastdup.errors import WorkDirError
from fastdup.executors import Executor
from fastdup.extract.batch import BATCH_SIZE
from fastdup.extract.reuse import is_outdated_row
from fastdup.extract.shard import ShardDone, ShardTask, ShardWorker, put_in_place
from fastdup.extract.unchanged import count_unchanged, keep_unchanged
from fastdup.progress import Progress, Stopwatch
from fastdup.sources import Reader, Stamp
from fastdup.sources.disk_list import DiskList
from fastdup.workdir import WorkDir
from fastdup.workdir.append_only import ListedRow, Widths, stored_rows
from fastdup.workdir.previous import PreviousRows
from fastdup.workdir.store import FeatureStore

#: A collection is cut into this many shards, so that all machines finish at about the same time …
_N_SHARDS = 128
#: … within limits: a shard must be worth a task, and losing one must not cost much.
_LEAST_IMAGES, _MOST_IMAGES = 8 * BATCH_SIZE, 128 * BATCH_SIZE


def extract_shards(
    reader: Reader,
    uris: Sequence[str] | DiskList,
    store: FeatureStore,
    worker: ShardWorker,
    executor: Executor,
    *,
    on_gpu: bool,
    progress: Progress,
) -> Stopwatch:
    """Fill `store` with a row for each of `uris`, in their order, as `extract` does.

    Parameters
    ----------
    reader : Reader
        Reports whether a stored image changed.
    uris : sequence of str, or DiskList
        The listing, or the part of it to extract; read three times.
    store : FeatureStore
        Receives the rows.
    worker : ShardWorker
        Makes the shards.
    executor : Executor
        Runs the worker.
    on_gpu : bool
        Whether the worker needs a GPU.
    progress : Progress
        Counts the images, shard by shard.

    Returns
    -------
    Stopwatch
        Seconds per stage, summed over all workers.
    """
    keep_unchanged(reader, uris, store)
    progress.start("extracting", len(uris))
    progress.advance(store.n_listed)
    watch = Stopwatch()
    with store.previous() as previous:
        shards = _Shards(reader, uris, store, worker, previous, progress)
        for task, done in executor.run(worker, shards.tasks(), on_gpu=on_gpu):
            shards.receive(task, done)
            watch.merge(done.watch)
            with watch.stage("write"):
                shards.store_finished()
        with watch.stage("write"):
            shards.store_finished()
    progress.finish()
    store.finish()
    shutil.rmtree(worker.folder, ignore_errors=True)
    return watch


@dataclass
class _Shard:
    """A range of the listing that is not in the store yet.

    ``known`` maps the position of a file in the range to its stamp, for files whose rows come from
    an earlier run.
    """

    name: str
    n_images: int
    known: dict[int, Stamp]
    is_made: bool


class _Shards:
    """The shards of one extraction: plans them, receives them, moves them into the store."""

    def __init__(
        self,
        reader: Reader,
        uris: Sequence[str] | DiskList,
        store: FeatureStore,
        worker: ShardWorker,
        previous: PreviousRows | None,
        progress: Progress,
    ) -> None:
        self._reader = reader
        self._store = store
        self._worker = worker
        self._previous = previous
        self._progress = progress
        self._size = _shard_size(len(uris))
        self._to_plan = islice(uris, store.n_listed, None)
        self._to_store = islice(uris, store.n_listed, None)
        self._waiting: deque[_Shard] = deque()  # in listing order
        self._being_made: dict[str, _Shard] = {}

    def tasks(self) -> Iterator[ShardTask]:
        """Yield the shards that have to be extracted, in listing order."""
        start = self._store.n_listed
        # Borders are multiples of the size, so that a resumed run finds the same shards again.
        while uris := list(islice(self._to_plan, self._size - start % self._size)):
            name = f"{start:012}-{start + len(uris):012}"
            start += len(uris)
            known = self._known(uris)
            task = ShardTask(name, tuple(uri for i, uri in enumerate(uris) if i not in known))
            shard = _Shard(name, len(uris), known, is_made=self._is_made(task))
            self._waiting.append(shard)
            if shard.is_made:
                self._progress.advance(shard.n_images)
                self.store_finished()
            else:
                self._being_made[name] = shard
                yield task

    def receive(self, task: ShardTask, done: ShardDone) -> None:
        """Mark a shard as finished; write its files to the folder if they came with the result."""
        if done.files is not None:
            final = self._path(task.name)
            folder = f"{final}.received"
            shutil.rmtree(folder, ignore_errors=True)
            os.mkdir(folder)
            for name, data in done.files.items():
                with open(os.path.join(folder, name), "wb") as file:
                    file.write(data)
            put_in_place(folder, final)
        shard = self._being_made.pop(task.name)
        shard.is_made = True
        self._progress.advance(shard.n_images)

    def store_finished(self) -> None:
        """Store the rows of the finished shards that come next in the listing."""
        while self._waiting and self._waiting[0].is_made:
            shard = self._waiting.popleft()
            # In one commit, so that a kill never leaves a part of a shard in the store.
            self._store.append(list(self._rows(shard)))
            shutil.rmtree(self._path(shard.name), ignore_errors=True)

    def _known(self, uris: Sequence[str]) -> dict[int, Stamp]:
        """Return the stamps of files unchanged since an earlier run, by position in `uris`."""
        if self._previous is None:
            return {}
        self._reader.prefetch(uris, lambda *_: True)
        known = {}
        for position, uri in enumerate(uris):
            stamp = self._reader.stamp(uri)
            row = self._previous.get(uri, stamp)
            if row and not is_outdated_row(row):
                known[position] = stamp
        return known

    def _is_made(self, task: ShardTask) -> bool:
        """Return whether a stopped run left this shard, complete and up to date."""
        if not task.uris:
            return True
        path = self._path(task.name)
        if not os.path.isdir(path):
            return False
        with FeatureStore(WorkDir(path), self._worker.signature) as store:
            if store.n_listed == len(task.uris) == count_unchanged(self._reader, task.uris, store):
                return True
        shutil.rmtree(path)
        return False

    def _rows(self, shard: _Shard) -> Iterator[ListedRow]:
        n_made = shard.n_images - len(shard.known)
        widths = Widths.of(self._worker.signature)
        made = stored_rows(WorkDir(self._path(shard.name)), widths, n_made) if n_made else iter(())
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
    """Return the images per shard: whole batches; the same number for the same listing."""
    size = -(-n_images // _N_SHARDS // BATCH_SIZE) * BATCH_SIZE
    return min(max(size, _LEAST_IMAGES), _MOST_IMAGES)
