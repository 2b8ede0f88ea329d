"""Objects read here and there, as files of many images are: by ranges, never copied to disk."""

import errno
import io
from typing import BinaryIO, cast

from fastdup.errors import ImageError, Reason
from fastdup.sources.base import Stamp
from fastdup.sources.objects.client import StoreClient
from fastdup.sources.range_file import RangeFile

#: Bytes asked for at a time where a file is read from end to end.
WALK_BYTES = 4 * 2**20


class ObjectFiles:
    """Objects as files; see `Files`.

    Parameters
    ----------
    client : StoreClient
        Asks for them.
    """

    are_local = False

    def __init__(self, client: StoreClient) -> None:
        self._client = client

    def stamp(self, path: str) -> Stamp:
        """Return size and time of change."""
        try:
            return self._client.fetch(path, lambda *_: True, 0).stamp
        except ImageError as exc:
            raise _as_os_error(exc, path) from exc

    def open(self, path: str, stamp: Stamp, n_bytes: int | None = None) -> BinaryIO:
        """Return the object for reading anywhere, `n_bytes` or several megabytes at a time."""
        ranges = cast(io.RawIOBase, _Ranges(self._client, path, stamp))
        return io.BufferedReader(ranges, n_bytes or WALK_BYTES)

    def has_changed(self, path: str, stamp: Stamp) -> bool:
        """Return False: every answer is compared with the stamp instead."""
        return False

    def head(self, path: str, n_bytes: int) -> bytes:
        """Return the first bytes."""
        try:
            return self._client.read(path, n_bytes)
        except ImageError as exc:
            raise _as_os_error(exc, path) from exc

    def read_image(self, path: str, max_bytes: int | None) -> bytes:
        """Return the bytes of an image."""
        return self._client.read(path, max_bytes)


class _Ranges(RangeFile):
    """An object whose bytes are asked for when they are read; it must stay what it was."""

    def __init__(self, client: StoreClient, uri: str, stamp: Stamp) -> None:
        super().__init__(stamp.size_bytes)
        self._client = client
        self._uri = uri
        self._stamp = stamp

    def read_range(self, start: int, n_bytes: int) -> bytes:
        stamp, data = self._client.read_range(self._uri, start, n_bytes)
        if stamp != self._stamp:
            detail = f"{self._uri} was changed after it was listed: run again"
            raise ImageError(detail, reason=Reason.NOT_FOUND)
        return data


def _as_os_error(exc: ImageError, path: str) -> OSError:
    numbers = {Reason.NOT_FOUND: errno.ENOENT, Reason.TIMEOUT: errno.ETIMEDOUT}
    return OSError(numbers.get(exc.reason, errno.EACCES), str(exc), path)
