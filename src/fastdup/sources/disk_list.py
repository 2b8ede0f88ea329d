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
            while (begin := start + _LENGTH.size) <= len(pending):
                end = begin + _LENGTH.unpack_from(pending, start)[0]
                if end > len(pending):
                    break
                yield decode_name(pending[begin:end])
                start = end
            pending = pending[start:]
