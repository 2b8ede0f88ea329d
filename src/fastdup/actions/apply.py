"""Carrying out a plan: each file is looked at again at the moment it is acted on, and journalled.

The file that goes is checked (the size and time of change that the plan has), and so is the copy
that stays (there, unchanged, readable, another file, and still the same picture). A photo and its
companions go together or not at all. After a kill at any moment, the journal and the disk together
show how far it came.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from fastdup.actions.candidate import Candidate
from fastdup.actions.companions import PhotoFolders
from fastdup.actions.exact_duplicates import same_bytes
from fastdup.actions.journal import Journal
from fastdup.actions.journal_record import Record
from fastdup.actions.links import place_link
from fastdup.actions.moving import ChangedError, move_file
from fastdup.actions.offers import LINK_ACTIONS
from fastdup.actions.plan import CARRIED, Plan, Step
from fastdup.actions.proof import Proof
from fastdup.actions.records import RecordMaker
from fastdup.actions.recovery import put_back, recover, times_now
from fastdup.actions.sidecars import SidecarWriter
from fastdup.actions.state import LeftAlone, same_file, stat_of, state_of
from fastdup.actions.trash import Trash, TrashName, write_info
from fastdup.actions.units import Member, Units, may_go, stays_with_others
from fastdup.errors import ActionError
from fastdup.progress import Progress, SilentProgress

Times = tuple[int, int]

#: Records written to the disk together, before the first of them is acted on.
_TOGETHER = 64
_TRIES = 5


class _Unit(NamedTuple):
    """A photo that goes, its companions, and the records of both in the order of acting."""

    step: Step
    members: Sequence[Member]
    records: Sequence[Record]


@dataclass
class Applied:
    """What became of the files of a plan.

    Attributes
    ----------
    n_done, freed_bytes : int
        Files acted on, and the size of all that went.
    n_companions, n_carried : int
        Companions that went with them, and those moved to the files that stay.
    n_sidecars : int
        Sidecars written beside the files that stay.
    left_alone : Counter of LeftAlone
        Files not acted on, by reason.
    details : list of (str, str)
        Each of those, and why.
    """

    n_done: int = 0
    freed_bytes: int = 0
    n_companions: int = 0
    n_carried: int = 0
    n_sidecars: int = 0
    left_alone: Counter[LeftAlone] = field(default_factory=Counter)
    details: list[tuple[str, str]] = field(default_factory=list)

    def count(self, unit: _Unit, done: Sequence[Record]) -> None:
        """Count a photo that was acted on, and its companions."""
        carried = {one.path for one in unit.members if one.to}
        gone = [record for record in done if record.path not in carried]
        self.n_done += 1
        self.n_companions += len(gone) - 1
        self.n_carried += len(done) - len(gone)
        self.freed_bytes += sum(record.size_bytes for record in gone)

    def stayed(self) -> set[str]:
        """Return the full paths of the files that were not acted on."""
        return {path for path, _ in self.details}

    def leave(self, path: str, reason: LeftAlone, detail: str = "") -> None:
        """Count a file that was not acted on."""
        self.left_alone[reason] += 1
        self.details.append((path, f"{reason}: {detail}" if detail else str(reason)))


def apply_plan(
    plan: Plan,
    journal: Journal,
    action: str,
    *,
    target_of: Callable[[str], str] | None,
    trash: Trash,
    progress: Progress | None = None,
) -> Applied:
    """Act on each file of the plan that goes, and return what became of them.

    Parameters
    ----------
    plan : Plan
    journal : Journal
        Each step is written there before it is done.
    action : str
        ``trash``, ``move``, ``delete``, or one of `LINK_ACTIONS`.
    target_of : callable or None
        For ``move``: full path → where it goes.
    trash : Trash
    progress : Progress or None

    Raises
    ------
    ActionError
        When the plan keeps no copy of a file that goes, or the journal cannot be written.
    """
    recover(journal)
    return _Cleanup(plan, journal, action, target_of, trash).run(progress or SilentProgress())


@dataclass
class _Cleanup:
    """One clean-up at work: the session of the journal, and what it has seen and promised."""

    plan: Plan
    journal: Journal
    action: str
    target_of: Callable[[str], str] | None
    trash: Trash

    def __post_init__(self) -> None:
        self._removals, self._kept = self.plan.removals(), self.plan.kept()
        self._proof = Proof()
        self._maker = RecordMaker(self.journal, self.action, self.target_of, self.trash)
        self._places = {step.path: place for place, step in enumerate(self._removals)}
        self._carries = bool(self.plan.companions(CARRIED))
        self._read: set[str] = set()
        self._kept_inodes = self._check_kept()
        self._result = Applied()
        self._session = self.journal.begin()
        self._sidecars = SidecarWriter(
            self.journal, self._session, self.plan, self._intend, self._note_done
        )

    def run(self, progress: Progress) -> Applied:
        progress.start("cleaning", len(self._removals))
        for start in range(0, len(self._removals), _TOGETHER):
            steps = self._removals[start : start + _TOGETHER]
            self._act_on(steps)
            progress.advance(len(steps))
        progress.finish()
        self._result.n_sidecars = self._sidecars.n_written
        return self._result

    def _check_kept(self) -> set[tuple[int, int]]:
        """Return device and inode of each file that stays; refuse a plan that keeps no copy."""
        for step in self._removals:
            if step.is_flawed:
                if self.action in LINK_ACTIONS:
                    raise ActionError(
                        f"no copy of {step.path!r} is kept, so there is nothing to link to: "
                        "choose another action"
                    )
            elif step.kept not in self._kept or step.kept == step.path:
                raise ActionError(f"the plan keeps no copy of {step.path!r}: plan again")
        states = [_state(step) for step in self._kept.values()]
        return {(s.st_dev, s.st_ino) for s in states if not isinstance(s, LeftAlone)}

    def _act_on(self, steps: Sequence[Step]) -> None:
        folders = PhotoFolders()  # read anew, for files come and go
        made = [self._unit(step, folders) for step in steps]
        units = [unit for unit in made if unit is not None]
        self._intend([record for unit in units for record in unit.records])
        done: list[Record] = []
        dropped: list[Record] = []
        for unit in units:
            records, final = self._attempt(unit, folders)
            done += final
            dropped += [record for record in records if record not in final]
        self.journal.note_dropped(self._session, [record.number for record in dropped])
        self._note_done(done)

    def _note_done(self, records: Sequence[Record]) -> None:
        numbers = [record.number for record in records]
        self.journal.note_done(self._session, numbers, self._times_after(records))

    def _attempt(self, unit: _Unit, folders: PhotoFolders) -> tuple[Sequence[Record], list[Record]]:
        """Act on a photo and its companions; return the records made, and those carried out."""
        step = unit.step
        for _ in range(_TRIES):
            done: list[Record] = []
            try:
                state = self._checked(step)
                if not isinstance(state, LeftAlone) and not all(map(may_go, unit.members)):
                    state = LeftAlone.COMPANION
                if not isinstance(state, LeftAlone):
                    state = self._sidecars.ensure(step) or state
                if isinstance(state, LeftAlone):
                    self._result.leave(step.path, state)
                    return unit.records, done
                self._do_all(unit, state, done)
            except FileExistsError:  # the name was taken meanwhile
                self.journal.note_dropped(self._session, [r.number for r in unit.records])
                another = self._unit(step, folders)
                if another is None:
                    return (), done
                unit = another
                self._intend(unit.records)
                continue
            except ChangedError:
                self._result.leave(step.path, LeftAlone.CHANGED)
                return unit.records, done
            except OSError as exc:
                self._result.leave(step.path, LeftAlone.REFUSED, exc.strerror or str(exc))
                return unit.records, done
            self._result.count(unit, done)
            return unit.records, done
        self._result.leave(step.path, LeftAlone.REFUSED, "its place is taken again and again")
        return (), []

    def _do_all(self, unit: _Unit, photo: os.stat_result, done: list[Record]) -> None:
        """Act on the files of a unit; when one refuses, those before it are put back.

        Raises
        ------
        OSError, ChangedError
            Why one refused; `done` has what could not be put back.
        """
        stay = {one.path for one in unit.members if stays_with_others(one)}
        try:
            for record in unit.records:
                if record.path not in stay:
                    is_photo = record.path == unit.step.path
                    self._do(record, photo if is_photo else os.lstat(record.path))
                    done.append(record)
        except BaseException:
            done[:] = [record for record in done if not put_back(record)]
            raise

    def _do(self, record: Record, state: os.stat_result) -> None:
        if record.action in LINK_ACTIONS:
            place_link(record, state)
        elif record.action == "delete":
            os.unlink(record.path)
        else:
            self._put_away(record, state)

    def _put_away(self, record: Record, state: os.stat_result) -> None:
        os.makedirs(os.path.dirname(record.to), exist_ok=True)
        write_info(TrashName(record.to, record.info, record.shown_path))
        try:
            move_file(record.path, record.to, state)
        except BaseException:
            if record.info and os.path.lexists(record.path):
                os.unlink(record.info)
            raise

    def _checked(self, step: Step) -> os.stat_result | LeftAlone:
        """Return the state of a file that may go now, else why it may not."""
        state = _state(step)
        if isinstance(state, LeftAlone):
            return state
        if step.is_flawed:
            return self._proof.objection_to_flaw(step) or state
        kept = _state(self._kept[step.kept])
        if isinstance(kept, LeftAlone) or not self._is_readable(step.kept):
            return LeftAlone.NO_KEPT
        if same_file(state, kept) or (state.st_dev, state.st_ino) in self._kept_inodes:
            return LeftAlone.SAME_FILE
        if self.action in LINK_ACTIONS and not same_bytes(step.path, step.kept):
            return LeftAlone.BYTES_DIFFER
        return self._proof.objection(step) or state

    def _is_readable(self, path: str) -> bool:
        """Return whether a kept copy can be read: all of it once, later its first bytes."""
        n_bytes = 1 if path in self._read else 2**20
        try:
            with open(path, "rb") as file:
                while file.read(n_bytes) and n_bytes > 1:
                    pass
        except OSError:
            return False
        self._read.add(path)
        return True

    def _unit(self, step: Step, folders: PhotoFolders) -> _Unit | None:
        """Return what is about to be done with a photo, or None and count why nothing is."""
        state = _state(step)
        if isinstance(state, LeftAlone):
            self._result.leave(step.path, state)
            return None
        members = self._members(step, folders)
        if isinstance(members, LeftAlone):
            self._result.leave(step.path, members)
            return None
        try:
            return _Unit(step, members, self._maker.of_unit(step, state, members))
        except OSError as exc:
            self._result.leave(step.path, LeftAlone.REFUSED, exc.strerror or str(exc))
            return None

    def _members(self, step: Step, folders: PhotoFolders) -> list[Member] | LeftAlone:
        if self.action in LINK_ACTIONS:  # the path stays valid
            return []
        return Units(folders, self._places, self._kept, self._carries).members_as_planned(step)

    def _intend(self, records: Sequence[Record]) -> None:
        folders: dict[str, Times | None] = {}
        for record in records:
            for folder in _folders_touched(record):
                if folder not in self._session.folders and folder not in folders:
                    folders[folder] = _times(folder)
        self.journal.intend(folders, records)

    def _times_after(self, records: Sequence[Record]) -> dict[str, int]:
        touched = {folder for record in records for folder in _folders_touched(record)}
        return times_now(touched & self._session.folders.keys())


def _state(step: Step) -> os.stat_result | LeftAlone:
    """Return the state of the step's file when it is as the plan knows it, else why not."""
    return state_of(
        Candidate(step.path, step.width, step.height, step.size_bytes, step.mtime_ns, step.blur)
    )


def _folders_touched(record: Record) -> Iterator[str]:
    """Yield the folders whose times change, or that are made, the deepest first."""
    yield os.path.dirname(record.path)
    if record.action == "move":
        folder = os.path.dirname(record.to)
        while not os.path.lexists(folder):
            yield folder
            folder = os.path.dirname(folder)
        yield folder


def _times(folder: str) -> Times | None:
    found = stat_of(folder)
    return (found.st_atime_ns, found.st_mtime_ns) if found else None
