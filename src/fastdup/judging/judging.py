"""From the neighbours of a search to judged pairs."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fastdup.executors import Executor
from fastdup.index import Neighbours
from fastdup.index.dedupe import DistinctRows
from fastdup.judging.candidates import N_SEARCHED, Candidates, choose_pairs
from fastdup.judging.judged import JudgedPairs, JudgedRows, judged_similarities
from fastdup.judging.open_pictures import PictureFile
from fastdup.judging.pair_judge import PairJudge
from fastdup.judging.stage import in_reading_order, judge_pairs
from fastdup.judging.verdict_store import VerdictStore
from fastdup.progress import Progress
from fastdup.sources import Reader


@dataclass(frozen=True, kw_only=True)
class Judging:
    """Chooses and judges pairs.

    Attributes
    ----------
    files : sequence of n PictureFile
        The pictures, as they were when their features were made.
    groups : (n,) int64 array
        Pictures of the same group, if it is not -1, are not compared: frames of one video.
    threshold : float
        Pairs at or above this similarity are judged, and others that stand out.
    all_of_them : bool
        Whether all neighbours are judged.
    one_way : bool
        Whether no picture that has neighbours is one: two sets are compared.
    reader : Reader
        Reads the pictures; is closed at the end.
    max_pixels : int
        Largest width × height to decode, inclusive.
    store : str
        The file that keeps what was found.
    executor : Executor
        Where pairs are judged.
    progress : Progress
        Counts them.
    """

    files: Sequence[PictureFile]
    groups: NDArray[np.int64]
    threshold: float
    all_of_them: bool
    one_way: bool
    reader: Reader
    max_pixels: int
    store: str
    executor: Executor
    progress: Progress

    @property
    def n_searched(self) -> int:
        """How many neighbours of each picture are needed, however few are reported."""
        return N_SEARCHED

    def rows(self, pairs: JudgedPairs, distinct: DistinctRows) -> JudgedRows:
        """Return what judged pairs mean for every row."""
        return JudgedRows(pairs, distinct, one_way=self.one_way)

    def judge(
        self, distinct: DistinctRows, near: Neighbours, cosines: NDArray[np.float64]
    ) -> JudgedPairs:
        """Return the pairs that were judged, ordered by rows.

        Parameters
        ----------
        distinct : DistinctRows
            The u different rows among the n.
        near : Neighbours
            Of the different rows; similarities as `fastdup.scale` rounds them.
        cosines : (u, k) float64 array
            Of the same neighbours.
        """
        chosen = self._chosen(distinct, near, cosines)
        order = in_reading_order(chosen.low, chosen.high, len(self.files))
        rows = zip(chosen.low[order].tolist(), chosen.high[order].tolist(), strict=True)
        pairs = [(self.files[low], self.files[high]) for low, high in rows]
        options = {"max_pixels": self.max_pixels}
        with closing(self.reader), VerdictStore(self.store, options) as store:
            judge = PairJudge(self.reader, self.max_pixels)
            found = judge_pairs(pairs, judge, store, self.executor, self.progress)
        places = np.argsort(order)
        findings = [found.findings[place] for place in places.tolist()]
        similarities = judged_similarities(findings, chosen.similarity)
        return JudgedPairs(
            low=chosen.low,
            high=chosen.high,
            cosines=chosen.cosine,
            similarities=similarities,
            findings=findings,
            n_unread=found.n_unread,
        )

    def _chosen(
        self, distinct: DistinctRows, near: Neighbours, cosines: NDArray[np.float64]
    ) -> Candidates:
        """Return the pairs to judge by row numbers: of different rows, and of identical ones."""
        between = choose_pairs(
            near, cosines, self.threshold, all_of_them=self.all_of_them, one_way=self.one_way
        )
        first = distinct.first
        is_first = np.zeros(len(self.files), bool)
        is_first[first] = True
        (copies,) = np.nonzero(~is_first)
        same = np.ones(len(copies))
        low = np.concatenate([first[between.low], first[distinct.inverse[copies]]])
        high = np.concatenate([first[between.high], copies])
        is_apart = (self.groups[low] < 0) | (self.groups[low] != self.groups[high])
        chosen = Candidates(
            low,
            high,
            np.concatenate([between.cosine, same]),
            np.concatenate([between.similarity, same]),
        )
        order = np.lexsort((high, low))
        order = order[is_apart[order]]
        return Candidates(*(column[order] for column in chosen))
