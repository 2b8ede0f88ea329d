"""From the neighbours of a search to judged pairs."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import BoolArray
from fastdup.executors import Executor
from fastdup.index import Neighbours, Resources
from fastdup.index.dedupe import DistinctRows
from fastdup.index.join import SelfJoin
from fastdup.judging.candidates import N_SEARCHED, Candidates, choose_in_rounds
from fastdup.judging.centres import Group, with_centres
from fastdup.judging.finding import Finding
from fastdup.judging.hidden_pairs import HiddenPairs
from fastdup.judging.inset_embedder import InsetEmbedder, RestoredEmbedder
from fastdup.judging.judged import JudgedPairs, JudgedRows, judged_similarities
from fastdup.judging.levels import NO_COPY
from fastdup.judging.more_candidates import (
    LookAgain,
    MorePairs,
    Rows,
    SameRows,
    joined,
    merged,
    of_search,
    picked,
)
from fastdup.judging.open_pictures import PictureFile
from fastdup.judging.pair_judge import PairJudge
from fastdup.judging.rounds import Looks, Search, in_rounds
from fastdup.judging.stage import Findings, in_reading_order, judge_pairs
from fastdup.judging.verdict_store import PictureFiles, VerdictStore
from fastdup.judging.view_rounds import Pictures, Views, pairs_in_rounds, views_in_rounds
from fastdup.progress import Progress
from fastdup.scale import Scale
from fastdup.sources import Reader
from fastdup.verify import Verdict
from fastdup.views import inset_scores, worn_scores
from fastdup.workdir import WorkDir

#: Different pictures of which all pairs are looked at: among so few, nothing stands out.
_FEW = N_SEARCHED + 1
#: Overlap below which a picture shows but a part of the other.
_PART = 0.5


class _Bench(NamedTuple):
    """What judges pairs, what keeps what is found, and what was found in this run or before.

    And the pictures that could not be read.
    """

    judge: PairJudge
    store: VerdictStore
    known: dict[PictureFiles, Finding]
    unread: set[str]


@dataclass(frozen=True, kw_only=True)
class Judging:
    """Chooses and judges pairs.

    Attributes
    ----------
    files : sequence of n PictureFile
        The pictures, as they were when their features were made.
    groups : (n,) int64 array
        Pictures of the same group, if it is not -1, are not compared: frames of one video.
    has_frames : (n,) bool array
        Which pictures are animations or have several pages.
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
    work : WorkDir
        Its files keep what was found of pairs, in pictures, of worn ones and near to negatives.
    executor : Executor
        Where pairs are judged.
    progress : Progress
        Counts them.
    """

    files: Sequence[PictureFile]
    groups: NDArray[np.int64]
    has_frames: BoolArray
    threshold: float
    all_of_them: bool
    one_way: bool
    reader: Reader
    max_pixels: int
    work: WorkDir
    executor: Executor
    progress: Progress

    @property
    def n_searched(self) -> int:
        """How many neighbours of each picture are needed, however few are reported."""
        return N_SEARCHED

    def judge(
        self,
        join: SelfJoin,
        features: NDArray[np.float32],
        scale: Scale,
        searched: Sequence[tuple[Rows, Neighbours]] = (),
        more: MorePairs | None = None,
    ) -> tuple[JudgedPairs, JudgedRows]:
        """Return the pairs that were judged, ordered by rows, and what they mean for every row.

        Parameters
        ----------
        join : SelfJoin
            The neighbours of the n rows; no row is all zero.
        features : (n, d) array
            The rows, of the built-in model.
        scale : Scale
            Of their similarities.
        searched : sequence of (rows, Neighbours)
            More neighbours of some rows, with raw similarities.
        more : MorePairs, optional
            More pairs to judge, and a second look at all.
        """
        distinct, raw = join.distinct, join.of_distinct
        near = scale.neighbours(raw)
        shows_others = inset_scores(features, distinct.first, self.executor.n_threads)
        known = Path(self.work.known_negatives)
        hidden = HiddenPairs(join, features, scale, self._resources, self.one_way, known)
        elsewhere = [
            of_search(distinct, rows, found, scale.similarities(found.similarities), self.threshold)
            for rows, found in searched
        ]
        searches = [
            self._neighbours(near, raw.similarities, shows_others),
            self._insets(distinct, shows_others, hidden),
            self._restored(distinct, features, hidden),
        ]
        pairs = self._judge(distinct, [*elsewhere, hidden.negatives()], searches, more)
        return pairs, JudgedRows(pairs, distinct, near, self.groups, one_way=self.one_way)

    def _neighbours(
        self,
        near: Neighbours,
        cosines: NDArray[np.float64],
        shows_others: NDArray[np.float32],
    ) -> Search:
        """Search the neighbours of all different rows, the likeliest copies first."""
        rounds = choose_in_rounds(
            near,
            cosines,
            self.threshold,
            shows_others=shows_others,
            all_of_them=self.all_of_them or len(near.indices) <= _FEW,
            one_way=self.one_way,
        )
        for pairs in rounds:
            yield Looks(pairs, int(self._are_in_doubt(pairs).sum()))

    def _insets(
        self, distinct: DistinctRows, scores: NDArray[np.float32], hidden: HiddenPairs
    ) -> Search:
        """Search for what pictures show in one of their parts."""
        scores = np.where(self.has_frames[distinct.first], np.float32(np.inf), scores)
        embedder = InsetEmbedder(self.reader, self.max_pixels)
        rounds = self._views(distinct.first, scores, embedder, self.work.known_insets)
        yield from pairs_in_rounds(rounds, hidden.of_insets)

    def _restored(
        self, distinct: DistinctRows, features: NDArray[np.float32], hidden: HiddenPairs
    ) -> Search:
        """Search for what worn pictures may have been made from."""
        scores = worn_scores(features, distinct.first, self.executor.n_threads)
        embedder = RestoredEmbedder(self.reader, self.max_pixels)
        rounds = self._views(distinct.first, scores, embedder, self.work.known_restored)
        yield from pairs_in_rounds(rounds, hidden.of_restored)

    def _views(
        self, first: Rows, scores: NDArray[np.float32], embedder: InsetEmbedder, path: str
    ) -> Iterator[Views]:
        """Return the views of pictures, in rounds.

        There are none of frames of a video.
        """
        (kinds,) = np.nonzero(self.groups[first] < 0)
        pictures = Pictures(self.files, first[kinds], kinds, scores[kinds])
        return views_in_rounds(pictures, embedder, path, self.executor, self.progress)

    def _are_in_doubt(self, pairs: Candidates) -> BoolArray:
        """Return which pairs are no copies by their features alone, however many are reported."""
        return np.asarray(pairs.similarity < max(self.threshold, NO_COPY))

    @property
    def _resources(self) -> Resources:
        n_threads = self.executor.n_threads
        return Resources(n_threads=n_threads, executor=self.executor, progress=self.progress)

    def _judge(
        self,
        distinct: DistinctRows,
        certain: Sequence[Candidates],
        searches: Sequence[Search],
        more: MorePairs | None,
    ) -> JudgedPairs:
        """Return what is found of pairs of different rows, and of rows that are the same."""
        n_kinds, same = len(distinct.first), SameRows(distinct, self.groups)
        with closing(self.reader), self._open_store() as store:
            bench = self._bench(store)
            find = partial(self._copies_in_doubt, bench, same)
            chosen = merged([*certain, *in_rounds(searches, find)], n_kinds)
            every = chosen if more is None else merged([chosen, more.candidates], n_kinds)
            copies = same.among()
            among, between = self._ordered(copies), self._ordered(same.between(every))
            of_among = self._findings(among, bench)
            is_odd = np.array([not found.is_copy for found in of_among.findings], bool)
            if is_odd.any():
                of_odd = self._ordered(same.of_odd(np.sort(copies.high[is_odd]), every))
                between = joined([between, of_odd])
            between = merged([between], len(self.files))
            of_between = self._findings(between, bench)
            store.drop_others(self._pairs(joined([among, between])))
        if more is None:
            return _judged(among, of_among).joined(_judged(between, of_between))
        of_between = self._seen_again(between, of_between, more.look_again)
        pairs = _judged(among, of_among).joined(_judged(between, of_between))
        is_part = np.array([_is_copy_or_part(found) for found in pairs.findings], bool)
        return pairs.picked(_is_chosen(pairs, distinct, chosen) | is_part)

    def _copies_in_doubt(
        self, bench: _Bench, same: SameRows, rounds: Sequence[Candidates]
    ) -> list[set[PictureFiles]]:
        """Judge a round of each search; return which pairs in doubt are copies."""
        of_rounds = [self._ordered(same.between(pairs)) for pairs in rounds]
        self._findings(merged(of_rounds, len(self.files)), bench)
        return [
            {
                files
                for files in self._pairs(picked(pairs, self._are_in_doubt(pairs)))
                if files in bench.known and bench.known[files].is_copy
            }
            for pairs in of_rounds
        ]

    def with_centres(
        self,
        pairs: JudgedPairs,
        group: Group,
        features: NDArray[np.float32],
        scale: Scale,
        threshold: float,
    ) -> JudgedPairs:
        """Return judged pairs with all those that strict groups depend on; see `with_centres`."""
        plain, cosine = partial(scale.between, features), partial(scale.raw_between, features)
        n_rows = len(features)
        return with_centres(pairs, n_rows, group, plain, cosine, threshold, self._judge_rows)

    def _judge_rows(self, pairs: Candidates) -> JudgedPairs:
        """Return what is found of pairs of rows, which are ordered by rows."""
        with closing(self.reader), self._open_store() as store:
            return _judged(pairs, self._findings(pairs, self._bench(store)))

    def _bench(self, store: VerdictStore) -> _Bench:
        return _Bench(PairJudge(self.reader, self.max_pixels), store, store.known(), set())

    def _open_store(self) -> VerdictStore:
        return VerdictStore(self.work.known_verdicts, {"max_pixels": self.max_pixels})

    def _ordered(self, pairs: Candidates) -> Candidates:
        """Return pairs of rows with the lower one first, unless two sets are compared."""
        if self.one_way:
            return pairs
        low, high = np.minimum(pairs.low, pairs.high), np.maximum(pairs.low, pairs.high)
        return pairs._replace(low=low, high=high)

    def _findings(self, pairs: Candidates, bench: _Bench) -> Findings:
        """Return what is found of pairs of rows, in their order."""
        order = in_reading_order(pairs.low, pairs.high, len(self.files))
        files = self._pairs(picked(pairs, order))
        run_by = self.executor, self.progress
        found = judge_pairs(files, bench.known, bench.judge, bench.store, *run_by)
        bench.unread.update(found.unread)
        places = np.argsort(order).tolist()
        return Findings([found.findings[place] for place in places], frozenset(bench.unread))

    def _seen_again(self, pairs: Candidates, found: Findings, look_again: LookAgain) -> Findings:
        """Return what is found of pairs, of look-alikes at a second look."""
        findings = list(found.findings)
        (alike,) = np.nonzero([found.verdict is Verdict.LOOK_ALIKE for found in findings])
        seen = look_again(self._pairs(picked(pairs, alike)))
        for place, finding in zip(alike.tolist(), seen, strict=True):
            findings[place] = finding or findings[place]
        return Findings(findings, found.unread)

    def _pairs(self, pairs: Candidates) -> list[PictureFiles]:
        rows = zip(pairs.low.tolist(), pairs.high.tolist(), strict=True)
        return [(self.files[low], self.files[high]) for low, high in rows]


def _is_copy_or_part(found: Finding) -> bool:
    """Return whether a pair counts that only local features suggest: not with a form in common."""
    is_altered_part = found.verdict is Verdict.ALTERED and found.overlap < _PART
    return found.is_copy or is_altered_part


def _is_chosen(pairs: JudgedPairs, distinct: DistinctRows, chosen: Candidates) -> BoolArray:
    """Return which pairs are of rows that are the same, or of different rows in `chosen`."""
    n_kinds = len(distinct.first)
    low, high = distinct.inverse[pairs.low], distinct.inverse[pairs.high]
    keys = np.minimum(low, high) * n_kinds + np.maximum(low, high)
    one, other = chosen.low, chosen.high
    wanted = np.minimum(one, other) * n_kinds + np.maximum(one, other)
    return np.asarray((low == high) | np.isin(keys, wanted))


def _judged(pairs: Candidates, found: Findings) -> JudgedPairs:
    """Return pairs, ordered by rows, with what was found of them."""
    return JudgedPairs(
        low=pairs.low,
        high=pairs.high,
        cosines=pairs.cosine,
        similarities=judged_similarities(found.findings, pairs.similarity),
        findings=found.findings,
        unread=found.unread,
    )
