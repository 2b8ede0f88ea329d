"""The size and depth of a JPEG XL picture, by its first bytes (ISO/IEC 18181-1 and -2)."""

import struct
from typing import NamedTuple

from fastdup.errors import ImageError, Reason

#: Where an animation has the number of its frames, in `info`.
N_FRAMES = "fastdup_n_frames"
_CODESTREAM = b"\xff\x0a"
#: Bits of a side for each of its four codes.
_SIDE_BITS = (9, 13, 18, 30)
#: Width for one of height, by its code; 0 is any other.
_RATIOS = {1: (1, 1), 2: (12, 10), 3: (4, 3), 4: (3, 2), 5: (16, 9), 6: (5, 4), 7: (2, 1)}
_HEAD_BYTES = 64
#: What a number is, by its code: a base, and how many bits are added to it.
_SMALL_PREVIEW = ((16, 0), (32, 0), (1, 5), (33, 9))
_PREVIEW = ((1, 6), (65, 8), (321, 10), (1345, 12))
_TICKS, _PER = ((100, 0), (1000, 0), (1, 10), (1, 30)), ((1, 0), (1001, 0), (1, 8), (1, 10))
_LOOPS = ((0, 0), (0, 3), (0, 16), (0, 32))
_DEPTHS = ((8, 0), (10, 0), (12, 0), (1, 6))
#: Bytes of a box up to its content, with a large size.
_BOX_BYTES = 16


def jpeg_xl_size(data: bytes) -> tuple[int, int]:
    """Return (width, height) of a JPEG XL file, before it is turned.

    Raises
    ------
    ImageError
        TRUNCATED: the file ends before it.
    """
    return _read_size(_Bits(_codestream_head(data)))


class JpegXlKind(NamedTuple):
    """What values a JPEG XL file has.

    Attributes
    ----------
    depth : int
        Bits of each channel; 0 for floating point.
    is_animated : bool
        Whether it has several frames.
    """

    depth: int = 8
    is_animated: bool = False


def jpeg_xl_kind(data: bytes) -> JpegXlKind:
    """Return what values a JPEG XL file has.

    Raises
    ------
    ImageError
        TRUNCATED: the file ends before it.
    """
    bits = _Bits(_codestream_head(data))
    _read_size(bits)
    if bits.read(1):  # all is as usual
        return JpegXlKind()
    is_animated = False
    if bits.read(1):
        bits.read(3)  # how it is turned
        if bits.read(1):
            _read_size(bits)
        if bits.read(1):
            sides = _SMALL_PREVIEW if bits.read(1) else _PREVIEW
            bits.number(sides)
            if not bits.read(3):
                bits.number(sides)
        if is_animated := bool(bits.read(1)):
            for kinds in (_TICKS, _PER, _LOOPS):
                bits.number(kinds)
            bits.read(1)
    return JpegXlKind(0 if bits.read(1) else bits.number(_DEPTHS), is_animated)


def _read_size(bits: "_Bits") -> tuple[int, int]:
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

    def number(self, kinds: tuple[tuple[int, int], ...]) -> int:
        base, n_bits = kinds[self.read(2)]
        return base + self.read(n_bits)


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
