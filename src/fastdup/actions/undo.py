"""Putting back what clean-ups took away: bytes, names and times, the last clean-up first."""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from fastdup.actions.journal import Journal, Session
from fastdup.actions.journal_record import SIDECAR, Record
from fastdup.actions.recovery import Outcome, undo_record
from fastdup.errors import WorkDirError
from fastdup.printable import ShownAsLines
from fastdup.progress import Progress, SilentProgress
from fastdup.quantities import counted
from fastdup.workdir import WorkDir
from fastdup.workdir.lock import exclusive

_TOGETHER = 64
_WORDS = {
    Outcome.IN_THE_WAY: "another file has its name now",
    Outcome.GONE: "it is no longer where it was put",
    Outcome.CHANGED: "it was changed where it was put, and stays there",
    Outcome.BYTES_GONE: "neither the link nor the kept copy has its bytes any more",
}


@dataclass
class UndoReport(ShownAsLines):
    """What was put back, and what was not.

    Attributes
    ----------
    n_restored : int
        Files put back.
    n_deleted : int
        Files that were deleted for ever.
    n_sidecars : int
        Sidecars removed that were written beside the files that stayed.
    details : list of (str, str, str)
        Each file that could not be put back: its path, where it is (empty when nowhere), why.
    """

    n_restored: int = 0
    n_deleted: int = 0
    n_sidecars: int = 0
    details: list[tuple[str, str, str]] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """Yield the lines that a person reads."""
        if not (self.n_restored or self.n_deleted or self.details):
            yield "nothing to undo"
            return
        yield f"{counted(self.n_restored, 'file')} put back"
        if self.n_deleted:
            yield f"deleted for good, so not put back: {counted(self.n_deleted, 'file')}"
        if self.n_sidecars:
            sidecars = counted(self.n_sidecars, "sidecar")
            yield f"{sidecars} removed that had been written beside the kept files"
        for path, to, why in self.details:
            place = f", it is at {to!r}" if to and os.path.lexists(to) else ""
            yield f"not put back: {path!r}: {why}{place}"


def undo(
    work_dir: str | os.PathLike[str],
    *,
    last: bool = False,
    trust_journal: bool = False,
    progress: Progress | None = None,
) -> UndoReport:
    """Put back what `clean` took away, and return a report.

    Bytes, names, times and permissions of the files are as before, and so are the times of their
    folders where nothing else was changed. Nothing is overwritten: a file whose name is taken
    stays where it was put. May be interrupted and called again.

    Parameters
    ----------
    work_dir : path
        The folder of the run that was cleaned.
    last : bool
        Only the last clean-up that is not undone; False: all of them.
    trust_journal : bool
        Believe a journal that this user did not write on this machine: that of an earlier version,
        or of a work folder that was moved here. It may name any file.
    progress : Progress or None

    Raises
    ------
    WorkDirError
        When nothing was cleaned there, or a run is at work there.
    ActionError
        When the journal is damaged, or was written by somebody else or elsewhere.
    """
    work = WorkDir(os.fspath(work_dir))
    if not os.path.exists(work.clean_journal):
        raise WorkDirError(f"nothing was cleaned in {work.root}: there is no {work.clean_journal}")
    progress, report = progress or SilentProgress(), UndoReport()
    with exclusive(work.root), Journal(work.clean_journal, trust=trust_journal) as journal:
        sessions = [s for s in reversed(journal.sessions) if s.to_undo() or not s.is_over]
        for session in sessions[:1] if last else sessions:
            _SessionUndo(journal, session, report).undo(progress)
    return report


@dataclass
class _SessionUndo:
    _journal: Journal
    _session: Session
    _report: UndoReport
    _failed_in: set[str] = field(default_factory=set)

    def undo(self, progress: Progress) -> None:
        session = self._session
        # Sidecars last: by then it is known which copies came back.
        records = sorted(session.to_undo(), key=lambda record: record.action == SIDECAR)
        if session.undoing is None:
            self._journal.begin_undo(session, _untouched_folders(session))
        progress.start("undoing", len(records))
        for start in range(0, len(records), _TOGETHER):
            part = records[start : start + _TOGETHER]
            settled = [record.number for record in part if self._put_back(record)]
            self._journal.note_undone(session, settled)
            progress.advance(len(part))
        if not session.is_over:
            self._restore_folders()
            self._journal.note_over(session)
        progress.finish()

    def _put_back(self, record: Record) -> bool:
        """Put one file back; return whether there is nothing left to do for it."""
        if record.action == SIDECAR and self._is_needed(record):
            return True
        try:
            outcome = undo_record(record)
        except OSError as exc:
            return self._fail(record, exc.strerror or str(exc))
        was_done = record.number in self._session.done
        if outcome is Outcome.GONE and not was_done and os.path.lexists(record.path):
            return True  # it never went, and was changed since
        if outcome in _WORDS:
            return self._fail(record, _WORDS[outcome])
        self._report.n_restored += outcome is Outcome.RESTORED
        self._report.n_sidecars += outcome is Outcome.REMOVED
        self._report.n_deleted += outcome is Outcome.DELETED
        return True

    def _is_needed(self, sidecar: Record) -> bool:
        """Return whether a copy did not come back of which the sidecar has what it said."""
        return not all(map(os.path.lexists, self._copies_of.get(sidecar.kept, ())))

    @cached_property
    def _copies_of(self) -> dict[str, list[str]]:
        """Kept file → what went for its sake."""
        copies: dict[str, list[str]] = {}
        for record in self._session.records.values():
            if record.action != SIDECAR:
                copies.setdefault(record.kept, []).append(record.path)
        return copies

    def _fail(self, record: Record, why: str) -> bool:
        self._report.details.append((record.path, record.to, why))
        self._failed_in.add(os.path.dirname(record.path))
        return False

    def _restore_folders(self) -> None:
        """Remove the folders made that are empty now, and put the times of the others back."""
        made = (name for name, times in self._session.folders.items() if times is None)
        for folder in sorted(made, key=len, reverse=True):
            with contextlib.suppress(OSError):  # gone, or something else is in it
                os.rmdir(folder)
        for folder, times in (self._session.undoing or {}).items():
            if folder not in self._failed_in:
                with contextlib.suppress(OSError):  # another user's folder
                    os.utime(folder, ns=times)


def _untouched_folders(session: Session) -> dict[str, tuple[int, int]]:
    """Return the folders in which nothing else was changed since, with their original times."""
    is_open = bool(session.pending())  # after a kill, the last times are not known
    return {
        folder: times
        for folder, times in session.folders.items()
        if times and os.path.isdir(folder) and (is_open or _is_as_left(session, folder))
    }


def _is_as_left(session: Session, folder: str) -> bool:
    return os.stat(folder).st_mtime_ns == session.after.get(folder)
