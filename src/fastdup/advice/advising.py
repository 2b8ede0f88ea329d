"""Which threshold to take: what the judged pairs of a finished run say of every one."""

import math
import os
from collections.abc import Iterator

import numpy as np

from fastdup.advice.advice_report import Advice, ThresholdRow
from fastdup.advice.known_pairs import KnownPairs, known_pairs
from fastdup.analysis.threshold_precision import STEP, ThresholdCounts, count_pairs, surplus
from fastdup.arrays import IntArray
from fastdup.errors import ConfigError
from fastdup.runs import FinishedRun
from fastdup.runs.tables import SIMILARITY

#: Thresholds that are always listed.
_LISTED = (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99, 1.0)
#: Fewer judged pairs than this are few.
_FEW = 100
_BINS = 100


def advise(work_dir: str | os.PathLike[str], precision: float = 0.99, *, k: int = 10) -> Advice:
    """Return what each threshold means in this collection, and which one has a wanted precision.

    The precision at a threshold is the share of copies among the pairs that reach it, by the
    verdicts of the run and by what you decided. It is an estimate, with a 95 % interval.

    Parameters
    ----------
    work_dir : path
        The folder of a finished run.
    precision : float
        The share of pairs that are to be copies, above 0, at most 1.
    k : int
        How many nearest images of each one are compared anew, so that pairs below the threshold
        of the run are counted, too; as many as the run judges by default. 0: only pairs that the
        run kept or judged, and only thresholds from that of the run on.

    Raises
    ------
    ConfigError
        When a number is out of range.
    WorkDirError
        When there is no finished run, or it did not search.
    """
    if isinstance(precision, bool) or not 0 < precision <= 1:
        raise ConfigError(
            f"precision={precision!r} is not allowed: above 0, at most 1; try precision=0.99"
        )
    if isinstance(k, bool) or not isinstance(k, int) or k < 0:
        raise ConfigError(f"k={k!r} is not allowed: give a whole number of at least 0; try k=10")
    run = FinishedRun(os.path.expanduser(work_dir))
    run.table_path(SIMILARITY)  # refuses a run that did not search
    pairs = known_pairs(run, k)
    counts = count_pairs(pairs.similarities, pairs.is_copy, pairs.is_known)
    # Of pairs below the run's threshold that are not searched anew, only likely ones are known.
    is_whole = k > 0 and run.options["test_dir"] is None
    first = 0 if is_whole else math.ceil(round(run.threshold / STEP, 6))
    places = {
        "threshold": counts.lowest(precision, from_place=first),
        "sure_threshold": counts.lowest(precision, surely=True, from_place=first),
    }
    chosen = {name: _at(counts, place) for name, place in places.items()}
    listed = {*_LISTED, round(round(run.threshold / STEP) * STEP, 3)}
    listed |= {value for value in chosen.values() if value is not None}
    listed = {value for value in listed if round(value / STEP) >= first}
    sizes = _sizes(run)
    return Advice(
        precision=precision,
        **chosen,
        current=run.threshold,
        rows=tuple(_row(counts, pairs, sizes, value) for value in sorted(listed)),
        curve=tuple(_curve(counts, first)),
        histogram=tuple(_histogram(pairs)),
        n_images=len(run.paths),
        n_judged=int(pairs.is_known.sum()),
        notes=tuple(_notes(run, pairs, sizes)),
    )


def _at(counts: ThresholdCounts, place: int | None) -> float | None:
    return None if place is None else float(counts.thresholds[place])


def _row(
    counts: ThresholdCounts, pairs: KnownPairs, sizes: IntArray, threshold: float
) -> ThresholdRow:
    place = round(threshold / STEP)
    reaches = pairs.similarities >= threshold
    n_copies, n_known = int(counts.copies[0]), int(counts.copies[0] + counts.others[0])
    gone: list[int] = []
    for may_go in (pairs.is_copy, pairs.goes):
        chosen = reaches & may_go
        gone += surplus(pairs.low[chosen], pairs.high[chosen], sizes)
    return ThresholdRow(
        threshold,
        int(counts.pairs[place]),
        int(counts.copies[place]),
        int(counts.others[place]),
        int(counts.unknown[place]),
        int((reaches & pairs.is_altered).sum()),
        *counts.precision(place),
        int(counts.copies[place]) / n_copies if n_known and n_copies else None,
        *gone,
    )


def _curve(counts: ThresholdCounts, first: int) -> Iterator[tuple[float, float, float, float]]:
    each = round(1 / _BINS / STEP)
    for place in range(-(-first // each) * each, len(counts.thresholds), each):
        precision, low, high = counts.precision(place)
        if precision is not None:
            yield float(counts.thresholds[place]), precision, low, high


def _histogram(pairs: KnownPairs) -> Iterator[tuple[float, int, int, int]]:
    bins = np.minimum((pairs.similarities * _BINS + 1e-9).astype(np.int64), _BINS - 1)
    masks = (pairs.is_known & pairs.is_copy, pairs.is_known & ~pairs.is_copy, ~pairs.is_known)
    counts = [np.bincount(bins[mask].clip(0), minlength=_BINS) for mask in masks]
    for place, row in enumerate(zip(*(column.tolist() for column in counts), strict=True)):
        yield place / _BINS, *row


def _sizes(run: FinishedRun) -> IntArray:
    """Return the bytes of each file; 0 where that is not known."""
    found = run.mtimes_and_sizes()
    if found is not None:
        return np.maximum(found[1], 0)
    sizes = run.stats("file_size").get("file_size", [0] * len(run.paths))
    return np.maximum(np.array(sizes, np.int64), 0)


def _notes(run: FinishedRun, pairs: KnownPairs, sizes: IntArray) -> Iterator[str]:
    n_known = int(pairs.is_known.sum())
    if not os.path.exists(run.work.verdicts):
        yield (
            "the run judged no pairs (verify='none', features of your own, or another distance "
            "than the cosine): no precision can be given. Run with verify='auto' where the images "
            "can be read, or measure with known pairs: fastdup evaluate WORK_DIR --truth pairs.csv"
        )
        yield "files and MB are those of all pairs that reach the threshold, copies or not"
    else:
        if n_known < _FEW:
            yield f"only {n_known:,} pairs were judged, so the intervals are wide"
        yield (
            "a copy is what the run judged to be one: its verdicts are rarely wrong. Pairs that it "
            "did not look at do not count as copies, except for the upper end of the interval"
        )
        yield (
            "pictures that were altered in one place do not count as copies, though they are at "
            "0.85 or above: groups and plans leave them out at any threshold, so where there are "
            "many, a lower one may do"
        )
    yield (
        "files and MB are upper limits: fastdup clean also requires that a file is itself similar "
        "to the one that is kept"
    )
    if not sizes.any():
        yield "the sizes of the files are not known"
    if run.options["test_dir"] is not None:
        yield "the run compared two sets only: lower thresholds than its own are not known"
