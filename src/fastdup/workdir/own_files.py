"""Opening files of the work folder, and only those: a link planted there is not followed."""

import contextlib
import os
import stat
from typing import BinaryIO

_NO_LINK = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
#: A pipe planted there must not make the program wait.
_NO_WAIT = getattr(os, "O_NONBLOCK", 0)


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


def read_own(path: str, max_bytes: int) -> bytes:
    """Return the bytes of a plain file of the work folder.

    Parameters
    ----------
    path : str
    max_bytes : int
        Most that it may have, inclusive.

    Raises
    ------
    OSError
        When it cannot be read; ``ELOOP`` when there is a symbolic link in its place.
    ValueError
        When it is not a plain file, or has more bytes.
    """
    with open(path, "rb", opener=_opened_to_read) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise ValueError("it is not a plain file")
        data = file.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise ValueError(f"it has more than {max_bytes:,} bytes")
    return data


def _opened_to_read(path: str, flags: int) -> int:
    return os.open(path, flags | _NO_LINK | _NO_WAIT)


def _opened(path: str, flags: int) -> int:
    return os.open(path, flags | _NO_LINK, 0o666)
