"""The lists of the self-join meet the rows that visit them; pure work, for any executor."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastdup.index.axes import whole
from fastdup.index.matmul import topk_inner_products
from fastdup.index.visits import Keys, Visits, keys_of

#: Products in one block, which stay in the processor's cache.
_BLOCK_PRODUCTS = 1 << 19
_LEAST_QUERIES = 64
#: Visits in one task: a tenth of a second of work.
_VISITS_PER_TASK = 8192


class Meeting(NamedTuple):
    """A few lists and their visitors.

    Attributes
    ----------
    lists : (int, int)
        Half-open range of their numbers.
    rows : list of (int, int)
        For each block of visitors, the half-open range of rows that it meets.
    visitors : list of int32 arrays
        For each block, the places of its visitors among the queries.
    spans : list of slice
        For each block, the numbers of its visits.
    """

    lists: tuple[int, int]
    rows: list[tuple[int, int]]
    visitors: list[NDArray[np.int32]]
    spans: list[slice]


def meetings(visits: Visits, starts: NDArray[np.int64], first: int) -> Iterator[Meeting]:
    """Yield all meetings from the list number `first` on.

    Parameters
    ----------
    visits : Visits
    starts : (n_lists + 1,) int64 array
        List i holds the rows ``starts[i]`` to ``starts[i + 1]``.
    first : int
    """
    meeting, n_visits = Meeting((first, first), [], [], []), 0
    for which in range(first, len(starts) - 1):
        rows = int(starts[which]), int(starts[which + 1])
        size = rows[1] - rows[0]
        n_queries = max(_LEAST_QUERIES, _BLOCK_PRODUCTS // max(1, size))
        for span in visits.spans(which, n_queries) if size else ():
            meeting.rows.append(rows)
            meeting.visitors.append(visits.queries(span))
            meeting.spans.append(span)
            n_visits += span.stop - span.start
        meeting = meeting._replace(lists=(first, which + 1))
        if n_visits >= _VISITS_PER_TASK:
            yield meeting
            first = which + 1
            meeting, n_visits = Meeting((first, first), [], [], []), 0
    if meeting.lists[0] < meeting.lists[1]:
        yield meeting


@dataclass(frozen=True)
class Comparison:
    """Compares the visitors of lists with the rows of those. Picklable.

    Attributes
    ----------
    rows, queries : (n, d) and (q, d) arrays
        On their principal axes, as they are laid out.
    n_found : int
        Rows to find for each visit.
    is_cosine : bool
        Whether the rows are of length 1, and compared by their products.
    """

    rows: NDArray[Any]
    queries: NDArray[Any]
    n_found: int
    is_cosine: bool

    def __call__(self, meeting: Meeting) -> list[Keys]:
        """Return, for each block of visitors, the rows that they found."""
        return [
            self._compare(whole(self.queries[visitors]), *span)
            for span, visitors in zip(meeting.rows, meeting.visitors, strict=True)
        ]

    def _compare(self, queries: NDArray[np.float32], start: int, stop: int) -> Keys:
        rows = whole(self.rows[start:stop])
        if self.is_cosine:
            found, nearest = topk_inner_products(queries, rows, self.n_found)
            distances = 1 - found
        else:  # ‖q − r‖² = ‖q‖² − 2 (q·r − ‖r‖²/2)
            bias = np.einsum("ij,ij->i", rows, rows) / -2
            found, nearest = topk_inner_products(queries, rows, self.n_found, bias)
            distances = np.einsum("ij,ij->i", queries, queries)[:, None] - 2 * found
        return keys_of(np.maximum(distances, 0, out=distances), nearest + start)
