"""A file that keeps what was found of files, so that no later run finds it again.

The first line is a JSON object: the signature, which is everything that determines what is found
apart from the files. Each further line is a JSON list. Lines are only appended. After a kill an
incomplete last line is cut off.
"""

import contextlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self

from fastdup.errors import WorkDirError
from fastdup.workdir.csv_files import write_atomically
from fastdup.workdir.own_files import open_own, read_own

#: The file is written anew when more lines than this, and most of them, are of no use.
_MOST_USELESS = 1000
#: Larger files are not read at once.
_MOST_BYTES = 2**30


class KnownLines:
    """The lines of such a file; a context manager that closes it.

    Parameters
    ----------
    path : str
        The file; made if missing.
    signature : mapping
        Lines under another one are discarded.

    Raises
    ------
    WorkDirError
        When the file cannot be written.
    """

    def __init__(self, path: str, signature: Mapping[str, Any]) -> None:
        self._path = path
        self._signature = _signature_line(signature)
        self._recover()
        try:
            self._file = open_own(path, "ab")
        except OSError as exc:
            raise WorkDirError(f"cannot write {path}: {exc.strerror}") from exc

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __iter__(self) -> Iterator[Any]:
        """Yield the values of each line; a line that is no JSON is left out."""
        with open(self._path, "rb") as file:
            next(file)
            for line in file:
                with contextlib.suppress(ValueError):
                    yield json.loads(line)

    def add(self, values: Iterable[list[Any]]) -> None:
        """Append a line for each list of values.

        Raises
        ------
        WorkDirError
            When the disk is full or not writable.
        """
        try:
            self._file.write(b"".join(map(_line, values)))
            self._file.flush()
        except OSError as exc:
            raise WorkDirError(f"cannot write {self._path}: {exc.strerror}") from exc

    def has_useless(self, n_useful: int) -> bool:
        """Return whether most lines, and many, are others than `n_useful` ones."""
        with open(self._path, "rb") as file:
            n_useless = sum(1 for _ in file) - 1 - n_useful
        return n_useless > max(_MOST_USELESS, n_useful)

    def replace(self, values: Iterable[list[Any]]) -> None:
        """Write the file anew, with these lines only."""
        self._file.close()
        lines = b"".join(map(_line, values))
        write_atomically(self._path, lambda file: file.write(self._signature + lines))
        self._file = open_own(self._path, "ab")

    def _recover(self) -> None:
        """Cut off an incomplete last line; begin anew under another signature."""
        with contextlib.suppress(OSError), open_own(self._path, "rb+") as file:
            if file.readline() == self._signature:
                end = _end_of_last_line(file.fileno())
                file.truncate(end)
                return
        write_atomically(self._path, lambda file: file.write(self._signature))


def read_lines(path: str, signature: Mapping[str, Any]) -> list[bytes]:
    """Return the lines of such a file as it is now, as they are; none under another signature.

    Unlike `KnownLines` it changes nothing, so that another process may be writing meanwhile.
    """
    try:
        first, *lines = read_own(path, _MOST_BYTES).split(b"\n")
    except (OSError, ValueError):
        return []
    return lines if first + b"\n" == _signature_line(signature) else []


def _signature_line(signature: Mapping[str, Any]) -> bytes:
    return json.dumps(signature, sort_keys=True).encode() + b"\n"


def _end_of_last_line(descriptor: int) -> int:
    """Return where the last complete line of an open file ends."""
    block, position = 4096, os.fstat(descriptor).st_size
    while position > 0:
        start = max(0, position - block)
        os.lseek(descriptor, start, os.SEEK_SET)
        found = os.read(descriptor, position - start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        position = start
    return 0


def _line(values: list[Any]) -> bytes:
    return json.dumps(values).encode() + b"\n"
