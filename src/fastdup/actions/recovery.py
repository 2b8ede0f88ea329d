"""Recovery after an interruption, and undoing: how far an action on one file came, and back.

After a kill the journal says what was about to be done; only the disk shows whether it was. All of
this can be interrupted anywhere and done again.
"""

import os
import stat
from collections.abc import Collection
from enum import Enum, auto

from fastdup.actions.exact_duplicates import same_bytes
from fastdup.actions.half_deleted import finish_deletions
from fastdup.actions.journal import Journal
from fastdup.actions.journal_record import SIDECAR, Record
from fastdup.actions.links import is_whole, restore_file
from fastdup.actions.moving import ChangedError, move_file, part_of, remove
from fastdup.actions.offers import LINK_ACTIONS
from fastdup.actions.sidecars import is_written, take_away
from fastdup.actions.state import same_file, stat_of
from fastdup.actions.trash import is_info_of


class Outcome(Enum):
    """What came of undoing one record."""

    RESTORED = auto()
    REMOVED = auto()
    WAS_THERE = auto()
    DELETED = auto()
    IN_THE_WAY = auto()
    GONE = auto()
    CHANGED = auto()
    BYTES_GONE = auto()


def recover(journal: Journal) -> None:
    """Settle what an interrupted session left open, so that every record is done or dropped."""
    for session in journal.sessions:
        done: list[int] = []
        dropped: list[int] = []
        for record in session.pending():
            (dropped if _take_back_if_untouched(record) else done).append(record.number)
        halved = {session.records[number].unit for number in dropped} - {0}
        for number in list(done):  # all of a photo and its companions go, or none
            record = session.records[number]
            if record.unit in halved and put_back(record):
                done.remove(number)
                dropped.append(number)
        for record in finish_deletions(session, [session.records[n] for n in dropped]):
            dropped.remove(record.number)
            done.append(record.number)
        pending = session.pending()
        folders = {os.path.dirname(record.path) for record in pending}
        folders |= {os.path.dirname(record.to) for record in pending if record.action == "move"}
        journal.note_dropped(session, dropped)
        journal.note_done(session, done, times_now(folders & session.folders.keys()))


def times_now(folders: Collection[str]) -> dict[str, int]:
    """Return the times of change of those of the folders that are there."""
    found = {folder: stat_of(folder) for folder in folders}
    return {folder: state.st_mtime_ns for folder, state in found.items() if state}


def undo_record(record: Record) -> Outcome:
    """Put the file back where it was, as it was.

    Raises
    ------
    OSError
        When the system refuses; nothing is lost.
    """
    if record.action == SIDECAR:
        was_there = is_written(record)
        if not take_away(record):
            return Outcome.CHANGED
        return Outcome.REMOVED if was_there else Outcome.WAS_THERE
    if _take_back_if_untouched(record):
        return Outcome.WAS_THERE
    if record.action == "delete":
        return Outcome.DELETED
    if record.action in LINK_ACTIONS:
        return Outcome.RESTORED if restore_file(record) else Outcome.BYTES_GONE
    return _move_back(record)


def put_back(record: Record) -> bool:
    """Undo one record of a unit that did not go whole; return whether that was possible."""
    try:
        return undo_record(record) in (Outcome.RESTORED, Outcome.WAS_THERE)
    except OSError:
        return False


def _move_back(record: Record) -> Outcome:
    there = stat_of(record.to, follow_symlinks=False)
    if there is None:
        return Outcome.GONE
    if not _has_state(there, record):
        return Outcome.CHANGED
    if os.path.lexists(record.path):
        return Outcome.IN_THE_WAY
    os.makedirs(os.path.dirname(record.path), exist_ok=True)
    try:
        move_file(record.to, record.path, there)
    except FileExistsError:
        return Outcome.IN_THE_WAY
    except ChangedError:
        return Outcome.CHANGED
    _unlink_info(record)
    return Outcome.RESTORED


def _take_back_if_untouched(record: Record) -> bool:
    """Return whether the file is in its place as it was; what was begun is then taken away."""
    if record.action == SIDECAR:
        return not is_written(record)
    here = stat_of(record.path, follow_symlinks=False)
    if here is None or not _has_state(here, record):
        return False
    if record.action in LINK_ACTIONS:
        if not is_whole(record, here):
            return False
        remove(part_of(record.path))
    if record.to and not _is_same_place(record):
        there = stat_of(record.to, follow_symlinks=False)
        if there is not None and (same_file(there, here) or _is_our_copy(there, record)):
            remove(record.to)
        remove(part_of(record.to))
        remove(part_of(record.path))
        if not os.path.lexists(record.to):
            _unlink_info(record)
    return True


def _is_same_place(record: Record) -> bool:
    """Return whether the place to go is the file itself, under another name of its folder."""
    here, there = (
        os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
        for path in (record.path, record.to)
    )
    return here == there


def _is_our_copy(there: os.stat_result, record: Record) -> bool:
    """Return whether what is in the place to go is a whole copy that was made to go there."""
    is_ours = not record.info or is_info_of(record.info, record.shown_path)
    return is_ours and _has_state(there, record) and same_bytes(record.path, record.to)


def _unlink_info(record: Record) -> None:
    if record.info and is_info_of(record.info, record.shown_path):
        remove(record.info)


def _has_state(found: os.stat_result, record: Record) -> bool:
    is_file = stat.S_ISREG(found.st_mode)
    return is_file and (found.st_size, found.st_mtime_ns) == (record.size_bytes, record.mtime_ns)
