"""A cache of the frames of whole videos, so that no unchanged video is demuxed again."""

import contextlib
import os
import sqlite3
import threading
from functools import cached_property

from fastdup.sources.base import Stamp
from fastdup.sources.containers.videos.coded_frames import FrameRecord
from fastdup.workdir.name_codec import encode_name

_SCHEMA = """
CREATE TABLE IF NOT EXISTS videos (
    name BLOB, choice TEXT, size_bytes INTEGER, mtime_ns INTEGER, frames BLOB,
    PRIMARY KEY (name, choice)
) WITHOUT ROWID
"""


class FrameCache:
    """A file of frames that were listed; safe to use from several threads.

    It only saves time: without it, or where it is damaged, videos are listed again.

    Parameters
    ----------
    path : str
        The file, made when there is something to keep.
    interval_s : float
        Which frames are listed; see `VideoReader`.
    """

    def __init__(self, path: str, interval_s: float) -> None:
        self._path = path
        self._interval_s = interval_s
        self._lock = threading.Lock()
        self._database: sqlite3.Connection | None = None

    @cached_property
    def _choice(self) -> str:
        """What decides the frames besides the video."""
        return f"{self._interval_s:g} {_version_of_av()}"

    def find(self, video: str, stamp: Stamp) -> FrameRecord | None:
        """Return the frames of a video that is unchanged, None when it has to be listed."""
        if self._database is None and not os.path.exists(self._path):
            return None
        rows = self._query(
            "SELECT frames FROM videos WHERE name = ? AND choice = ? AND size_bytes = ? "
            "AND mtime_ns = ?",
            encode_name(video),
            self._choice,
            *stamp,
        )
        record = FrameRecord(rows[0][0] if rows else b"")
        return record if rows and record.is_sound else None

    def add(self, video: str, stamp: Stamp, frames: FrameRecord) -> None:
        """Keep the frames of a video."""
        values = (encode_name(video), self._choice, *stamp, bytes(frames.data))
        self._query("INSERT OR REPLACE INTO videos VALUES (?, ?, ?, ?, ?)", *values)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._database:
                self._database.close()
            self._database = None

    def _query(self, sql: str, *values: object) -> list[tuple[bytes]]:
        with self._lock:
            try:
                if self._database is None:
                    self._database = self._opened()
                return self._database.execute(sql, values).fetchall()
            except sqlite3.Error:
                self._drop()
                return []

    def _opened(self) -> sqlite3.Connection:
        database = sqlite3.connect(self._path, check_same_thread=False, isolation_level=None)
        try:
            database.execute("PRAGMA synchronous = OFF")
            database.execute(_SCHEMA)
        except sqlite3.Error:  # it is damaged
            database.close()
            raise
        return database

    def _drop(self) -> None:
        """Begin anew: what is in the file makes no sense."""
        if self._database:
            self._database.close()
        self._database = None
        with contextlib.suppress(OSError):
            os.unlink(self._path)


def _version_of_av() -> str:
    """Return the version of PyAV, "" without it: another may number frames in another way."""
    from importlib.metadata import PackageNotFoundError, version  # 10 ms, for videos alone

    try:
        return version("av")
    except PackageNotFoundError:
        return ""
