"""Star clustering: copies around the image that stays, each itself similar to it.

After Aslam, Pelekhov and Rus, "The star clustering algorithm for static and dynamic information
organization", Journal of Graph Algorithms and Applications 8(1), 2004. There the vertex of highest
degree becomes the next centre; here the given order decides, and a satellite belongs to one star.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from fastdup.analysis.pairs import Pairs
from fastdup.arrays import FloatArray, IntArray

#: Similarities of a row with others, as they would be written to ``similarity.csv``.
Similarity = Callable[[int, IntArray], FloatArray]
#: Whether the second of two rows may go for the sake of the first.
MayGo = Callable[[int, int], bool]


@dataclass
class Star:
    """A centre, which stays, and its satellites: the copies that it stands for.

    Attributes
    ----------
    kept : int
        Row of the image that stays.
    copies : dict of int to float
        Row of each image that may go → its similarity with the centre.
    spared : list of int
        Rows just as similar that must not go.
    """

    kept: int
    copies: dict[int, float] = field(default_factory=dict)
    spared: list[int] = field(default_factory=list)


def grow_stars(
    pairs: Pairs,
    order: Sequence[int],
    *,
    threshold: float,
    similarity: Similarity,
    never: Collection[int] = (),
    by_hand: Collection[int] = (),
    may_go: MayGo | None = None,
    chains: Pairs | None = None,
) -> list[Star]:
    """Return the images that stay, each with the copies that it stands for.

    The first image in `order` stays, and those at least `threshold` similar to it may go; then
    the first of what is left, and so on. A star grows along the pairs, but each similarity is that
    with its centre: where A is like B and B like C, C goes only if it is itself like A.

    Parameters
    ----------
    pairs : Pairs
        All that reach the threshold.
    order : sequence of int
        Rows that may stay or go, the one to keep first.
    threshold : float
        Smallest similarity, inclusive.
    similarity : callable
        Returns the similarities of one row with several, for pairs that are not in `pairs`.
    never : collection of int
        Rows that stay in any case.
    by_hand : collection of int
        Rows that go even when only chained to an image that stays; they come last in `order`. The
        last of a group stays all the same.
    may_go : callable or None
        Asked of the centre and each row that is similar enough to it; None: all may. Those by hand
        are not asked about.
    chains : Pairs or None
        Further pairs, of any similarity, by which rows `by_hand` are chained to others.
    """
    neighbours = _adjacency(pairs, threshold)
    grower = _Grower(
        neighbours,
        _joined(neighbours, _adjacency(chains, 0.0)) if chains else neighbours,
        set(order),
        threshold,
        similarity,
        set(never),
        set(by_hand),
        may_go or _all_may,
    )
    return grower.stars(order)


def _all_may(_kept: int, _row: int) -> bool:
    return True


@dataclass
class _Grower:
    _neighbours: dict[int, dict[int, float]]
    _chained: Mapping[int, Collection[int]]
    _known: set[int]
    _threshold: float
    _similarity: Similarity
    _never: set[int]
    _by_hand: set[int]
    _may_go: MayGo
    _gone: set[int] = field(default_factory=set)
    _stars: dict[int, Star] = field(default_factory=dict)

    def stars(self, order: Sequence[int]) -> list[Star]:
        for row in order:
            if row in self._gone:
                continue
            centre = self._nearest_kept(row) if row in self._by_hand else None
            if centre is None:
                self._grow(row)
            else:
                self._stars[centre].copies[row] = self._similarities(centre, [row])[row]
                self._gone.add(row)
        return [star for star in self._stars.values() if star.copies or star.spared]

    def _grow(self, kept: int) -> None:
        star = self._stars[kept] = Star(kept)
        for row, value in self._ball(kept):
            if row in self._gone or row in self._stars or row not in self._known:
                continue
            if row not in self._by_hand and not self._may_go(kept, row):
                continue
            if row in self._never:
                star.spared.append(row)
            else:
                star.copies[row] = value
                self._gone.add(row)

    def _ball(self, centre: int) -> Iterator[tuple[int, float]]:
        """Yield all rows that reach the threshold with `centre`, found along the pairs."""
        seen, edge = {centre}, [centre]
        while edge:
            near = {row for inner in edge for row in self._neighbours.get(inner, ())} - seen
            seen |= near
            values = self._similarities(centre, sorted(near))
            edge = [row for row, value in values.items() if value >= self._threshold]
            yield from ((row, values[row]) for row in edge)

    def _nearest_kept(self, start: int) -> int | None:
        """Return a row that stays, the fewest pairs away; the most similar of them."""
        seen, edge = {start}, [start]
        while edge:
            near = {row for inner in edge for row in self._chained.get(inner, ())} - seen
            if kept := sorted(near & self._stars.keys()):
                values = self._similarities(start, kept)
                return max(kept, key=lambda row: values[row])
            seen |= near
            edge = sorted(near)
        return None

    def _similarities(self, row: int, others: Sequence[int]) -> dict[int, float]:
        known = self._neighbours.get(row, {})
        unknown = np.array([other for other in others if other not in known], np.int64)
        computed = dict(zip(unknown.tolist(), self._similarity(row, unknown), strict=True))
        return {other: known[other] if other in known else computed[other] for other in others}


def _joined(
    one: Mapping[int, Collection[int]], other: Mapping[int, Collection[int]]
) -> dict[int, set[int]]:
    """Return the rows paired with each row by one or the other."""
    return {row: {*one.get(row, ()), *other.get(row, ())} for row in one.keys() | other.keys()}


def _adjacency(pairs: Pairs, threshold: float) -> dict[int, dict[int, float]]:
    """Return row → the rows paired with it → similarity, both ways."""
    neighbours: dict[int, dict[int, float]] = {}
    for source, target, value in zip(*(column.tolist() for column in pairs), strict=True):
        if value >= threshold:
            neighbours.setdefault(source, {})[target] = value
            neighbours.setdefault(target, {})[source] = value
    return neighbours
