"""What a killed deletion left of a photo: its companions, without which nobody can use them.

A photo that was deleted for ever cannot be put back, so what was begun is finished.
"""

import contextlib
import os
from collections.abc import Iterable

from fastdup.actions.companions import PhotoFolders
from fastdup.actions.journal import Session
from fastdup.actions.journal_record import Record
from fastdup.actions.moving import ChangedError, move_file
from fastdup.actions.plan import beside
from fastdup.actions.state import stat_of

_DELETE, _MOVE = "delete", "move"


def finish_deletions(session: Session, untouched: Iterable[Record]) -> list[Record]:
    """Do with the companions of deleted photos what was about to be done; return those done.

    Parameters
    ----------
    session : Session
    untouched : iterable of Record
        What is in its place as it was. What belongs to a photo that is still there stays.
    """
    folders, finished = PhotoFolders(), []
    left_over = {record.path: record for record in untouched if _is_left_over(session, record)}
    for path, record in left_over.items():
        photos = folders.folder(path).photos_with(os.path.basename(path))
        if left_over.keys() >= {beside(path, photo) for photo in photos}:
            with contextlib.suppress(OSError, ChangedError):
                _finish(record)
                finished.append(record)
    return finished


def _is_left_over(session: Session, record: Record) -> bool:
    """Return whether a record is of a companion whose photo was deleted."""
    if not record.unit or record.action not in (_DELETE, _MOVE):
        return False
    of_unit = (one for one in session.records.values() if one.unit == record.unit)
    photo = max(of_unit, key=lambda one: one.number)
    return photo.action == _DELETE and photo.number != record.number and stat_of(photo.path) is None


def _finish(record: Record) -> None:
    if record.action == _DELETE:
        os.unlink(record.path)
    else:
        move_file(record.path, record.to, os.lstat(record.path))
