"""Frames as a video file has them, not decoded; and lists of them, as they are stored."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

#: Time in milliseconds, then a `CodedFrame`.
_FRAME = struct.Struct("<5q")


class CodedFrame(NamedTuple):
    """A frame as the file has it.

    Attributes
    ----------
    ts : int
        When it is shown, in units of the stream.
    key_ts : int
        The same of the key frame from which it can be decoded; its own for a key frame.
    seek_ts : int
        Where to seek for that key frame.
    n_bytes : int
        Its size in the file.
    """

    ts: int
    key_ts: int
    seek_ts: int
    n_bytes: int

    @property
    def is_key(self) -> bool:
        """Whether it is decoded from nothing but itself."""
        return self.ts == self.key_ts


class FrameRecord:
    """Frames of one video with their times, in the order in which they are listed."""

    def __init__(self, data: bytes = b"") -> None:
        self.data = bytearray(data)

    def add(self, time_ms: int, frame: CodedFrame) -> None:
        """Add the next frame."""
        self.data += _FRAME.pack(time_ms, *frame)

    def __len__(self) -> int:
        return len(self.data) // _FRAME.size

    @property
    def is_sound(self) -> bool:
        """Whether the bytes are those of whole frames."""
        return len(self.data) % _FRAME.size == 0

    def __iter__(self) -> Iterator[tuple[int, CodedFrame]]:
        for time_ms, *frame in _FRAME.iter_unpack(self.data):
            yield time_ms, CodedFrame(*frame)
