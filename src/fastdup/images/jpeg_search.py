"""Finds whole JPEG files inside other files."""

import re
from collections.abc import Iterator
from typing import NamedTuple

_START = re.compile(rb"\xff\xd8\xff")
#: The next marker after compressed data, in which 00 and the restart markers mean nothing.
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
#: Frames of lossy JPEG; the lossless ones (C3, C7, …) hold the data of a sensor.
_LOSSY_FRAMES = frozenset({0xC0, 0xC1, 0xC2})
_ALL_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
#: How many markers are passed in one file; a limit for files that are made to take time.
_MOST_MARKERS = 50_000


class FoundJpeg(NamedTuple):
    """Where a JPEG file lies, and its size in pixels."""

    start: int
    stop: int
    width: int
    height: int

    @property
    def n_pixels(self) -> int:
        """Width × height."""
        return self.width * self.height

    @property
    def longer_side(self) -> int:
        """The larger one of width and height."""
        return max(self.width, self.height)


class JpegSearch:
    """Looks for lossy JPEG files of 8 bits in `data`, whatever it is, in bounded time."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._n_left = _MOST_MARKERS

    def at(self, start: int) -> FoundJpeg | None:
        """Return the whole JPEG that begins at `start`, None when there is none."""
        data, at, size = self._data, start + 2, None
        if start < 0 or data[start : start + 3] != b"\xff\xd8\xff":
            return None
        while self._n_left > 0 and at + 4 <= len(data) and data[at] == 0xFF:
            self._n_left -= 1
            marker = data[at + 1]
            if marker == 0xFF:  # a fill byte
                at += 1
                continue
            length = int.from_bytes(data[at + 2 : at + 4])
            if marker in (0x00, 0xD8) or length < 2:
                return None
            if marker in _ALL_FRAMES:
                size = self._frame_size(at, marker)
                if size is None:
                    return None
            at += 2 + length
            if marker == 0xDA:
                found = _NEXT_MARKER.search(data, at)
                if found is None or size is None:
                    return None
                at = found.start()
                if data[at + 1] == 0xD9:
                    return FoundJpeg(start, at + 2, *size)
        return None

    def all(self) -> Iterator[FoundJpeg]:
        """Yield each whole JPEG that does not lie inside one found before."""
        at = 0
        while self._n_left > 0 and (found := _START.search(self._data, at)):
            self._n_left -= 1
            jpeg = self.at(found.start())
            if jpeg:
                yield jpeg
            at = jpeg.stop if jpeg else found.start() + 2

    def _frame_size(self, at: int, marker: int) -> tuple[int, int] | None:
        """Return width and height of the frame at a marker, None when it is no ordinary picture."""
        head = self._data[at + 4 : at + 10]
        if marker not in _LOSSY_FRAMES or len(head) < 6 or head[0] != 8 or head[5] not in (1, 3):
            return None
        height, width = int.from_bytes(head[1:3]), int.from_bytes(head[3:5])
        return (width, height) if width and height else None
