r"""CSV as in RFC 4180, in UTF-8 with ``\n`` line ends; files are written completely or not at all.

File names are bytes on most systems. Those that are not valid UTF-8 are written as the same bytes
(Python's ``surrogateescape``), so that every row leads back to its file.
"""

import contextlib
import csv
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, BinaryIO, TextIO

from fastdup.errors import WorkDirError
from fastdup.workdir.own_files import open_new
from fastdup.workdir.paths import TEMPORARY_SUFFIX

if TYPE_CHECKING:
    from _csv import Reader as CsvReader

#: The longest field that is read; Python's own limit, 131,072, is shorter than some names.
_MOST_FIELD_CHARACTERS = 2**31 - 1
_NEEDS_QUOTES, _BUT_FOR_COMMAS = re.compile(r'[,"\r\n]'), re.compile(r'["\r\n]')


def csv_line(fields: Iterable[object]) -> bytes:
    """Return one CSV line with its line end.

    Not ``csv.writer``: in Python 3.11 it leaves a bare carriage return unquoted.
    """
    texts = list(map(str, fields))
    line = ",".join(texts)
    # Looking at the whole line takes half as long as at each field, and few need quotes.
    if line.count(",") >= len(texts) or _BUT_FOR_COMMAS.search(line):
        line = ",".join(map(csv_field, texts))
    return encode_line(line or '""')  # an empty line is no row


def encode_line(line: str) -> bytes:
    """Return the bytes of a CSV line, with its line end."""
    line += "\n"
    try:
        return line.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # a string from a Python list that cannot be a file name
        return line.encode("utf-8", "backslashreplace")


def csv_field(value: object) -> str:
    """Return `value` as a CSV field, quoted if necessary."""
    text = str(value)
    if _NEEDS_QUOTES.search(text):
        return '"' + text.replace('"', '""') + '"'
    return text


def csv_rows(lines: Iterable[str]) -> "CsvReader":
    """Return a reader of the rows in lines of CSV, with fields of any length."""
    csv.field_size_limit(max(csv.field_size_limit(), _MOST_FIELD_CHARACTERS))
    return csv.reader(lines)


def read_table(path: str) -> Iterator[list[str]]:
    """Yield the rows of a CSV file, the header first.

    Raises
    ------
    WorkDirError
        When the file is missing or cannot be read.
    """
    with _open_table(path) as file:
        yield from csv_rows(file)


def numbered_rows(path: str) -> Iterator[tuple[int, list[str]]]:
    """Yield what `read_table` does, each row with the line on which it begins, from 1.

    Raises
    ------
    WorkDirError
        When the file is missing or cannot be read.
    """
    with _open_table(path) as file:
        rows, line = csv_rows(file), 1
        for row in rows:
            yield line, row
            line = rows.line_num + 1  # a quoted field may go over several


@contextlib.contextmanager
def _open_table(path: str) -> Iterator[TextIO]:
    try:
        # Not only the tables of a run are read: other programs begin theirs with a mark.
        with open(path, encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            yield file
    except OSError as exc:
        raise WorkDirError(f"cannot read {path}: {exc.strerror}") from exc
    except csv.Error as exc:
        raise WorkDirError.damaged(path, exc) from exc


def write_table(path: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a CSV file under a temporary name, then rename it."""

    def write(file: BinaryIO) -> None:
        file.write(csv_line(header))
        file.writelines(map(csv_line, rows))

    write_atomically(path, write)


def write_atomically(path: str, write: Callable[[BinaryIO], object]) -> None:
    """Let `write` fill a temporary file beside `path`, then rename it to `path`.

    Raises
    ------
    WorkDirError
        When the disk is full or not writable. Then `path` is unchanged.
    """
    temporary = path + TEMPORARY_SUFFIX
    try:
        with open_new(temporary) as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as exc:
        raise WorkDirError(f"cannot write {path}: {exc.strerror}") from exc
    finally:
        with contextlib.suppress(OSError):
            os.unlink(temporary)


def place_file_again(path: str, place: str) -> None:
    """Make the file at `path` available at `place` too: by a hard link, else by a copy.

    Raises
    ------
    WorkDirError
        When the disk is full or not writable.
    """
    temporary = place + TEMPORARY_SUFFIX
    try:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        os.link(path, temporary)
        os.replace(temporary, place)
        with contextlib.suppress(OSError):
            os.unlink(temporary)  # it stays where both are links to one file
    except OSError:
        with open(path, "rb") as file:
            write_atomically(place, lambda copy: shutil.copyfileobj(file, copy))


def remove_files(paths: Iterable[str]) -> None:
    """Remove files in this order, if they are there.

    Raises
    ------
    WorkDirError
        When one cannot be removed.
    """
    for path in paths:
        try:
            os.unlink(path)
        except FileNotFoundError:
            continue
        except OSError as exc:
            raise WorkDirError(f"cannot remove {path}: {exc.strerror}") from exc
