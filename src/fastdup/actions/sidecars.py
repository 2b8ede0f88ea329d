"""Writing sidecars beside the files that stay, whole or not at all, and taking them away again."""

import contextlib
import hashlib
import os
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fastdup.actions.carried_metadata import sidecar_content, sidecar_of
from fastdup.actions.journal import Journal, Session
from fastdup.actions.journal_record import SIDECAR, Record
from fastdup.actions.links import digest_if_readable
from fastdup.actions.moving import move_file, part_of, remove
from fastdup.actions.plan import Plan, Step
from fastdup.actions.state import LeftAlone, stat_of


@dataclass
class SidecarWriter:
    """Writes the sidecar of a file that stays before the first copy goes that carries something.

    Attributes
    ----------
    journal : Journal
    session : Session
    plan : Plan
    intend, done : callable
        Write to the journal what is about to be done, and what was.
    n_written : int
        How many were written.
    """

    journal: Journal
    session: Session
    plan: Plan
    intend: Callable[[Sequence[Record]], None]
    done: Callable[[Sequence[Record]], None]
    n_written: int = 0

    def __post_init__(self) -> None:
        """Find the copies that carry something to each file that stays."""
        self._written = set[str]()
        self._carriers: dict[str, list[Step]] = {}
        for step in self.plan.removals():
            if step.metadata:
                self._carriers.setdefault(step.kept, []).append(step)

    def ensure(self, step: Step) -> LeftAlone | None:
        """Write the sidecar for a step, unless that is done; return why its file must not go.

        Raises
        ------
        OSError
            When the system refuses to write it.
        """
        if not step.metadata or step.kept in self._written:
            return None
        content = sidecar_content(self._carriers[step.kept])
        record = sidecar_record(self.journal.next_number, step.kept, content)
        self.journal.next_number += 1
        self.intend([record])
        try:
            _write_new(record.path, content)
        except BaseException as exc:
            self.journal.note_dropped(self.session, [record.number])
            if isinstance(exc, FileExistsError):
                return LeftAlone.KEPT_HAS_SIDECAR
            raise
        self.done([record])
        self._written.add(step.kept)
        self.n_written += 1
        return None


def sidecar_record(number: int, kept: str, content: bytes) -> Record:
    """Return the record of a sidecar that is about to be written."""
    return Record(
        number=number,
        action=SIDECAR,
        path=sidecar_of(kept),
        kept=kept,
        size_bytes=len(content),
        mtime_ns=0,
        atime_ns=0,
        mode=stat.S_IFREG | 0o644,
        owner=0,
        group=0,
        device=0,
        inode=0,
        digest=hashlib.blake2b(content).hexdigest(),
    )


def is_written(record: Record) -> bool:
    """Return whether the sidecar of a record is there as it was written; its part is removed."""
    remove(part_of(record.path))
    found = stat_of(record.path, follow_symlinks=False)
    is_file = found is not None and stat.S_ISREG(found.st_mode)
    return is_file and digest_if_readable(record.path) == record.digest


def take_away(record: Record) -> bool:
    """Remove a sidecar that is as it was written; return False where it is another one by now."""
    if is_written(record):
        os.unlink(record.path)
    return not os.path.lexists(record.path)


def _write_new(path: str, content: bytes) -> None:
    """Write a new file, to the disk itself; what has its name already is left as it is."""
    if os.path.lexists(path):
        raise FileExistsError(path)
    part = part_of(path)
    remove(part)
    try:
        with open(part, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        move_file(part, path, os.lstat(part))
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(part)
        raise
