"""Files of many images that libraries in C open: they do it apart, in processes that are watched.

Both ends of it are here: `Apart` is asked by readers, `Workshop` is what runs in those processes.
"""

import io
import pkgutil
import threading
import weakref
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from typing import Any, BinaryIO, NamedTuple, cast

from fastdup.config.machine import available_memory
from fastdup.errors import ImageError, Reason
from fastdup.executors.watched import IS_POSSIBLE, Answer, ProcessDiedError, WatchedProcess
from fastdup.sources.local_reader import image_error, open_regular
from fastdup.sources.range_file import RangeFile

#: After so many crashes by one file, nothing more of it is read.
MOST_CRASHES = 10
#: The memory that a process may use: half of what there is, within these.
_LEAST_MEMORY, _MOST_MEMORY = 2 * 2**30, 8 * 2**30
_MOST_DETAIL = 200


class Place(NamedTuple):
    """A file that is opened apart.

    Attributes
    ----------
    path : str
        Its path, or its URL.
    size_bytes, mtime_ns : int
        Its stamp: what was changed is opened anew.
    is_local : bool
        Whether it is opened by its path; else its bytes are asked for.
    """

    path: str
    size_bytes: int
    mtime_ns: int
    is_local: bool


class Apart:
    """Calls a workshop in watched processes, a few at a time; safe to use from several threads.

    Parameters
    ----------
    workshop : str
        The class derived from `Workshop` as "module:Class".
    noun : str
        What its files are, for messages: "a video".
    n_most : int
        How many processes there may be.
    most_silent_s : int or None
        See `WatchedProcess`.
    """

    def __init__(
        self, workshop: str, noun: str, n_most: int, most_silent_s: int | None = None
    ) -> None:
        self._most_silent_s = most_silent_s
        self._workshop = workshop
        self._noun = noun
        self._n_most = n_most
        self._idle: list[tuple[object, _Process]] = []
        self._n_processes = 0
        self._n_crashes: Counter[str] = Counter()
        self._changed = threading.Condition()
        weakref.finalize(self, _close_all, self._idle)  # for a reader that nobody closed

    def close(self) -> None:
        """End all processes that are idle."""
        with self._changed:
            self._n_processes -= len(self._idle)
            _close_all(self._idle)

    def call(
        self,
        method: str,
        place: Place,
        *given: Any,
        near: object = None,
        opened: Callable[[], BinaryIO] | None = None,
    ) -> tuple[Any, bytes]:
        """Return what the workshop returns.

        Parameters
        ----------
        method : str
            What to do.
        place : Place
            The file.
        given : any
            What JSON can say.
        near : hashable
            The process that was called with the same before is called again, if it is idle.
        opened : callable or None
            Opens the file, where it is not local.

        Raises
        ------
        ImageError
            When it cannot be done; also when it makes the library crash, twice.
        """
        if self._n_crashes[place.path] >= MOST_CRASHES:
            detail = f"{self._noun} on which its library crashes again and again"
            raise ImageError(detail, reason=Reason.DECODE_ERROR)
        for is_last in (False, True):  # the file before may have left the process in disorder
            process = self._take(near)
            try:
                value, data = self._called(process, method, [place, *given], opened)
            except ProcessDiedError as exc:
                self._lose()
                if not is_last and not exc.is_silent:
                    continue
                with self._changed:
                    self._n_crashes[place.path] += MOST_CRASHES if exc.is_silent else 1
                detail = f"{self._noun} that cannot be read: the process that reads it {exc}"
                raise ImageError(detail, reason=Reason.DECODE_ERROR) from exc
            except BaseException:
                self._put_back(near, process)
                raise
            self._put_back(near, process)
            if isinstance(value, dict) and "failure" in value:
                raise _failure_of(value["failure"])
            return value, data
        raise AssertionError("the last try returns or raises")

    def _called(
        self,
        process: "_Process",
        method: str,
        given: list[Any],
        opened: Callable[[], BinaryIO] | None,
    ) -> tuple[Any, bytes]:
        if opened is None:
            return process.call(method, given, None)
        try:
            with closing(opened()) as file:
                return process.call(method, given, _part_of(file))
        except OSError as exc:
            raise image_error(exc) from exc

    # --- processes ---------------------------------------------------------------------------

    def _take(self, near: object) -> "_Process":
        with self._changed:
            while not self._idle and self._n_processes >= self._n_most:
                self._changed.wait()
            if self._idle:
                same = (i for i, (place, _) in enumerate(self._idle) if place == near)
                return self._idle.pop(next(same, 0))[1]
            self._n_processes += 1
        try:
            most = min(max(available_memory() // 2, _LEAST_MEMORY), _MOST_MEMORY)
            if not IS_POSSIBLE:
                return _Here(self._workshop)
            return WatchedProcess(self._workshop, most, self._most_silent_s)
        except OSError as exc:
            self._lose()
            detail = f"no process can be started to read {self._noun}: {exc.strerror}"
            raise ImageError(detail, reason=Reason.TIMEOUT) from exc

    def _put_back(self, near: object, process: "_Process") -> None:
        with self._changed:
            self._idle.append((near, process))
            self._changed.notify()

    def _lose(self) -> None:
        with self._changed:
            self._n_processes -= 1
            self._changed.notify()


def _close_all(idle: "list[tuple[object, _Process]]") -> None:
    while idle:
        idle.pop()[1].close()


class _Here:
    """Takes the place of a process where there are none of that kind, as on Windows."""

    def __init__(self, workshop: str) -> None:
        self._answer: Answer | None = None
        self._failure: Exception | None = None
        self._workshop: Workshop = pkgutil.resolve_name(workshop)(self._ask)

    def call(self, method: str, given: list[Any], answer: Answer | None) -> tuple[Any, bytes]:
        self._answer, self._failure = answer, None
        done = self._workshop.call(method, given)
        if self._failure:
            raise self._failure
        return done

    def _ask(self, question: Any) -> bytes:
        try:
            return self._answer(question) if self._answer else b""
        except Exception as exc:
            self._failure = exc
            raise OSError("it cannot be read") from exc

    def close(self) -> None:
        self._workshop.forget()


_Process = WatchedProcess | _Here


def _part_of(file: BinaryIO) -> Answer:
    """Return what answers a workshop's questions for parts of a file."""

    def answer(question: Any) -> bytes:
        start, n_bytes = map(int, question)
        file.seek(start)
        return file.read(n_bytes)

    return answer


def _failure_of(stated: Any) -> ImageError:
    """Return the error that a workshop reports."""
    try:
        reason, detail = map(str, stated)
        return ImageError(detail, reason=Reason(reason))
    except ValueError:
        return ImageError(str(stated)[:_MOST_DETAIL], reason=Reason.DECODE_ERROR)


class Workshop(ABC):
    """What runs in a watched process; see `fastdup.executors.watched.Service`.

    Each of its public methods is given a `Place` and what else the call has, and returns what JSON
    can say, and bytes. What it keeps open between calls only saves time: any call may be the first.
    """

    #: What its files are, for messages.
    noun: str

    def __init__(self, ask: Callable[[Any], bytes]) -> None:
        self._ask = ask

    def call(self, method: str, given: list[Any]) -> tuple[Any, bytes]:
        """Return what a method returns; whatever is raised in it becomes a failure."""
        try:
            place, *rest = given
            result: tuple[Any, bytes] = getattr(self, method)(Place(*place), *rest)
            return result
        except ImageError as exc:
            return {"failure": [exc.reason, str(exc)]}, b""
        except MemoryError:
            self.forget()
            return {"failure": [Reason.TOO_LARGE, f"{self.noun} that needs too much memory"]}, b""
        except Exception as exc:  # whatever a library raises that reads the files of strangers
            self.forget()
            text = " ".join(str(exc).split())[:_MOST_DETAIL] or type(exc).__name__
            return {"failure": [Reason.DECODE_ERROR, f"{self.noun} that is damaged: {text}"]}, b""

    @abstractmethod
    def forget(self) -> None:
        """Close all that is kept open."""

    def file(self, place: Place) -> BinaryIO:
        """Return the file, open for reading anywhere."""
        if place.is_local:
            return open_regular(place.path)
        return io.BufferedReader(cast(io.RawIOBase, _Asked(self._ask, place.size_bytes)), _ASKED)


#: Bytes that are asked for at a time of a file that is elsewhere.
_ASKED = 2**19


class _Asked(RangeFile):
    """A file whose bytes the caller is asked for."""

    def __init__(self, ask: Callable[[Any], bytes], size_bytes: int) -> None:
        super().__init__(size_bytes)
        self._ask = ask

    def read_range(self, start: int, n_bytes: int) -> bytes:
        return self._ask([start, n_bytes])
