"""The results of a run, read once and held as arrays."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from fastdup.analysis.components import distinct_pairs
from fastdup.analysis.pairs import Pairs
from fastdup.analysis.stars import Similarity
from fastdup.arrays import BoolArray, FloatArray, IntArray
from fastdup.explorer.photos import Photos
from fastdup.runs import FinishedRun
from fastdup.runs.finished import NO_PAIRS, BadFile
from fastdup.runs.stored_findings import load_findings
from fastdup.workdir import WorkDir

if TYPE_CHECKING:
    from fastdup.judging.finding import Finding


@dataclass(frozen=True, kw_only=True)
class Collection:
    """What a run found, by row numbers of its n good images.

    Attributes
    ----------
    run : FinishedRun
    work : WorkDir
        Where its files are.
    paths : sequence of n str
        As listed.
    stats : dict of str to (n,) float64 array
        The columns of ``stats.csv``; empty when these images were not measured.
    mtimes_ns : (n,) int64 array
        When each file was last changed, as the run saw it; empty when that is not known.
    pairs : Pairs
        Each pair once, the lower row first, most similar first; those of no copies, as decided,
        too.
    are_copies : (m,) bool array
        Whether each pair joins a group; a pair found to be altered, or only alike, does not.
    copy_similarity : callable or None
        Similarities of a row with several, 0 for no copies, where groups are strict; None: groups
        are connected by copies.
    outliers : Pairs
        Each outlier and its nearest image, least similar first.
    bad : list of BadFile
        In listing order.
    photos : Photos
        When and by which camera they were taken.
    finding_of : callable
        Two row numbers → what the second image is, seen from the first; None if the run did not
        look. The table is read at the first call.
    labels : dict of str to str
        Path → label, of the images that have one.
    lowest : float
        Smallest similarity of a pair that the run reported, inclusive.
    threshold : float
        Smallest similarity that joined images to groups in the run, inclusive; at least `lowest`.
    """

    run: FinishedRun
    work: WorkDir
    paths: Sequence[str]
    stats: dict[str, FloatArray]
    mtimes_ns: IntArray
    pairs: Pairs
    are_copies: BoolArray
    copy_similarity: Similarity | None = None
    outliers: Pairs
    bad: list[BadFile]
    photos: Photos
    finding_of: "Callable[[int, int], Finding | None]"
    labels: dict[str, str]
    lowest: float
    threshold: float

    @property
    def n_images(self) -> int:
        """Number of good images."""
        return len(self.paths)


def load_collection(work_dir: str) -> Collection:
    """Return the results in a work folder.

    Raises
    ------
    WorkDirError
        When there is no finished run, or a file of it is missing or damaged.
    """
    run = FinishedRun(work_dir)
    stats = {name: np.array(values, np.float64) for name, values in run.stats().items()}
    stamps = run.mtimes_and_sizes()
    findings = cache(lambda: load_findings(run))
    cc_threshold = float(run.options["ccthreshold"])
    pairs = _most_similar_first(distinct_pairs(run.found_pairs())) if run.has_searched else NO_PAIRS
    return Collection(
        run=run,
        work=run.work,
        paths=run.paths,
        stats=stats,
        mtimes_ns=np.empty(0, np.int64) if stamps is None else stamps[0],
        pairs=pairs,
        are_copies=run.verdicts.are_copies(pairs.sources, pairs.targets),
        copy_similarity=run.found_copy_similarity if run.options["grouping"] == "strict" else None,
        outliers=run.outliers() if run.has_searched else NO_PAIRS,
        bad=run.bad(),
        photos=Photos.of(run),
        finding_of=lambda first, second: findings().find(first, second),
        labels=run.labels() or {},
        lowest=run.threshold,
        threshold=run.threshold if cc_threshold == -1 else max(run.threshold, cc_threshold),
    )


def _most_similar_first(pairs: Pairs) -> Pairs:
    return pairs.picked(np.argsort(-pairs.similarities, kind="stable"))
