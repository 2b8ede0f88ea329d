"""From the neighbours of a search to judged pairs."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import BoolArray
from fastdup.executors import Executor
from fastdup.index import Neighbours, Resources
from fastdup.index.dedupe import DistinctRows
from fastdup.index.join import SelfJoin
from fastdup.judging.candidates import N_SEARCHED, Candidates, choose_pairs
from fastdup.judging.centres import Group, with_centres
from fastdup.judging.finding import Finding
from fastdup.judging.hidden_pairs import HiddenPairs, Insets
from fastdup.judging.inset_embedder import InsetEmbedder, RestoredEmbedder
from fastdup.judging.inset_stage import embed_insets
from fastdup.judging.inset_store import InsetStore
from fastdup.judging.judged import JudgedPairs, JudgedRows, judged_similarities
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
from fastdup.judging.stage import Findings, in_reading_order, judge_pairs
from fastdup.judging.verdict_store import PictureFiles, VerdictStore
from fastdup.progress import Progress
from fastdup.scale import Scale
from fastdup.sources import Reader
from fastdup.verify import Verdict
from fastdup.views import inset_scores, may_be_worn, may_show_others
from fastdup.workdir import WorkDir

#: Different pictures of which all pairs are looked at: among so few, nothing stands out.
_FEW = N_SEARCHED + 1
#: Overlap below which a picture shows but a part of the other.
_PART = 0.5


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
        near = Neighbours(raw.indices, scale.similarities(raw.similarities))
        chosen = choose_pairs(
            near,
            raw.similarities,
            self.threshold,
            shows_others=inset_scores(features, distinct.first, self.executor.n_threads),
            all_of_them=self.all_of_them or len(distinct.first) <= _FEW,
            one_way=self.one_way,
        )
        elsewhere = [
            of_search(distinct, rows, found, scale.similarities(found.similarities), self.threshold)
            for rows, found in searched
        ]
        known = Path(self.work.known_negatives)
        hidden = HiddenPairs(join, features, scale, self._resources, self.one_way, known)
        views = [
            hidden.negatives(),
            hidden.of_insets(partial(self._insets, distinct, features)),
            hidden.of_restored(partial(self._restored, distinct, features)),
        ]
        chosen = merged([chosen, *elsewhere, *views], len(distinct.first))
        if more is None:
            pairs = self._judge(distinct, chosen)
        else:
            every = merged([chosen, more.candidates], len(distinct.first))
            pairs = self._judge(distinct, every, more.look_again)
            is_part = np.array([_is_copy_or_part(found) for found in pairs.findings], bool)
            pairs = pairs.picked(_is_chosen(pairs, distinct, chosen) | is_part)
        return pairs, JudgedRows(pairs, distinct, near, self.groups, one_way=self.one_way)

    def _insets(
        self, distinct: DistinctRows, features: NDArray[np.float32], kinds: NDArray[np.int64]
    ) -> Insets:
        """Return the parts of the pictures of some different rows; none of frames of a video."""
        first = distinct.first[kinds]
        is_wanted = may_show_others(features, first, self.executor.n_threads)
        is_wanted |= self.has_frames[first]
        embedder = InsetEmbedder(self.reader, self.max_pixels)
        return self._views(distinct.first, kinds[is_wanted], embedder, self.work.known_insets)

    def _restored(
        self, distinct: DistinctRows, features: NDArray[np.float32], kinds: NDArray[np.int64]
    ) -> Insets:
        """Return what the worn pictures of some different rows may have been, in the same way."""
        is_wanted = may_be_worn(features, distinct.first[kinds], self.executor.n_threads)
        embedder = RestoredEmbedder(self.reader, self.max_pixels)
        return self._views(distinct.first, kinds[is_wanted], embedder, self.work.known_restored)

    def _views(self, first: Rows, kinds: Rows, embedder: InsetEmbedder, path: str) -> Insets:
        kinds = kinds[self.groups[first[kinds]] < 0]
        files = [self.files[row] for row in first[kinds].tolist()]
        options, width = {"max_pixels": self.max_pixels}, embedder.nothing.shape[1]
        with closing(self.reader), InsetStore(path, options, width) as store:
            known = embed_insets(files, embedder, store, self.executor, self.progress)
        views = [known.get(file, embedder.nothing) for file in files]
        owners = np.repeat(kinds, [len(rows) for rows in views])
        return Insets(owners, np.concatenate([embedder.nothing, *views]))

    @property
    def _resources(self) -> Resources:
        n_threads = self.executor.n_threads
        return Resources(n_threads=n_threads, executor=self.executor, progress=self.progress)

    def _judge(
        self, distinct: DistinctRows, chosen: Candidates, look_again: LookAgain | None = None
    ) -> JudgedPairs:
        """Return what is found of pairs of different rows, and of rows that are the same."""
        same = SameRows(distinct, self.groups)
        judge = PairJudge(self.reader, self.max_pixels)
        with closing(self.reader), self._open_store() as store:
            copies, between = same.among(), self._ordered(same.between(chosen))
            among = self._ordered(copies)
            known = store.known(self._pairs(joined([among, between])))
            of_among = self._findings(among, known, judge, store)
            is_odd = np.array([not found.is_copy for found in of_among.findings], bool)
            if is_odd.any():
                of_odd = self._ordered(same.of_odd(np.sort(copies.high[is_odd]), chosen))
                known |= store.known(self._pairs(of_odd))
                between = joined([between, of_odd])
            between = merged([between], len(self.files))
            of_between = self._findings(between, known, judge, store)
            store.drop_others(self._pairs(joined([among, between])))
        if look_again:
            of_between = self._seen_again(between, of_between, look_again)
        return _judged(among, of_among).joined(_judged(between, of_between))

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
        judge = PairJudge(self.reader, self.max_pixels)
        with closing(self.reader), self._open_store() as store:
            known = store.known(self._pairs(pairs))
            return _judged(pairs, self._findings(pairs, known, judge, store))

    def _open_store(self) -> VerdictStore:
        return VerdictStore(self.work.known_verdicts, {"max_pixels": self.max_pixels})

    def _ordered(self, pairs: Candidates) -> Candidates:
        """Return pairs of rows with the lower one first, unless two sets are compared."""
        if self.one_way:
            return pairs
        low, high = np.minimum(pairs.low, pairs.high), np.maximum(pairs.low, pairs.high)
        return pairs._replace(low=low, high=high)

    def _findings(
        self,
        pairs: Candidates,
        known: dict[PictureFiles, Finding],
        judge: PairJudge,
        store: VerdictStore,
    ) -> Findings:
        """Return what is found of pairs of rows, in their order."""
        order = in_reading_order(pairs.low, pairs.high, len(self.files))
        in_order = self._pairs(picked(pairs, order))
        found = judge_pairs(in_order, known, judge, store, self.executor, self.progress)
        places = np.argsort(order).tolist()
        return Findings([found.findings[place] for place in places], found.unread)

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
