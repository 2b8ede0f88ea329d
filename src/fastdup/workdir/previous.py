"""The rows of an earlier run, for a new run to take over what is unchanged."""

import numpy as np

from fastdup.errors import Reason
from fastdup.workdir.features import FEATURE_DTYPE
from fastdup.workdir.rows import BadRow, GoodRow, GrowingFiles, ListedRow, rows_of


class PreviousRows:
    """Rows set aside, found by URI.

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
        self._stats = [row[2:] for row in rows_of(files.stats)]
        self._bad = [(Reason(row[1]), row[2]) for row in rows_of(files.bad)]
        self._stored = {file.uri: (file.stamp, file.row) for file in files.stored()}

    def get(self, uri: str, stamp: tuple[int, int]) -> ListedRow | None:
        """Return the row of `uri` when its stamp is still `stamp`, else None."""
        stored_stamp, row = self._stored.get(uri, (None, 0))
        if stored_stamp != stamp:
            return None
        if row >= 0:
            return GoodRow(uri, stamp, self._features[row], self._stats[row])
        return BadRow(uri, stamp, *self._bad[-1 - row])
