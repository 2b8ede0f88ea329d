"""How far an action on one file came: read from the disk, and finished or taken back.

After a kill the journal tells what was about to be done; only the disk tells whether it was. All
of this can be interrupted anywhere and done again.
"""

import contextlib
import os
import stat
from enum import Enum, auto

from fastdup.actions.exact import same_bytes
from fastdup.actions.journal import Journal, Record
from fastdup.actions.links import LINK_ACTIONS, part_of, restore_file
from fastdup.actions.moving import PART_SUFFIX, ChangedError, move_file
from fastdup.actions.trash import is_info_of


class Outcome(Enum):
    """What came of undoing one record."""

    RESTORED = auto()
    WAS_THERE = auto()
    DELETED = auto()
    IN_THE_WAY = auto()
    GONE = auto()
    CHANGED = auto()
    BYTES_GONE = auto()


def settle_pending(journal: Journal) -> None:
    """Settle what an interrupted session left open, so that every record is done or dropped."""
    for session in journal.sessions:
        done: list[int] = []
        dropped: list[int] = []
        for record in session.pending():
            (dropped if _take_back_if_untouched(record) else done).append(record.number)
        journal.note_dropped(session, dropped)
        journal.note_done(session, done)


def undo_record(record: Record) -> Outcome:
    """Put the file back where it was, as it was.

    Raises
    ------
    OSError
        When the system refuses; nothing is lost.
    """
    if _take_back_if_untouched(record):
        return Outcome.WAS_THERE
    if record.action == "delete":
        return Outcome.DELETED
    if record.action in LINK_ACTIONS:
        _unlink(part_of(record))
        return Outcome.RESTORED if restore_file(record) else Outcome.BYTES_GONE
    return _move_back(record)


def _move_back(record: Record) -> Outcome:
    there = _lstat(record.to)
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
    """Tell whether the file is in its place as it was; what was begun is then taken away."""
    here = _lstat(record.path)
    if here is None or not _has_state(here, record):
        return False
    is_original = (here.st_dev, here.st_ino) == (record.device, record.inode)
    if record.action in LINK_ACTIONS:
        if is_original:
            _unlink(part_of(record))
        return is_original
    if record.to:
        there = _lstat(record.to)
        if there is not None and _has_state(there, record):
            is_second_name = (there.st_dev, there.st_ino) == (here.st_dev, here.st_ino)
            if not is_second_name and not same_bytes(record.path, record.to):
                return False
            _unlink(record.to)
        _unlink(record.to + PART_SUFFIX)
        _unlink(record.path + PART_SUFFIX)
        if not os.path.lexists(record.to):
            _unlink_info(record)
    return True


def _unlink_info(record: Record) -> None:
    if record.info and is_info_of(record.info, record.shown_path):
        _unlink(record.info)


def _has_state(found: os.stat_result, record: Record) -> bool:
    is_file = stat.S_ISREG(found.st_mode)
    return is_file and (found.st_size, found.st_mtime_ns) == (record.size_bytes, record.mtime_ns)


def _lstat(path: str) -> os.stat_result | None:
    try:
        return os.lstat(path)
    except OSError:
        return None


def _unlink(path: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
