"""Which images of a run were decided to be no copies of each other, by their content."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from fastdup.analysis.shared_sets import SharedSets
from fastdup.arrays import IntArray
from fastdup.workdir.decision_file import NOT_COPIES, DecisionColumns


class ApartSets(NamedTuple):
    """Which contents are no copies of each other.

    Attributes
    ----------
    n_rows : int
    content : (n_rows,) int64 array
        A number for the content of each row, -1 for those that are in no set.
    shared : SharedSets or None
        Of these numbers; None where there are no sets.
    """

    n_rows: int
    content: IntArray
    shared: SharedSets | None

    @classmethod
    def of(cls, digest_of: Mapping[int, str], n_rows: int, decided: DecisionColumns) -> "ApartSets":
        """Return the sets among all that was decided."""
        apart = decided.where([what == NOT_COPIES for what in decided.decisions])
        content = np.full(n_rows, -1, np.int64)
        if not apart:
            return cls(n_rows, content, None)
        # Any number will do for a content, if it is always the same.
        number_of = dict(zip(apart.digests, range(len(apart.digests)), strict=True))
        numbers = [(row, number_of[of]) for row, of in digest_of.items() if of in number_of]
        rows, values = np.array(numbers, np.int64).reshape(-1, 2).T
        content[rows] = values
        members = np.array([number_of[digest] for digest in apart.digests], np.int64)
        sets = np.array(apart.numbers, np.int64)
        return cls(n_rows, content, SharedSets(sets, members, len(members)))
