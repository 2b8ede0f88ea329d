"""Icons and cursors → their largest picture."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from fastdup.errors import ImageError, Reason
from fastdup.images.cut_short import ends_early
from fastdup.images.embedded import Embedded

_DIRECTORY, _ENTRY = struct.Struct("<HHH"), struct.Struct("<BBBBHHII")
_BITMAP = struct.Struct("<IiiHHII")
_PNG, _JPEG2000 = b"\x89PNG\r\n\x1a\n", (b"\x00\x00\x00\x0cjP  ", b"\xff\x4f\xff\x51")
#: More pictures than any icon has.
_MOST_PICTURES = 1024


class _Picture(NamedTuple):
    """One picture of an icon: its area, its bits per pixel, its bytes."""

    n_pixels: int
    bits: int
    data: bytes


def is_icon(head: bytes) -> bool:
    """Return whether a file begins with a directory of pictures, as icons and cursors do."""
    if len(head) < _DIRECTORY.size + _ENTRY.size:
        return False
    reserved, kind, count = _DIRECTORY.unpack_from(head)
    *_, zero, _, _, n_bytes, offset = _ENTRY.unpack_from(head, _DIRECTORY.size)
    is_directory = reserved == 0 and kind in (1, 2) and 0 < count <= _MOST_PICTURES
    return is_directory and zero == 0 and n_bytes > 0 and offset >= _end_of_directory(count)


def picture_of_icon(data: bytes) -> Embedded:
    """Return the largest picture of an icon or cursor, as a PNG or as an icon with one picture.

    Raises
    ------
    ImageError, struct.error
        When it is incomplete.
    """
    _, _, count = _DIRECTORY.unpack_from(data)
    best = max(_pictures(data, min(count, _MOST_PICTURES)), default=None)
    if best is None:
        raise ImageError("an icon without pictures")
    if best.data.startswith(_PNG):
        return Embedded("PNG", best.data)
    width, height = _bitmap_size(best.data)
    entry = _ENTRY.pack(width & 255, height & 255, 0, 0, 1, best.bits, len(best.data), 22)
    return Embedded("ICO", _DIRECTORY.pack(0, 1, 1) + entry + best.data)


def icon_size(data: bytes) -> tuple[int, int]:
    """Return (width, height) of an icon with one picture, by that picture's own header."""
    return _bitmap_size(data[22:])


def picture_of_icns(data: bytes) -> Embedded:
    """Return the largest picture of an ICNS file, or the file itself if it has only old ones.

    Raises
    ------
    ImageError, struct.error
        When it is incomplete.
    """
    pictures = list(_icns_elements(data))
    whole = [content for content in pictures if content.startswith((_PNG, *_JPEG2000))]
    if not whole:
        return Embedded("ICNS", data)
    best = max(whole, key=_stated_pixels)
    return Embedded("PNG" if best.startswith(_PNG) else "JPEG 2000", best)


def _end_of_directory(count: int) -> int:
    return _DIRECTORY.size + count * _ENTRY.size


def _pictures(data: bytes, count: int) -> Iterator[_Picture]:
    for number in range(count):
        fields = _ENTRY.unpack_from(data, _DIRECTORY.size + number * _ENTRY.size)
        *_, bits, n_bytes, offset = fields
        if offset + n_bytes > len(data):
            raise ends_early("icon", data)
        content = data[offset : offset + n_bytes]
        if content.startswith(_PNG):
            yield _Picture(_stated_pixels(content), 32, content)
        else:
            width, height = _bitmap_size(content)
            bits = _BITMAP.unpack_from(content)[4]
            _require_rows(content, width, height, bits)
            yield _Picture(width * height, bits, content)


def _bitmap_size(content: bytes) -> tuple[int, int]:
    """Return the size of a picture without a file header; its height counts the mask too."""
    header, width, height, _, _, _, _ = _BITMAP.unpack_from(content)
    if header < 40 or width <= 0 or height <= 0:
        raise ImageError("the header of a picture in the icon is damaged")
    return width, height // 2


def _require_rows(content: bytes, width: int, height: int, bits: int) -> None:
    header = _BITMAP.unpack_from(content)[0]
    n_colours = 2**bits if bits <= 8 else 0
    n_bytes = header + (width * bits + 31) // 32 * 4 * height
    if bits < 32:
        n_bytes += (width + 31) // 32 * 4 * height
    # A palette may be shorter than its depth allows.
    n_stated = struct.unpack_from("<I", content, 32)[0]
    n_bytes += 4 * (min(n_stated, n_colours) or n_colours)
    if n_bytes > len(content):
        raise ImageError("a picture in the icon ends early", reason=Reason.TRUNCATED)


def _stated_pixels(content: bytes) -> int:
    """Return the area that a PNG states; that of a JPEG 2000 goes by its number of bytes."""
    if content.startswith(_PNG):
        width, height = struct.unpack_from(">II", content, 16)
        return int(width * height)
    return len(content)


def _icns_elements(data: bytes) -> Iterator[bytes]:
    (n_bytes,) = struct.unpack_from(">I", data, 4)
    if n_bytes > len(data):
        raise ends_early("ICNS", data)
    at = 8
    while at < n_bytes:
        (length,) = struct.unpack_from(">I", data, at + 4)
        if length < 8 or at + length > n_bytes:
            raise ends_early("ICNS", data)
        yield data[at + 8 : at + length]
        at += length
