"""A digest of 128 bits for the content of each row."""

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import IntArray
from fastdup.index.metrics import Metric
from fastdup.index.parallel import for_each
from fastdup.index.rows import Rows, spans

_BLOCK_ROWS = 1024
_BYTES = 16


def row_digests(
    features: NDArray[Any], n_threads: int, ids: IntArray | None = None
) -> NDArray[np.uint64]:
    """Return 128 bits of the BLAKE2b of each row, of which nobody can construct two alike.

    Parameters
    ----------
    features : (n, d) array
        Read as float32; −0.0 counts as 0.0.
    n_threads : int
    ids : (m,) int64 array, optional
        Of which rows, ascending; of all by default.

    Returns
    -------
    (m, 2) uint64 array
    """
    rows = Rows(features, Metric.EUCLIDEAN, ids)
    digests = np.empty((len(rows), _BYTES), np.uint8)

    def digest(span: tuple[int, int]) -> None:
        for place, row in enumerate(rows.raw(slice(*span)), start=span[0]):
            code = hashlib.blake2b(row.data, digest_size=_BYTES).digest()
            digests[place] = np.frombuffer(code, np.uint8)

    for_each(digest, spans(len(rows), _BLOCK_ROWS), n_threads)
    return digests.view("<u8")


def find_digests(wanted: NDArray[np.uint64], among: NDArray[np.uint64]) -> IntArray:
    """Return the place of each digest in `among`, -1 where it is missing.

    Parameters
    ----------
    wanted : (m, 2) uint64 array
    among : (n, 2) uint64 array
        Each once.
    """
    if not len(among):
        return np.full(len(wanted), -1, np.int64)
    order = np.argsort(among[:, 0], kind="stable")
    places = np.searchsorted(among[order, 0], wanted[:, 0])
    places = order[np.minimum(places, len(among) - 1)]
    return np.where((among[places] == wanted).all(axis=1), places, -1)
