"""Pairs to judge that no search for neighbours can bring: copies whose features are far apart."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import IntArray
from fastdup.index import Neighbours, Resources, Rows
from fastdup.index.join import SelfJoin
from fastdup.index.rerank import exact_similarities
from fastdup.judging.candidates import N_SEARCHED, Candidates, levels_of_others, own_levels
from fastdup.scale import Scale
from fastdup.views import nearest_to_negatives

#: So many of those nearest to a negative are looked at, if they stand out: what is a copy of them
#: is found without it.
_MOST_NEGATIVES = 2
#: By how much of the cosine a negative stands out, and below which cosine none is one. Chosen on
#: training photos: all their negatives stand out, colour and grey, and 0.02 other pairs per photo.
_NEGATIVE_GAP, _NO_NEGATIVE = 0.12, 0.55


def find_hidden_pairs(
    join: SelfJoin, features: NDArray[Any], scale: Scale, resources: Resources, *, one_way: bool
) -> Candidates:
    """Return pairs that may be copies though they are no neighbours, by numbers of different rows.

    Parameters
    ----------
    join : SelfJoin
        The neighbours of the n rows; no row is all zero.
    features : (n, d) array
        Of the built-in model.
    scale : Scale
        Of their similarities.
    resources : Resources
    one_way : bool
        Whether rows that have neighbours are compared with the others, and these come first in a
        pair; else all are compared.
    """
    near = _near_negatives(join, features, resources, one_way=one_way)
    pairs = _that_stand_out(near)
    pairs = np.unique(pairs if one_way else np.sort(pairs, axis=1), axis=0)
    return _with_cosines(pairs, join.distinct.first, features, scale)


def _near_negatives(
    join: SelfJoin, features: NDArray[Any], resources: Resources, *, one_way: bool
) -> Neighbours:
    """Return those near to the negative of each different row, by numbers of different rows."""
    first = join.distinct.first
    is_query = (join.of_distinct.indices >= 0).any(axis=1) if one_way else np.ones(len(first), bool)
    rows = first[is_query]
    others = first[~is_query] if one_way else rows
    found = nearest_to_negatives(features, rows, others, N_SEARCHED, resources)
    near = Neighbours(np.full((len(first), N_SEARCHED), -1), np.zeros((len(first), N_SEARCHED)))
    inverse = join.distinct.inverse
    near.indices[is_query] = np.where(found.indices < 0, -1, inverse[found.indices])
    near.similarities[is_query] = found.similarities
    return near


def _that_stand_out(near: Neighbours) -> IntArray:
    """Return the pairs, (m, 2), that exceed the levels of both by the gap of a negative."""
    cosines = near.similarities
    levels = np.maximum(
        own_levels(near, cosines, _NO_NEGATIVE), levels_of_others(near, cosines, _NO_NEGATIVE)
    )
    is_out = (near.indices >= 0) & (cosines - levels >= _NEGATIVE_GAP)
    rows, columns = np.nonzero(is_out[:, :_MOST_NEGATIVES])
    return np.column_stack([rows, near.indices[rows, columns]])


def _with_cosines(
    pairs: IntArray, first: IntArray, features: NDArray[Any], scale: Scale
) -> Candidates:
    """Return pairs of different rows, ordered, with the similarities of their features."""
    low, high = pairs.T
    rows = Rows(features, scale.metric, first)
    cosines = exact_similarities(rows, rows.choose(low), high[:, None])[:, 0]
    return Candidates(low, high, cosines, scale.similarities(cosines))
