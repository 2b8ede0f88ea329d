"""Files with the same bytes: found before they are decoded, by size and then by content.

A file is hashed only when another one of its size was stored before; the first one of a size is
read once more when the second turns up. What is known of all files lies in a temporary database on
disk, so that memory does not grow with their number.
"""

import hashlib
import sqlite3
import threading
from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from fastdup.errors import ImageError
from fastdup.sources import Crop, Source, Stamp
from fastdup.workdir import GoodRow, decode_name, encode_name

_DIGEST_BYTES = 16
_N_MARKS = 2**24
_SCHEMA = """
CREATE TABLE stored (
    size_bytes INTEGER, digest BLOB, row INTEGER, mtime_ns INTEGER, uri BLOB, stats TEXT
);
CREATE INDEX by_content ON stored (size_bytes, digest);
"""


class ContentIndex:
    """Knows the files stored so far; safe to use from several threads; a context manager.

    Parameters
    ----------
    source : Source
        Where a stored file is read once more.
    read_row : callable
        Returns the features of a stored row.
    """

    def __init__(self, source: Source, read_row: Callable[[int], NDArray[np.float32]]) -> None:
        self._source = source
        self._read_row = read_row
        # A mark for each size seen, modulo their number: where there is none, no need to ask.
        self._marks = bytearray(_N_MARKS)
        self._lock = threading.Lock()
        # The empty name makes a private file on disk that vanishes with the connection.
        self._database = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        self._database.executescript(_SCHEMA)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def knows_size(self, size_bytes: int) -> bool:
        """Tell whether a file of this size was stored."""
        if not self._marks[size_bytes % _N_MARKS]:
            return False
        return bool(self._query("SELECT 1 FROM stored WHERE size_bytes = ? LIMIT 1", size_bytes))

    def find(self, uri: str, stamp: Stamp, data: bytes, digest: bytes) -> GoodRow | None:
        """Return the row of a stored file with the bytes `data`, under the name `uri`."""
        self._hash_the_unhashed(len(data))
        found = self._query(
            "SELECT row, stats FROM stored WHERE size_bytes = ? AND digest = ? LIMIT 1",
            *(len(data), digest),
        )
        if not found:
            return None
        row, stats = found[0]
        return GoodRow(uri, stamp, self._read_row(row), stats.split(","), digest)

    def add(self, rows: Sequence[GoodRow], first_row: int) -> None:
        """Remember rows just stored; `first_row` is the number of the first of them."""
        values = [
            (
                row.stamp[0],
                row.digest,
                number,
                row.stamp[1],
                encode_name(row.uri),
                ",".join(row.stats),
            )
            for number, row in enumerate(rows, first_row)
        ]
        with self._lock:
            self._database.executemany("INSERT INTO stored VALUES (?, ?, ?, ?, ?, ?)", values)
        for row in rows:
            self._marks[row.stamp[0] % _N_MARKS] = 1

    def _hash_the_unhashed(self, size_bytes: int) -> None:
        unhashed = self._query(
            "SELECT rowid, uri, mtime_ns FROM stored WHERE size_bytes = ? AND digest IS NULL",
            size_bytes,
        )
        for rowid, uri, mtime_ns in unhashed:
            digest = self._digest_of_stored(decode_name(uri), Stamp(size_bytes, mtime_ns))
            # A file that changed since it was stored is like no other: no digest is empty.
            self._query("UPDATE stored SET digest = ? WHERE rowid = ?", digest, rowid)

    def _digest_of_stored(self, uri: str, stamp: Stamp) -> bytes:
        try:
            data = self._source.read(uri)
        except ImageError:
            return b""
        if self._source.stamp(uri) != stamp:
            return b""
        return content_hash(data, self._source.crop(uri))

    def _query(self, sql: str, *values: object) -> list[Any]:
        with self._lock:
            return self._database.execute(sql, values).fetchall()


def content_hash(data: bytes, crop: Crop | None = None) -> bytes:
    """Return 128 bits that no two different contents share by chance or by design.

    Two parts of the same picture are different contents.
    """
    part = repr(crop.box).encode() if crop else b""
    key = hashlib.blake2b(part).digest() if part else b""
    return hashlib.blake2b(data, digest_size=_DIGEST_BYTES, key=key).digest()
