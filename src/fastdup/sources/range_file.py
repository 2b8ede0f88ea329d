"""A file whose bytes are asked for when they are read, range by range."""

import io
from abc import abstractmethod


class RangeFile(io.RawIOBase):
    """A file of known size that is elsewhere.

    Parameters
    ----------
    size_bytes : int
    """

    def __init__(self, size_bytes: int) -> None:
        self._size_bytes = size_bytes
        self._position = 0

    @abstractmethod
    def read_range(self, start: int, n_bytes: int) -> bytes:
        """Return bytes of the file, none beyond its end."""

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the position."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Set the position, and return it."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size_bytes}
        self._position = max(0, start[whence] + offset)
        return self._position

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        """Read from the position on, as much as the buffer holds, and return how much that was."""
        n_bytes = min(len(buffer), self._size_bytes - self._position)
        if n_bytes <= 0:
            return 0
        data = self.read_range(self._position, n_bytes)
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)
