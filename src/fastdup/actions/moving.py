"""Moving a file: never over another one, and with its bytes, times, permissions, attributes.

Within a file system the file gets its new name before it loses the old one, so that it has a
name at every moment. Between file systems the copy is on the disk and read back before the
original goes.
"""

import contextlib
import errno
import hashlib
import os
import shutil
import sys
from collections.abc import Iterator

from fastdup.actions.exact_duplicates import same_bytes
from fastdup.actions.state import same_file

_OTHER_DEVICE = errno.EXDEV
#: The file system has no hard links, or does not let this user make one. On Windows that is EINVAL.
_NO_LINKS = (
    errno.EACCES, errno.EINVAL, errno.EMLINK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP,
    errno.EPERM,
)  # fmt: skip
#: Without it the target of a symbolic link gets the new name; Windows knows no such choice.
_THE_NAME_ITSELF = {"follow_symlinks": False} if os.link in os.supports_follow_symlinks else {}


class ChangedError(Exception):
    """The file is not, or no longer, the one that was meant; never leaves this package."""


def move_file(source: str, target: str, state: os.stat_result) -> None:
    """Give the file `source` the name `target`, which must be free.

    Parameters
    ----------
    source, target : str
        Full paths; the folder of `target` exists.
    state : os.stat_result
        What `source` is.

    Raises
    ------
    FileExistsError
        When something has the name `target`.
    ChangedError
        When `source` is another file.
    OSError
        When the system refuses; `source` is then as it was.
    """
    try:
        os.link(source, target, **_THE_NAME_ITSELF)
    except OSError as exc:
        if exc.errno == _OTHER_DEVICE:
            _move_between_devices(source, target, state)
        elif exc.errno in _NO_LINKS:
            _rename(source, target, state)
        else:
            raise
        return
    if not same_file(os.lstat(target), state):
        os.unlink(target)
        raise ChangedError(source)
    sync_folder(os.path.dirname(target))
    if not same_file(os.lstat(source), state):  # replaced just now
        os.unlink(target)
        raise ChangedError(source)
    os.unlink(source)


def copy_whole(source: str, target: str, state: os.stat_result) -> None:
    """Write the bytes of `source` to `target`, a new file, to the disk itself, and compare them.

    Its times, permissions and attributes become those of `source`, or of `state` where it has
    them.
    """
    with open(source, "rb") as original, open(target, "xb") as copy:
        shutil.copyfileobj(original, copy, 2**20)
        copy.flush()
        if sys.platform != "win32":
            with contextlib.suppress(OSError):  # only root gives files away
                os.fchown(copy.fileno(), state.st_uid, state.st_gid)
        shutil.copystat(source, target, follow_symlinks=False)
        os.utime(target, ns=(state.st_atime_ns, state.st_mtime_ns))
        os.fsync(copy.fileno())
    if not same_bytes(source, target):
        raise OSError(errno.EIO, "the copy differs from the original", target)
    os.utime(target, ns=(state.st_atime_ns, state.st_mtime_ns))


def part_of(target: str) -> str:
    """Return the name that a copy has until it is whole: in the folder of `target`, hidden."""
    digest = hashlib.blake2b(os.fsencode(target), digest_size=8).hexdigest()
    return os.path.join(os.path.dirname(target), f".fastdup-{digest}.part")


@contextlib.contextmanager
def replacing(target: str) -> Iterator[str]:
    """Give the name of a new part of `target`; when what is done with it fails, it is removed."""
    part = part_of(target)
    remove(part)
    try:
        yield part
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(part)
        raise


def remove(path: str) -> None:
    """Remove a file, if it is there."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)


def sync_folder(folder: str) -> None:
    """Write the names in a folder to the disk itself, where the system can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder or ".", os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _move_between_devices(source: str, target: str, state: os.stat_result) -> None:
    if os.path.lexists(target):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), target)
    with replacing(target) as part:
        copy_whole(source, part, state)
        _rename(part, target, os.lstat(part))
    sync_folder(os.path.dirname(target))
    now = os.lstat(source)
    if not same_file(now, state) or now.st_mtime_ns != state.st_mtime_ns:
        os.unlink(target)
        raise ChangedError(source)
    os.unlink(source)


def _rename(source: str, target: str, state: os.stat_result) -> None:
    if os.path.lexists(target):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), target)
    if not same_file(os.lstat(source), state):
        raise ChangedError(source)
    os.rename(source, target)
    sync_folder(os.path.dirname(target))
