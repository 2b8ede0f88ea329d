"""From neighbours to result files: pairs, outliers and components, judged and written."""

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from fastdup.analysis.components import Components, distinct_pairs, find_components
from fastdup.analysis.outliers import OutlierScores, find_outliers, pairs_with_nearest
from fastdup.analysis.pairs import Pairs
from fastdup.analysis.stars import Similarity
from fastdup.analysis.strict_components import find_strict_components
from fastdup.config import RunConfig
from fastdup.index import Neighbours
from fastdup.runs.decided_rows import NOTHING_DECIDED, DecidedRows
from fastdup.runs.tables import OUTLIERS, SIMILARITY
from fastdup.runs.writers import write_components, write_outlier_scores, write_pairs
from fastdup.workdir import WorkDir
from fastdup.workdir.append_only import mtimes_and_sizes

if TYPE_CHECKING:
    from fastdup.judging.lookup import PairLookup

logger = logging.getLogger(__name__)


def write_results(
    config: RunConfig,
    work: WorkDir,
    paths: Sequence[str],
    near: Neighbours,
    kept: Pairs,
    scores: OutlierScores,
    verdicts: "PairLookup | None" = None,
    similarity: Similarity | None = None,
    k: int | None = None,
    decided: DecidedRows = NOTHING_DECIDED,
) -> dict[str, int]:
    """Write the result files, and return the counts for the summary.

    Parameters
    ----------
    config : RunConfig
        Its thresholds decide.
    work : WorkDir
        Where the files go.
    paths : sequence of n str
        The images.
    near : Neighbours
        All that were found. Similarities as `fastdup.scale` rounds them.
    kept : Pairs
        Those that may be reported and join components: all that reach the lower of the thresholds.
    scores : OutlierScores
        Which images stand apart.
    verdicts : PairLookup, optional
        What is known of pairs that were judged: those found to be no copies join no components.
    similarity : callable, optional
        See `group`; there are no strict components without.
    k : int, optional
        How many neighbours of an image are kept of "all", by default as many as `near` has.
    decided : DecidedRows, optional
        Pairs that a person decided to be no copies are left out.
    """
    found = kept.reaching(config.threshold)
    pairs = decided.pruned(found)
    if not config.nearest_neighbors_k:
        _warn_of_cut(found, len(paths), config.threshold, k or near.indices.shape[1])
    outliers = choose_outliers(config, near, scores)
    _advise_on_outliers(config, len(outliers.sources))
    components = group(config, len(paths), kept, verdicts, similarity, decided)
    write_pairs(work, paths, pairs, SIMILARITY)
    write_pairs(work, paths, outliers, OUTLIERS)
    write_outlier_scores(work, paths, scores)
    write_components(work, paths, components)
    left_out = found.picked(decided.are_apart(found.sources, found.targets))
    return {
        "n_left_out": len(distinct_pairs(left_out).sources),
        "n_pairs": len(pairs.sources),
        "n_distinct_pairs": len(distinct_pairs(pairs).sources),
        "spare_bytes": _spare_bytes(work, components, len(paths)),
        "n_outliers": len(outliers.sources),
        "n_only_ordered": 0 if scores.has_enough or _is_asked(config) else len(scores.order()),
        "n_groups": len(components.counts),
        "n_grouped": len(components.members),
    }


def _spare_bytes(work: WorkDir, components: Components, n_images: int) -> int:
    """Return the size of all images of components but the largest of each, as far as is known."""
    known = mtimes_and_sizes(work, n_images)
    if known is None or not len(components.members):
        return 0
    sizes = np.maximum(known[1][components.members], 0)
    largest = np.zeros(len(components.counts), np.int64)
    np.maximum.at(largest, components.component_ids, sizes)
    return int(sizes.sum() - largest.sum())


def choose_outliers(config: RunConfig, near: Neighbours, scores: OutlierScores) -> Pairs:
    """Return the outliers that `config` asks for, each with its nearest image.

    Unless it asks for others, those that stand apart; of too few pictures those below the default
    of `lower_threshold`.

    Parameters
    ----------
    config, near, scores
        See `write_results`.

    Returns
    -------
    Pairs
        Least similar first.
    """
    share, lowest = config.outlier_percentile, config.outliers_below
    if lowest is None and not scores.has_enough:
        lowest = config.lower_threshold  # the manual's, as little as it says of a small collection
    if share < 0 and lowest is not None:
        return find_outliers(near.indices, near.similarities, lowest)
    rows = scores.lowest(share) if share >= 0 else np.flatnonzero(scores.is_apart)
    return pairs_with_nearest(rows, scores.nearest, scores.similarities)


def _advise_on_outliers(config: RunConfig, n_outliers: int) -> None:
    """Say what takes a share of the images, where a small threshold was probably meant as one."""
    lowest = config.lower_threshold
    if not n_outliers and lowest <= 0.1 and config.outlier_percentile == -1:
        logger.info(
            "no outliers: no image is less than %g similar to all others; "
            "outlier_percentile=%g takes that share of the images",
            lowest,
            lowest,
        )


def _is_asked(config: RunConfig) -> bool:
    """Return whether the user said which images are outliers."""
    return config.outlier_percentile >= 0 or config.outliers_below is not None


def group(
    config: RunConfig,
    n_images: int,
    kept: Pairs,
    verdicts: "PairLookup | None",
    similarity: Similarity | None,
    decided: DecidedRows = NOTHING_DECIDED,
) -> Components:
    """Return the components that `config` asks for.

    Parameters
    ----------
    config, kept, verdicts, decided
        See `write_results`.
    n_images : int
    similarity : callable or None
        Returns the similarities of one row with several, 0 for those found to be no copies.
    """
    threshold = config.component_threshold
    joining = decided.pruned(kept.reaching(threshold))
    if verdicts is not None:
        joining = joining.picked(verdicts.are_copies(joining.sources, joining.targets))
    if config.grouping == "component" or similarity is None:
        return find_components(joining, n_images)
    return find_strict_components(joining, n_images, threshold, decided.parted(similarity))


def _warn_of_cut(pairs: Pairs, n_images: int, threshold: float, k: int) -> None:
    """Log how many images may have more neighbours than were kept of "all"."""
    n_each = np.bincount(pairs.sources, minlength=n_images)
    n_cut = int((n_each >= k).sum()) if n_images - 1 > k else 0
    if n_cut:
        message = "%d images have %d neighbours or more at or above %g: only the nearest are kept"
        logger.warning(message, n_cut, k, threshold)
