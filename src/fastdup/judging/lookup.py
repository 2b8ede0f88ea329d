"""What is known of any two rows, from the pairs that were judged."""

import numpy as np
from numpy.typing import NDArray

from fastdup.analysis.components import connected_roots
from fastdup.analysis.stars import Similarity
from fastdup.scale import rounded


def firsts_of_copies(
    low: NDArray[np.int64],
    high: NDArray[np.int64],
    similarities: NDArray[np.float64],
    n_rows: int,
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the first of the copies that each row is connected with, and how similar it is to it.

    Parameters
    ----------
    low, high : (m,) int64 arrays
        Pairs of rows that are copies.
    similarities : (m,) float64 array
        Theirs.
    n_rows : int

    Returns
    -------
    first : (n,) int64 array
        The lowest row that is connected with each.
    own : (n,) float64 array
        The weakest similarity on the best way to it; 1 for the first itself.
    """
    first = connected_roots(low, high, n_rows)
    own = np.where(first == np.arange(n_rows), 1.0, 0.0)
    while True:
        better = own.copy()
        np.maximum.at(better, high, np.minimum(own[low], similarities))
        np.maximum.at(better, low, np.minimum(own[high], similarities))
        if (better == own).all():
            return first, own
        own = better


class PairLookup:
    """Similarities and copies among n rows, by judged pairs.

    Copies with the same features are judged only with the first of them. It stands for each of
    them in pairs with others, which are as similar as the weaker of the two pairs.

    Parameters
    ----------
    low, high : (m,) int64 arrays
        The rows of each judged pair.
    cosines, similarities : (m,) float64 arrays
        Of the features; by what was found.
    is_copy : (m,) bool array
        Whether each pair is one of copies; see `Finding.is_copy`.
    n_rows : int
    """

    def __init__(
        self,
        low: NDArray[np.int64],
        high: NDArray[np.int64],
        cosines: NDArray[np.float64],
        similarities: NDArray[np.float64],
        is_copy: NDArray[np.bool_],
        n_rows: int,
    ) -> None:
        self._n_rows = n_rows
        same = (rounded(cosines) == 1) & is_copy
        linked = low[same], high[same], similarities[same]
        self._first, self._own = firsts_of_copies(*linked, n_rows)
        # Of the row itself first, then of its first: what was judged itself counts.
        keys = np.concatenate(
            [self._keys(low, high), self._keys(self._first[low], self._first[high])]
        )
        self._known, first = np.unique(keys, return_index=True)
        self._similarities = np.concatenate([similarities, similarities])[first]
        self._is_copy = np.concatenate([is_copy, is_copy])[first]

    def similarities(
        self, row: int, others: NDArray[np.int64], plain: Similarity
    ) -> NDArray[np.float64]:
        """Return the similarities of a row with others; where they are not known, by `plain`."""
        return self.of_pairs(np.full(len(others), row), others, plain(row, others))

    def of_pairs(
        self, rows: NDArray[np.int64], others: NDArray[np.int64], plain: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return the similarities of m pairs of rows; where they are not known, those given."""
        direct, is_direct = self._find(rows, others)
        over_first, is_over_first = self._find(self._first[rows], self._first[others])
        is_same = self._first[rows] == self._first[others]
        weakest = np.minimum(self._own[rows], self._own[others])
        chained = np.where(is_same, weakest, np.minimum(weakest, self._of(over_first)))
        values = np.where(is_over_first | is_same, chained, plain)
        return np.where(is_direct, self._of(direct), values)

    def firsts(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the first of the copies with the same features, for each of some rows."""
        return self._first[rows]

    def are_known(self, rows: NDArray[np.int64], others: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return which of m pairs of rows were judged, themselves or by copies of the same kind."""
        firsts = self._first[rows], self._first[others]
        is_known = self._find(rows, others)[1] | self._find(*firsts)[1]
        return np.asarray(is_known | (firsts[0] == firsts[1]))

    def copy_similarities(
        self, row: int, others: NDArray[np.int64], plain: Similarity
    ) -> NDArray[np.float64]:
        """Return the same, but 0 for those found to be no copies."""
        are_copies = self.are_copies(np.full(len(others), row), others)
        return np.where(are_copies, self.similarities(row, others, plain), 0.0)

    def are_copies(
        self, sources: NDArray[np.int64], targets: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """Return whether pairs of rows may be copies: all but those found to be none."""
        refused = np.zeros(len(sources), bool)
        for rows, others in ((sources, targets), (self._first[sources], self._first[targets])):
            place, is_known = self._find(rows, others)
            refused |= is_known & ~np.append(self._is_copy, True)[place]
        return ~refused

    def _find(
        self, rows: NDArray[np.int64], others: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        keys = self._keys(rows, others)
        place = np.searchsorted(self._known, keys)
        is_known = np.append(self._known, -1)[place] == keys
        return np.where(is_known, place, len(self._known)), is_known

    def _of(self, places: NDArray[np.int64]) -> NDArray[np.float64]:
        return np.append(self._similarities, 0.0)[places]

    def _keys(self, rows: NDArray[np.int64], others: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.minimum(rows, others) * self._n_rows + np.maximum(rows, others)
