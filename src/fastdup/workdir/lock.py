"""One run at a time in a work folder."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from fastdup.errors import WorkDirError

try:
    import fcntl
except ImportError:  # Windows: no lock there, two runs at once are the user's to avoid
    fcntl = None  # type: ignore[assignment]


@contextmanager
def exclusive(folder: str) -> Iterator[None]:
    """Hold the work folder for this process while the block runs; a kill lets go of it too.

    Raises
    ------
    WorkDirError
        When another run holds it.
    """
    if fcntl is None:
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            raise WorkDirError(
                f"another run is at work in {folder}: wait for it, or choose another work_dir"
            ) from exc
        except OSError:
            pass  # a file system without locks
        yield
    finally:
        os.close(descriptor)
