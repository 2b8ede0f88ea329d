"""Putting a link in the place of a file, and a file of its own in the place of a link."""

import base64
import contextlib
import hashlib
import os
import sys

from fastdup.actions.journal_record import Record
from fastdup.actions.moving import copy_whole, replacing, sync_folder
from fastdup.actions.state import same_file, stat_of
from fastdup.errors import ActionError

_FICLONE = 0x40049409  # linux/fs.h


def place_link(record: Record, state: os.stat_result) -> None:
    """Put a link to the kept copy in the place of the file, in one step of the file system.

    Raises
    ------
    ActionError
        When the file system cannot share bytes between files.
    OSError
        When the system refuses; the file is then as it was.
    """
    with replacing(record.path) as part:
        if record.action == "hardlink":
            os.link(record.kept, part)
        elif record.action == "symlink":
            os.symlink(record.kept, part)
        else:
            _clone(record, part, state)
        os.replace(part, record.path)
    sync_folder(os.path.dirname(record.path))


def is_whole(record: Record, found: os.stat_result) -> bool:
    """Return whether `found` is the state of the original file, or of a restored one, and no link.

    A file that only shares its bytes on the disk is as good as the original.
    """
    known = record.mode, record.size_bytes, record.mtime_ns
    if (found.st_mode, found.st_size, found.st_mtime_ns) != known:
        return False
    if (found.st_dev, found.st_ino) == (record.device, record.inode):
        return True
    kept = stat_of(record.kept)
    is_link = kept is not None and same_file(found, kept)
    return not is_link and digest_if_readable(record.path) == record.digest


def restore_file(record: Record) -> bool:
    """Put a file with the original bytes, times and permissions in the place of a link.

    Returns
    -------
    bool
        False when the bytes are gone: neither the link nor the kept copy holds them any more.
    """
    sources = [
        path for path in (record.path, record.kept) if digest_if_readable(path) == record.digest
    ]
    if not sources or not _is_ours(record):
        return False
    source = os.path.realpath(sources[0])
    with replacing(record.path) as part:
        copy_whole(source, part, os.stat(source))
        _set_state(record, part)
        os.replace(part, record.path)
    sync_folder(os.path.dirname(record.path))
    return True


def digest_of(path: str) -> str:
    """Return a digest of a file's bytes that no other bytes have.

    Raises
    ------
    OSError
        When it cannot be read.
    """
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "blake2b").hexdigest()


def xattrs_of(path: str) -> dict[str, str]:
    """Return the extended attributes of a file, in base 64; none where there is no such thing."""
    if sys.platform != "linux":
        return {}
    with contextlib.suppress(OSError):
        return {
            name: base64.b64encode(os.getxattr(path, name)).decode() for name in os.listxattr(path)
        }
    return {}


def digest_if_readable(path: str) -> str:
    """Return the digest of a file's bytes, empty when it cannot be read."""
    try:
        return digest_of(path)
    except OSError:
        return ""


def _is_ours(record: Record) -> bool:
    """Return whether the file's name holds our link or nothing, and not a file put there since."""
    if not os.path.lexists(record.path):
        return True
    if record.action == "symlink":
        return os.path.islink(record.path) and _target_of(record.path) == record.kept
    return not os.path.islink(record.path) and digest_if_readable(record.path) == record.digest


def _target_of(link: str) -> str:
    """Return the path that a symbolic link was made with."""
    target = os.readlink(link)
    # Windows answers with the prefix of long paths.
    return target.removeprefix("\\\\?\\") if sys.platform == "win32" else target


def _clone(record: Record, part: str, state: os.stat_result) -> None:
    if sys.platform != "linux":
        raise ActionError("reflink works on Linux only: try --action hardlink")
    import fcntl

    with open(record.kept, "rb") as kept, open(part, "xb") as copy:
        try:
            fcntl.ioctl(copy.fileno(), _FICLONE, kept.fileno())
        except OSError as exc:
            raise ActionError(
                f"reflink: the file system of {record.path!r} cannot share bytes between files "
                f"({exc.strerror}): try --action hardlink"
            ) from exc
        _set_state(record, part)
        os.fsync(copy.fileno())
    now = os.lstat(record.path)
    if (now.st_ino, now.st_mtime_ns) != (state.st_ino, state.st_mtime_ns):
        raise OSError(f"{record.path!r} changed just now")


def _set_state(record: Record, path: str) -> None:
    """Give a file the owner, permissions, attributes and times of the record."""
    if sys.platform != "win32":
        with contextlib.suppress(OSError):  # only root gives files away
            os.chown(path, record.owner, record.group)
    if sys.platform == "linux":
        for name in xattrs_of(path).keys() - record.xattrs.keys():
            with contextlib.suppress(OSError):  # such as those of the security system
                os.removexattr(path, name)
        for name, value in record.xattrs.items():
            with contextlib.suppress(OSError):
                os.setxattr(path, name, base64.b64decode(value))
    # Never set-user-ID nor set-group-ID: no picture needs them.
    os.chmod(path, record.mode & 0o1777)
    os.utime(path, ns=(record.atime_ns, record.mtime_ns))
