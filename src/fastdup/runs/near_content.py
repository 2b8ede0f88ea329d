"""What is near to each image of a run by its content: what a search found, copies left out."""

import os
from typing import TYPE_CHECKING

import numpy as np

from fastdup.analysis.components import connected_roots
from fastdup.analysis.nearest_others import NearestOthers, nearest_others
from fastdup.analysis.outliers import N_NEAREST, OutlierScores, score_outliers
from fastdup.arrays import IntArray
from fastdup.index import Neighbours
from fastdup.index.join import SelfJoin
from fastdup.index.provider_choice import EXACT_LIMIT
from fastdup.runs.tables import VERDICTS
from fastdup.scale import Scale

if TYPE_CHECKING:
    from fastdup.judging.judged import JudgedPairs
    from fastdup.judging.lookup import PairLookup
    from fastdup.runs.finished import FinishedRun

#: Neighbours of an image that may be copies, so that there are enough others.
N_COPIES = 4
#: Neighbours of an image that a search finds among more than `EXACT_LIMIT` images: as many as
#: judging needs, so that large collections take neither more time nor more memory.
_N_OF_MANY = 10
#: Where no pairs were judged, two images as similar as this are copies: almost identical.
_ALMOST_IDENTICAL = 0.98

Pairs = tuple[IntArray, IntArray]


def n_for_outliers(n_images: int) -> int:
    """Return how many neighbours of each image show which of `n_images` stand apart."""
    n_wanted = N_NEAREST + N_COPIES if n_images <= EXACT_LIMIT else _N_OF_MANY
    return min(n_wanted, max(n_images - 1, 1))


def near_content(join: SelfJoin, scale: Scale, copies: Pairs | None) -> NearestOthers:
    """Return what is near to each of the u different rows of a search, copies left out.

    Parameters
    ----------
    join : SelfJoin
        What a search found.
    scale : Scale
        Of its similarities; the values are those of `Scale.even`.
    copies : two (m,) int64 arrays, or None
        The two of n rows in each pair that shows the same picture. None: no pairs were judged,
        and neighbours that are almost identical count as copies.
    """
    found = join.of_distinct
    low, high = _almost_identical(found, scale) if copies is None else copies
    if copies is not None:
        low, high = join.distinct.inverse[low], join.distinct.inverse[high]
    kinds = connected_roots(low, high, len(found.indices))
    return nearest_others(kinds, found.indices, scale.even(found.similarities))


def near_each_image(run: "FinishedRun", k: int) -> NearestOthers:
    """Return what is near to each image of a finished run, copies left out.

    Parameters
    ----------
    run : FinishedRun
    k : int
        At least 1.
    """
    join = run.self_join(min(k + N_COPIES, max(len(run.paths) - 1, 1)))
    near, distinct = near_content(join, run.scale, stored_copies(run)).nearest(k), join.distinct
    indices = np.where(near.indices < 0, -1, distinct.first[near.indices])
    kinds, inverse = distinct.first[near.kinds], distinct.inverse
    return NearestOthers(kinds[inverse], indices[inverse], near.values[inverse])


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
    join: SelfJoin, scale: Scale, pairs: "JudgedPairs | None", verdicts: "PairLookup | None"
) -> OutlierScores:
    """Return how close each of the n images of a run is to the others; see `score_outliers`.

    The means are similarities as `Scale` gives them, of cosines averaged before.

    Parameters
    ----------
    join, scale
        See `near_content`.
    pairs : JudgedPairs or None
        Which images show the same picture; None where no pairs were judged.
    verdicts : PairLookup or None
        What is known of pairs that were judged: the similarity to the nearest image.
    """
    distinct = join.distinct
    n_images = len(distinct.inverse)
    copies = None if pairs is None else pairs.of_same_content()
    near = near_content(join.narrowed(n_for_outliers(n_images)), scale, copies)
    found = score_outliers(near)
    nearest = np.where(found.nearest < 0, -1, distinct.first[found.nearest])[distinct.inverse]
    similarities = scale.of_even(found.similarities)[distinct.inverse]
    (rows,) = np.nonzero(nearest >= 0)
    if verdicts is not None:
        similarities[rows] = verdicts.of_pairs(rows, nearest[rows], similarities[rows])
    return OutlierScores(
        scale.of_even(found.means)[distinct.inverse],
        nearest,
        similarities,
        found.is_apart[distinct.inverse],
        found.has_enough,
    )


def _almost_identical(found: Neighbours, scale: Scale) -> Pairs:
    is_copy = (found.indices >= 0) & (scale.similarities(found.similarities) >= _ALMOST_IDENTICAL)
    rows, columns = np.nonzero(is_copy)
    return rows, found.indices[rows, columns]
