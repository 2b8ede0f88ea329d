"""From neighbours to result files: pairs, outliers and components, judged and written."""

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from fastdup.analysis.components import Components, distinct_pairs, find_components
from fastdup.analysis.outliers import find_outliers, share_cutoff
from fastdup.analysis.pairs import select_pairs
from fastdup.analysis.stars import Similarity
from fastdup.analysis.strict_components import find_strict_components
from fastdup.arrays import FloatArray
from fastdup.config import RunConfig
from fastdup.index import Neighbours
from fastdup.runs.decided_rows import NOTHING_DECIDED, DecidedRows
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
        All that were found; outliers are looked for among them. Similarities as `fastdup.scale`
        rounds them.
    kept : Neighbours
        Those that may become pairs and join components.
    verdicts : PairLookup, optional
        What is known of pairs that were judged: those found to be no copies join no components.
    similarity : callable, optional
        See `group`; there are no strict components without.
    k : int, optional
        How many neighbours of an image are kept of "all", by default as many as `kept` has.
    decided : DecidedRows, optional
        Pairs that a person decided to be no copies are left out.
    """
    found = select_pairs(kept.indices, kept.similarities, config.threshold)
    pairs = decided.pruned(found)
    if not config.nearest_neighbors_k:
        _warn_of_cut(kept.similarities, config.threshold, k or kept.indices.shape[1])
    share, lowest = config.outlier_percentile, config.lower_threshold
    if share >= 0:
        lowest = share_cutoff(near.indices, near.similarities, share)
    outliers = find_outliers(near.indices, near.similarities, lowest)
    components = group(config, len(paths), kept, verdicts, similarity, decided)
    write_pairs(work, paths, pairs, SIMILARITY)
    write_pairs(work, paths, outliers, OUTLIERS)
    write_components(work, paths, components)
    left_out = found.picked(decided.are_apart(found.sources, found.targets))
    return {
        "n_left_out": len(distinct_pairs(left_out).sources),
        "n_pairs": len(pairs.sources),
        "n_outliers": len(outliers.sources),
        "n_groups": len(components.counts),
        "n_grouped": len(components.members),
    }


def group(
    config: RunConfig,
    n_images: int,
    kept: Neighbours,
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
    joining = decided.pruned(select_pairs(kept.indices, kept.similarities, threshold))
    if verdicts is not None:
        joining = joining.picked(verdicts.are_copies(joining.sources, joining.targets))
    if config.grouping == "component" or similarity is None:
        return find_components(joining, n_images)
    return find_strict_components(joining, n_images, threshold, decided.parted(similarity))


def _warn_of_cut(similarities: FloatArray, threshold: float, k: int) -> None:
    """Log how many images may have more neighbours than were kept of "all"."""
    n_images = len(similarities)
    n_cut = int(((similarities >= threshold).sum(axis=1) >= k).sum()) if n_images - 1 > k else 0
    if n_cut:
        message = "%d images have %d neighbours or more at or above %g: only the nearest are kept"
        logger.warning(message, n_cut, k, threshold)
