"""A cache of the last search: the next one compares only what is new."""

import hashlib
import logging
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import FloatArray, IntArray
from fastdup.index.base import Neighbours, written_whole

logger = logging.getLogger(__name__)

#: What the names of arrays begin with that are the provider's own.
_STATE = "state_"


@dataclass(frozen=True)
class CachedSearch:
    """The neighbours that a search found, and the rows that it searched.

    Attributes
    ----------
    key : str
        Names the provider and its options; a search by another key makes no use of it.
    digests : (u, 2) uint64 array
        Fingerprint of each row, in the order of the search; see `row_fingerprints`.
    indices : (u, k) int64 array
        The neighbours, as places in that order, -1 where there are fewer; k is 0 where only the
        index is kept.
    similarities : (u, k) float64 array
        Theirs, raw.
    state : dict of arrays
        What the provider kept for the next search; see `Provider.kept`.
    """

    key: str
    digests: NDArray[np.uint64]
    indices: IntArray
    similarities: FloatArray
    state: dict[str, NDArray[Any]] = field(default_factory=dict)

    def write(self, path: Path) -> None:
        """Write it to a file, which is never seen half written."""
        with written_whole(path) as part, part.open("wb") as file:
            np.savez(
                file,
                search=np.array(self.key),
                digests=self.digests,
                indices=self.indices.astype(np.int32),
                similarities=self.similarities,
                **{f"{_STATE}{name}": array for name, array in self.state.items()},  # type: ignore[arg-type]
            )


class SearchCache:
    """A file that keeps what the last search found.

    Parameters
    ----------
    path : Path or None
        None: nothing is kept.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._cached = _read(path) if path is not None and path.exists() else None

    @property
    def is_kept(self) -> bool:
        """Whether there is a file."""
        return self._path is not None

    def take(self, key: str) -> CachedSearch | None:
        """Return what the last search found, if it had the same key; and forget it."""
        cached, self._cached = self._cached, None
        return cached if cached is not None and cached.key == key else None

    def save(
        self,
        key: str,
        digests: NDArray[np.uint64],
        found: Neighbours | None = None,
        state: dict[str, NDArray[Any]] | None = None,
    ) -> None:
        """Keep what a search found, and what its provider kept.

        Raises
        ------
        WorkDirError
            The file cannot be written.
        """
        if self._path is not None:
            none = np.empty((len(digests), 0))
            found = found or Neighbours(none.astype(np.int64), none)
            cached = CachedSearch(key, digests, found.indices, found.similarities, state or {})
            cached.write(self._path)

    def clear(self) -> None:
        """Delete the file, before what it describes is changed."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)


def _read(path: Path) -> CachedSearch | None:
    """Return what `CachedSearch.write` wrote, None where the file is damaged."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            digests, indices = stored["digests"], stored["indices"].astype(np.int64)
            similarities = stored["similarities"]
            names = (name for name in stored.files if name.startswith(_STATE))
            state = {name.removeprefix(_STATE): stored[name] for name in names}
            cached = CachedSearch(str(stored["search"]), digests, indices, similarities, state)
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as exc:
        logger.debug("%s is of no use: %s", path, exc)
        return None
    fits = digests.ndim == 2 and digests.shape[1] == 2 and digests.dtype == np.uint64
    fits = fits and indices.ndim == 2 and len(indices) == len(digests)
    fits = fits and similarities.shape == indices.shape and similarities.dtype == np.float64
    return cached if fits and (indices < len(digests)).all() and (indices >= -1).all() else None


def search_key(*what: object) -> str:
    """Return the key of a search: the same only for the same parts, arrays included."""
    digest = hashlib.sha256()
    for part in what:
        digest.update(part.tobytes() if isinstance(part, np.ndarray) else repr(part).encode())
    return digest.hexdigest()
