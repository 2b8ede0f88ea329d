"""What the last search found, kept for the next: so that only what is new is compared."""

import hashlib
import logging
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fastdup.index.base import written_whole

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Known:
    """What a search knew of the rows that it searched.

    Attributes
    ----------
    search : str
        Who searched, and how; another search can make no use of it.
    digests : (u, 2) uint64 array
        Content of each row, in the order of the search.
    indices : (u, k) int64 array
        The neighbours, as places in that order, -1 where there are fewer; k is 0 where only the
        index is kept.
    """

    search: str
    digests: NDArray[np.uint64]
    indices: NDArray[np.int64]

    def write(self, path: Path) -> None:
        """Write it to a file, which is never seen half written."""
        with written_whole(path) as part, part.open("wb") as file:
            np.savez(
                file,
                search=np.array(self.search),
                digests=self.digests,
                indices=self.indices.astype(np.int32),
            )


class Memory:
    """A file that keeps what the last search knew.

    Parameters
    ----------
    path : Path or None
        None: it is forgotten.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._known = _read(path) if path is not None and path.exists() else None

    @property
    def is_kept(self) -> bool:
        """Whether there will be a next search that remembers this one."""
        return self._path is not None

    def recall(self, search: str) -> Known | None:
        """Return what the last search knew, if it was such a one."""
        known = self._known
        return known if known is not None and known.search == search else None

    def keep(
        self, search: str, digests: NDArray[np.uint64], indices: NDArray[np.int64] | None = None
    ) -> None:
        """Remember a search.

        Raises
        ------
        WorkDirError
            The file cannot be written.
        """
        if self._path is not None:
            indices = np.empty((len(digests), 0), np.int64) if indices is None else indices
            Known(search, digests, indices).write(self._path)

    def forget(self) -> None:
        """Remember nothing: what was known is about to change."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)


def _read(path: Path) -> Known | None:
    """Return what `Known.write` wrote, None where it is spoilt."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            digests, indices = stored["digests"], stored["indices"].astype(np.int64)
            known = Known(str(stored["search"]), digests, indices)
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as exc:
        logger.debug("%s is of no use: %s", path, exc)
        return None
    fits = digests.ndim == 2 and digests.shape[1] == 2 and digests.dtype == np.uint64
    fits = fits and indices.ndim == 2 and len(indices) == len(digests)
    return known if fits and (indices < len(digests)).all() and (indices >= -1).all() else None


def name_of(*what: object) -> str:
    """Return a name for a search: the same only for the same parts, arrays included."""
    digest = hashlib.sha256()
    for part in what:
        digest.update(part.tobytes() if isinstance(part, np.ndarray) else repr(part).encode())
    return digest.hexdigest()
