"""Pairs of a finished run's pictures, and of new ones with them, judged when they are asked for.

Nothing is stored: the file of what was found belongs to the runs.
"""

from collections.abc import Mapping, Sequence
from contextlib import closing

import numpy as np
from numpy.typing import NDArray

from fastdup.index import Neighbours
from fastdup.judging.candidates import N_SEARCHED
from fastdup.judging.finding import UNVERIFIED, Finding
from fastdup.judging.judged import judged_similarities
from fastdup.judging.more_candidates import chosen_of_queries
from fastdup.judging.open_pictures import PictureFile
from fastdup.judging.pair_judge import PairJudge
from fastdup.judging.stage import in_reading_order, judge_now
from fastdup.judging.verdict_store import PictureFiles
from fastdup.sources import Reader, Stamp
from fastdup.sources.base import Skip
from fastdup.sources.crops import Crop
from fastdup.sources.local_reader import LocalReader

#: The stamp of a query, which was read a moment before.
_OF_QUERY = Stamp(0, 0)


class PairsOnRequest:
    """Judges pairs of pictures.

    Parameters
    ----------
    files : sequence of n PictureFile
        The pictures of the run, as they were when their features were made.
    reader : Reader
        Reads them; is closed after each request.
    max_pixels : int
        Largest width × height to decode, inclusive.
    threshold : float
        Pairs of a query with others at or above this similarity are judged, and others that stand
        out.
    all_of_them : bool
        Whether all are.

    Attributes
    ----------
    n_searched : int
        How many neighbours of a query are needed, however few are reported.
    """

    n_searched = N_SEARCHED

    def __init__(
        self,
        files: Sequence[PictureFile],
        reader: Reader,
        max_pixels: int,
        threshold: float,
        *,
        all_of_them: bool,
    ) -> None:
        self._files, self._reader, self._max_pixels = files, reader, max_pixels
        self._threshold, self._all_of_them = threshold, all_of_them

    def chosen(
        self, near: Neighbours, cosines: NDArray[np.float64], threshold: float
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return which neighbours of other rows may be copies; see `chosen_of_queries`."""
        return chosen_of_queries(near, cosines, threshold, all_of_them=self._all_of_them)

    def of_rows(
        self, rows: NDArray[np.int64], others: NDArray[np.int64], plain: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return the similarities of m pairs of rows by what they show, given the plain ones."""
        order = in_reading_order(rows, others, len(self._files))
        pairs = zip(rows[order].tolist(), others[order].tolist(), strict=True)
        files = [(self._files[row], self._files[other]) for row, other in pairs]
        values = np.empty(len(order))
        values[order] = judged_similarities(self._findings(files, self._reader), plain[order])
        return values

    def of_queries(
        self, queries: Sequence[str | bytes], near: Neighbours, cosines: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Return how similar q queries are to their neighbours, and which of these are copies.

        Both are judged as in a run.

        Parameters
        ----------
        queries : sequence of q str or bytes
            Path of an image file, or its bytes.
        near : Neighbours
            Rows nearest to each query; similarities as `fastdup.scale` rounds them.
        cosines : (q, k) float64 array
            Of the same neighbours.

        Returns
        -------
        similarities : (q, k) float64 array
        are_copies : (q, k) bool array
            Whether both pictures were looked at, and one was found to be a copy of the other, whole
            or in part.
        """
        places, columns = self.chosen(near, cosines, self._threshold)
        names = [f"query:{number}" for number in range(len(queries))]
        reader = _QueryReader(self._reader, dict(zip(names, queries, strict=True)))
        pairs = zip(places.tolist(), near.indices[places, columns].tolist(), strict=True)
        files = [
            (PictureFile(names[place], _OF_QUERY), self._files[other]) for place, other in pairs
        ]
        values = near.similarities.copy()
        are_copies = np.zeros(values.shape, bool)
        findings = self._findings(files, reader)
        values[places, columns] = judged_similarities(findings, values[places, columns])
        copies = [finding.is_copy and finding != UNVERIFIED for finding in findings]
        are_copies[places, columns] = np.array(copies, bool)
        return values, are_copies

    def _findings(self, pairs: Sequence[PictureFiles], reader: Reader) -> list[Finding]:
        with closing(reader):
            return judge_now(pairs, PairJudge(reader, self._max_pixels))


class _QueryReader:
    """Reads queries, and all else by another reader; see `Reader`."""

    def __init__(self, reader: Reader, queries: Mapping[str, str | bytes]) -> None:
        self._reader, self._queries = reader, queries

    def stamp(self, uri: str) -> Stamp:
        return _OF_QUERY if uri in self._queries else self._reader.stamp(uri)

    def read(self, uri: str, max_bytes: int | None = None) -> bytes:
        query = self._queries.get(uri)
        if query is None:
            return self._reader.read(uri, max_bytes)
        return LocalReader().read(query, max_bytes) if isinstance(query, str) else query[:max_bytes]

    def label(self, uri: str) -> str | None:
        return self._reader.label(uri)

    def crop(self, uri: str) -> Crop | None:
        return None if uri in self._queries else self._reader.crop(uri)

    def is_file(self, uri: str) -> bool:
        return uri not in self._queries and self._reader.is_file(uri)

    def prefetch(self, uris: Sequence[str], skip: Skip | None = None) -> None:
        self._reader.prefetch([uri for uri in uris if uri not in self._queries], skip)

    def close(self) -> None:
        self._reader.close()
