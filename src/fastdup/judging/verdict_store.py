"""The findings of earlier runs, kept in the work folder so that no pair is judged twice.

The first line is a JSON object: the signature, which is everything that determines a finding apart
from the two files. Each further line is a JSON list: path, size in bytes and time of change of
either file, and what was found. Lines are only appended, in the order of the pairs. After a kill
an incomplete last line is cut off, and the run goes on from there.
"""

import contextlib
import json
import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Self

from fastdup.errors import WorkDirError
from fastdup.judging.finding import Finding
from fastdup.judging.open_pictures import PictureFile
from fastdup.sources import Stamp
from fastdup.workdir.csv_files import write_atomically
from fastdup.workdir.own_files import open_own

PictureFiles = tuple[PictureFile, PictureFile]

#: Raised whenever the same two files may be judged differently.
RULES = 6
#: The file is written anew when more findings than this, and most of them, are of other pairs.
_MOST_USELESS = 1000


class VerdictStore:
    """Findings by pair of files; a context manager that closes its file.

    Parameters
    ----------
    path : str
        The file; made if missing.
    options : mapping
        Options that influence findings; findings under other ones are discarded.
    """

    def __init__(self, path: str, options: Mapping[str, Any]) -> None:
        self._path = path
        signature = {"rules": RULES, **options}
        self._signature = json.dumps(signature, sort_keys=True).encode() + b"\n"
        self._recover()
        try:
            self._file = open_own(path, "ab")
        except OSError as exc:
            raise WorkDirError(f"cannot write {path}: {exc.strerror}") from exc

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def known(self, pairs: Collection[PictureFiles]) -> dict[PictureFiles, Finding]:
        """Return what is known of `pairs`."""
        wanted = set(pairs)
        return {files: finding for files, finding in self._findings() if files in wanted}

    def drop_others(self, pairs: Collection[PictureFiles]) -> None:
        """Drop what is known of all but `pairs`, when that is much and most of all."""
        with open(self._path, "rb") as file:
            n_useless = sum(1 for _ in file) - 1 - len(pairs)
        if n_useless > max(_MOST_USELESS, len(pairs)):
            self._rewrite(self.known(pairs))

    def add(self, findings: Iterable[tuple[PictureFiles, Finding]]) -> None:
        """Append findings.

        Raises
        ------
        WorkDirError
            When the disk is full or not writable.
        """
        try:
            self._file.write(b"".join(_line(files, finding) for files, finding in findings))
            self._file.flush()
        except OSError as exc:
            raise WorkDirError(f"cannot write {self._path}: {exc.strerror}") from exc

    def _recover(self) -> None:
        """Cut off an incomplete last line; begin anew under another signature."""
        with contextlib.suppress(OSError), open_own(self._path, "rb+") as file:
            if file.readline() == self._signature:
                end = _end_of_last_line(file.fileno())
                file.truncate(end)
                return
        write_atomically(self._path, lambda file: file.write(self._signature))

    def _findings(self) -> Iterator[tuple[PictureFiles, Finding]]:
        with open(self._path, "rb") as file:
            next(file)
            for line in file:
                with contextlib.suppress(ValueError, TypeError):  # a line that makes no sense
                    yield _parse(line)

    def _rewrite(self, findings: Mapping[PictureFiles, Finding]) -> None:
        self._file.close()
        lines = b"".join(_line(files, finding) for files, finding in findings.items())
        write_atomically(self._path, lambda file: file.write(self._signature + lines))
        self._file = open_own(self._path, "ab")


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


def _line(files: PictureFiles, finding: Finding) -> bytes:
    names = [value for file in files for value in (file.uri, *file.stamp)]
    return json.dumps([*names, *finding.values()]).encode() + b"\n"


def _parse(line: bytes) -> tuple[PictureFiles, Finding]:
    uri, size, mtime, other_uri, other_size, other_mtime, *values = json.loads(line)
    first = PictureFile(str(uri), Stamp(int(size), int(mtime)))
    second = PictureFile(str(other_uri), Stamp(int(other_size), int(other_mtime)))
    return (first, second), Finding.from_values(values)
