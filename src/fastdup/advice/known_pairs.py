"""All pairs of a run that are near each other, and what is known of each."""

import os
from typing import NamedTuple

import numpy as np

from fastdup.actions.may_go import Relation
from fastdup.arrays import BoolArray, FloatArray, IntArray
from fastdup.judging.lookup import PairLookup
from fastdup.runs import FinishedRun
from fastdup.runs.tables import KIND_SEPARATOR, VERDICTS
from fastdup.verify.verdict import Verdict
from fastdup.videos import Videos


class KnownPairs(NamedTuple):
    """The m pairs, each once.

    Attributes
    ----------
    low, high : (m,) int64 arrays
        Their rows.
    similarities : (m,) float64 array
        As they are compared with the threshold.
    is_copy : (m,) bool array
        Whether they are copies; where nobody knows, whether they may be.
    is_known : (m,) bool array
        Whether the pair was judged, or decided on.
    goes : (m,) bool array
        Whether one may go for the other by default: the same picture, at most resized.
    is_altered : (m,) bool array
        Whether one was found to be the other with something altered in it, which is no copy.
    """

    low: IntArray
    high: IntArray
    similarities: FloatArray
    is_copy: BoolArray
    is_known: BoolArray
    goes: BoolArray
    is_altered: BoolArray


def known_pairs(run: FinishedRun, k: int) -> KnownPairs:
    """Return the pairs that a run kept or judged, and those of the `k` nearest of each image.

    Parameters
    ----------
    run : FinishedRun
        That searched.
    k : int
        0: no more than what the run stored.
    """
    stored = run.found_pairs()
    low, high, judged, goes, altered, seen = _judged(run)
    lows, highs, values = [stored.sources, low], [stored.targets, high], [stored.similarities]
    values.append(judged)
    if k and len(run.paths) > 1 and run.options["test_dir"] is None:
        near_low, near_high, near = _neighbours(run, k)
        lows, highs, values = [*lows, near_low], [*highs, near_high], [*values, near]
    first, second = np.concatenate(lows), np.concatenate(highs)
    low, high = np.minimum(first, second), np.maximum(first, second)
    _, places = np.unique(low * len(run.paths) + high, return_index=True)
    low, high, similarities = low[places], high[places], np.concatenate(values)[places]
    apart = run.decided.are_apart(low, high)
    is_known = seen.are_known(low, high) & (low != high)
    return KnownPairs(
        low,
        high,
        similarities,
        run.verdicts.are_copies(low, high) & ~apart,
        is_known | apart,
        is_known & goes.are_copies(low, high) & ~apart,
        is_known & altered.are_copies(low, high) & ~apart,
    )


def _judged(
    run: FinishedRun,
) -> tuple[IntArray, IntArray, FloatArray, PairLookup, PairLookup, PairLookup]:
    """Return the judged pairs, what may go, is altered, was seen: unverified pairs were not."""
    n_rows = len(run.paths)
    names = ("from", "to", "similarity", "cosine", "verdict", "kinds")
    has_any = os.path.exists(run.work.verdicts)
    ends = run.columns(VERDICTS, *names) if has_any else ((),) * len(names)
    rows = (np.array([run.row_of.get(p, -1) for p in column], np.int64) for column in ends[:2])
    low, high = rows
    similarities, cosines = (np.array(column, np.float64) for column in ends[2:4])
    verdicts = np.array([verdict != Verdict.UNVERIFIED for verdict in ends[4]], bool)
    kept = verdicts & (low >= 0) & (high >= 0)
    may_go = np.fromiter(
        (
            Relation(Verdict(verdict), tuple(filter(None, kinds.split(KIND_SEPARATOR)))).may_go(())
            for verdict, kinds in zip(*ends[4:], strict=True)
        ),
        bool,
        len(low),
    )
    altered = np.array([verdict == Verdict.ALTERED for verdict in ends[4]], bool)[kept]
    low, high, may_go = low[kept], high[kept], may_go[kept]
    cosines, similarities = cosines[kept], similarities[kept]
    goes, are_altered, seen = (
        PairLookup(low, high, cosines, similarities, which, n_rows)
        for which in (may_go, altered, np.ones(len(low), bool))
    )
    return low, high, similarities, goes, are_altered, seen


def _neighbours(run: FinishedRun, k: int) -> tuple[IntArray, IntArray, FloatArray]:
    """Return the pairs of the nearest images, but for frames of the same video."""
    indices, similarities = run.neighbours(min(k, len(run.paths) - 1))
    rows, columns = np.nonzero(indices >= 0)
    others, values = indices[rows, columns], similarities[rows, columns]
    videos = Videos.among(run.paths).groups
    is_apart = (videos[rows] < 0) | (videos[rows] != videos[others])
    rows, others, values = rows[is_apart], others[is_apart], values[is_apart]
    return rows, others, run.verdicts.of_pairs(rows, others, values)
