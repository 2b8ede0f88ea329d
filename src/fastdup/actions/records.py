"""The records of what is about to be done: each file's state, and a free name to go to."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from fastdup.actions.journal import Journal
from fastdup.actions.journal_record import Record
from fastdup.actions.links import digest_of, xattrs_of
from fastdup.actions.offers import LINK_ACTIONS
from fastdup.actions.plan import Step
from fastdup.actions.trash import Trash, TrashName
from fastdup.actions.units import Member


@dataclass
class RecordMaker:
    """Makes the records of one session.

    Attributes
    ----------
    journal : Journal
        Numbers the records.
    action : str
        A name in `ACTIONS`.
    target_of : callable or None
        For ``move``: full path → where it goes.
    trash : Trash
    """

    journal: Journal
    action: str
    target_of: Callable[[str], str] | None
    trash: Trash
    _promised: set[str] = field(default_factory=set)

    def of_unit(self, step: Step, state: os.stat_result, members: list[Member]) -> list[Record]:
        """Return the records of a photo and of its companions, in the order of acting on them.

        Companions go first: what cannot be put away keeps the photo in its place. What is deleted
        for ever cannot be put back, so there the photo, which may refuse to go, is first.

        Raises
        ------
        OSError
            When a file cannot be read, or nothing can be put where it goes.
        """
        first = self.journal.next_number
        records = []
        for member in members:
            found = os.lstat(member.path)
            records.append(self._record(member.path, step.kept, found, carried_to=member.to))
        photo = self._record(step.path, step.kept, state)
        records = [photo, *records] if self.action == "delete" else [*records, photo]
        return [replace(record, unit=first) for record in records] if members else records

    def _record(
        self, path: str, kept: str, state: os.stat_result, *, carried_to: str = ""
    ) -> Record:
        name = TrashName(carried_to, "", "") if carried_to else self._name_for(path)
        is_link = self.action in LINK_ACTIONS
        record = Record(
            number=self.journal.next_number,
            action="move" if carried_to else self.action,
            path=path,
            kept=kept,
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
            digest=digest_of(path) if is_link else "",
            xattrs=xattrs_of(path) if is_link else {},
        )
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
