"""Reading files of the local file system."""

import errno
import os
import re
import stat
from typing import BinaryIO

from fastdup.errors import ImageError, Reason
from fastdup.sources.base import UNREACHABLE, Stamp, stamp_of_state
from fastdup.sources.kind_reader import KindReader
from fastdup.sources.long_paths import LONG_PATH, open_path, stat_path

_REASONS = {
    errno.ENOENT: Reason.NOT_FOUND,
    errno.ENOTDIR: Reason.NOT_FOUND,
    errno.ELOOP: Reason.NOT_FOUND,
    errno.ENAMETOOLONG: Reason.NOT_FOUND,
    errno.EISDIR: Reason.NOT_AN_IMAGE,
    errno.ETIMEDOUT: Reason.TIMEOUT,
}
#: Of exceptions without a number, which programs raise themselves.
_KINDS = {FileNotFoundError: Reason.NOT_FOUND, TimeoutError: Reason.TIMEOUT}
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
# Without O_NONBLOCK, opening a named pipe would wait for a writer for ever.
_OPEN_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


def is_url(name: str) -> bool:
    """Return whether `name` is an address such as ``s3://bucket/image.jpg``."""
    return _URL.match(name) is not None


def image_error(exc: OSError) -> ImageError:
    """Return what a failure of the file system means for an image."""
    by_kind = next((reason for kind, reason in _KINDS.items() if isinstance(exc, kind)), None)
    reason = _REASONS.get(exc.errno or 0, by_kind or Reason.NO_ACCESS)
    return ImageError(exc.strerror or str(exc), reason=reason)


def open_regular(path: str) -> BinaryIO:
    """Return a plain file, open for reading; no pipe, device or socket, which might never end.

    Raises
    ------
    OSError, ValueError
        When it cannot be opened, or is no plain file.
    """
    descriptor = open_path(path, _OPEN_FLAGS)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, NOT_REGULAR, path)
        return open(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


#: The detail of what is no plain file.
NOT_REGULAR = "not a regular file"
IS_FOLDER = "a folder: name it as an input"


class LocalReader(KindReader):
    """Stamps and reads plain files of this machine."""

    def stamp(self, uri: str) -> Stamp:
        """Return size and time of change, `UNREACHABLE` when the file cannot be read."""
        try:
            found = stat_path(uri)
        except (OSError, ValueError):  # ValueError: a zero byte in the name
            return UNREACHABLE
        if len(uri) < LONG_PATH and not os.access(uri, os.R_OK):
            return UNREACHABLE
        return stamp_of_state(found)

    def read(self, uri: str, max_bytes: int | None = None) -> bytes:
        """Return the file's bytes, only the first `max_bytes` when that is given.

        Raises
        ------
        ImageError
            With reason ``not_found``, ``no_access``, ``timeout``, ``not_an_image``, or
            ``unsupported`` for a URL.
        """
        try:
            descriptor = open_path(uri, _OPEN_FLAGS)
            try:
                found = os.fstat(descriptor)
                if not stat.S_ISREG(found.st_mode):
                    is_folder = stat.S_ISDIR(found.st_mode)
                    what = IS_FOLDER if is_folder else NOT_REGULAR
                    raise ImageError(what, reason=Reason.NOT_AN_IMAGE)
                return _read(descriptor, found.st_size if max_bytes is None else max_bytes)
            finally:
                os.close(descriptor)
        except OSError as exc:
            if is_url(uri):
                detail = "only files of this machine can be read"
                raise ImageError(detail, reason=Reason.UNSUPPORTED) from exc
            raise image_error(exc) from exc
        except ValueError as exc:
            raise ImageError(str(exc), reason=Reason.NOT_FOUND) from exc
        except MemoryError as exc:
            raise ImageError("not enough memory to read it", reason=Reason.TOO_LARGE) from exc


def _read(descriptor: int, n_bytes: int) -> bytes:
    """Return up to `n_bytes` from the start, mostly by a single call of the system."""
    parts = []
    while n_bytes and (part := os.read(descriptor, n_bytes)):
        parts.append(part)
        n_bytes -= len(part)
    return b"".join(parts)
