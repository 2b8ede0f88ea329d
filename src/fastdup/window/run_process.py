"""A run as a process of its own: started, watched, stopped; it ends with this process."""

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import IO, Any

from fastdup.errors import FastdupError
from fastdup.progress import REPORT_VARIABLE
from fastdup.window.time_left import TimeLeft

#: Exit code of a run that was interrupted.
_INTERRUPTED = 130
#: How long a run may take to stop by itself, before it is killed.
_PATIENCE_S = 10.0
#: Last lines of the log that are kept.
_N_NOTES = 6
#: What each line of the log begins with.
_MARK = "fastdup: "


class State(StrEnum):
    """How far a run is."""

    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FAILED = "failed"
    DONE = "done"


class RunProcess:
    """A run in a process of its own, which ends when this object is closed or its process is gone.

    Parameters
    ----------
    words : sequence of str
        The command line after ``fastdup``.
    on_done : callable
        Called with the counts when the run is done, by another thread.

    Raises
    ------
    FastdupError
        When no process can be started.
    """

    def __init__(
        self, words: Sequence[str], on_done: Callable[[Mapping[str, int]], None] = lambda _: None
    ) -> None:
        self._on_done = on_done
        self._started_s = time.monotonic()
        self._ended_s: float | None = None
        self._state = State.RUNNING
        self._stage, self._n_stages = "", 0
        self._left = TimeLeft()
        self._counts: dict[str, int] = {}
        self._notes: deque[str] = deque(maxlen=_N_NOTES)
        self._guard = threading.Lock()
        self._process = _start(words)
        self._note_reader = self._thread(self._read_notes, "notes")
        self._watcher = self._thread(self._watch, "run")

    @property
    def is_alive(self) -> bool:
        """Whether the run goes on."""
        return self._watcher.is_alive()

    def stop(self) -> None:
        """Ask the run to stop; returns at once. The same words go on from there later."""
        with self._guard:
            if self._state != State.RUNNING:
                return
            self._state = State.STOPPING
        with contextlib.suppress(OSError):
            self._input.close()

    def close(self) -> None:
        """Stop the run, by force if it takes too long, and wait for its end."""
        self.stop()
        self._watcher.join(_PATIENCE_S)
        if self._watcher.is_alive():
            self._process.kill()
            self._watcher.join()

    def wait(self) -> None:
        """Return when the run has ended."""
        self._watcher.join()

    def to_json(self) -> dict[str, Any]:
        """Return how far it is, as JSON values; times in seconds."""
        with self._guard:
            return {
                "state": self._state.value,
                "stage": self._stage,
                "stages": self._n_stages,
                "done": self._left.done,
                "total": self._left.total,
                "left_s": self._left.seconds(time.monotonic()) if self._is_running else None,
                "elapsed_s": (self._ended_s or time.monotonic()) - self._started_s,
                "counts": dict(self._counts),
                "notes": list(self._notes),
            }

    @property
    def _is_running(self) -> bool:
        return self._state == State.RUNNING

    @property
    def _input(self) -> IO[bytes]:
        assert self._process.stdin is not None  # all three are pipes
        return self._process.stdin

    def _thread(self, act: Callable[[], None], name: str) -> threading.Thread:
        thread = threading.Thread(target=act, name=f"fastdup-{name}", daemon=True)
        thread.start()
        return thread

    def _read_notes(self) -> None:
        assert self._process.stderr is not None
        with self._process.stderr as lines:
            for line in lines:
                text = line.decode("utf-8", "backslashreplace").strip()
                if text:
                    with self._guard:
                        self._notes.append(text.removeprefix(_MARK))

    def _watch(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                with contextlib.suppress(ValueError):  # no JSON: nothing that we asked for
                    self._take(json.loads(line))
        code = self._process.wait()
        self._note_reader.join()
        self._end(code)
        with contextlib.suppress(OSError):
            self._input.close()
        if self._state == State.DONE:
            self._on_done(dict(self._counts))

    def _take(self, event: Any) -> None:
        if not isinstance(event, dict):
            return
        with self._guard:
            if "stage" in event:
                self._stage = str(event["stage"])
                self._n_stages += 1
                self._left.begin(event.get("total"))
            elif "done" in event:
                self._left.reach(int(event["done"]), time.monotonic())
            elif "counts" in event:
                self._counts = event["counts"]

    def _end(self, code: int) -> None:
        with self._guard:
            self._ended_s = time.monotonic()
            if code == 0 and self._counts:
                self._state = State.DONE
            elif code == _INTERRUPTED or self._state == State.STOPPING:
                self._state = State.STOPPED
            else:
                self._state = State.FAILED
                if code < 0:
                    words = "the run was killed: perhaps this machine ran out of memory"
                    self._notes.append(words)
                elif not self._notes:
                    self._notes.append(f"the run ended with exit code {code}")


def _start(words: Sequence[str]) -> "subprocess.Popen[bytes]":
    # -P: no module of the current folder takes the place of one of ours. A frozen program takes
    # these words too, if the module is named in full.
    command = [sys.executable, "-P", "-m", "fastdup.__main__", *words]
    # A group of its own: Ctrl-C in the terminal stops the server, which stops the run.
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=os.environ | {REPORT_VARIABLE: "json", "PYTHONUNBUFFERED": "1"},
            creationflags=flags,
            start_new_session=sys.platform != "win32",
        )
    except OSError as exc:
        raise FastdupError(f"the run cannot be started: {exc.strerror}") from exc
