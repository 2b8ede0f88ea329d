"""What a person decided on files, kept in ``decisions.csv``: a row per decision and file.

Files are known by their content, so that decisions survive renames and moves. Files that are no
copies of each other share a number. The file may come from anybody: it is read with care.
"""

import csv
import io
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from fastdup.errors import WorkDirError
from fastdup.workdir.csv_files import (
    csv_field,
    csv_line,
    csv_rows,
    encode_line,
    write_atomically,
)
from fastdup.workdir.lock import one_at_a_time
from fastdup.workdir.own_files import read_own
from fastdup.workdir.paths import WorkDir

NOT_COPIES, KEEP, REMOVE = "not-copies", "keep", "remove"
#: What is decided on each file by itself; of these, a file has one.
ON_ONE_FILE = (KEEP, REMOVE)
DECISIONS_HEADER = ("number", "decision", "path", "size_bytes", "digest", "decided")
#: Largest file that is read or written.
MOST_BYTES = 2**27
#: Rows that are checked at a time.
_ROWS_TOGETHER = 256
_DIGEST = re.compile(r"[0-9a-f]{32}").fullmatch
_WHEN = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)?", re.ASCII).fullmatch
_WHOLE = re.compile(r"\d{1,15}", re.ASCII).fullmatch


class DecidedFile(NamedTuple):
    """What was decided on one file, and what it was then.

    Attributes
    ----------
    number : int
        Of the decision; those that share it with "not-copies" are no copies of each other.
    decision : {"not-copies", "keep", "remove"}
        "keep": the file never goes. "remove": it goes when a copy of it stays.
    path : str
        Full path, for people to read: the content counts.
    size_bytes : int
        As in ``features.dat.listing``.
    digest : str
        BLAKE2b of the bytes, 128 bits, as 32 lower-case hexadecimal digits.
    decided : str
        When, in UTC: ``2026-11-29T19:31:00Z``; empty where that is not known.
    """

    number: int
    decision: str
    path: str
    size_bytes: int
    digest: str
    decided: str = ""


class DecisionColumns(NamedTuple):
    """The rows of such a file, as columns: see `DecidedFile`."""

    numbers: Sequence[int]
    decisions: Sequence[str]
    paths: Sequence[str]
    sizes: Sequence[int]
    digests: Sequence[str]
    times: Sequence[str]

    @classmethod
    def of(cls, rows: Iterable[DecidedFile]) -> "DecisionColumns":
        """Return rows as columns."""
        columns = [list(column) for column in zip(*rows, strict=True)]
        return cls._make(columns) if columns else NO_DECISIONS

    def __bool__(self) -> bool:
        """Return whether anything was decided."""
        return bool(self.numbers)

    def rows(self) -> Iterator[DecidedFile]:
        """Yield the rows."""
        return map(DecidedFile, *self)

    def with_rows(self, rows: Sequence[DecidedFile]) -> "DecisionColumns":
        """Return these rows and then others."""
        more = DecisionColumns.of(rows)
        columns = zip(self, more, strict=True)
        return DecisionColumns._make([*known, *new] for known, new in columns) if rows else self

    def where(self, is_wanted: Sequence[bool]) -> "DecisionColumns":
        """Return some of the rows."""
        kept = [place for place, wanted in enumerate(is_wanted) if wanted]
        return DecisionColumns._make([column[place] for place in kept] for column in self)


NO_DECISIONS = DecisionColumns((), (), (), (), (), ())


def read_decisions(path: str) -> DecisionColumns:
    """Return what was decided, as a work folder has it; nothing where there is no such file.

    Raises
    ------
    WorkDirError
        When the file is damaged or no plain file; the message names the line.
    """
    try:
        state = os.lstat(path)
        return _read_as_of(path, (state.st_dev, state.st_ino, state.st_mtime_ns, state.st_size))
    except FileNotFoundError:
        return NO_DECISIONS
    except OSError as exc:
        raise WorkDirError(f"cannot read {path}: {exc.strerror}") from exc
    except ValueError as exc:
        raise WorkDirError(
            f"{path} is damaged: {exc}: fix it, or delete it to forget all decisions"
        ) from exc


@lru_cache(1)
def _read_as_of(path: str, _state: object) -> DecisionColumns:
    """Return what a file says that is in some state, of which other content has another one."""
    return parse_decisions(read_own(path, MOST_BYTES))


def parse_decisions(data: bytes) -> DecisionColumns:
    """Return what the bytes of such a file say.

    Raises
    ------
    ValueError
        What is wrong, and in which line.
    """
    text = data.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
    whole: list[list[str]] = [[] for _ in DECISIONS_HEADER]
    try:
        rows = csv_rows(io.StringIO(text, newline=""))
        if next(rows, None) != list(DECISIONS_HEADER):
            raise ValueError(f"line 1: the header is not {','.join(DECISIONS_HEADER)}")
        while block := list(islice(rows, _ROWS_TOGETHER)):
            columns = list(zip(*filter(None, block), strict=True))
            if columns and not _are_sound(columns):
                raise ValueError
            for column, values in zip(whole, columns, strict=bool(columns)):
                column.extend(values)
    except (ValueError, csv.Error):
        _find_fault(text)
        raise
    numbers, decisions, paths, sizes, digests, times = whole
    if not numbers:
        return NO_DECISIONS
    wholes = list(map(int, numbers)), list(map(int, sizes))
    return DecisionColumns(wholes[0], decisions, paths, wholes[1], digests, times)


def _are_sound(columns: Sequence[Sequence[str]]) -> bool:
    """Return whether all values of some rows make sense; a column at a time is much faster."""
    if len(columns) != len(DECISIONS_HEADER):
        return False
    numbers, decisions, paths, sizes, digests, times = columns
    checks = [(_WHOLE, numbers), (_WHOLE, sizes), (_DIGEST, digests), (_WHEN, set(times))]
    return (
        set(decisions) <= {NOT_COPIES, *ON_ONE_FILE}
        and all(all(map(check, values)) for check, values in checks)
        and all(paths)
        and "\0" not in "".join(paths)
    )


def _find_fault(text: str) -> None:
    """Raise what is wrong with the first row that makes no sense, if there is one."""
    rows, line = csv_rows(io.StringIO(text, newline="")), 1
    try:
        for row in rows:
            if line > 1 and row:
                _check(row)
            line = rows.line_num + 1
    except (ValueError, csv.Error) as exc:
        raise ValueError(f"line {line}: {exc}") from exc


def _check(row: Sequence[str]) -> None:
    if len(row) != len(DECISIONS_HEADER):
        raise ValueError(f"it has {len(row)} fields, not {len(DECISIONS_HEADER)}")
    number, decision, path, size, digest, when = row
    if decision not in (NOT_COPIES, *ON_ONE_FILE):
        raise ValueError(
            f"the decision {_shown(decision)} is none of {NOT_COPIES}, {KEEP} and {REMOVE}"
        )
    if not _WHOLE(number) or not _WHOLE(size):
        raise ValueError(f"{_shown(size if _WHOLE(number) else number)} is not a whole number")
    if not _DIGEST(digest):
        raise ValueError(f"{_shown(digest)} is not a digest of 32 hexadecimal digits")
    if not path or "\0" in path:
        raise ValueError(f"{_shown(path)} is not a path")
    if not _WHEN(when):
        raise ValueError(f"{_shown(when)} is not a time such as 2026-11-29T19:31:00Z")


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:59] + "…")


def decisions_bytes(decided: DecisionColumns) -> bytes:
    """Return the bytes of the file.

    Raises
    ------
    WorkDirError
        When these are more than such a file may have.
    """
    fields = zip(*decided._replace(paths=list(map(csv_field, decided.paths))), strict=True)
    lines = "\n".join(f"{n},{what},{path},{size},{of},{t}" for n, what, path, size, of, t in fields)
    data = csv_line(DECISIONS_HEADER) + (encode_line(lines) if lines else b"")
    if len(data) > MOST_BYTES:
        raise WorkDirError(
            f"these are too many decisions: their file would have {len(data):,} bytes, and may "
            f"have {MOST_BYTES:,}"
        )
    return data


def change_decisions(
    work: WorkDir, change: Callable[[DecisionColumns], DecisionColumns]
) -> tuple[DecisionColumns, DecisionColumns]:
    """Let `change` make new decisions of those there are, write them, and return both.

    Others wait meanwhile. The file is written whole or not at all, and only if it changes.

    Raises
    ------
    WorkDirError
        When it is damaged or cannot be written.
    """
    with one_at_a_time(work.decisions_lock):
        before = read_decisions(work.decisions)
        after = change(before)
        if after != before:
            data = decisions_bytes(after)
            write_atomically(work.decisions, lambda file: file.write(data))
    return before, after
