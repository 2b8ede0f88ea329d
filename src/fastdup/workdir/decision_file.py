"""What a person decided on files, kept in ``decisions.csv``: a row per decision and file.

Files are known by their content, so that decisions survive renames and moves. Files that are no
copies of each other share a number. The file may come from anybody: it is read with care.
"""

import contextlib
import csv
import io
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import compress, islice
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
from fastdup.workdir.own_files import open_own, read_own
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
#: What a row may begin with.
_TORN = re.compile(rb"\d{1,15}(,([a-z-]*|[a-z-]+,.*))?", re.DOTALL).fullmatch
_LINE_END = re.compile(r"[\r\n]").search
#: Files whose decisions are remembered.
_MOST_KNOWN = 8


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
        return DecisionColumns._make(list(compress(column, is_wanted)) for column in self)


NO_DECISIONS = DecisionColumns((), (), (), (), (), ())
#: Path → the state of that file when it was read or written last, and what it said.
_last_known: dict[str, tuple[object, DecisionColumns]] = {}


def read_decisions(path: str) -> DecisionColumns:
    """Return what was decided, as a work folder has it; nothing where there is no such file.

    Raises
    ------
    WorkDirError
        When the file is damaged or no plain file; the message names the line.
    """
    try:
        state = _state(path)
        known = _last_known.get(path)
        if known is None or known[0] != state:
            data = read_own(path, MOST_BYTES)
            known = state, parse_decisions(_without_torn_end(data))
            _know(path, known)
        return known[1]
    except FileNotFoundError:
        return NO_DECISIONS
    except OSError as exc:
        raise WorkDirError(f"cannot read {path}: {exc.strerror}") from exc
    except ValueError as exc:
        raise WorkDirError(
            f"{path} is damaged: {exc}: fix it, or delete it to forget all decisions"
        ) from exc


def _state(path: str) -> object:
    """Return the state of a file; other content has another one."""
    state = os.lstat(path)
    return state.st_dev, state.st_ino, state.st_mtime_ns, state.st_size


def _know(path: str, known: tuple[object, DecisionColumns]) -> None:
    """Remember what a file says in some state."""
    if len(_last_known) >= _MOST_KNOWN:
        _last_known.clear()
    _last_known[path] = known


def _without_torn_end(data: bytes) -> bytes:
    """Return the bytes without the beginning of a row whose writing was cut off by a power cut."""
    end = data.rfind(b"\n") + 1
    is_torn = len(data) > end > 0 and _TORN(data[end:]) and not _is_sound_line(data[end:])
    return data[:end] if is_torn else data


def _is_sound_line(line: bytes) -> bool:
    try:
        _check(next(csv_rows([line.decode("utf-8", "surrogateescape")])))
    except (ValueError, csv.Error):
        return False
    return True


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
            f"the decision {_shown(decision)} is not one of {NOT_COPIES}, {KEEP} and {REMOVE}"
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
    data = csv_line(DECISIONS_HEADER) + _lines(decided)
    _check_size(len(data))
    return data


def _lines(decided: DecisionColumns) -> bytes:
    """Return the bytes of the rows, without the header."""
    fields = zip(*decided._replace(paths=list(map(csv_field, decided.paths))), strict=True)
    lines = "\n".join(f"{n},{what},{path},{size},{of},{t}" for n, what, path, size, of, t in fields)
    return encode_line(lines) if lines else b""


def _check_size(n_bytes: int) -> None:
    if n_bytes > MOST_BYTES:
        raise WorkDirError(
            f"these are too many decisions: their file would have {n_bytes:,} bytes, and may "
            f"have {MOST_BYTES:,}"
        )


def change_decisions(
    work: WorkDir, change: Callable[[DecisionColumns], DecisionColumns]
) -> tuple[DecisionColumns, DecisionColumns]:
    """Let `change` make new decisions of those there are, write them, and return both.

    Others wait meanwhile. Where decisions on single files are only added, their rows are appended.
    Else the file is written whole or not at all.

    Raises
    ------
    WorkDirError
        When it is damaged or cannot be written.
    """
    with one_at_a_time(work.decisions_lock):
        before = read_decisions(work.decisions)
        after = change(before)
        if after != before:
            added = _added(before, after)
            if not (added and _append(work.decisions, added)):
                data = decisions_bytes(after)
                write_atomically(work.decisions, lambda file: file.write(data))
            if _are_file_names(after.paths if added is None else added.paths):
                _know(work.decisions, (_state(work.decisions), after))
    return before, after


def _added(before: DecisionColumns, after: DecisionColumns) -> DecisionColumns | None:
    """Return the rows that were added, if they may be appended one by one; else None."""
    n_before = len(before.numbers)
    # A set of which a power cut left a part would be another decision.
    is_more = 0 < n_before < len(after.numbers) and all(
        list(known) == column[:n_before] for known, column in zip(before, after, strict=True)
    )
    if not is_more:
        return None
    added = DecisionColumns._make(column[n_before:] for column in after)
    on_one = set(added.decisions) <= {*ON_ONE_FILE}
    return added if on_one and not _LINE_END("".join(added.paths)) else None


def _append(path: str, added: DecisionColumns) -> bool:
    """Append rows to the file; return False where its last line is not complete."""
    data = _lines(added)
    try:
        with open_own(path, "rb+") as file:
            size = file.seek(0, os.SEEK_END)
            _check_size(size + len(data))
            file.seek(size - 1)
            if file.read(1) != b"\n":
                return False
            try:
                _write_whole(file.fileno(), data)
            except OSError:
                with contextlib.suppress(OSError):
                    os.ftruncate(file.fileno(), size)
                raise
    except OSError as exc:
        raise WorkDirError(f"cannot write {path}: {exc.strerror}") from exc
    return True


def _write_whole(descriptor: int, data: bytes) -> None:
    """Write all bytes at the end of an open file, to the disk."""
    os.lseek(descriptor, 0, os.SEEK_END)
    while data:
        data = data[os.write(descriptor, data) :]
    os.fsync(descriptor)


def _are_file_names(paths: Sequence[str]) -> bool:
    """Return whether paths are read as they were written: see `encode_line`."""
    try:
        "".join(paths).encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return True
