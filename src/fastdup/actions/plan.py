"""The plan: which files stay, which go and why, before anything is touched."""

import dataclasses
import os
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, NamedTuple

from fastdup.actions.keep import DEFAULT_KEEP, is_protected
from fastdup.actions.may_go import SAFE, Relation
from fastdup.actions.state import LeftAlone
from fastdup.printable import ShownAsLines
from fastdup.quantities import counted, size_text
from fastdup.sources.kinds import VIDEOS
from fastdup.verify.verdict import Verdict

KEEP, REMOVE = "keep", "remove"

#: What the second of two rows is to the first, which would stay.
Compare = Callable[[int, int], Relation]

#: What becomes of a companion: it goes with its photo, moves to the file that stays, or stays.
GOES, CARRIED, STAYS = "goes", "carried", "stays"


class PlannedCompanion(NamedTuple):
    """A companion of a step's file, as it was when planned.

    Attributes
    ----------
    fate : str
        ``goes``, ``carried`` or ``stays``.
    size_bytes, mtime_ns : int
        What it must still have when it is acted on.
    name : str
        In the folder of its photo.
    """

    fate: str
    size_bytes: int
    mtime_ns: int
    name: str


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
        The file of its group that stays: `path` itself when that stays; empty where a file goes
        for its flaws, and nothing stands for it.
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
        How it differs from that; its flaws where nothing stands for it.
    why : str
        Why the other one stays; for the one that stays, all such reasons.
    metadata : mapping of str to object
        What it says of the picture and the file that stays does not, to be written to a sidecar
        there; see `carried_metadata`.
    warning : str
        Why a person should look before it goes; empty if there is no reason.
    companions : tuple of PlannedCompanion
        The files beside it that go or stay with it. What belongs to several photos that go, goes
        with the last of them.
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
    why: str = ""
    warning: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict, hash=False)
    companions: tuple[PlannedCompanion, ...] = ()

    @property
    def is_flawed(self) -> bool:
        """Whether the file goes for its flaws, and nothing stands for it."""
        return not self.kept

    def paths(self, *fates: str) -> list[str]:
        """Return the full paths of the file, and of its companions that have one of these fates."""
        names = (one.name for one in self.companions if one.fate in fates)
        return [self.path, *(beside(self.path, name) for name in names)]


@dataclass(frozen=True, kw_only=True)
class Plan(ShownAsLines):
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
        steps = [s for s in self.steps if s.action == KEEP or not _is_any_protected(s, never)]
        spared = len(self.steps) - len(steps)
        left_alone = Counter(self.left_alone) + Counter({LeftAlone.NEVER: spared})
        return dataclasses.replace(self, steps=tuple(steps), left_alone=left_alone)

    def leaving(self, left_alone: Mapping[str, LeftAlone]) -> "Plan":
        """Return the plan without some files that would go, in groups numbered anew.

        Parameters
        ----------
        left_alone : mapping of str to LeftAlone
            Full path of each → why it stays.
        """
        counts = Counter(self.left_alone) + Counter(left_alone.values())
        return dataclasses.replace(self.without_files(left_alone), left_alone=counts)

    def without_files(self, paths: Collection[str]) -> "Plan":
        """Return the plan without some files that would go, in groups numbered anew."""
        found, number = list[Step](), 0
        for _, group in groupby(self.steps, lambda step: step.group):
            rest = [step for step in group if step.path not in paths]
            if any(step.action == REMOVE for step in rest):
                found += [dataclasses.replace(step, group=number) for step in rest]
                number += 1
        return dataclasses.replace(self, steps=tuple(found))

    def followed_by(self, other: "Plan") -> "Plan":
        """Return the plan with the groups of another one after its own."""
        first = 1 + max((step.group for step in self.steps), default=-1)
        steps = [dataclasses.replace(step, group=first + step.group) for step in other.steps]
        left_alone = Counter(self.left_alone) + Counter(other.left_alone)
        return dataclasses.replace(self, steps=(*self.steps, *steps), left_alone=left_alone)

    def lines(self) -> Iterator[str]:
        """Yield the lines that a person reads."""
        removals = self.removals()
        size = f"{counted(len(removals), 'file')} ({_size(removals)})"
        if not removals:
            yield "nothing to remove"
        elif any(step.is_flawed for step in removals):
            yield f"would remove {size} for their flaws; look first: no copy of them is kept"
        else:
            n_groups = len({step.group for step in removals})
            groups = counted(n_groups, "group")
            yield f"would remove {size} from {groups}; one file per group is kept"
        if counts := self.companions_line():
            yield f"  {counts}"
        if n_carried := len({step.kept for step in removals if step.metadata}):
            kept = counted(n_carried, "kept file")
            yield f"  {kept} would get a sidecar with what only the copies say"
        yield from self.notes()

    def notes(self) -> Iterator[str]:
        """Yield the lines on what goes and what stays, done or not, and on what to look at."""
        for words, steps in self.by_class().items():
            yield f"  {words}: {len(steps):,}, {_size(steps)}"
        if warning := self.warning_line():
            yield f"  {warning}"
        for reason, count in sorted(self.left_alone.items()):
            of_kinds = self._edits() if reason is LeftAlone.EDITED else ""
            yield f"  left alone: {reason.of(count)}{of_kinds}"

    def companions(self, fate: str) -> list[PlannedCompanion]:
        """Return the companions of the files that go that are to have this fate."""
        return [one for step in self.removals() for one in step.companions if one.fate == fate]

    def companions_line(self) -> str:
        """Return in words what becomes of the companions of the files that go; "" without any."""
        goes, carried = self.companions(GOES), self.companions(CARRIED)
        parts = [f"{counted(len(goes), 'companion')} would go too, {_size(goes)}"] if goes else []
        moved = counted(len(carried), "companion")
        parts += [f"{moved} would move to the kept files"] if carried else []
        return "; ".join(parts)

    def warning_line(self) -> str:
        """Return in words how many files should not go without a look; "" if there are none."""
        n_files = sum(bool(step.warning) for step in self.removals())
        if not n_files:
            return ""
        look = "looks" if n_files == 1 else "look"
        line = f"warning: {n_files:,} of them {look} like the original; the plan says which and why"
        return line if self.keep == DEFAULT_KEEP else f"{line}; --keep {DEFAULT_KEEP} keeps those"

    def by_class(self) -> dict[str, list[Step]]:
        """Return the steps of the files that go, by what they are, in words."""
        classes: dict[str, list[Step]] = {}
        for step in self.removals():
            classes.setdefault(_class_of(step), []).append(step)
        return dict(sorted(classes.items(), key=lambda item: -len(item[1])))

    def _edits(self) -> str:
        kinds = sorted(self.edits_left.items(), key=lambda item: (-item[1], item[0]))
        counts = ", ".join(f"{count:,} {kind}" for kind, count in kinds)
        return f" ({counts}); add --also {kinds[0][0]} to remove such copies" if kinds else ""


def relation_of(step: Step) -> Relation:
    """Return what the step's file was found to be to the one that stays."""
    return Relation(Verdict(step.verdict), step.kinds)


_EXACT, _SAVED_AGAIN, _BY_HAND = "exact copies", "same picture, saved again", "chosen by hand"

_EXACT_VIDEOS, _VIDEOS = "exact copies of videos", "videos, the same from start to end"


def _class_of(step: Step) -> str:
    if step.is_flawed:
        return ", ".join(step.kinds)
    if VIDEOS.has_ending(step.path):
        return _EXACT_VIDEOS if step.same_bytes else _VIDEOS
    if step.same_bytes:
        return _EXACT
    kinds = relation_of(step).needs()
    if step.verdict in SAFE and not kinds:
        return _SAVED_AGAIN
    return f"edited ({', '.join(sorted(kinds))})" if kinds else _BY_HAND


def beside(path: str, name: str) -> str:
    """Return the full path of a file in the folder of another one."""
    return os.path.join(os.path.dirname(path), name)


def _is_any_protected(step: Step, never: Sequence[str]) -> bool:
    return any(is_protected(path, never) for path in step.paths(GOES, CARRIED))


def _size(steps: Sequence[Step | PlannedCompanion]) -> str:
    return size_text(sum(step.size_bytes for step in steps))
