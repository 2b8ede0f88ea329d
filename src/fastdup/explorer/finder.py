"""A new image → the stored ones that are most similar, with the model loaded once."""

import threading
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fastdup.search import StoredImages


class Finder:
    """Searches the images of a run; safe to use from several threads.

    Parameters
    ----------
    work_dir : str
        The folder of the run.
    """

    def __init__(self, work_dir: str) -> None:
        self._work_dir = work_dir
        self._lock = threading.Lock()

    @cached_property
    def _stored(self) -> StoredImages:
        return StoredImages(self._work_dir)

    def find(self, data: bytes, k: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the rows of the `k` stored images nearest to one in a file's bytes.

        Returns
        -------
        rows, similarities : (k,) arrays
            Nearest first; -1 where there are fewer.

        Raises
        ------
        ImageError
            When the bytes hold no image.
        WorkDirError
            When the features were not made by a model, or it is not at hand.
        """
        with self._lock:
            stored = self._stored
            rows, similarities = stored.nearest(stored.embed([stored.prepare(data)]), k)
        return rows[0], similarities[0]
