"""What is near to each image of a run by its content: what a search found, copies left out."""

import os
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from fastdup.analysis.components import connected_roots
from fastdup.analysis.nearest_others import NearestOthers, nearest_others
from fastdup.analysis.outliers import N_NEAREST, OutlierScores, score_outliers
from fastdup.arrays import IntArray
from fastdup.config.machine import available_cores
from fastdup.index.dedupe import expand_duplicates
from fastdup.index.join import SelfJoin
from fastdup.index.provider_choice import EXACT_LIMIT
from fastdup.runs.content_space import ContentSpace, NearDistinct
from fastdup.runs.tables import VERDICTS
from fastdup.scale import Scale

if TYPE_CHECKING:
    from fastdup.judging.judged import JudgedPairs
    from fastdup.judging.lookup import PairLookup
    from fastdup.runs.finished import FinishedRun

#: Neighbours of an image that may be copies, so that there are enough others.
N_COPIES = 4
#: Neighbours of an image that the search for copies finds among more than `EXACT_LIMIT` images: as
#: many as judging needs, so that large collections take neither more time nor more memory.
_N_OF_MANY = 10
#: Where no pairs were judged, two images as similar as this are copies: almost identical.
_ALMOST_IDENTICAL = 0.98

Pairs = tuple[IntArray, IntArray]


def n_for_outliers(n_images: int, *, by_content: bool = False) -> int:
    """Return how many neighbours of each of `n_images` show which stand apart.

    Of the search for copies, or of one by content.
    """
    is_many = n_images > EXACT_LIMIT and not by_content
    n_wanted = _N_OF_MANY if is_many else N_NEAREST + N_COPIES
    return min(n_wanted, max(n_images - 1, 1))


def near_content(found: NearDistinct, copies: Pairs) -> NearestOthers:
    """Return what is near to each of the u different rows of a search, copies left out.

    Parameters
    ----------
    found : NearDistinct
        What a search found; the values are those of `Scale.even`.
    copies : two (m,) int64 arrays
        The two of n rows in each pair that shows the same picture.
    """
    low, high = (found.distinct.inverse[rows] for rows in copies)
    kinds = connected_roots(low, high, len(found.near.indices))
    return nearest_others(kinds, found.near.indices, found.scale.even(found.near.similarities))


def near_each_image(run: "FinishedRun", k: int) -> NearestOthers:
    """Return what is near to each image of a finished run by its content, copies left out.

    Parameters
    ----------
    run : FinishedRun
    k : int
        At least 1.
    """
    n_searched = min(k + N_COPIES, max(len(run.paths) - 1, 1))
    joined = cache(lambda: run.self_join(n_searched))
    space, n_threads = ContentSpace.of_run(run), available_cores()
    found = space.near(n_searched, joined, run.scale, n_threads)
    copies = stored_copies(run)
    if copies is None:
        copies = _almost_identical(joined(), run.scale)
    near, distinct = near_content(found, copies).nearest(k), found.distinct
    indices = np.where(near.indices < 0, -1, distinct.first[near.indices])
    kinds, inverse = distinct.first[near.kinds], distinct.inverse
    return NearestOthers(kinds[inverse], indices[inverse], near.values[inverse])


def nearest_by_content(run: "FinishedRun", k: int) -> IntArray:
    """Return the k images nearest to each of a finished run by their content, copies among them.

    Returns
    -------
    (n, k) int64 array
        Row numbers; -1 where there are fewer.
    """
    space = ContentSpace.of_run(run)
    found = space.near(k, lambda: run.self_join(k), run.scale, available_cores())
    return expand_duplicates(found.distinct, found.near, k).indices


def stored_copies(run: "FinishedRun") -> Pairs | None:
    """Return the pairs of a run that show the same picture; None where no pairs were judged."""
    if not run.has_searched or not os.path.exists(run.work.verdicts):
        return None
    from fastdup.judging.finding import SAME_CONTENT  # loads all that judges pictures

    sources, targets, verdicts = run.columns(VERDICTS, "from", "to", "verdict")
    is_same = np.array([verdict in SAME_CONTENT for verdict in verdicts], bool)
    low, high = (np.array([run.row_of.get(p, -1) for p in names]) for names in (sources, targets))
    is_same &= (low >= 0) & (high >= 0)
    low, high = low[is_same], high[is_same]
    is_copy = ~run.decided.are_apart(low, high)
    return low[is_copy], high[is_copy]


def outlier_scores(
    join: SelfJoin,
    space: ContentSpace,
    scale: Scale,
    pairs: "JudgedPairs | None",
    verdicts: "PairLookup | None",
    n_threads: int = 1,
    only_found: bool = False,
) -> OutlierScores:
    """Return how close each of the n images of a run is to the others; see `score_outliers`.

    The means are cosines of the rows for content. Where there are none they are similarities as
    `scale` gives them, of cosines averaged before.

    Parameters
    ----------
    join : SelfJoin
        What a search for copies found.
    space : ContentSpace
        The rows for content.
    scale : Scale
        Of the search.
    pairs : JudgedPairs or None
        Which images show the same picture; None where no pairs were judged.
    verdicts : PairLookup or None
        What is known of pairs that were judged: the similarity to the nearest image.
    n_threads : int
    only_found : bool
        See `ContentSpace.near`.
    """
    by_content = space.searches and not only_found
    k = n_for_outliers(len(join.distinct.inverse), by_content=by_content)
    copies = _almost_identical(join, scale) if pairs is None else pairs.of_same_content()
    near = space.near(k, lambda: join, scale, n_threads, only_found=only_found)
    found = score_outliers(near_content(near, copies))
    first, inverse = near.distinct.first, near.distinct.inverse
    nearest = np.where(found.nearest < 0, -1, first[found.nearest])[inverse]
    to_nearest = np.full(len(nearest), np.nan)
    (rows,) = np.nonzero(nearest >= 0)
    others = nearest[rows]
    plain = scale.of_pairs(space.features, rows, others)
    to_nearest[rows] = plain if verdicts is None else verdicts.of_pairs(rows, others, plain)
    means = near.scale.of_even(found.means)[inverse]
    return OutlierScores(means, nearest, to_nearest, found.is_apart[inverse], found.has_enough)


def _almost_identical(join: SelfJoin, scale: Scale) -> Pairs:
    """Return the pairs of rows that a search found to be almost identical, or the same."""
    found, first = join.of_distinct, join.distinct.first
    is_copy = (found.indices >= 0) & (scale.similarities(found.similarities) >= _ALMOST_IDENTICAL)
    rows, columns = np.nonzero(is_copy)
    same = np.arange(len(join.distinct.inverse))
    low = np.append(first[rows], first[join.distinct.inverse])
    return low, np.append(first[found.indices[rows, columns]], same)
