"""One run at a time in a work folder, and one change of a file at a time."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from fastdup.errors import WorkDirError
from fastdup.workdir.own_files import open_own
from fastdup.workdir.paths import WorkDir

#: How long a change waits for another one, and how often it looks.
_PATIENCE_S, _STEP_S = 10.0, 0.02

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except PermissionError as exc:
            raise BlockingIOError(*exc.args) from exc

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def exclusive(folder: str, *, by_file: bool = sys.platform == "win32") -> Iterator[None]:
    """Hold the work folder for this process while the block runs; a kill releases it too.

    A file system without locks lets every run in.

    Parameters
    ----------
    folder : str
    by_file : bool
        Lock a file in the folder, not the folder itself, which Windows cannot lock.

    Raises
    ------
    WorkDirError
        When another run holds it.
    """
    path, flags = folder, os.O_RDONLY
    if by_file:
        path, flags = WorkDir(folder).lock, os.O_RDWR | os.O_CREAT
    descriptor = os.open(path, flags)
    try:
        try:
            _lock(descriptor)
        except BlockingIOError as exc:
            raise WorkDirError(
                f"another run is using {folder}: wait for it, or choose another work_dir"
            ) from exc
        except OSError:
            pass  # a file system without locks
        yield
    finally:
        os.close(descriptor)


@contextmanager
def one_at_a_time(path: str) -> Iterator[None]:
    """Hold a lock file for this process while the block runs, waiting for others a few seconds.

    A kill releases it. A file system without locks lets everybody in.

    Parameters
    ----------
    path : str
        The lock file, which is made if missing.

    Raises
    ------
    WorkDirError
        When another process holds it too long, or it cannot be made.
    """
    try:
        file = open_own(path, "ab")
    except OSError as exc:
        raise WorkDirError(f"cannot write {path}: {exc.strerror}") from exc
    with file:
        give_up_at = time.monotonic() + _PATIENCE_S
        while True:
            try:
                _lock(file.fileno())
                break
            except BlockingIOError as exc:
                if time.monotonic() > give_up_at:
                    raise WorkDirError(f"another program holds {path}: try again later") from exc
                time.sleep(_STEP_S)
            except OSError:
                break  # a file system without locks
        yield
