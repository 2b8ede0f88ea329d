"""A finished exact search, brought up to date with rows that came or went."""

import logging

import numpy as np
from numpy.typing import NDArray

from fastdup.index.base import Candidates, Neighbours
from fastdup.index.brute_force import BruteForce
from fastdup.index.digests import find_digests
from fastdup.index.exact import rank
from fastdup.index.known import Known
from fastdup.index.rows import Rows
from fastdup.progress import Progress

logger = logging.getLogger(__name__)


def grown(
    rows: Rows,
    digests: NDArray[np.uint64],
    known: Known,
    k: int,
    *,
    n_threads: int,
    progress: Progress,
) -> Neighbours | None:
    """Return the k nearest of each row, with only the new pairs compared; None if not worth it.

    A row that was there keeps its neighbours, unless one is gone or a new row is nearer. Exactly
    what a search from the start returns: the similarities are computed anew, and rows that were
    there have kept their order, which decides between equal ones.

    Parameters
    ----------
    rows : Rows
        u different rows.
    digests : (u, 2) uint64 array
        Their content.
    known : Known
        Of an exact search for `k` neighbours of each row.
    """
    before = find_digests(digests, known.digests)
    (kept,) = np.nonzero(before >= 0)
    if (np.diff(before[kept]) <= 0).any():
        return None
    now = np.full(len(known.digests) + 1, -1, np.int64)  # what is -1 stays -1
    now[before[kept]] = kept
    theirs = known.indices[before[kept]]
    has_lost = ((theirs >= 0) & (now[theirs] < 0)).any(axis=1)
    same, changed = kept[~has_lost], kept[has_lost]
    (new,) = np.nonzero(before < 0)
    anew = np.sort(np.concatenate([new, changed]))
    if 2 * len(anew) > len(rows):
        return None
    logger.debug("%d rows of %d are compared with all", len(anew), len(rows))
    indices, similarities = np.empty((len(rows), k), np.int64), np.empty((len(rows), k))
    if len(anew):
        found = _nearest(rows, rows.choose(anew), k, n_threads=n_threads, progress=progress)
        indices[anew], similarities[anew] = found.indices, found.similarities
    candidates = _with_the_new(
        rows, same, new, now[theirs[~has_lost]], k, n_threads=n_threads, progress=progress
    )
    found = rank(rows, rows.choose(same), candidates, k, n_threads=n_threads)
    indices[same], similarities[same] = found.indices, found.similarities
    return Neighbours(indices, similarities)


def _nearest(
    rows: Rows, queries: Rows, k: int, *, n_threads: int, progress: Progress
) -> Neighbours:
    provider = BruteForce(n_threads=n_threads, progress=progress)
    provider.build(rows)
    candidates = provider.search(queries, k + 1 + provider.margin)
    return rank(rows, queries, candidates, k, n_threads=n_threads)


def _with_the_new(
    rows: Rows,
    same: NDArray[np.int64],
    new: NDArray[np.int64],
    known: NDArray[np.int64],
    k: int,
    *,
    n_threads: int,
    progress: Progress,
) -> Candidates:
    """Return, for the rows `same`, their `known` neighbours and the nearest of the `new` rows."""
    if not len(new):
        progress.advance(len(same))
        return Candidates(known)
    provider = BruteForce(n_threads=n_threads, progress=progress)
    provider.build(rows.choose(new))
    found = provider.search(rows.choose(same), k + 1 + provider.margin)
    positions = np.where(found.positions < 0, -1, new[found.positions])
    return Candidates(np.concatenate([known, positions], axis=1), found.cutoffs)
