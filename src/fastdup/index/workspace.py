"""Where a large search keeps its arrays: in memory, or in a folder from which it goes on."""

import hashlib
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from fastdup.index.base import written_whole
from fastdup.index.rows import Rows

_SAVE_EVERY_S = 5.0
_SAMPLE_ROWS = 1024

Array = NDArray[Any]


class Workspace(Protocol):
    """Keeps the arrays of a search, and how much of it is done."""

    def array(
        self, name: str, shape: tuple[int, ...], dtype: Any, fill: Callable[[Array], None]
    ) -> Array:
        """Return the array `name`, made by `fill` if it is not there from an earlier run."""

    def state(self, name: str) -> Path | None:
        """Return the file that keeps a small part of the search, there or not yet."""

    def n_done(self) -> int:
        """Return how many tasks of the search are done already."""

    def tell_done(self, n_done: int) -> None:
        """Note that the first `n_done` tasks are done."""

    def drop(self, name: str) -> None:
        """Forget the array `name`."""

    def remove(self) -> None:
        """Forget it all: the search is over."""


class InMemory:
    """Keeps nothing beyond the life of the process."""

    def array(
        self, _: str, shape: tuple[int, ...], dtype: Any, fill: Callable[[Array], None]
    ) -> Array:
        """Return a new array."""
        array: Array = np.empty(shape, dtype)
        fill(array)
        return array

    def state(self, _: str) -> Path | None:
        """Return no file."""
        return None

    def n_done(self) -> int:
        """Return 0."""
        return 0

    def tell_done(self, _: int) -> None:
        """Note nothing."""

    def drop(self, _: str) -> None:
        """Forget nothing: an array is gone when nobody holds it."""

    def remove(self) -> None:
        """Forget nothing."""


class InFolder:
    """Keeps arrays as mapped files, so that a search that was killed goes on.

    Parameters
    ----------
    folder : Path
        Made when missing; emptied when it belongs to another search.
    fingerprint : str
        Tells one search from another.
    """

    def __init__(self, folder: Path, fingerprint: str) -> None:
        self._folder = folder
        self._saved_s = time.monotonic()
        name = folder / "search"
        if not name.exists() or name.read_text() != fingerprint:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            self._write("search", fingerprint)

    def array(
        self, name: str, shape: tuple[int, ...], dtype: Any, fill: Callable[[Array], None]
    ) -> Array:
        """Map the file; it gets its name only once it is filled."""
        path = self._folder / name
        if not path.exists():
            with written_whole(path) as part:
                new: Array = np.memmap(part, dtype, "w+", shape=shape)
                fill(new)
        return np.memmap(path, dtype, "r+", shape=shape)

    def state(self, name: str) -> Path | None:
        """Return the file."""
        return self._folder / name

    def n_done(self) -> int:
        """Read the number of tasks."""
        path = self._folder / "done"
        return int(path.read_text()) if path.exists() else 0

    def tell_done(self, n_done: int) -> None:
        """Write the number of tasks, every few seconds: what was written before is in the files."""
        if time.monotonic() - self._saved_s >= _SAVE_EVERY_S:
            self._write("done", str(n_done))
            self._saved_s = time.monotonic()

    def drop(self, name: str) -> None:
        """Delete the file."""
        (self._folder / name).unlink(missing_ok=True)

    def remove(self) -> None:
        """Delete the folder."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _write(self, name: str, text: str) -> None:
        with written_whole(self._folder / name) as part:
            part.write_text(text)


def fingerprint(rows: Rows, *options: object) -> str:
    """Return what tells this search from others: the rows, as good as all of them, and options."""
    chosen = np.arange(0, len(rows), max(1, len(rows) // _SAMPLE_ROWS))
    digest = hashlib.sha256(repr((rows.dim, str(rows.metric), options)).encode())
    for part in (rows.ids, rows.squared_norms, rows.raw(chosen)):
        digest.update(np.ascontiguousarray(part).data)
    return digest.hexdigest()
