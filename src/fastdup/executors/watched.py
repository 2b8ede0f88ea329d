"""A process that may crash or hang: code that nobody should trust with this process runs there.

Libraries written in C are handed files of strangers. A file that crashes one of them costs this
helper process and nothing else; it is watched, and started anew. What it sends back is JSON and
bytes of limited size, and never a pickle, so that it cannot run anything here.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from multiprocessing.connection import Connection, Pipe
from typing import Any, Protocol

from fastdup.executors.processes import start_interpreter

#: Arguments that make an interpreter such a process; pipe, memory and service are appended.
WATCHED_COMMAND = ("-P", "-m", "fastdup.executors.watched_worker")
#: A process that sends nothing for so long, neither an answer nor a question, is ended.
MOST_SILENT_S = 120
#: The longest messages that are taken from it.
_MOST_TEXT_BYTES, _MOST_BYTES = 2**26, 2**31 - 1

#: Answers what the process asks while it is at a call: parts of a file that only we can read.
Answer = Callable[[Any], bytes]


class ProcessDiedError(Exception):
    """The process ended, or was ended, while it was at a call; the message says how."""

    def __init__(self, how: str, *, is_silent: bool = False) -> None:
        super().__init__(how)
        self.is_silent = is_silent


class Service(Protocol):
    """What runs in the process. One call at a time."""

    def __init__(self, ask: Callable[[Any], bytes]) -> None:
        """Begin; `ask` returns what the caller answers, or raises an OSError."""

    def call(self, method: str, given: list[Any]) -> tuple[Any, bytes]:
        """Return something that JSON can say, and bytes. Raises nothing."""


class WatchedProcess:
    """One such process; not safe to use from several threads at a time.

    Parameters
    ----------
    service : str
        The class of its service as "module:Class".
    most_memory : int
        Bytes of memory that it may use, where the system can limit that.
    most_silent_s : int or None
        Seconds without an answer or a question after which it is ended; None: `MOST_SILENT_S`.

    Raises
    ------
    OSError
        When no process can be started.
    """

    def __init__(self, service: str, most_memory: int, most_silent_s: int | None = None) -> None:
        self._most_silent_s = most_silent_s or MOST_SILENT_S
        ours, theirs = Pipe()
        self._connection: Any = ours  # of another class on Windows
        try:
            self._process = start_interpreter(
                (*WATCHED_COMMAND, str(theirs.fileno()), str(most_memory), service),
                theirs.fileno(),
                is_quiet=True,  # libraries in C write to standard error, without a file's name
            )
        finally:
            theirs.close()

    def call(self, method: str, given: list[Any], answer: Answer | None) -> tuple[Any, bytes]:
        """Return what a method of the service returns.

        Raises
        ------
        ProcessDiedError
            When there is no answer; the process is then of no more use.
        Exception
            What `answer` raises, once the call has ended.
        """
        failure: Exception | None = None
        try:
            _send(self._connection, [method, given], b"")
            while True:
                (kind, value), data = self._received()
                if kind != "ask":
                    break
                try:
                    _send(self._connection, "data", answer(value) if answer else b"")
                except ProcessDiedError:
                    raise
                except Exception as exc:
                    failure = exc
                    _send(self._connection, "failed", b"")
        except (EOFError, OSError, ValueError, TypeError) as exc:
            raise self._died() from exc
        if failure:
            raise failure
        return value, data

    def _received(self) -> tuple[Any, bytes]:
        if not self._connection.poll(self._most_silent_s):
            self._process.kill()
            self.close()
            raise ProcessDiedError(f"no answer within {self._most_silent_s} s", is_silent=True)
        return _receive(self._connection)

    def _died(self) -> ProcessDiedError:
        """Return how the process ended."""
        self.close()
        status = self._process.returncode
        if status >= 0:
            return ProcessDiedError(f"ended with status {status}")
        try:
            name = signal.Signals(-status).name
        except ValueError:
            name = f"signal {-status}"
        return ProcessDiedError(f"crashed ({name})")

    def close(self) -> None:
        """End the process."""
        self._connection.close()  # it ends when its pipe is closed
        try:
            self._process.wait(1)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def serve(connection: Connection, most_memory: int, service: str) -> None:
    """Be such a process until the other end of the pipe is closed."""

    def ask(question: Any) -> bytes:
        _send(connection, ["ask", question], b"")
        word, data = _receive(connection)
        _end_if_silent()
        if word != "data":
            raise OSError("it cannot be read")
        return data

    module, _, name = service.partition(":")
    served: Service = getattr(import_module(module), name)(ask)
    _limit_resources(most_memory)
    while True:
        try:
            (method, given), _ = _receive(connection)
        except EOFError:
            return
        _end_if_silent()
        value, data = served.call(method, given)
        _send(connection, ["done", value], data)
        _end_if_silent(0)


def _end_if_silent(after_s: int = 2 * MOST_SILENT_S) -> None:
    """Have this process end by itself, should nobody be left to watch it."""
    if sys.platform != "win32":
        signal.alarm(after_s)


def _send(connection: Connection, value: Any, data: bytes) -> None:
    connection.send_bytes(json.dumps([value, len(data)]).encode())
    if data:
        connection.send_bytes(data)


def _receive(connection: Connection) -> tuple[Any, bytes]:
    value, n_bytes = json.loads(connection.recv_bytes(_MOST_TEXT_BYTES))
    return value, connection.recv_bytes(_MOST_BYTES) if n_bytes else b""


def _limit_resources(most_memory: int) -> None:
    """Limit memory; write no file, and no picture of the memory after a crash."""
    if sys.platform == "win32":
        return
    import resource

    limits = [(resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0)]
    if sys.platform == "linux":  # elsewhere, it is no limit of memory, or none at all
        limits.append((resource.RLIMIT_AS, most_memory))
    for kind, most in limits:
        _, hard = resource.getrlimit(kind)
        if hard != resource.RLIM_INFINITY:
            most = min(most, hard)
        resource.setrlimit(kind, (most, hard))


#: Whether there are such processes on this system.
IS_POSSIBLE = os.name == "posix"
