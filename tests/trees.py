"""What a folder holds, to the byte and the nanosecond."""

import os
import stat
from pathlib import Path


def tree(folder: Path) -> dict[bytes, tuple]:
    """Return each file and folder below, by name: content, time of change, permissions."""
    found = {}
    for root, _, names in os.walk(os.fsencode(folder)):
        for path in (root, *(os.path.join(root, name) for name in names)):
            state = os.lstat(path)
            found[path] = (_content(path, state.st_mode), state.st_mtime_ns, state.st_mode)
    return found


def files(folder: Path) -> list[Path]:
    """Return the files below, sorted."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def _content(path: bytes, mode: int) -> bytes | None:
    if stat.S_ISDIR(mode):
        return None
    if stat.S_ISLNK(mode):
        return os.readlink(path)
    with open(path, "rb") as file:
        return file.read()
