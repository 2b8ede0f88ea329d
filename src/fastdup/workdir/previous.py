"""The rows of an earlier run, so that a new run can reuse those of unchanged files.

A new listing is nearly always the old one with a few files added or removed. So the old rows are
read in step with the new listing, with a window of them in memory. A name outside the window is
searched further on, if a row of that name exists at all. Only when the names come in another order,
all rows are put into a temporary database on disk. Memory grows by 8 bytes per row.
"""

import sqlite3
import threading
from collections import deque
from collections.abc import Generator, Iterator
from itertools import chain, islice
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from fastdup.errors import Reason
from fastdup.workdir.append_only import (
    AppendOnlyFiles,
    BadRow,
    GoodRow,
    ListedRow,
    Widths,
    rows_of,
)
from fastdup.workdir.features import FEATURE_DTYPE
from fastdup.workdir.name_codec import encode_name
from fastdup.workdir.older_decoding import is_decoded_alike, may_be_mended

#: Rows read into the window at a time; more than are prefetched ahead of their turn.
WINDOW_ROWS = 2048
_WINDOWS_KEPT = 3
_SCHEMA = """
CREATE TABLE previous (
    uri BLOB PRIMARY KEY, size_bytes INTEGER, mtime_ns INTEGER, row INTEGER, reason TEXT, text TEXT,
    metadata TEXT
) WITHOUT ROWID
"""


class _Stored(NamedTuple):
    """The stored values of a file.

    ``text`` holds the statistics of a good file, and the detail of a bad one; ``metadata`` is as in
    `GoodRow`, empty for a bad one.
    """

    size_bytes: int
    mtime_ns: int
    row: int
    reason: Reason | None
    text: str
    metadata: str


class PreviousRows:
    """The rows that were set aside, found by URI. Thread-safe; a context manager.

    Parameters
    ----------
    files : AppendOnlyFiles
        The files that hold the rows.
    n_good : int
        How many rows they have of good images.
    widths : Widths
        Of these rows.
    is_older : bool
        Whether an older decoding made them: then some pictures count as unknown.
    """

    def __init__(
        self, files: AppendOnlyFiles, n_good: int, widths: Widths, *, is_older: bool = False
    ) -> None:
        self._files = files
        self._is_older = is_older
        self._features = _mapped(files.features, (n_good, widths.features))
        self._content = _mapped(files.content, (n_good, widths.content))
        self._lock = threading.Lock()
        self._rest = _stored_files(files)
        self._window: deque[dict[str, _Stored]] = deque([{}], _WINDOWS_KEPT)
        self._names: NDArray[np.int64] | None = None
        self._by_name: _ByName | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._rest.close()
        self._features = self._features[:0].copy()
        self._content = self._content[:0].copy()
        if self._by_name:
            self._by_name.close()

    def get(self, uri: str, stamp: tuple[int, int]) -> ListedRow | None:
        """Return the row of `uri` if its stamp still is `stamp`, else None."""
        with self._lock:
            found = self._find(uri)
        if found is None or found[:2] != tuple(stamp):
            return None
        if self._is_older and not _is_alike(found):
            return None
        if found.reason is None:
            # A copy, as Windows cannot delete a file while a part of it is mapped.
            features = self._features[found.row].copy()
            content = self._content[found.row].copy()
            stats = found.text.split(",")
            return GoodRow(uri, stamp, features, stats, found.metadata, content=content)
        return BadRow(uri, stamp, found.reason, found.text)

    def _find(self, uri: str) -> _Stored | None:
        for rows in self._window:
            if uri in rows:
                if rows is self._window[-1]:
                    self._read_on()
                return rows[uri]
        if not self._may_be_stored(uri):
            return None
        while self._read_on():
            if uri in self._window[-1]:
                return self._window[-1][uri]
        if self._by_name is None:
            self._by_name = _ByName(_stored_files(self._files))
        return self._by_name.find(uri)

    def _read_on(self) -> bool:
        """Read the next rows into the window; return whether there were any."""
        rows = dict(islice(self._rest, WINDOW_ROWS))
        if rows:
            self._window.append(rows)
        return bool(rows)

    def _may_be_stored(self, uri: str) -> bool:
        """Return whether there is a row of this name, or one whose name has the same hash."""
        if self._names is None:
            good, bad = rows_of(self._files.names), rows_of(self._files.bad)
            names = chain((row[1] for row in good), (row[0] for row in bad))
            self._names = np.sort(np.fromiter(map(hash, names), np.int64))
        position = int(np.searchsorted(self._names, hash(uri)))
        return position < len(self._names) and int(self._names[position]) == hash(uri)


def _mapped(path: str, shape: tuple[int, int]) -> NDArray[np.float32]:
    """Return the rows of a file as they lie on disk; empty ones need no file."""
    if not all(shape):
        return np.zeros(shape, np.float32)
    return np.asarray(np.memmap(path, FEATURE_DTYPE, "r", shape=shape))


def _is_alike(stored: _Stored) -> bool:
    """Return whether a file that an older decoding read would give the same today."""
    if stored.reason is not None:
        return not may_be_mended(stored.reason)
    return is_decoded_alike(stored.text.split(","), stored.metadata)


class _ByName:
    """All stored rows, found by URI in a private file that is deleted when it is closed."""

    def __init__(self, stored: Iterator[tuple[str, _Stored]]) -> None:
        # The empty name stands for such a file.
        self._database = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        self._database.execute(_SCHEMA)
        self._database.execute("BEGIN")
        insert = "INSERT OR REPLACE INTO previous VALUES (?, ?, ?, ?, ?, ?, ?)"
        values = ((encode_name(uri), *fields) for uri, fields in stored)
        self._database.executemany(insert, values)
        self._database.execute("COMMIT")

    def close(self) -> None:
        self._database.close()

    def find(self, uri: str) -> _Stored | None:
        query = (
            "SELECT size_bytes, mtime_ns, row, reason, text, metadata FROM previous WHERE uri = ?"
        )
        found = self._database.execute(query, (encode_name(uri),)).fetchone()
        if found is None:
            return None
        size_bytes, mtime_ns, row, reason, text, metadata = found
        return _Stored(size_bytes, mtime_ns, row, reason and Reason(reason), text, metadata)


def _stored_files(files: AppendOnlyFiles) -> Generator[tuple[str, _Stored]]:
    """Yield the URI and the values of each stored file, in listing order."""
    stats, bad, metadata = rows_of(files.stats), rows_of(files.bad), files.stored_metadata()
    for file in files.stored():
        is_good = file.reason is None
        text = ",".join(next(stats)[2:]) if is_good else next(bad)[2]
        beside = next(metadata) if is_good else ""
        yield file.uri, _Stored(*file.stamp, file.row, file.reason, text, beside)
