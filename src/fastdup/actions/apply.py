"""Carrying out a plan: each file is looked at again at the moment it is acted on, and journalled.

The file that goes is checked (the size and time of change that the plan has), and so is the copy
that stays (there, unchanged, readable, another file, and still the same picture). After a kill at
any moment, the journal and the disk together show how far it came.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from fastdup.actions.candidate import Candidate
from fastdup.actions.exact_duplicates import same_bytes
from fastdup.actions.journal import Journal
from fastdup.actions.journal_record import Record
from fastdup.actions.links import digest_of, place_link, xattrs_of
from fastdup.actions.moving import ChangedError, move_file
from fastdup.actions.offers import LINK_ACTIONS
from fastdup.actions.plan import Plan, Step
from fastdup.actions.proof import Proof
from fastdup.actions.recovery import recover, times_now
from fastdup.actions.state import LeftAlone, same_file, stat_of, state_of
from fastdup.actions.trash import Trash, TrashName, write_info
from fastdup.errors import ActionError
from fastdup.progress import Progress, SilentProgress

Times = tuple[int, int]

#: Records written to the disk together, before the first of them is acted on.
_TOGETHER = 64
_TRIES = 5


@dataclass
class Applied:
    """What became of the files of a plan.

    Attributes
    ----------
    n_done, freed_bytes : int
        Files acted on, and their size.
    left_alone : Counter of LeftAlone
        Files not acted on, by reason.
    details : list of (str, str)
        Each of those, and why.
    """

    n_done: int = 0
    freed_bytes: int = 0
    left_alone: Counter[LeftAlone] = field(default_factory=Counter)
    details: list[tuple[str, str]] = field(default_factory=list)

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
        self._promised: set[str] = set()
        self._read: set[str] = set()
        self._kept_inodes = self._check_kept()
        self._result = Applied()
        self._session = self.journal.begin()

    def run(self, progress: Progress) -> Applied:
        progress.start("cleaning", len(self._removals))
        for start in range(0, len(self._removals), _TOGETHER):
            steps = self._removals[start : start + _TOGETHER]
            self._act_on(steps)
            progress.advance(len(steps))
        progress.finish()
        return self._result

    def _check_kept(self) -> set[tuple[int, int]]:
        """Return device and inode of each file that stays; refuse a plan that keeps no copy."""
        for step in self._removals:
            if step.kept not in self._kept or step.kept == step.path:
                raise ActionError(f"the plan keeps no copy of {step.path!r}: plan again")
        states = [_state(step) for step in self._kept.values()]
        return {(s.st_dev, s.st_ino) for s in states if not isinstance(s, LeftAlone)}

    def _act_on(self, steps: Sequence[Step]) -> None:
        pairs = [(step, record) for step in steps if (record := self._record(step))]
        self._intend([record for _, record in pairs])
        done: list[Record] = []
        dropped: list[Record] = []
        for step, record in pairs:
            final = self._attempt(step, record)
            (done if final else dropped).append(final or record)
        self.journal.note_dropped(self._session, [record.number for record in dropped])
        self.journal.note_done(
            self._session, [record.number for record in done], self._times_after(done)
        )

    def _attempt(self, step: Step, record: Record) -> Record | None:
        """Act on one file; return the record that was carried out, None when none was."""
        for _ in range(_TRIES):
            try:
                state = self._checked(step)
                if isinstance(state, LeftAlone):
                    self._result.leave(step.path, state)
                    return None
                self._do(record, state)
            except FileExistsError:  # the name was taken meanwhile
                self.journal.note_dropped(self._session, [record.number])
                another = self._record(step)
                if another is None:
                    return None
                record = another
                self._intend([record])
                continue
            except ChangedError:
                self._result.leave(step.path, LeftAlone.CHANGED)
                return None
            except OSError as exc:
                self._result.leave(step.path, LeftAlone.REFUSED, exc.strerror or str(exc))
                return None
            self._result.n_done += 1
            self._result.freed_bytes += record.size_bytes
            return record
        self._result.leave(step.path, LeftAlone.REFUSED, "its place is taken again and again")
        return None

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

    def _record(self, step: Step) -> Record | None:
        """Return what is about to be done with a file, or None and count why nothing is."""
        state = _state(step)
        if isinstance(state, LeftAlone):
            self._result.leave(step.path, state)
            return None
        try:
            name = self._name_for(step.path)
            is_link = self.action in LINK_ACTIONS
            record = Record(
                number=self.journal.next_number,
                action=self.action,
                path=step.path,
                kept=step.kept,
                to=name.to,
                info=name.info,
                shown_path=name.shown_path,
                size_bytes=state.st_size,
                mtime_ns=state.st_mtime_ns,
                atime_ns=state.st_atime_ns,
                mode=state.st_mode,
                owner=state.st_uid,
                group=state.st_gid,
                device=state.st_dev,
                inode=state.st_ino,
                digest=digest_of(step.path) if is_link else "",
                xattrs=xattrs_of(step.path) if is_link else {},
            )
        except OSError as exc:
            self._result.leave(step.path, LeftAlone.REFUSED, exc.strerror or str(exc))
            return None
        self.journal.next_number += 1
        self._promised.add(name.to)
        return record

    def _name_for(self, path: str) -> TrashName:
        if self.action == "trash":
            return self.trash.name_for(path, self._promised.__contains__)
        if self.target_of is None:
            return TrashName("", "", "")
        target = self.target_of(path)
        stem, ending = os.path.splitext(target)
        number = 1
        while target in self._promised or os.path.lexists(target):
            number += 1
            target = f"{stem}.{number}{ending}"
        return TrashName(target, "", "")

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
