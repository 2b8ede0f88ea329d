"""Judging in worker processes, while the process that listed the pictures reads them.

It knows where a member of an archive is, and has asked for an object before it is needed; and what
is read and judged is then the same with any number of processes.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from fastdup.executors.processes import WorkerProcesses, ask_parent
from fastdup.judging.pair_judge import Judged, JudgeTask, PairJudge
from fastdup.sources import Reader, Stamp
from fastdup.sources.base import Skip
from fastdup.sources.crops import Crop


class _Request(NamedTuple):
    """A method of the reader, and what it is given."""

    method: str
    given: tuple[Any, ...]


class AskingReader:
    """Reads by asking the parent of this worker process; see `Reader`.

    Parameters
    ----------
    reader : Reader
        Knows, without a look at any file, which part a URI names.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def stamp(self, uri: str) -> Stamp:
        """Return size and time of change."""
        stamp: Stamp = ask_parent(_Request("stamp", (uri,)))
        return stamp

    def read(self, uri: str, max_bytes: int | None = None) -> bytes:
        """Return the bytes."""
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
        """Return whether it is a plain file: none is read here."""
        return False

    def prefetch(self, uris: Sequence[str], skip: Skip | None = None) -> None:
        """Prepare for what will be read next."""
        ask_parent(_Request("prefetch", (uris,)))

    def close(self) -> None:
        """Release nothing: nothing is open here."""


def judging_processes(reader: Reader, max_pixels: int) -> WorkerProcesses[JudgeTask, Judged]:
    """Return what judges tasks in a process for each calling thread; a context manager.

    Parameters
    ----------
    reader : Reader
        Reads the files, in this process.
    max_pixels : int
        Largest width × height to decode, inclusive.
    """

    def answer(request: _Request) -> Any:
        return getattr(reader, request.method)(*request.given)

    return WorkerProcesses(PairJudge(AskingReader(reader), max_pixels), answer)
