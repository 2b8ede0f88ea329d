"""The plan: which files stay, which go and why, before anything is touched."""

import dataclasses
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fastdup.actions.exact_duplicates import identical_files
from fastdup.actions.found import FoundImages
from fastdup.actions.keep import DEFAULT_KEEP, Candidate, CopyChoice, is_protected
from fastdup.actions.may_go import SAFE, Relation
from fastdup.actions.relations import Relations
from fastdup.actions.state import LeftAlone, state_of
from fastdup.analysis.pairs import Pairs
from fastdup.analysis.stars import Star, grow_stars
from fastdup.arrays import FloatArray, IntArray
from fastdup.errors import ConfigError
from fastdup.verify.verdict import Verdict

KEEP, REMOVE = "keep", "remove"

#: What the second of two rows is to the first, which would stay.
Compare = Callable[[int, int], Relation]


@dataclass(frozen=True, kw_only=True)
class Step:
    """What is to become of one file.

    Attributes
    ----------
    group : int
        Number of its plan group, from 0: one file that stays, and its copies.
    action : str
        ``keep`` or ``remove``.
    path : str
        The file.
    kept : str
        The file of its group that stays: `path` itself when that stays.
    similarity : float
        Of the two, 1 = identical.
    same_bytes : bool or None
        Whether the two have the very same bytes; None: not compared.
    width, height : int
        Pixels of the upright picture, 0 when not known.
    size_bytes, mtime_ns : int
        What the file must still have when it is acted on.
    blur : float
        Sharpness as in ``stats.csv``.
    verdict : str
        What the file is to the one that stays, a value of `fastdup.verify.Verdict`.
    kinds : tuple of str
        How it differs from that.
    """

    group: int
    action: str
    path: str
    kept: str
    similarity: float = 1.0
    same_bytes: bool | None = None
    width: int = 0
    height: int = 0
    size_bytes: int
    mtime_ns: int
    blur: float = 0.0
    verdict: str = Verdict.UNVERIFIED.value
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is to become of each file of each plan group.

    Attributes
    ----------
    steps : tuple of Step
        One plan group after the other; in each the file that stays first, then the most similar.
    left_alone : mapping of LeftAlone to int
        How many similar files, or pairs of them, are not in the plan, by reason.
    edits_left : mapping of str to int
        How many of the pairs of edited versions are of each kind.
    threshold : float or None
        Smallest similarity of what goes with what stays; None: read from a file.
    keep : str
        The rule that chose which files stay.
    """

    steps: tuple[Step, ...]
    left_alone: Mapping[LeftAlone, int] = field(default_factory=dict)
    edits_left: Mapping[str, int] = field(default_factory=dict)
    threshold: float | None = None
    keep: str = DEFAULT_KEEP

    def removals(self) -> list[Step]:
        """Return the steps of the files that go."""
        return [step for step in self.steps if step.action == REMOVE]

    def kept(self) -> dict[str, Step]:
        """Return path → step of the files that stay."""
        return {step.path: step for step in self.steps if step.action == KEEP}

    def without(self, never: Sequence[str]) -> "Plan":
        """Return the plan without what would go from the folders `never`, given as full paths."""
        steps = [s for s in self.steps if s.action == KEEP or not is_protected(s.path, never)]
        spared = len(self.steps) - len(steps)
        left_alone = Counter(self.left_alone) + Counter({LeftAlone.NEVER: spared})
        return dataclasses.replace(self, steps=tuple(steps), left_alone=left_alone)

    def lines(self) -> Iterator[str]:
        """Yield the lines that a person reads."""
        removals = self.removals()
        n_groups = len({step.group for step in removals})
        yield (
            f"would remove {len(removals):,} files ({_size(removals)}) from {n_groups:,} groups; "
            "one file per group is kept"
        )
        for words, steps in self.by_class().items():
            yield f"  {len(steps):,} {words}, {_size(steps)}"
        for reason, count in sorted(self.left_alone.items()):
            of_kinds = self._edits() if reason is LeftAlone.EDITED else ""
            yield f"  left alone: {count:,} {reason}{of_kinds}"

    def by_class(self) -> dict[str, list[Step]]:
        """Return the steps of the files that go, by what they are, in words."""
        classes: dict[str, list[Step]] = {}
        for step in self.removals():
            classes.setdefault(_class_of(step), []).append(step)
        return dict(sorted(classes.items(), key=lambda item: -len(item[1])))

    def _edits(self) -> str:
        kinds = sorted(self.edits_left.items(), key=lambda item: (-item[1], item[0]))
        counts = ", ".join(f"{count:,} {kind}" for kind, count in kinds)
        return f" ({counts}); --also {kinds[0][0]} lets such copies go" if kinds else ""


def relation_of(step: Step) -> Relation:
    """Return what the step's file was found to be to the one that stays."""
    return Relation(Verdict(step.verdict), step.kinds)


_EXACT, _SAVED_AGAIN, _BY_HAND = "exact copies", "of the same picture, saved again", "by hand"


def _class_of(step: Step) -> str:
    if step.same_bytes:
        return _EXACT
    if step.verdict in SAFE:
        return _SAVED_AGAIN
    kinds = relation_of(step).needs()
    return f"edited: {', '.join(sorted(kinds))}" if kinds else _BY_HAND


def _size(steps: Sequence[Step]) -> str:
    return f"{sum(step.size_bytes for step in steps) / 1e6:,.1f} MB"


def make_plan(
    work_dir: str | os.PathLike[str],
    choice: CopyChoice,
    *,
    by_hand: Mapping[str, str] | None = None,
    only_files: bool = True,
    between: Compare | None = None,
) -> Plan:
    """Return which copies stay and which may go, by the results of a finished run.

    Nothing is written or touched. A file may go only when it is itself similar enough to a file
    that stays, the two were found to show the same picture, or one edited in a way that may go, it
    is a plain file of this machine, and has the size and time of change that the run saw.

    Parameters
    ----------
    work_dir : path
        The folder of the run.
    choice : CopyChoice
        Which file of each group stays, and what may go.
    by_hand : mapping of str to {"keep", "remove"} or None
        Full path → what a person decided. A file to remove goes when a file of its group stays,
        even if it is only chained to it; the last one of a group always stays.
    only_files : bool
        Whether to leave out what cannot be acted on: symbolic links, images in archives, in
        stores and in videos.
    between : callable or None
        What one row is to another one that would stay; None: as the run found it, else by a look
        at both pictures.

    Raises
    ------
    ConfigError
        When the threshold is below that of the run, or a decision by hand is unknown.
    WorkDirError
        When there is no finished run in `work_dir`.
    """
    hand = _checked_by_hand(by_hand)
    found = FoundImages(os.fspath(work_dir))
    lowest = choice.lowest(found.threshold)
    pairs = identical_pairs(found) if choice.exact else found.copies(lowest)
    survey = _Survey(found, pairs, only_files=only_files)
    relations = Relations(found)
    relation = _surely_same if choice.exact else between or relations.between
    order = survey.order(choice, hand)
    stars = grow_stars(
        pairs,
        order,
        threshold=1.0 if choice.exact else lowest,
        similarity=_all_same if choice.exact else found.copy_similarity,
        never=survey.stays(choice.protected(), hand),
        by_hand=[row for row in order if hand.get(found.paths[row]) == REMOVE],
        may_go=lambda kept, row: relation(kept, row).may_go(choice.also),
    )
    steps = survey.steps(stars, relation)
    gone = {row for star in stars for row in star.copies}
    refused = {} if choice.exact else relations.refused(choice.also, gone)
    return Plan(
        steps=steps,
        left_alone=survey.left_alone + _reasons(refused),
        edits_left=_edits(refused),
        threshold=lowest,
        keep=choice.keep,
    )


_REASONS = {
    Verdict.EDITED: LeftAlone.EDITED,
    Verdict.PART_OF: LeftAlone.PART_OF,
    Verdict.ALTERED: LeftAlone.ALTERED,
}


def _reasons(refused: Mapping[Relation, int]) -> Counter[LeftAlone]:
    counts: Counter[LeftAlone] = Counter()
    for relation, n_pairs in refused.items():
        counts[_REASONS[relation.verdict]] += n_pairs
    return counts


def _edits(refused: Mapping[Relation, int]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for relation, n_pairs in refused.items():
        if relation.verdict is Verdict.EDITED:
            counts.update(dict.fromkeys(relation.needs(), n_pairs))
    return counts


def identical_pairs(found: FoundImages) -> Pairs:
    """Return the pairs of images whose files have the very same bytes."""
    copies = [(found.row_of[a], found.row_of[b]) for a, b in identical_files(found.sizes())]
    rows = np.array(copies, np.int64).reshape(-1, 2)
    return Pairs(rows[:, 0], rows[:, 1], np.ones(len(rows)))


#: What is no file of its own, but may be listed all the same.
_NO_FILES = (LeftAlone.ELSEWHERE, LeftAlone.LINK)


class _Survey:
    """The images in pairs, and which of their files are still as the run saw them."""

    def __init__(self, found: FoundImages, pairs: Pairs, *, only_files: bool) -> None:
        self._paths = found.paths
        self.left_alone: Counter[LeftAlone] = Counter()
        rows = set(pairs.sources.tolist()) | set(pairs.targets.tolist())
        features_ns = os.stat(found.work.features).st_mtime_ns
        self._files: dict[int, Candidate] = {}
        inodes = set()
        for row, known in sorted(found.candidates(rows).items()):
            state = state_of(known, not_after_ns=features_ns)
            if isinstance(state, LeftAlone):
                if state in _NO_FILES and not only_files:
                    self._files[row] = known
                else:
                    self.left_alone[state] += 1
                continue
            inode = (state.st_dev, state.st_ino)
            if inode in inodes:
                self.left_alone[LeftAlone.SAME_FILE] += 1
                continue
            inodes.add(inode)
            self._files[row] = known._replace(size_bytes=state.st_size, mtime_ns=state.st_mtime_ns)

    def order(self, choice: CopyChoice, hand: Mapping[str, str]) -> list[int]:
        """Return the rows that may stay or go, the one to keep first."""
        by_rule = choice.sort_key()
        place = {KEEP: 0, REMOVE: 2}

        def key(row: int) -> tuple[object, ...]:
            return place.get(hand.get(self._paths[row], ""), 1), by_rule(self._files[row])

        return sorted(self._files, key=key)

    def stays(self, never: Sequence[str], hand: Mapping[str, str]) -> set[int]:
        """Return the rows that must not go."""
        return {
            row
            for row, file in self._files.items()
            if hand.get(file.path) == KEEP or is_protected(file.path, never)
        }

    def steps(self, stars: Sequence[Star], compare: Compare) -> tuple[Step, ...]:
        """Return the steps, plan groups of the same bytes first, then the most similar."""
        groups = []
        for star in stars:
            self.left_alone.update({LeftAlone.NEVER: len(star.spared)} if star.spared else {})
            if star.copies:
                groups.append(self._group(star, compare))
        groups.sort(key=_group_order)
        return tuple(
            dataclasses.replace(step, group=number)
            for number, group in enumerate(groups)
            for step in group
        )

    def _group(self, star: Star, compare: Compare) -> list[Step]:
        kept = self._files[star.kept]
        copies = []
        for row, similarity in star.copies.items():
            relation = compare(star.kept, row)
            step = _step(
                self._files[row],
                kept,
                REMOVE,
                similarity=similarity,
                same_bytes=relation.verdict is Verdict.SAME_BYTES,
                verdict=relation.verdict.value,
                kinds=relation.kinds,
            )
            copies.append(step)
        copies.sort(key=lambda step: (-step.similarity, os.fsencode(step.path)))
        return [_step(kept, kept, KEEP), *copies]


def _step(file: Candidate, kept: Candidate, action: str, **fields: Any) -> Step:
    return Step(group=0, action=action, kept=kept.path, **file._asdict(), **fields)


def _group_order(group: Sequence[Step]) -> tuple[object, ...]:
    has_same = any(step.same_bytes for step in group)
    return not has_same, -group[1].similarity, os.fsencode(group[0].path)


def _all_same(_row: int, others: IntArray) -> FloatArray:
    return np.ones(len(others))


def _surely_same(_kept: int, _row: int) -> Relation:
    return Relation(Verdict.SAME_BYTES)


def _checked_by_hand(by_hand: Mapping[str, str] | None) -> Mapping[str, str]:
    for path, decision in (by_hand or {}).items():
        if decision not in (KEEP, REMOVE):
            raise ConfigError(f"by_hand: {decision!r} for {path!r}: it is 'keep' or 'remove'")
    return by_hand or {}
