"""Unpacks the pixel data of a PNG by libdeflate, in a third of the time that zlib takes.

The rest of the file is left to Pillow, so all kinds of PNG give the same picture. Where libdeflate
is not installed, or refuses the data, Pillow unpacks it.
"""

import struct
import threading
from functools import cache
from itertools import dropwhile, takewhile
from types import ModuleType

from fastdup.images.png_chunks import PngChunk, png_chunks

#: Colour type → channels.
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
#: Bytes of unpacked pixels: of fewer, the detour is not worth it; more need too much memory for
#: the tenth of the time that it gains there.
_FEWEST_BYTES, _MOST_BYTES = 2**14, 2**23
#: Most bytes of a block that is stored as it is (RFC 1951, 3.2.4), and how such a stream begins.
_MOST_STORED = 2**16 - 1
_STREAM_HEAD = b"\x78\x01"

#: The last pixels and file of each thread. Freed at once, their memory would go back to the system,
#: and to ask for it again takes as long as unpacking.
_of_thread = threading.local()


def with_plain_pixels(data: bytes) -> bytes:
    """Return a PNG with the same chunks, but for pixel data that is stored and not compressed.

    Parameters
    ----------
    data : bytes
        A complete PNG file; it is returned as it is where that gains nothing, or cannot be done.
    """
    deflate = _libdeflate()
    n_bytes = _unpacked_bytes(data)
    if deflate is None or not _FEWEST_BYTES <= n_bytes <= _MOST_BYTES:
        return data
    packed = _pixel_chunks(data)
    stream = b"".join(data[chunk.start + 8 : chunk.end - 4] for chunk in packed)
    try:
        pixels = deflate.zlib_decompress(stream, n_bytes)
    except deflate.DeflateError:  # damaged, or longer than it should be
        return data
    if len(pixels) != n_bytes:
        return data
    content = [b"IDAT", *_stored(pixels), deflate.adler32(pixels).to_bytes(4)]
    length, checksum = sum(map(len, content)) - 4, 0
    for part in content:
        checksum = deflate.crc32(part, checksum)
    before, after = data[: packed[0].start], data[packed[-1].end :]
    plain = b"".join([before, length.to_bytes(4), *content, checksum.to_bytes(4), after])
    _of_thread.last = pixels, plain
    return plain


@cache
def _libdeflate() -> ModuleType | None:
    try:
        import deflate
    except ImportError:
        return None
    found: ModuleType = deflate
    return found


def _unpacked_bytes(data: bytes) -> int:
    """Return the bytes of all rows, each with its filter; 0 for an interlaced picture."""
    width, height, depth, colour_type, _, _, interlaced = struct.unpack_from(">II5B", data, 16)
    if interlaced or colour_type not in _CHANNELS:
        return 0
    row_bits = width * depth * _CHANNELS[colour_type]
    return int(height * (1 + (row_bits + 7) // 8))


def _pixel_chunks(data: bytes) -> list[PngChunk]:
    """Return the chunks with pixel data, which follow each other."""
    since = dropwhile(lambda chunk: chunk.kind != b"IDAT", png_chunks(data))
    return list(takewhile(lambda chunk: chunk.kind == b"IDAT", since))


def _stored(pixels: bytearray) -> list[bytes | memoryview]:
    """Return the parts of a zlib stream of stored blocks, but for its checksum."""
    view = memoryview(pixels)
    parts: list[bytes | memoryview] = [_STREAM_HEAD]
    for start in range(0, len(view), _MOST_STORED):
        block = view[start : start + _MOST_STORED]
        is_last = start + _MOST_STORED >= len(view)
        parts += [struct.pack("<BHH", is_last, len(block), len(block) ^ 0xFFFF), block]
    return parts
