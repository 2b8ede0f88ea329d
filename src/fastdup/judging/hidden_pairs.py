"""Pairs to judge that no search for neighbours can bring: copies whose features are far apart."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import BoolArray, FloatArray, IntArray
from fastdup.index import Neighbours, Resources, Rows
from fastdup.index.digests import row_fingerprints
from fastdup.index.join import SelfJoin
from fastdup.index.rerank import exact_similarities
from fastdup.index.rows import spans
from fastdup.judging.candidates import N_SEARCHED, Candidates
from fastdup.judging.levels import PairLevels, own_levels
from fastdup.scale import Scale
from fastdup.views import Projected, nearest_to_each_view, nearest_to_views, view_space

#: So many of those nearest to a view are looked at, if they stand out: what is a copy of them is
#: found without it. One more where views show copies.
_MOST_OF_A_VIEW, _MOST_OF_MORE = 2, 3
#: By how much of the cosine a negative stands out, and below which cosine none is one. Chosen on
#: training photos: all their negatives stand out, colour and grey, and 0.002 other pairs per photo.
_NEGATIVE_GAP, _NO_NEGATIVE = 0.12, 0.55


class _Limits(NamedTuple):
    """Below which cosine nothing near to a view is a copy, and by how much of it a copy stands out.

    By less where views show copies: then less likely pairs are worth a look, too.
    """

    no_copy: float
    gap: float
    gap_of_more: float


#: For a part of a picture: 0.02 pairs per photo stand out.
_INSETS = _Limits(no_copy=0.6, gap=0.2, gap_of_more=0.1)
#: For a picture as it may have been before it was worn: of 25 training photos that no other way
#: brings, 23 stand out, and 0.008 other pairs per photo. Without any gap, 15 of 21 covered training
#: photos that are missed else are looked at.
_RESTORED = _Limits(no_copy=0.6, gap=0.08, gap_of_more=0.0)


class Insets(NamedTuple):
    """Other views of some pictures: parts that may be pictures, or what they may have been.

    Attributes
    ----------
    owners : (q,) int64 array
        Which different row each is a view of, ascending.
    rows : (q, p) float16 array
        Theirs: of parts in the `ViewSpace`, else features.
    """

    owners: IntArray
    rows: Projected

    def joined(self, others: "Insets") -> "Insets":
        """Return these and others, by their owners."""
        owners = np.append(self.owners, others.owners)
        order = np.argsort(owners, kind="stable")
        return Insets(owners[order], np.concatenate([self.rows, others.rows])[order])


@dataclass(frozen=True)
class HiddenPairs:
    """Finds pairs that may be copies though they are no neighbours, by numbers of different rows.

    Attributes
    ----------
    join : SelfJoin
        The neighbours of the n rows; no row is all zero.
    features : (n, d) array
        Of the built-in model.
    scale : Scale
        Of their similarities.
    resources : Resources
    one_way : bool
        Whether rows that have neighbours are compared with the others, and come first in a pair;
        else all are compared.
    known_negatives : Path or None
        The file that keeps what was found near to negatives; None for none.
    """

    join: SelfJoin
    features: NDArray[Any]
    scale: Scale
    resources: Resources
    one_way: bool
    known_negatives: Path | None = None

    def negatives(self) -> Candidates:
        """Return pictures and what may be their negatives."""
        n_rows, space = len(self._projected), view_space()
        near = Neighbours.none(n_rows, N_SEARCHED)
        if self.one_way:
            for rows, others in self._sets[:1]:
                views = space.negatives(self._projected[rows])
                near.indices[rows], near.similarities[rows] = self._nearest(views, rows, others)
        else:
            near = self._nearest_to_each(space.negatives(self._projected))
        cosines, levels = near.similarities, PairLevels(near, near.similarities, _NO_NEGATIVE)
        is_out = cosines >= _NO_NEGATIVE
        for start, stop in spans(n_rows):
            part = slice(start, stop)
            own, of_others, _ = levels.of_rows(part)
            is_out[part] &= cosines[part] - np.maximum(own, of_others) >= _NEGATIVE_GAP
        return self._candidates(np.arange(n_rows), near, is_out, _MOST_OF_A_VIEW)

    def of_insets(self, insets: Insets, *, more: bool = False) -> Candidates:
        """Return pictures and what they may show in one of their parts; `more` if that pays off."""
        return self._of_views(insets, self._nearest, _INSETS, more=more)

    def of_restored(self, restored: Insets, *, more: bool = False) -> Candidates:
        """Return worn pictures and what they may have been made from; `more` if that pays off."""
        return self._of_views(restored, self._nearest_features, _RESTORED, more=more)

    def _of_views(
        self,
        views: Insets,
        nearest: Callable[[NDArray[Any], IntArray, IntArray], Neighbours],
        limits: "_Limits",
        *,
        more: bool,
    ) -> Candidates:
        near = Neighbours.none(len(views.owners), N_SEARCHED)
        for rows, others in self._sets:
            which = np.flatnonzero(np.isin(views.owners, rows))
            found = nearest(views.rows[which], views.owners[which], others)
            near.indices[which], near.similarities[which] = found
        gap, most = limits.gap, _MOST_OF_A_VIEW
        if more:
            gap, most = limits.gap_of_more, _MOST_OF_MORE
        levels = own_levels(near, near.similarities, limits.no_copy)
        return self._candidates(views.owners, near, near.similarities - levels >= gap, most)

    @cached_property
    def _projected(self) -> Projected:
        first = self.join.distinct.first
        return view_space().project(self.features, first, self.resources.n_threads)

    @property
    def _is_query(self) -> BoolArray:
        return np.asarray((self.join.of_distinct.indices >= 0).any(axis=1))

    @property
    def _sets(self) -> list[tuple[IntArray, IntArray]]:
        """Which different rows are compared with which: the queries with the others come first."""
        if not self.one_way:
            every = np.arange(len(self._projected))
            return [(every, every)]
        queries, others = np.flatnonzero(self._is_query), np.flatnonzero(~self._is_query)
        return [(queries, others), (others, queries)]

    def _nearest(self, views: Projected, own: IntArray, others: IntArray) -> Neighbours:
        self.resources.progress.start("views", len(views))
        found = nearest_to_views(views, own, self._projected, others, N_SEARCHED, self.resources)
        self.resources.progress.finish()
        return found

    def _nearest_to_each(self, views: Projected) -> Neighbours:
        """Return the same for a view of each picture, by what an earlier run found."""
        first, resources = self.join.distinct.first, self.resources
        digests = row_fingerprints(self.features, resources.n_threads, first)
        digests += row_fingerprints(self._projected, resources.n_threads)
        resources.progress.start("views", len(views))
        found = nearest_to_each_view(
            views, self._projected, N_SEARCHED, resources, digests, self.known_negatives
        )
        resources.progress.finish()
        return found

    def _nearest_features(self, views: NDArray[Any], own: IntArray, others: IntArray) -> Neighbours:
        """Return the same by all the features, in which a worn picture is nearer to its like."""
        distinct = self.join.distinct
        views, rows = views.astype(np.float32), distinct.first[others]
        self.resources.progress.start("views", len(views))
        found = nearest_to_views(
            views, distinct.first[own], self.features, rows, N_SEARCHED, self.resources
        )
        self.resources.progress.finish()
        kinds = np.where(found.indices < 0, -1, distinct.inverse[found.indices])
        return Neighbours(kinds, found.similarities)

    def _candidates(
        self, own: IntArray, near: Neighbours, is_out: BoolArray, most: int
    ) -> Candidates:
        """Return the pairs of the first neighbours that stand out, with their similarities."""
        views, columns = np.nonzero((is_out & (near.indices >= 0))[:, :most])
        pairs = np.column_stack([own[views], near.indices[views, columns]])
        if self.one_way:
            is_turned = ~self._is_query[pairs[:, 0]]
            pairs[is_turned] = pairs[is_turned, ::-1]
        else:
            pairs.sort(axis=1)
        low, high = np.unique(pairs, axis=0).T
        cosines = self._cosines(low, high)
        return Candidates(low, high, cosines, self.scale.similarities(cosines))

    def _cosines(self, low: IntArray, high: IntArray) -> FloatArray:
        rows = Rows(self.features, self.scale.metric, self.join.distinct.first)
        return exact_similarities(rows, rows.choose(low), high[:, None])[:, 0]
