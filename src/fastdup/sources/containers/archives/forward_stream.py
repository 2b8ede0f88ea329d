"""A compressed file read forward once, with a window of what was read last."""

import bz2
import gzip
import lzma
import threading
import zlib
from collections import deque
from collections.abc import Callable, Mapping
from typing import BinaryIO

from fastdup.sources.containers.archives.archive_formats import ArchiveFormat

#: What reading a damaged compressed file raises.
DAMAGE = (OSError, EOFError, zlib.error, lzma.LZMAError)

CHUNK_BYTES = 2**20
LEAST_WINDOW_BYTES = 64 * 2**20
MOST_WINDOW_BYTES = 2**30

_OPENERS: Mapping[
    ArchiveFormat, Callable[[BinaryIO], gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile]
] = {
    ArchiveFormat.TAR_GZ: lambda packed: gzip.GzipFile(fileobj=packed),
    ArchiveFormat.TAR_BZ2: bz2.BZ2File,
    ArchiveFormat.TAR_XZ: lzma.LZMAFile,
}


class ForwardFile:
    """A compressed file that is read forward; skipping costs no memory.

    All that is before a damage can be read; whoever reads on meets one of `DAMAGE`.

    Parameters
    ----------
    packed : binary file
        The file; closed with this one.
    packing : ArchiveFormat
        How it is compressed.
    most_bytes : int or None
        What is behind so many decompressed bytes counts as damage.
    """

    def __init__(
        self, packed: BinaryIO, packing: ArchiveFormat, most_bytes: int | None = None
    ) -> None:
        self._most_bytes = most_bytes
        self._packed = packed
        self._file = _OPENERS[packing](packed)
        self._position = 0
        self._damage: Exception | None = None

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        self._packed.close()

    def tell(self) -> int:
        """Return the position in the decompressed file."""
        return self._position

    def seek(self, offset: int) -> int:
        """Skip forward to `offset`, or to the end."""
        while self._position < offset and self.read(min(CHUNK_BYTES, offset - self._position)):
            pass
        return self._position

    def read(self, n_bytes: int) -> bytes:
        """Return the next `n_bytes`, fewer at the end and before a damage."""
        if self._damage:
            raise self._damage
        if self._most_bytes is not None and self._position > self._most_bytes:
            raise OSError(f"it unpacks to more than {self._most_bytes:,} bytes")
        parts: list[bytes] = []
        try:
            while n_bytes and (part := self._file.read1(n_bytes)):
                parts.append(part)
                n_bytes -= len(part)
                self._position += len(part)
        except DAMAGE as exc:
            self._damage = exc
            if not parts:
                raise
        return b"".join(parts)


class ForwardStream:
    """Reads any part of a compressed file; cheap as long as the parts are near one another.

    Threads that work on neighbouring batches ask for members out of order, within a few dozen: the
    window holds what was passed over. Who asks for more than it holds has the file read again from
    its start, with twice the window.

    Parameters
    ----------
    open_packed : callable
        Opens the file.
    packing : ArchiveFormat
        How it is compressed.
    """

    def __init__(self, open_packed: Callable[[], BinaryIO], packing: ArchiveFormat) -> None:
        self._open_packed = open_packed
        self._packing = packing
        self._lock = threading.Lock()
        self._window_bytes = LEAST_WINDOW_BYTES
        self._file: ForwardFile | None = None
        self._rewind()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._file:
                self._file.close()
            self._file = None

    def read_at(self, offset: int, n_bytes: int) -> bytes:
        """Return `n_bytes` of the decompressed file from `offset`, fewer at its end."""
        with self._lock:
            if self._file is None:  # closed meanwhile, to make room for others
                self._rewind()
            elif offset < self._start:
                self._window_bytes = min(2 * self._window_bytes, MOST_WINDOW_BYTES)
                self._rewind()
            while self._stop <= offset and self._advance():
                self._shrink(self._window_bytes)
            parts: list[bytes] = []
            position, end = offset, offset + n_bytes
            while position < end and (self._stop > position or self._advance()):
                part = self._buffered(position, end)
                parts.append(part)
                position += len(part)
                self._shrink(self._window_bytes)
            return b"".join(parts)

    def _rewind(self) -> None:
        if self._file:
            self._file.close()
        self._file = ForwardFile(self._open_packed(), self._packing)
        self._chunks: deque[bytes] = deque()
        self._start = self._stop = 0  # what part of the decompressed file the window holds

    def _advance(self) -> bool:
        """Read one more chunk; return False at the end."""
        chunk = self._file.read(CHUNK_BYTES) if self._file else b""
        self._chunks.append(chunk)
        self._stop += len(chunk)
        return bool(chunk)

    def _shrink(self, n_bytes: int) -> None:
        while self._stop - self._start - len(self._chunks[0]) > n_bytes:
            self._start += len(self._chunks.popleft())

    def _buffered(self, position: int, end: int) -> bytes:
        """Return a part of one chunk of the window that begins at `position`."""
        chunk_start = self._stop
        for chunk in reversed(self._chunks):
            chunk_start -= len(chunk)
            if chunk_start <= position and chunk:
                return chunk[position - chunk_start : end - chunk_start]
        raise AssertionError("the window holds the position")
