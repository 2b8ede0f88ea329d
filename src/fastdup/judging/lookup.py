"""What is known of any two rows, from the pairs that were judged."""

import numpy as np
from numpy.typing import NDArray

from fastdup.analysis.stars import Similarity
from fastdup.scale import rounded


class PairLookup:
    """Similarities and copies among n rows, by judged pairs.

    Copies with the same features are judged only with the first of them. Each stands for the first
    in pairs with others, and is as similar to these as the weaker of the two pairs.

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
        self._first, self._own = np.arange(n_rows), np.ones(n_rows)
        (same,) = np.nonzero((rounded(cosines) == 1) & is_copy)
        for place in same[np.lexsort((high[same], low[same]))].tolist():
            one, other = int(low[place]), int(high[place])
            if self._first[other] == other and self._first[one] < other:
                self._first[other] = self._first[one]
                self._own[other] = min(self._own[one], similarities[place])
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
        rows = np.full(len(others), row)
        direct, is_direct = self._find(rows, others)
        over_first, is_over_first = self._find(self._first[rows], self._first[others])
        is_same = self._first[rows] == self._first[others]
        weakest = np.minimum(self._own[rows], self._own[others])
        chained = np.where(is_same, weakest, np.minimum(weakest, self._of(over_first)))
        values = np.where(is_over_first | is_same, chained, plain(row, others))
        return np.where(is_direct, self._of(direct), values)

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
