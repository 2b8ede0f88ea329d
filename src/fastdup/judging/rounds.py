"""Looks in rounds: the likeliest first, and less likely ones as long as looks find copies.

How many of the pictures in a collection are copies that are hard to find, nobody knows before. In
one without any, the likeliest look-alikes are all that is looked at; in one with many, looks that
seldom find one pay off as well.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence, Set
from typing import NamedTuple

from fastdup.judging.candidates import Candidates

#: A search that finds one copy in so many looks, all rounds together, is worth going on …
LOOKS_PER_COPY = 24
#: … as long as its last round finds one in so many. Only what no other search finds counts, so that
#: of 1,260 training photos with two copies each the last rounds find one in 140.
_LAST_LOOKS_PER_COPY = 160


class Looks(NamedTuple):
    """A round of a search.

    Attributes
    ----------
    pairs : Candidates
        What it brings, by numbers of different rows.
    n_looks : int
        What it costs: pairs that are in doubt, or pictures that are looked at to find pairs.
    """

    pairs: Candidates
    n_looks: int


#: Yields its rounds, the likeliest copies first.
Search = Iterator[Looks]
#: Returns which pairs of each list are copies that were in doubt.
FindCopies = Callable[[Sequence[Candidates]], Sequence[Set[Hashable]]]


def in_rounds(searches: Sequence[Search], find_copies: FindCopies) -> list[Candidates]:
    """Return the pairs that are worth a look, all of which are judged.

    Parameters
    ----------
    searches : sequence of iterators
        Each goes on as long as its rounds find enough copies that none found before, the first
        one first.
    find_copies : callable
        Judges the pairs of a round of each search.
    """
    chosen: list[Candidates] = []
    known: set[Hashable] = set()
    going = [_Going(search) for search in searches]
    while rounds := [(one, looks) for one in going if (looks := one.next_round())]:
        pairs = [looks.pairs for _, looks in rounds]
        chosen += pairs
        for (one, looks), copies in zip(rounds, find_copies(pairs), strict=True):
            one.found(looks.n_looks, len(copies - known))
            known.update(copies)
        going = [one for one, _ in rounds if one.is_worth_it]
    return chosen


class _Going:
    """A search that goes on."""

    def __init__(self, search: Search) -> None:
        self._search = search
        self._n_looks = self._n_copies = 0
        self.is_worth_it = True

    def next_round(self) -> Looks | None:
        return next(self._search, None)

    def found(self, n_looks: int, n_copies: int) -> None:
        self._n_looks, self._n_copies = self._n_looks + n_looks, self._n_copies + n_copies
        # With one copy more than were found: a few looks without any say little (Laplace).
        is_rich = self._n_looks < LOOKS_PER_COPY * (self._n_copies + 1)
        self.is_worth_it = is_rich and n_looks < _LAST_LOOKS_PER_COPY * (n_copies + 1)
