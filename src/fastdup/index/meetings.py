"""The lists of the self-join meet the rows that visit them; pure work, for any executor."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastdup.index.distances import use_one_omp_thread
from fastdup.index.visits import Visits

#: Queries compared with a list at a time.
_QUERY_ROWS = 4096
#: Visits in one task: a tenth of a second of work.
_VISITS_PER_TASK = 8192

Found = tuple[NDArray[np.float32], NDArray[np.int64]]


class Meeting(NamedTuple):
    """A few lists and their visitors.

    Attributes
    ----------
    lists : (int, int)
        Half-open range of their numbers.
    rows : list of (int, int)
        For each block of visitors, the half-open range of rows that it meets.
    visitors : list of int64 arrays
        For each block, where its visitors lie among the queries.
    spans : list of slice
        For each block, the numbers of its visits.
    """

    lists: tuple[int, int]
    rows: list[tuple[int, int]]
    visitors: list[NDArray[np.int64]]
    spans: list[slice]


def meetings(
    visits: Visits, starts: NDArray[np.int64], places: NDArray[np.int64], first: int
) -> Iterator[Meeting]:
    """Yield all meetings from the list number `first` on.

    Parameters
    ----------
    visits : Visits
    starts : (n_lists + 1,) int64 array
        List i holds the rows ``starts[i]`` to ``starts[i + 1]``.
    places : (q,) int64 array
        Where each query lies among the queries as they are laid out.
    first : int
    """
    meeting, n_visits = Meeting((first, first), [], [], []), 0
    for which in range(first, len(starts) - 1):
        rows = int(starts[which]), int(starts[which + 1])
        for span in visits.spans(which, _QUERY_ROWS) if rows[0] < rows[1] else ():
            meeting.rows.append(rows)
            meeting.visitors.append(places[visits.queries(span)])
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
        As they are laid out: float32, or the upper halves of float32.
    n_found : int
        Rows to find for each visit.
    is_cosine : bool
        Whether the rows are of length 1, and compared by their products.
    """

    rows: NDArray[Any]
    queries: NDArray[Any]
    n_found: int
    is_cosine: bool

    def __call__(self, meeting: Meeting) -> list[Found]:
        """Return, for each block of visitors, distances, ascending, and where those rows lie."""
        use_one_omp_thread()
        found = []
        for (start, stop), visitors in zip(meeting.rows, meeting.visitors, strict=True):
            block = whole(self.rows[start:stop])
            distances, nearest = self._compare(whole(self.queries[visitors]), block)
            found.append((distances, nearest + start))
        return found

    def _compare(self, queries: NDArray[np.float32], rows: NDArray[np.float32]) -> Found:
        import faiss

        n_wanted = min(self.n_found, len(rows))
        if self.is_cosine:
            products, nearest = faiss.knn(
                queries, rows, n_wanted, metric=faiss.METRIC_INNER_PRODUCT
            )
            return 1 - products, nearest
        distances, nearest = faiss.knn(queries, rows, n_wanted)
        return distances, nearest


def halved(rows: NDArray[np.float32]) -> NDArray[np.uint16]:
    """Return the upper half of each number's bits, rounded: bfloat16."""
    return ((rows.view(np.uint32) + np.uint32(0x8000)) >> np.uint32(16)).astype(np.uint16)


def whole(rows: NDArray[Any]) -> NDArray[np.float32]:
    """Return stored rows as float32: ten times as fast from bfloat16 as from float16."""
    if rows.dtype == np.float32:
        return np.asarray(rows)
    bits = rows.astype(np.uint32)
    bits <<= np.uint32(16)
    return np.asarray(bits).view(np.float32)
