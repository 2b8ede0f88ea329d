"""Worker processes, to use more cores than one interpreter can.

Part of the work holds the interpreter lock (GIL), so the threads of one process use a few cores at
most. Here each calling thread has a process of its own. It sends a task, waits without holding the
lock, and receives the result. The work may ask the parent process while it is at a task.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection, Pipe
from typing import Any, Generic, NamedTuple, Self

from fastdup.errors import FastdupError, SourceError
from fastdup.executors.base import Result, Task

#: Arguments that make an interpreter a worker process; the number of its pipe is appended.
WORKER_COMMAND = ("-P", "-m", "fastdup.executors.worker")


class _Question(NamedTuple):
    """What a worker process asks while it is at a task."""

    content: Any


class WorkerProcesses(Generic[Task, Result]):
    """Runs work in one worker process per calling thread.

    A context manager. The processes end with it, or when this process ends for any reason.

    Parameters
    ----------
    work : callable
        Is pickled, and runs in the worker processes.
    answer : callable, optional
        Answers what `work` asks by `ask_parent`, on the thread whose task it is.
    """

    def __init__(
        self, work: Callable[[Task], Result], answer: Callable[[Any], Any] | None = None
    ) -> None:
        self._work = work
        self._answer = answer
        self._own = threading.local()
        self._workers: list[_Worker] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.close()

    def __call__(self, task: Task) -> Result:
        """Return ``work(task)``.

        Raises
        ------
        FastdupError
            What the worker process raised; `SourceError` when it died.
        """
        worker = getattr(self._own, "worker", None)
        if worker is None:
            worker = self._own.worker = _Worker(self._work)
            self._workers.append(worker)
        result: Result = worker.run(task, self._answer)
        return result


class _Worker:
    """One process and the pipe to it."""

    def __init__(self, work: Callable[[Any], Any]) -> None:
        self._connection, theirs = Pipe()
        number = theirs.fileno()
        self._process = start_interpreter((*WORKER_COMMAND, str(number)), number)
        theirs.close()
        self._connection.send(work)

    def run(self, task: Any, answer: Callable[[Any], Any] | None) -> Any:
        try:
            self._connection.send(task)
            while isinstance(received := self._connection.recv(), _Question):
                self._connection.send(_outcome(answer, received.content))
        except (EOFError, OSError) as exc:
            raise SourceError(
                f"a process that reads images ended with status {self._process.wait()}, maybe for "
                "lack of memory; what is stored is kept: run again to go on, with fewer num_threads"
            ) from exc
        return _unless_raised(received)

    def close(self) -> None:
        self._connection.close()  # the process ends when its pipe is closed
        self._process.wait()


def start_interpreter(
    arguments: Sequence[str], pipe: int, *, is_quiet: bool = False
) -> "subprocess.Popen[bytes]":
    """Start an interpreter with the same import path, but without the current folder."""
    output = subprocess.DEVNULL if is_quiet else None
    return subprocess.Popen(
        [sys.executable, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        pass_fds=[pipe],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )


#: The pipe to the parent of this worker process; none elsewhere.
_parent: list[Connection] = []


def serve(connection: Connection) -> None:
    """Do tasks for the process at the other end of the pipe until it closes the pipe."""
    _parent[:] = [connection]
    work = connection.recv()
    while True:
        try:
            task = connection.recv()
        except EOFError:
            return
        connection.send(_outcome(work, task))


def ask_parent(content: Any) -> Any:
    """Return what the parent process of this worker process answers; raise what it raises."""
    (connection,) = _parent
    connection.send(_Question(content))
    return _unless_raised(connection.recv())


def _outcome(function: Callable[[Any], Any] | None, content: Any) -> Any:
    """Return what the function returns, or a `FastdupError` that it raises."""
    try:
        return function(content) if function else None
    except FastdupError as exc:
        return exc


def _unless_raised(outcome: Any) -> Any:
    if isinstance(outcome, BaseException):
        raise outcome
    return outcome
