"""Where a large search keeps its arrays: in memory, or in a folder from which it resumes."""

import hashlib
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastdup.index.base import written_whole
from fastdup.index.rows import Rows

#: A killed search repeats at most the work of so many seconds.
SAVE_INTERVAL_S = 5.0
#: Intervals to wait for each second that storing takes: so it takes a tenth of the time.
_INTERVALS_PER_SECOND = 2
_SAMPLE_ROWS = 1024

Array = NDArray[Any]


class Scratch:
    """Keeps the arrays of a search, and how much of it is done: here in memory, to no later use."""

    def array(
        self, name: str, shape: tuple[int, ...], dtype: Any, fill: Callable[[Array], None]
    ) -> Array:
        """Return the array `name`, filled by `fill` unless an earlier search left it."""
        array: Array = np.empty(shape, dtype)
        fill(array)
        return array

    def path(self, name: str) -> Path | None:
        """Return the path of the file `name`, which may exist or not; None for memory."""
        return None

    def load(self, name: str) -> Array | None:
        """Return the array that `store` kept; None if it kept none."""
        return None

    def store(self, name: str, array: Array) -> None:
        """Keep an array as it is now, in place of the one kept before."""

    def is_due(self) -> bool:
        """Return whether it is time to record what is done."""
        return False

    def n_done(self) -> int:
        """Return how many lists have been compared."""
        return 0

    def save_n_done(self, n_done: int) -> None:
        """Record that the first `n_done` lists have been compared, if it is time to."""

    def record(self, n_done: int) -> None:
        """Record it now."""

    def drop(self, name: str) -> None:
        """Delete the array `name`; in memory, it is gone when nobody refers to it."""

    def remove(self) -> None:
        """Delete everything: the search is over."""


class FolderScratch(Scratch):
    """Keeps arrays as mapped files, so that a search that was killed can be resumed.

    Parameters
    ----------
    folder : Path
        Created when missing; emptied when another search left it.
    fingerprint : str
        Identifies the search.
    save_interval_s : float
        Seconds between two records of what is done.
    """

    def __init__(
        self, folder: Path, fingerprint: str, save_interval_s: float = SAVE_INTERVAL_S
    ) -> None:
        self._folder, self._save_interval_s = folder, save_interval_s
        self._saved_at_s, self._stored_s = time.monotonic(), 0.0
        name = folder / "search"
        if not name.exists() or name.read_text() != fingerprint:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            self._write("search", fingerprint)

    def array(
        self, name: str, shape: tuple[int, ...], dtype: Any, fill: Callable[[Array], None]
    ) -> Array:
        """Map the file; a new one gets its name only once it is filled."""
        path = self._folder / name
        if not path.exists():
            with written_whole(path) as part:
                new: Array = np.memmap(part, dtype, "w+", shape=shape)
                fill(new)
                del new  # Windows renames no file that is still mapped
        return np.memmap(path, dtype, "r+", shape=shape)

    def path(self, name: str) -> Path | None:
        """Return the path in the folder."""
        return self._folder / name

    def load(self, name: str) -> Array | None:
        """Read the file."""
        path = self._folder / f"{name}.npy"
        return np.load(path, allow_pickle=False) if path.exists() else None

    def store(self, name: str, array: Array) -> None:
        """Write a file, which is never seen half written."""
        started_at_s = time.monotonic()
        with written_whole(self._folder / f"{name}.npy") as part, part.open("wb") as file:
            np.save(file, array)
        self._stored_s = time.monotonic() - started_at_s

    def is_due(self) -> bool:
        """Return whether so much time has passed that recording takes a small part of it."""
        interval_s = self._save_interval_s * max(1.0, _INTERVALS_PER_SECOND * self._stored_s)
        return time.monotonic() - self._saved_at_s >= interval_s

    def n_done(self) -> int:
        """Read the number of lists."""
        path = self._folder / "done"
        return int(path.read_text()) if path.exists() else 0

    def save_n_done(self, n_done: int) -> None:
        """Write the number every few seconds; the arrays of those lists are in the files by then.

        A kill does not lose what was written to a mapped file.
        """
        if self.is_due():
            self.record(n_done)

    def record(self, n_done: int) -> None:
        """Write the number."""
        self._write("done", str(n_done))
        self._saved_at_s = time.monotonic()

    def drop(self, name: str) -> None:
        """Delete the file; on Windows, one that is still mapped stays until `remove`."""
        with suppress(PermissionError):
            (self._folder / name).unlink(missing_ok=True)

    def remove(self) -> None:
        """Delete the folder, first what makes its files those of a search that can be resumed."""
        (self._folder / "search").unlink(missing_ok=True)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _write(self, name: str, text: str) -> None:
        with written_whole(self._folder / name) as part:
            part.write_text(text)


def search_fingerprint(rows: Rows, *options: object) -> str:
    """Return what identifies a search: its options, the rows' ids and norms, and some rows."""
    chosen = np.arange(0, len(rows), max(1, len(rows) // _SAMPLE_ROWS))
    digest = hashlib.sha256(repr((rows.dim, str(rows.metric), options)).encode())
    for part in (rows.ids, rows.squared_norms, rows.raw(chosen)):
        digest.update(np.ascontiguousarray(part).data)
    return digest.hexdigest()
