"""The size of a JPEG XL picture, read from its first bytes (ISO/IEC 18181-1 and -2)."""

import struct

from fastdup.errors import ImageError, Reason

_CODESTREAM = b"\xff\x0a"
#: Bits of a side for each of its four codes.
_SIDE_BITS = (9, 13, 18, 30)
#: Width for one of height, by its code; 0 is any other.
_RATIOS = {1: (1, 1), 2: (12, 10), 3: (4, 3), 4: (3, 2), 5: (16, 9), 6: (5, 4), 7: (2, 1)}
_HEAD_BYTES = 16
#: Bytes of a box up to its content, with a large size.
_BOX_BYTES = 16


def jpeg_xl_size(data: bytes) -> tuple[int, int]:
    """Return (width, height) of a JPEG XL file, before it is turned.

    Raises
    ------
    ImageError
        TRUNCATED: the file ends before it.
    """
    bits = _Bits(_codestream_head(data))
    is_small = bits.read(1)
    height = _read_side(bits, is_small=bool(is_small))
    ratio = bits.read(3)
    if ratio:
        across, down = _RATIOS[ratio]
        return height * across // down, height
    return _read_side(bits, is_small=bool(is_small)), height


class _Bits:
    """Reads numbers of a few bits, the lowest first."""

    def __init__(self, data: bytes) -> None:
        self._left = int.from_bytes(data, "little")

    def read(self, n_bits: int) -> int:
        value = self._left & ((1 << n_bits) - 1)
        self._left >>= n_bits
        return value


def _read_side(bits: _Bits, *, is_small: bool) -> int:
    if is_small:
        return 8 * (bits.read(5) + 1)
    return bits.read(_SIDE_BITS[bits.read(2)]) + 1


def _codestream_head(data: bytes) -> bytes:
    """Return the first bytes of the codestream behind its signature; it may be in a box."""
    at = 0 if data.startswith(_CODESTREAM) else _codestream_at(data)
    head = data[at + 2 : at + 2 + _HEAD_BYTES]
    if data[at : at + 2] != _CODESTREAM or not head:
        raise _truncated(data)
    return head


def _codestream_at(data: bytes) -> int:
    at = 0
    while at + _BOX_BYTES <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        start = at + 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, start)
            start += 8
        if kind == b"jxlc":
            return start
        if kind == b"jxlp":  # a part of it, behind its number
            return start + 4
        if size < 8:  # 0: this box goes on to the end
            break
        at += size
    raise _truncated(data)


def _truncated(data: bytes) -> ImageError:
    detail = f"the JPEG XL file ends before its picture, after {len(data):,} bytes"
    return ImageError(detail, reason=Reason.TRUNCATED)
