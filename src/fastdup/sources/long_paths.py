"""Files and folders whose path is longer than the system takes: they are reached step by step."""

import errno
import os
from contextlib import suppress
from typing import Self

#: Of a longer path, no more characters are handed to the system at a time; Linux takes 4,096 bytes.
LONG_PATH = 1000
_FOLDER_FLAGS = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)
#: Whether this system opens files relative to an open folder.
_TAKES_STEPS = os.open in os.supports_dir_fd


def open_path(path: str, flags: int) -> int:
    """Return the descriptor of a file or folder, whatever the length of its path.

    Raises
    ------
    OSError, ValueError
        As `os.open` does.
    """
    try:
        return os.open(path, flags)
    except OSError as exc:
        if not _is_too_long(exc, path):
            raise
    with FolderSteps() as steps:
        folder, _, name = path.rpartition("/")
        return os.open(name, flags, dir_fd=steps.reach(folder))


def stat_path(path: str) -> os.stat_result:
    """Return the state of a file or folder, links followed, whatever the length of its path.

    Raises
    ------
    OSError, ValueError
        As `os.stat` does.
    """
    try:
        return os.stat(path)
    except OSError as exc:
        if not _is_too_long(exc, path):
            raise
    with FolderSteps() as steps:
        folder, _, name = path.rpartition("/")
        return os.stat(name, dir_fd=steps.reach(folder))


def _is_too_long(exc: OSError, path: str) -> bool:
    """Return whether it is the whole path that is too long, and not a name in it."""
    return exc.errno == errno.ENAMETOOLONG and _TAKES_STEPS and len(path) > LONG_PATH


class FolderSteps:
    """Reaches folders far below others; a context manager.

    Folders on the way stay open, one for each `LONG_PATH`, so that going one folder deeper costs
    the same everywhere.
    """

    def __init__(self) -> None:
        self._kept: list[tuple[str, int]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        while self._kept:
            self._close_last()

    def reach(self, folder: str) -> int:
        """Return the descriptor of a folder on the way to `folder`, or of itself; it stays ours.

        Raises
        ------
        OSError, ValueError
            When a folder cannot be opened.
        """
        while self._kept and not _is_below(folder, self._kept[-1][0]):
            self._close_last()
        while True:
            base, descriptor = self._kept[-1] if self._kept else ("", None)
            rest = folder[len(base) :].lstrip("/") if base else folder
            if not rest:
                assert descriptor is not None
                return descriptor
            step = _first_step(rest)
            reached = os.open(step, _FOLDER_FLAGS, dir_fd=descriptor)
            self._kept.append((folder[: len(folder) - len(rest) + len(step)], reached))

    def open(self, folder: str) -> int:
        """Return a new descriptor of a folder, for the caller to close.

        Raises
        ------
        OSError, ValueError
            When it cannot be opened.
        """
        whole_steps = folder[: len(folder) - len(folder) % LONG_PATH].rpartition("/")[0]
        if not whole_steps:
            return os.open(folder, _FOLDER_FLAGS)
        base = self.reach(whole_steps)
        return os.open(folder[len(whole_steps) + 1 :], _FOLDER_FLAGS, dir_fd=base)

    def _close_last(self) -> None:
        with suppress(OSError):
            os.close(self._kept.pop()[1])


def _is_below(folder: str, base: str) -> bool:
    return folder == base or folder.startswith(base + "/")


def _first_step(path: str) -> str:
    """Return the beginning of a path that is handed to the system at once: whole names."""
    if len(path) <= LONG_PATH:
        return path
    end = path.rfind("/", 1, LONG_PATH)
    if end < 0:
        end = path.find("/", 1)
    return path[:end] if end > 0 else path
