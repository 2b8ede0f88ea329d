"""From neighbours to result files: pairs, outliers and components, judged and written."""

import logging
from collections.abc import Sequence

from fastdup.analysis.components import find_components
from fastdup.analysis.outliers import find_outliers, share_cutoff
from fastdup.analysis.pairs import select_pairs
from fastdup.arrays import FloatArray
from fastdup.config import RunConfig
from fastdup.index import Neighbours
from fastdup.runs.tables import OUTLIERS, SIMILARITY
from fastdup.runs.writers import write_components, write_pairs
from fastdup.workdir import WorkDir

logger = logging.getLogger(__name__)


def write_results(
    config: RunConfig, work: WorkDir, paths: Sequence[str], near: Neighbours, kept: Neighbours
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
    """
    pairs = select_pairs(kept.indices, kept.similarities, config.threshold)
    if not config.nearest_neighbors_k:
        _warn_of_cut(kept.similarities, config.threshold)
    share, lowest = config.outlier_percentile, config.lower_threshold
    if share >= 0:
        lowest = share_cutoff(near.indices, near.similarities, share)
    outliers = find_outliers(near.indices, near.similarities, lowest)
    joining = select_pairs(kept.indices, kept.similarities, config.component_threshold)
    components = find_components(joining, len(paths))
    write_pairs(work, paths, pairs, SIMILARITY)
    write_pairs(work, paths, outliers, OUTLIERS)
    write_components(work, paths, components)
    return {
        "n_pairs": len(pairs.sources),
        "n_outliers": len(outliers.sources),
        "n_groups": len(components.counts),
        "n_grouped": len(components.members),
    }


def _warn_of_cut(similarities: FloatArray, threshold: float) -> None:
    """Log how many images may have more neighbours than were kept of "all"."""
    n_images, k = similarities.shape
    n_cut = int((similarities[:, -1] >= threshold).sum()) if n_images - 1 > k else 0
    if n_cut:
        message = "%d images have %d neighbours or more at or above %g: only the nearest are kept"
        logger.warning(message, n_cut, k, threshold)
