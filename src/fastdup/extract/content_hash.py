"""Files with the same bytes: found before they are decoded, by size and then by content hash.

A file is hashed only when an earlier one has the same size. The first file of a size is read again
when the second one appears. The index is a temporary database on disk, so memory does not grow
with the number of files.
"""

import hashlib
import sqlite3
import threading
from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from fastdup.errors import ImageError
from fastdup.sources import Reader, Stamp
from fastdup.sources.crops import Crop
from fastdup.workdir.append_only import GoodRow
from fastdup.workdir.name_codec import decode_name, encode_name

_Row = NDArray[np.float32]

_DIGEST_BYTES = 16
#: Read at a time.
_BLOCK_BYTES = 2**18
_N_MARKS = 2**24
#: The journal is in memory: after a crash, nobody needs the database.
_SCHEMA = """
PRAGMA journal_mode = MEMORY;
CREATE TABLE stored (
    size_bytes INTEGER, digest BLOB, row INTEGER, mtime_ns INTEGER, uri BLOB, stats TEXT,
    metadata TEXT
);
CREATE INDEX by_content ON stored (size_bytes, digest);
"""


class ContentIndex:
    """Finds stored files by content. Thread-safe; a context manager.

    Parameters
    ----------
    reader : Reader
        Reads a stored file again when it has to be hashed.
    read_row : callable
        Returns the features and the row for content of a stored row.
    """

    def __init__(self, reader: Reader, read_row: Callable[[int], tuple[_Row, _Row]]) -> None:
        self._reader = reader
        self._read_row = read_row
        # One flag per file size, modulo the number of flags. No flag: no need for a query. Unlike
        # a bytearray, this takes memory only where flags are set.
        self._marks = np.zeros(_N_MARKS, np.bool_)
        self._lock = threading.Lock()
        # The empty name stands for a private file on disk, deleted when the connection closes.
        self._database = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        self._database.executescript(_SCHEMA)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def knows_size(self, size_bytes: int) -> bool:
        """Return whether a file of this size was stored."""
        if not self._marks[size_bytes % _N_MARKS]:
            return False
        return bool(self._query("SELECT 1 FROM stored WHERE size_bytes = ? LIMIT 1", size_bytes))

    def find(self, uri: str, stamp: Stamp, data: bytes, digest: bytes) -> GoodRow | None:
        """Return the row of a stored file with the same bytes, renamed to `uri`; else None."""
        self._hash_the_unhashed(len(data))
        found = self._query(
            "SELECT row, stats, metadata FROM stored WHERE size_bytes = ? AND digest = ? LIMIT 1",
            len(data),
            digest,
        )
        if not found:
            return None
        row, stats, metadata = found[0]
        features, content = self._read_row(row)
        return GoodRow(uri, stamp, features, stats.split(","), metadata, digest, content)

    def add(self, rows: Sequence[GoodRow], first_row: int) -> None:
        """Add rows that were just stored; `first_row` is the row number of the first."""
        values = [
            (
                row.stamp[0],
                row.digest,
                number,
                row.stamp[1],
                encode_name(row.uri),
                ",".join(row.stats),
                row.metadata,
            )
            for number, row in enumerate(rows, first_row)
        ]
        with self._lock, self._database:  # a single transaction is faster
            self._database.execute("BEGIN")
            self._database.executemany("INSERT INTO stored VALUES (?, ?, ?, ?, ?, ?, ?)", values)
        for row in rows:
            self._marks[row.stamp[0] % _N_MARKS] = True

    def _hash_the_unhashed(self, size_bytes: int) -> None:
        unhashed = self._query(
            "SELECT rowid, uri, mtime_ns FROM stored WHERE size_bytes = ? AND digest IS NULL",
            size_bytes,
        )
        for rowid, uri, mtime_ns in unhashed:
            digest = self._digest_of_stored(decode_name(uri), Stamp(size_bytes, mtime_ns))
            # A file that changed since it was stored gets the empty digest, which matches nothing.
            self._query("UPDATE stored SET digest = ? WHERE rowid = ?", digest, rowid)

    def _digest_of_stored(self, uri: str, stamp: Stamp) -> bytes:
        try:
            data = self._reader.read(uri)
        except ImageError:
            return b""
        if self._reader.stamp(uri) != stamp:
            return b""
        return content_hash(data, self._reader.crop(uri))

    def _query(self, sql: str, *values: object) -> list[Any]:
        with self._lock:
            return self._database.execute(sql, values).fetchall()


def file_hash(path: str) -> bytes:
    """Return what `content_hash` does of a whole file's bytes, which are not held in memory.

    Raises
    ------
    OSError
        When it cannot be read.
    """
    # Not hashlib.file_digest: for a small file it takes three times as long.
    digest = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    with open(path, "rb", buffering=0) as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.digest()


def content_hash(data: bytes, crop: Crop | None = None) -> bytes:
    """Return a 128-bit BLAKE2b hash of a file's bytes.

    Two crops of the same picture have different hashes.
    """
    part = repr(crop.box).encode() if crop else b""
    key = hashlib.blake2b(part).digest() if part else b""
    return hashlib.blake2b(data, digest_size=_DIGEST_BYTES, key=key).digest()
