"""From neighbours to result files: pairs, outliers and components, judged and written."""

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from fastdup.analysis.components import Components, find_components
from fastdup.analysis.outliers import find_outliers, share_cutoff
from fastdup.analysis.pairs import Pairs, select_pairs
from fastdup.analysis.stars import Similarity
from fastdup.analysis.strict_components import find_strict_components
from fastdup.arrays import FloatArray, IntArray
from fastdup.config import RunConfig
from fastdup.index import Neighbours
from fastdup.runs.tables import OUTLIERS, SIMILARITY
from fastdup.runs.writers import write_components, write_pairs
from fastdup.workdir import WorkDir

if TYPE_CHECKING:
    from fastdup.judging.lookup import PairLookup

logger = logging.getLogger(__name__)


def write_results(
    config: RunConfig,
    work: WorkDir,
    paths: Sequence[str],
    near: Neighbours,
    kept: Neighbours,
    verdicts: "PairLookup | None" = None,
    plain: Similarity | None = None,
    k: int | None = None,
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
        All that were found; outliers are looked for among them. Similarities as `fastdup.scale`
        rounds them.
    kept : Neighbours
        Those that may become pairs and join components.
    verdicts : PairLookup, optional
        What is known of pairs that were judged: those found to be no copies join no components.
    plain : callable, optional
        Returns the similarities of one row with several by their features, for strict components.
    k : int, optional
        How many neighbours of an image are kept of "all", by default as many as `kept` has.
    """
    pairs = select_pairs(kept.indices, kept.similarities, config.threshold)
    if not config.nearest_neighbors_k:
        _warn_of_cut(kept.similarities, config.threshold, k or kept.indices.shape[1])
    share, lowest = config.outlier_percentile, config.lower_threshold
    if share >= 0:
        lowest = share_cutoff(near.indices, near.similarities, share)
    outliers = find_outliers(near.indices, near.similarities, lowest)
    components = _find_components(config, len(paths), kept, verdicts, plain)
    write_pairs(work, paths, pairs, SIMILARITY)
    write_pairs(work, paths, outliers, OUTLIERS)
    write_components(work, paths, components)
    return {
        "n_pairs": len(pairs.sources),
        "n_outliers": len(outliers.sources),
        "n_groups": len(components.counts),
        "n_grouped": len(components.members),
    }


def _find_components(
    config: RunConfig,
    n_images: int,
    kept: Neighbours,
    verdicts: "PairLookup | None",
    plain: Similarity | None,
) -> Components:
    threshold = config.component_threshold
    joining = select_pairs(kept.indices, kept.similarities, threshold)
    if verdicts is not None:
        sources, targets, values = joining
        are_copies = verdicts.are_copies(sources, targets)
        joining = Pairs(sources[are_copies], targets[are_copies], values[are_copies])
    if config.grouping == "component" or plain is None:
        return find_components(joining, n_images)

    def similarity(row: int, others: IntArray) -> FloatArray:
        return verdicts.copy_similarities(row, others, plain) if verdicts else plain(row, others)

    return find_strict_components(joining, n_images, threshold, similarity)


def _warn_of_cut(similarities: FloatArray, threshold: float, k: int) -> None:
    """Log how many images may have more neighbours than were kept of "all"."""
    n_images = len(similarities)
    n_cut = int(((similarities >= threshold).sum(axis=1) >= k).sum()) if n_images - 1 > k else 0
    if n_cut:
        message = "%d images have %d neighbours or more at or above %g: only the nearest are kept"
        logger.warning(message, n_cut, k, threshold)
