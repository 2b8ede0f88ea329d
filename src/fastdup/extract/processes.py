"""Extraction in worker processes, to use more cores than one interpreter can.

A fifth of the work on an image holds the interpreter lock (GIL), so the threads of one process use
about five cores at most. Here each calling thread has a process of its own. It sends the files of
a batch, waits without holding the lock, and receives their rows.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from multiprocessing.connection import Connection, Pipe
from typing import Self

import numpy as np
from numpy.typing import NDArray

from fastdup.errors import FastdupError, SourceError
from fastdup.extract.batch import Batch, BatchExtractor, FileToExtract
from fastdup.progress import Stopwatch
from fastdup.workdir.append_only import GoodRow, ListedRow

#: Arguments that make an interpreter a worker process; the number of its pipe is appended.
WORKER_COMMAND = ("-P", "-m", "fastdup.extract.worker")

_NO_FEATURES = np.zeros(0, np.float32)


class WorkerProcesses:
    """Runs an extractor in one worker process per calling thread.

    A context manager. The processes end with it, or when this process ends for any reason.

    Parameters
    ----------
    extractor : BatchExtractor
        Runs in the worker processes.
    """

    def __init__(self, extractor: BatchExtractor) -> None:
        self._extractor = extractor
        self._own = threading.local()
        self._workers: list[_Worker] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.close()

    def __call__(self, files: Sequence[FileToExtract]) -> Batch:
        """Return a row for each of `files`, in their order.

        Raises
        ------
        FastdupError
            What the worker process raised; `SourceError` when it died.
        """
        worker = getattr(self._own, "worker", None)
        if worker is None:
            worker = self._own.worker = _Worker(self._extractor)
            self._workers.append(worker)
        return worker.extract(files)


class _Worker:
    """One process and the pipe to it."""

    def __init__(self, extractor: BatchExtractor) -> None:
        self._connection, theirs = Pipe()
        self._process = _start(theirs.fileno())
        theirs.close()
        self._connection.send(extractor)

    def extract(self, files: Sequence[FileToExtract]) -> Batch:
        try:
            self._connection.send(files)
            answer = self._connection.recv()
        except (EOFError, OSError) as exc:
            raise SourceError(
                f"a process that reads images ended with status {self._process.wait()}, maybe for "
                "lack of memory; what is stored is kept: run again to go on, with fewer num_threads"
            ) from exc
        if isinstance(answer, BaseException):
            raise answer
        return _unpacked(*answer)

    def close(self) -> None:
        self._connection.close()  # the process ends when its pipe is closed
        self._process.wait()


def _start(number: int) -> "subprocess.Popen[bytes]":
    """Start an interpreter with the same import path, but without the current folder."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, *WORKER_COMMAND, str(number)]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=[number], env=environment)


def serve(connection: Connection) -> None:
    """Extract batches for the process at the other end of the pipe until it closes the pipe."""
    extractor: BatchExtractor = connection.recv()
    while True:
        try:
            files = connection.recv()
        except EOFError:
            return
        try:
            answer: _Packed | FastdupError = _packed(extractor(files))
        except FastdupError as exc:
            answer = exc
        connection.send(answer)


#: A batch to send: the features of its good rows in one array, which is faster to pickle.
_Packed = tuple[list[ListedRow], NDArray[np.float32], Stopwatch]


def _packed(batch: Batch) -> _Packed:
    features = [row.features for row in batch.good_rows]
    bare = [
        row._replace(features=_NO_FEATURES) if isinstance(row, GoodRow) else row
        for row in batch.rows
    ]
    return bare, np.array(features), batch.watch


def _unpacked(bare: list[ListedRow], features: NDArray[np.float32], watch: Stopwatch) -> Batch:
    each = iter(features)
    rows = [row._replace(features=next(each)) if isinstance(row, GoodRow) else row for row in bare]
    return Batch(rows, watch)
