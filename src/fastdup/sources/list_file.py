"""List files as people have them: plain, from spreadsheets, copied from file managers.

A line that is the name of a file is taken as it stands. Otherwise blanks at its end, quotes around
it and ``file://`` before it are not part of the name.
"""

import csv
import io
import os
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple
from urllib.parse import unquote_to_bytes, urlsplit

from fastdup.errors import SourceError
from fastdup.sources.braces import expand_braces
from fastdup.sources.local_reader import is_url
from fastdup.sources.signed import without_secrets

#: What columns of paths and of labels are called, in the order in which they are looked for.
_PATH_COLUMNS = (
    "filename", "file_name", "img_filename", "image_filename", "filepath", "file_path", "path",
    "image_path", "img_path", "image", "img", "file", "image_file", "url", "uri",
)  # fmt: skip
_LABEL_COLUMNS = ("label", "labels", "class", "class_name", "category", "target")
_DELIMITERS = (",", ";", "\t")
#: Between a path and its label, in lists for training.
_BLANK = " "
_UTF8_MARK = b"\xef\xbb\xbf"
#: What ends a text of DOS.
_END_OF_TEXT = b"\x1a"
_UTF16_MARKS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
#: How many characters say that a text without a mark is in UTF-16: each has one byte of zero.
_LOOKED_AT = 16
_COLUMNS_NAMED = 6
#: Characters of a field of a CSV; the csv module's own limit is shorter than some data URLs.
_MOST_CHARACTERS = 2**31 - 1


class NamedFiles(NamedTuple):
    """What a list file names.

    Attributes
    ----------
    paths : list of str
        Absolute paths and URLs, in the order of the file.
    labels : dict of str to str
        Path → label, of those that have one.
    """

    paths: list[str]
    labels: dict[str, str]


def begins_like_list(head: bytes) -> bool:
    """Return whether a file that begins with `head` may be a list: it is a text."""
    if _utf16_of(head):
        return True
    controls = bytes(set(range(32)) - set(b"\t\n\r\f"))
    text = head.removesuffix(_END_OF_TEXT)
    if _is_ended_by_zeros(text):
        text = text.replace(b"\0", b"\n")
    return text.translate(None, controls) == text


def read_list_file(path: str, name_of: Callable[[str], str] = without_secrets) -> NamedFiles:
    r"""Return what a list file names, one path per line, or in a column of a CSV file.

    Blank lines and lines that begin with ``#`` are left out (``./#1.jpg`` names such a file);
    line ends may be ``\n``, ``\r\n`` or ``\r``, or zero bytes, as ``find -print0`` writes; a
    byte-order mark is left out, and one of UTF-16 is obeyed. A relative path is looked for beside
    the list file, then in the current folder. ``shard-{00..99}.tar`` names 100 files. `name_of`
    returns what each is called in the listing.

    Raises
    ------
    SourceError
        When the file cannot be read, is not text, or is a table without a column of paths.
    """
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as exc:
        raise SourceError(f"cannot read the list file {path}: {exc.strerror}") from exc
    lines = _lines(path, data)
    folder = os.path.dirname(os.path.abspath(path))
    found = NamedFiles([], {})
    for name, label in _named(path, lines, folder):
        for each in expand_braces(_absolute(name, folder)):
            listed = name_of(each)
            found.paths.append(listed)
            if label:
                found.labels.setdefault(listed, label)
    return found


def path_of_uri(name: str) -> str:
    """Return the path that a ``file://`` address names; any other name as it is."""
    if not name.lower().startswith("file:/"):
        return name
    try:
        parts = urlsplit(name)
    except ValueError:
        return name
    if parts.netloc not in ("", "localhost"):
        return name
    # What looks like a query or a fragment is part of a name that was not quoted.
    rest = name[len("file:") :].removeprefix("//" + parts.netloc if parts.netloc else "//")
    path = os.fsdecode(unquote_to_bytes(rest.encode("utf-8", "surrogateescape")))
    is_drive = len(path) > 2 and path[0] == "/" and path[2] == ":"
    return path[1:] if is_drive and os.sep == "\\" else path


def _lines(path: str, data: bytes) -> list[str]:
    if encoding := _utf16_of(data):
        try:
            text = data.decode(encoding).removeprefix("\ufeff")
        except UnicodeDecodeError as exc:
            raise SourceError(f"{path} begins as UTF-16, but is not: save it as UTF-8") from exc
    elif _is_ended_by_zeros(data):
        return os.fsdecode(data).split("\0")
    elif b"\0" in data:
        raise SourceError(
            f"{path} is neither an image nor a list file (it holds zero bytes): "
            "name a folder, an image, or a text file in UTF-8 with one path per line"
        )
    else:
        text = os.fsdecode(data.removeprefix(_UTF8_MARK).removesuffix(_END_OF_TEXT))
    if "\n" not in text and "\r" in text:
        return text.split("\r")
    return [line.removesuffix("\r") for line in text.split("\n")]


def _is_ended_by_zeros(data: bytes) -> bool:
    """Return whether zero bytes end the lines of a text, as those of no binary file do."""
    return b"\0" in data and not any(other in data for other in (b"\0\0", b"\n", b"\r"))


def _utf16_of(data: bytes) -> str | None:
    """Return which UTF-16 a text is in, None when it is in none."""
    if marked := _UTF16_MARKS.get(data[:2]):
        return marked if b"\0" in data else None  # else a name begins with these very bytes
    head = data[: 2 * _LOOKED_AT]
    low, high = head[::2], head[1::2]
    if len(head) < 2 * _LOOKED_AT:
        return None
    if not any(high) and all(low):
        return "utf-16-le"
    return "utf-16-be" if not any(low) and all(high) else None


def _named(path: str, lines: list[str], folder: str) -> Iterator[tuple[str, str]]:
    """Yield each name and its label, "" where it has none."""
    kept = [line for line in lines if line.strip() and not line.startswith("#")]
    table = _table(path, kept[0], folder) if kept else None
    if table is None:
        yield from ((_plain_name(line, folder), "") for line in kept)
    elif table.delimiter == _BLANK:
        for name, _, label in (line.strip().rpartition(_BLANK) for line in kept):
            yield _plain_name(name or label, folder), label if name else ""
    else:
        for row in _rows(path, lines, table):
            at = table.labels
            label = row[at].strip() if 0 <= at < len(row) else ""
            yield _plain_name(row[table.paths], folder), label


class _Table(NamedTuple):
    """How a table is read: what is between fields, the columns, the rows before the first file."""

    delimiter: str
    paths: int
    labels: int
    n_skipped: int = 0


def _rows(path: str, lines: list[str], table: _Table) -> Iterator[list[str]]:
    """Yield the rows of a table that have a path; quoted fields may hold line ends."""
    csv.field_size_limit(_MOST_CHARACTERS)
    text = io.StringIO("\n".join(lines), newline="")
    rows = csv.reader(text, delimiter=table.delimiter)
    try:
        filled = (row for row in rows if any(field.strip() for field in row))
        named = (row for row in filled if not row[0].startswith("#"))
        for row in islice(named, table.n_skipped, None):
            if len(row) > table.paths and row[table.paths].strip():
                yield row
    except csv.Error as exc:
        raise SourceError(f"{path} is damaged at line {rows.line_num}: {exc}") from exc


def _table(path: str, first: str, folder: str) -> _Table | None:
    """Return how a table is read that begins with this line; None when it is a plain list."""
    if _exists(first, folder) or _exists(_plain_name(first, folder), folder):
        return None
    for delimiter in _DELIMITERS:
        row = _fields(first, delimiter)
        header = [field.strip().lower() for field in row]
        if (column := _column(header, _PATH_COLUMNS)) >= 0:
            return _Table(delimiter, column, _column(header, _LABEL_COLUMNS), 1)
        for column, field in enumerate(row if len(row) > 1 else ()):
            if field.strip() and _is_file(_plain_name(field, folder), folder):
                # Two columns are path and label; with an index before them, the label is between.
                labels = {2: 1 - column, 3: 1 if column == 2 else -1}.get(len(row), -1)
                return _Table(delimiter, column, labels)
    if _is_file(first.strip().rpartition(_BLANK)[0], folder):
        return _Table(_BLANK, 0, 1)
    if path.lower().endswith(".csv") and "," in first and not is_url(first):
        seen = ", ".join(map(repr, first.split(",")[:_COLUMNS_NAMED]))
        raise SourceError(
            f"{path} begins with {seen}: no such file, and no column is called filename or path; "
            "name the column of paths filename"
        )
    return None


def _fields(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:  # a plain list of odd names
        return []


def _column(header: Sequence[str], names: Sequence[str]) -> int:
    return next((header.index(name) for name in names if name in header), -1)


def _plain_name(name: str, folder: str) -> str:
    """Return the name in a line; what is around it belongs to it only if there is such a file."""
    bare = name.strip()
    if len(bare) > 1 and bare[0] == bare[-1] and bare[0] in "\"'":
        bare = bare[1:-1]
    bare = path_of_uri(bare)
    if bare == name or _exists(name, folder):
        return name
    is_quoted = bare != name.strip()
    return bare if is_quoted or is_url(bare) or _exists(bare, folder) else name


def _exists(name: str, folder: str) -> bool:
    try:
        return bool(name) and not is_url(name) and os.path.lexists(_absolute(name, folder))
    except ValueError:  # a zero byte
        return False


def _is_file(name: str, folder: str) -> bool:
    return _exists(name, folder) and os.path.isfile(_absolute(name, folder))


def _absolute(name: str, folder: str) -> str:
    if is_url(name) or os.path.isabs(name):
        return name
    beside = os.path.join(folder, name)
    if not os.path.lexists(beside) and os.path.lexists(name):
        return os.path.join(os.getcwd(), name)
    return beside
