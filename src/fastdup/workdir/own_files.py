"""Opening files of the work folder, and only those: a link planted there is not followed."""

import contextlib
import os
from typing import BinaryIO

_NO_LINK = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)


def open_own(path: str, mode: str) -> BinaryIO:
    """Open a file of the work folder for writing.

    Parameters
    ----------
    path : str
    mode : {"wb", "ab", "a+b", "rb+"}

    Raises
    ------
    OSError
        When it cannot be opened; ``ELOOP`` when there is a symbolic link in its place.
    """
    return open(path, mode, opener=_opened)  # type: ignore[return-value]


def open_new(path: str) -> BinaryIO:
    """Open a new file; what was there before, a link too, is removed.

    Raises
    ------
    OSError
        When it cannot be made.
    """
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
    return open(path, "xb", opener=_opened)


def _opened(path: str, flags: int) -> int:
    return os.open(path, flags | _NO_LINK, 0o666)
