"""128 bits for the content of each row: a digest, or a fingerprint in an eighth of the time."""

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
#: So few rows at a time stay in the processor's cache.
_FINGERPRINT_ROWS = 128


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


def row_fingerprints(
    features: NDArray[Any], n_threads: int, ids: IntArray | None = None
) -> NDArray[np.uint64]:
    """Return 128 bits for each row, by which changed rows are recognised, but not faked ones.

    The bits of its numbers are multiplied with fixed random ones and added modulo 2⁶⁴, twice: a
    multilinear hash (Carter and Wegman 1979; Lemire and Kaser 2014). Two rows have the same with
    a probability of 2⁻⁶⁶ at most, unless somebody wants them to, as BLAKE2b would not allow.

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
    fingerprints = np.empty((len(rows), 2), np.uint64)
    drawn = hashlib.shake_256(b"rows of features").digest(2 * 8 * rows.dim)
    weights = np.frombuffer(drawn, "<u8").reshape(2, rows.dim)

    def add(span: tuple[int, int]) -> None:
        for start in range(*span, _FINGERPRINT_ROWS):
            part = slice(start, min(start + _FINGERPRINT_ROWS, span[1]))
            bits = rows.raw(part).view(np.uint32).astype(np.uint64)
            for column in (0, 1):
                fingerprints[part, column] = np.einsum("ij,j->i", bits, weights[column])

    for_each(add, spans(len(rows), _BLOCK_ROWS), n_threads)
    return fingerprints


def find_digests(wanted: NDArray[np.uint64], among: NDArray[np.uint64]) -> IntArray:
    """Return the place of each digest or fingerprint in `among`, -1 where it is missing.

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
