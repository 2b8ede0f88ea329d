"""Photos and their companions as units: all of one goes, or nothing of it.

A companion goes when all photos that it belongs to go, with the last of them. It goes only where
the file that stays has the same one; else the photo stays, or the companion is carried there.
"""

import os
import stat
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from fastdup.actions.companions import Companion, Kind, PhotoFolders, folded, name_beside
from fastdup.actions.exact_duplicates import same_bytes
from fastdup.actions.plan import (
    CARRIED,
    GOES,
    KEEP,
    STAYS,
    Plan,
    PlannedCompanion,
    Step,
    beside,
)
from fastdup.actions.state import LeftAlone, stat_of

#: What was made from the photo, or says what the photo itself does: one is as good as another.
_REPLACEABLE = (Kind.EXPORTED, Kind.THUMBNAIL)
#: What is a picture or a sound of its own.
_CONTENT = (Kind.RAW, Kind.FILM, Kind.SOUND)


class Member(NamedTuple):
    """A companion that goes with a photo.

    Attributes
    ----------
    beside : PlannedCompanion
    path, to : str
        Where it is, and where it is carried; empty when it goes with its photo.
    others : tuple of str
        Full paths of the other photos that it belongs to; it stays with those still there.
    is_raw : bool
        Whether it is a raw file, without which its photos do not go.
    """

    beside: PlannedCompanion
    path: str
    to: str
    others: tuple[str, ...]
    is_raw: bool


def stays_with_others(member: Member) -> bool:
    """Return whether another photo that a companion belongs to is still there."""
    return any(map(os.path.lexists, member.others))


def may_go(member: Member) -> bool:
    """Return whether a companion lets its photo go: it is unchanged, and no raw file that stays."""
    state = _file_state(member.path)
    if state is None or (member.is_raw and stays_with_others(member)):
        return False
    return (state.st_size, state.st_mtime_ns) == member.beside[1:3]


class _ObjectionError(Exception):
    """Why a photo stays; never leaves this module."""

    def __init__(self, reason: LeftAlone) -> None:
        super().__init__(str(reason))
        self.reason = reason


@dataclass
class Units:
    """Which companions go with which photo, by the folders as they are.

    Attributes
    ----------
    folders : PhotoFolders
    going : mapping of str to int
        Full path of each photo that goes → its place in the plan.
    staying : collection of str
        Full paths of the photos that stay for others.
    carry : bool
        Whether what the file that stays lacks is carried there.
    """

    folders: PhotoFolders
    going: Mapping[str, int]
    staying: Collection[str]
    carry: bool
    _promised: set[str] = field(default_factory=set)

    def members(self, step: Step) -> list[Member] | LeftAlone:
        """Return the companions that go with a step's file, or why the file stays."""
        members = []
        photos = self.folders.folder(step.path).photos_of_raw(os.path.basename(step.path))
        if any(beside(step.path, photo) not in self.going for photo in photos):
            return LeftAlone.COMPANION
        try:
            for companion in self.folders.of(step.path):
                if member := self._member(step, companion):
                    members.append(member)
        except _ObjectionError as objection:
            return objection.reason
        self._promised |= {folded(member.to) for member in members}
        return members

    def members_as_planned(self, step: Step) -> list[Member] | LeftAlone:
        """Return what `members` does, and refuse what is not as the plan has it."""
        found = self.members(step)
        if isinstance(found, LeftAlone):
            return found
        planned = {one.name: one for one in step.companions}
        for name in planned.keys() - {one.beside.name for one in found}:
            if not os.path.lexists(beside(step.path, name)):
                return LeftAlone.COMPANION
        for one in found:
            if planned.get(one.beside.name) != one.beside:
                return LeftAlone.COMPANION
        return found

    def staying_with(self, path: str) -> tuple[PlannedCompanion, ...]:
        """Return the companions of a photo that stays."""
        found = []
        for companion in self.folders.of(path):
            if state := _file_state(beside(path, companion.name)):
                found.append(
                    PlannedCompanion(STAYS, state.st_size, state.st_mtime_ns, companion.name)
                )
        return tuple(found)

    def _member(self, step: Step, companion: Companion) -> Member | None:
        """Return the companion if it goes with this photo, None if it stays with another one."""
        path = beside(step.path, companion.name)
        others = tuple(beside(step.path, name) for name in companion.photos)
        others = tuple(other for other in others if other != step.path)
        if path in self.staying:
            raise _ObjectionError(LeftAlone.COMPANION)
        if path in self.going:  # as a photo of its own
            return None
        if any(other not in self.going for other in others):
            if companion.kind is Kind.RAW:
                raise _ObjectionError(LeftAlone.COMPANION)
            return None
        place = self.going[step.path]
        if any(self.going[other] > place for other in others):
            return None
        state = _file_state(path)
        if state is None:
            raise _ObjectionError(LeftAlone.COMPANION)
        to = self._place(path, companion, step)
        fate = CARRIED if to else GOES
        known = PlannedCompanion(fate, state.st_size, state.st_mtime_ns, companion.name)
        return Member(known, path, to, others, companion.kind is Kind.RAW)

    def _place(self, path: str, companion: Companion, step: Step) -> str:
        """Return where a companion is carried; empty when it goes. Object where it can do neither.

        Nothing stands for what goes for its flaws: what it says of the photo goes with it, but it
        stays for a picture or a sound of its own.
        """
        if step.is_flawed:
            if companion.kind in _CONTENT:
                raise _ObjectionError(LeftAlone.HAS_CONTENT)
            return ""
        if self._is_covered(path, companion, step):
            return ""
        return self._place_to_carry(step, companion)

    def _is_covered(self, path: str, companion: Companion, step: Step) -> bool:
        """Return whether the file that stays has the same companion; object if it has another."""
        theirs = [one for one in self.folders.of(step.kept) if one.ending == companion.ending]
        if not theirs:
            return False
        if companion.kind in _REPLACEABLE:
            return True
        if any(same_bytes(path, beside(step.kept, one.name)) for one in theirs):
            return True
        raise _ObjectionError(LeftAlone.KEPT_DIFFERS)

    def _place_to_carry(self, step: Step, companion: Companion) -> str:
        names = companion.name, os.path.basename(step.path), os.path.basename(step.kept)
        to = beside(step.kept, name_beside(*names))
        is_free = folded(os.path.basename(to)) not in self.folders.folder(step.kept).names
        if not self.carry or not is_free or folded(to) in self._promised or os.path.lexists(to):
            raise _ObjectionError(LeftAlone.KEPT_LACKS)
        return to


def with_companions(plan: Plan, folders: PhotoFolders, *, carry: bool) -> Plan:
    """Return the plan with the companions of its files, without the photos that stay for theirs.

    Parameters
    ----------
    plan : Plan
    folders : PhotoFolders
    carry : bool
        Whether a companion that the kept file lacks is carried there; else its photo stays.
    """
    going, kept = plan.removals(), plan.kept()
    left_alone = dict[str, LeftAlone]()
    while True:
        places = {step.path: place for place, step in enumerate(going)}
        units = Units(folders, places, kept, carry)
        found = {step.path: units.members(step) for step in going}
        objections = {path: why for path, why in found.items() if isinstance(why, LeftAlone)}
        if not objections:
            break
        left_alone |= objections
        going = [step for step in going if step.path not in objections]
    members = {
        path: tuple(one.beside for one in ones)
        for path, ones in found.items()
        if not isinstance(ones, LeftAlone)
    }
    plan = plan.leaving(left_alone)
    steps = []
    for step in plan.steps:
        stays = units.staying_with(step.path) if step.action == KEEP else ()
        steps.append(replace(step, companions=members.get(step.path, stays)))
    return replace(plan, steps=tuple(steps))


def _file_state(path: str) -> os.stat_result | None:
    """Return the state of a plain file, None for all else."""
    state = stat_of(path, follow_symlinks=False)
    return state if state is not None and stat.S_ISREG(state.st_mode) else None
