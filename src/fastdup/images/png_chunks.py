"""The chunks of a PNG, found without decoding any pixel (PNG specification, 3rd edition, 5.3)."""

from collections.abc import Iterator
from typing import NamedTuple

#: Bytes before the first chunk, and of a chunk beside its content: length, kind, checksum.
SIGNATURE_BYTES, FRAME_BYTES = 8, 12


class PngChunk(NamedTuple):
    """A chunk: its kind, and from where to where it reaches, its length and checksum included."""

    kind: bytes
    start: int
    end: int


def png_chunks(data: bytes) -> Iterator[PngChunk]:
    """Yield each chunk up to the last one, IEND, as far as the file reaches.

    The last one yielded may extend beyond the end of the file.
    """
    start = SIGNATURE_BYTES
    while start + FRAME_BYTES <= len(data):
        end = start + FRAME_BYTES + int.from_bytes(data[start : start + 4])
        kind = data[start + 4 : start + 8]
        yield PngChunk(kind, start, end)
        if kind == b"IEND":
            return
        start = end
