"""A listing of any length, kept on disk and read as often as needed."""

import struct
import tempfile
from collections.abc import Iterable, Iterator
from typing import Self

from fastdup.workdir.name_codec import decode_name, encode_name

_LENGTH = struct.Struct("<I")
_BUFFER_BYTES = 2**20


class DiskList:
    """The URIs of one listing, in order; a context manager.

    A place is listed once: listing may be slow, and must not change while a run goes on. The list
    is a nameless file, gone when it is closed or the process dies; memory stays flat.

    Parameters
    ----------
    uris : iterable of str
        Any strings.
    folder : str
        Where the file lies while it exists.
    """

    def __init__(self, uris: Iterable[str], folder: str) -> None:
        self._file = tempfile.TemporaryFile(  # noqa: SIM115 (closed when the context ends)
            dir=folder, buffering=_BUFFER_BYTES
        )
        self._n_uris = 0
        try:
            for uri in uris:
                data = encode_name(uri)
                self._file.write(_LENGTH.pack(len(data)) + data)
                self._n_uris += 1
            self._file.flush()
        except BaseException:  # the listing failed
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __len__(self) -> int:
        return self._n_uris

    def __iter__(self) -> Iterator[str]:
        """Yield all URIs from the first; iterations may overlap."""
        position, pending = 0, b""
        while True:
            self._file.seek(position)
            chunk = self._file.read(_BUFFER_BYTES)
            if not chunk:
                return
            position += len(chunk)
            pending += chunk
            start = 0
            while (end := _record_end(pending, start)) is not None:
                yield decode_name(pending[start + _LENGTH.size : end])
                start = end
            pending = pending[start:]


def _record_end(data: bytes, start: int) -> int | None:
    """Return where the record at `start` ends, None when it is not all there."""
    if len(data) < start + _LENGTH.size:
        return None
    end = start + _LENGTH.size + int(_LENGTH.unpack_from(data, start)[0])
    return end if end <= len(data) else None
