"""What a listing learnt of each file, kept on disk so that memory does not grow with the number."""

import sqlite3
import threading
import weakref
from typing import NamedTuple

from fastdup.sources.base import Stamp
from fastdup.workdir import encode_name

_SCHEMA = """
CREATE TABLE listed (
    uri BLOB PRIMARY KEY, size_bytes INTEGER, mtime_ns INTEGER, place TEXT
) WITHOUT ROWID
"""


class ListedFile(NamedTuple):
    """A file as its listing describes it.

    Attributes
    ----------
    stamp : Stamp
        Size and time of change.
    place : tuple of int
        Where its bytes are, in the terms of whoever listed it.
    """

    stamp: Stamp
    place: tuple[int, ...] = ()


class ListedFiles:
    """A table of URI → `ListedFile`; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # The empty name makes a private file on disk that vanishes with the connection.
        self._database = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        weakref.finalize(self, self._database.close)  # for a reader that nobody closed
        self._database.execute(_SCHEMA)

    def close(self) -> None:
        """Drop the table."""
        self._database.close()

    def add(self, uri: str, file: ListedFile) -> bool:
        """Note a file; return False, and keep what is there, when `uri` is known already."""
        values = (encode_name(uri), *file.stamp, " ".join(map(str, file.place)))
        with self._lock:
            done = self._database.execute(
                "INSERT OR IGNORE INTO listed VALUES (?, ?, ?, ?)", values
            )
        return done.rowcount == 1

    def forget_below(self, place: str, separator: str = "/") -> None:
        """Drop all URIs that begin with `place` and the `separator`."""
        first, end = encode_name(place + separator), encode_name(place + chr(ord(separator) + 1))
        self._query("DELETE FROM listed WHERE uri >= ? AND uri < ?", first, end)

    def find(self, uri: str) -> ListedFile | None:
        """Return what is known of `uri`, None when nothing is."""
        query = "SELECT size_bytes, mtime_ns, place FROM listed WHERE uri = ?"
        rows = self._query(query, encode_name(uri))
        if not rows:
            return None
        size_bytes, mtime_ns, place = rows[0]
        return ListedFile(Stamp(size_bytes, mtime_ns), tuple(map(int, place.split())))

    def _query(self, sql: str, *values: object) -> list[tuple[int, int, str]]:
        with self._lock:
            return self._database.execute(sql, values).fetchall()
