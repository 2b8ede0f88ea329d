"""Judging in worker processes, while the process that listed the pictures reads most of them.

It knows where a member of an archive is, and has asked for an object before it is needed; and what
is read and judged is then the same with any number of processes. Plain files are read where they
are needed: with dozens of processes, one that reads for all of them is too slow.
"""

import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Any, NamedTuple, Protocol, TypeVar

from fastdup.errors import ImageError
from fastdup.executors.base import Result, Task
from fastdup.executors.processes import WorkerProcesses, ask_parent
from fastdup.sources import UNREACHABLE, Reader, Stamp
from fastdup.sources.base import Skip
from fastdup.sources.crops import Crop
from fastdup.sources.local_reader import LocalReader, is_url

#: Judging holds the interpreter lock for a third of its time: with more threads than this, each
#: uses a process of its own …
MOST_THREADS_OF_A_PROCESS = 2

Done = TypeVar("Done", contravariant=True)
Found = TypeVar("Found", covariant=True)


class _Request(NamedTuple):
    """A method of the reader, and what it is given."""

    method: str
    given: tuple[Any, ...]


class AskingReader:
    """Reads plain files, and all else by asking the parent of this worker process; see `Reader`.

    What cannot be read here is asked for too: the parent finds the reason.

    Parameters
    ----------
    reader : Reader
        Knows, without a look at any file, which part a URI names.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._local = LocalReader()

    def stamp(self, uri: str) -> Stamp:
        """Return size and time of change."""
        if self._is_plain(uri) and (found := self._local.stamp(uri)) != UNREACHABLE:
            return found
        stamp: Stamp = ask_parent(_Request("stamp", (uri,)))
        return stamp

    def read(self, uri: str, max_bytes: int | None = None) -> bytes:
        """Return the bytes."""
        if self._is_plain(uri):
            with suppress(ImageError):
                return self._local.read(uri, max_bytes)
        data: bytes = ask_parent(_Request("read", (uri, max_bytes)))
        return data

    def label(self, uri: str) -> str | None:
        """Return the label of an image."""
        label: str | None = ask_parent(_Request("label", (uri,)))
        return label

    def crop(self, uri: str) -> Crop | None:
        """Return the part of an image that `uri` names."""
        return self._reader.crop(uri)

    def is_file(self, uri: str) -> bool:
        """Return whether it is a plain file, whoever reads it."""
        return self._is_plain(uri)

    def prefetch(self, uris: Sequence[str], skip: Skip | None = None) -> None:
        """Prepare for what will be read next."""
        if others := [uri for uri in uris if not self._is_plain(uri)]:
            ask_parent(_Request("prefetch", (others,)))

    def close(self) -> None:
        """Release nothing: nothing is open here."""

    def _is_plain(self, uri: str) -> bool:
        """Return whether it is a plain file, without a look into any archive."""
        return not is_url(uri) and os.path.isfile(uri) and self._reader.is_file(uri)


class ReadsPictures(Protocol[Done, Found]):
    """Work that is given pictures by a reader, as `PairJudge` is. Picklable, thread-safe.

    Attributes
    ----------
    reader : Reader
        Reads the files.
    max_pixels : int
        Largest width × height to decode, inclusive.
    """

    reader: Reader
    max_pixels: int

    def __init__(self, reader: Reader, max_pixels: int) -> None: ...

    def __call__(self, task: Done) -> Found:
        """Return what is found of a task."""


def workers(
    work: ReadsPictures[Task, Result], n_threads: int, n_items: int, least_items: int
) -> AbstractContextManager[Callable[[Task], Result]]:
    """Return the work, in a process for each calling thread if that pays off; a context manager.

    Parameters
    ----------
    work : ReadsPictures
    n_threads : int
        How many call it.
    n_items : int
        How much there is to do, in all.
    least_items : int
        How much of it pays for the start of a process.
    """
    pays_for_processes = (
        n_threads > MOST_THREADS_OF_A_PROCESS
        and n_items >= n_threads * least_items
        and os.name == "posix"
    )
    return processes_of(work) if pays_for_processes else nullcontext(work)


def processes_of(work: ReadsPictures[Task, Result]) -> WorkerProcesses[Task, Result]:
    """Return what does the work in a process for each calling thread; a context manager.

    What these processes read is read by this one, but for plain files.
    """

    def answer(request: _Request) -> Any:
        return getattr(work.reader, request.method)(*request.given)

    asking = type(work)(AskingReader(work.reader), work.max_pixels)
    return WorkerProcesses(asking, answer)
