"""The rows of an earlier run, for a new run to take over what is unchanged.

Names and stamps lie in a temporary database on disk, so that memory does not grow with their
number; the features stay where they are.
"""

import sqlite3
import threading
from collections.abc import Iterator
from typing import Any, Self

import numpy as np

from fastdup.errors import Reason
from fastdup.workdir.features import FEATURE_DTYPE
from fastdup.workdir.names import encode_name
from fastdup.workdir.rows import BadRow, GoodRow, GrowingFiles, ListedRow, rows_of

_SCHEMA = """
CREATE TABLE previous (
    uri BLOB PRIMARY KEY, size_bytes INTEGER, mtime_ns INTEGER, row INTEGER, reason TEXT, told TEXT
) WITHOUT ROWID
"""


class PreviousRows:
    """Rows set aside, found by URI; safe to use from several threads; a context manager.

    Parameters
    ----------
    files : GrowingFiles
        Where they are.
    n_good, dim : int
        Shape of the features.
    """

    def __init__(self, files: GrowingFiles, n_good: int, dim: int) -> None:
        self._features = np.zeros((0, dim), np.float32)
        if n_good:
            self._features = np.memmap(files.features, FEATURE_DTYPE, "r", shape=(n_good, dim))
        self._lock = threading.Lock()
        # The empty name makes a private file on disk that vanishes with the connection.
        self._database = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        self._database.execute(_SCHEMA)
        self._database.execute("BEGIN")
        insert = "INSERT OR REPLACE INTO previous VALUES (?, ?, ?, ?, ?, ?)"
        self._database.executemany(insert, _stored_values(files))
        self._database.execute("COMMIT")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def get(self, uri: str, stamp: tuple[int, int]) -> ListedRow | None:
        """Return the row of `uri` when its stamp is still `stamp`, else None."""
        query = (
            "SELECT row, reason, told FROM previous "
            "WHERE uri = ? AND size_bytes = ? AND mtime_ns = ?"
        )
        with self._lock:
            found = self._database.execute(query, (encode_name(uri), *stamp)).fetchone()
        if found is None:
            return None
        row, reason, told = found
        if row >= 0:
            return GoodRow(uri, stamp, self._features[row], told.split(","))
        return BadRow(uri, stamp, Reason(reason), told)


def _stored_values(files: GrowingFiles) -> Iterator[tuple[Any, ...]]:
    """Yield the values to insert for each stored file, in listing order."""
    stats, bad = rows_of(files.stats), rows_of(files.bad)
    for file in files.stored():
        told = ",".join(next(stats)[2:]) if file.row >= 0 else next(bad)[2]
        yield encode_name(file.uri), *file.stamp, file.row, file.reason, told
