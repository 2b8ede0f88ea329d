"""One run at a time in a work folder."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from fastdup.errors import WorkDirError
from fastdup.workdir.paths import WorkDir

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
                f"another run is at work in {folder}: wait for it, or choose another work_dir"
            ) from exc
        except OSError:
            pass  # a file system without locks
        yield
    finally:
        os.close(descriptor)
