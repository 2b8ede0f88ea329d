"""Stamps and places that a listing found, kept on disk so that memory stays flat."""

import sqlite3
import threading
import weakref
from typing import NamedTuple

from fastdup.sources.base import Stamp
from fastdup.workdir.name_codec import encode_name

_SCHEMA = """
CREATE TABLE stats (
    uri BLOB PRIMARY KEY, size_bytes INTEGER, mtime_ns INTEGER, place TEXT
) WITHOUT ROWID
"""


class CachedStat(NamedTuple):
    """An image as its listing describes it.

    Attributes
    ----------
    stamp : Stamp
        Size and time of change.
    place : tuple of int
        Where its bytes are, in the terms of the reader that listed it.
    """

    stamp: Stamp
    place: tuple[int, ...] = ()


class StatCache:
    """A table of URI → `CachedStat`, made for the first one; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._database: sqlite3.Connection | None = None

    def close(self) -> None:
        """Drop the table."""
        with self._lock:
            if self._database:
                self._database.close()
            self._database = None

    def add(self, uri: str, stat: CachedStat) -> bool:
        """Add an image; return False, and keep what is there, when `uri` is known already."""
        values = (encode_name(uri), *stat.stamp, " ".join(map(str, stat.place)))
        with self._lock:
            if self._database is None:
                self._database = self._opened()
            done = self._database.execute("INSERT OR IGNORE INTO stats VALUES (?, ?, ?, ?)", values)
        return done.rowcount == 1

    def forget_below(self, path: str, separator: str) -> None:
        """Drop all URIs that begin with `path` and the `separator`."""
        first, end = encode_name(path + separator), encode_name(path + chr(ord(separator) + 1))
        self._query("DELETE FROM stats WHERE uri >= ? AND uri < ?", first, end)

    def find(self, uri: str) -> CachedStat | None:
        """Return what is known of `uri`, None when nothing is."""
        query = "SELECT size_bytes, mtime_ns, place FROM stats WHERE uri = ?"
        rows = self._query(query, encode_name(uri))
        if not rows:
            return None
        size_bytes, mtime_ns, place = rows[0]
        return CachedStat(Stamp(size_bytes, mtime_ns), tuple(map(int, place.split())))

    def _query(self, sql: str, *values: object) -> list[tuple[int, int, str]]:
        with self._lock:
            return self._database.execute(sql, values).fetchall() if self._database else []

    def _opened(self) -> sqlite3.Connection:
        # The empty name makes a private file on disk that vanishes with the connection.
        database = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        weakref.finalize(self, database.close)  # for a reader that nobody closed
        database.execute(_SCHEMA)
        return database
