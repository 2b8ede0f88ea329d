"""Which files are videos, and which of them were cut short: by their content."""

import struct
from collections.abc import Iterator
from typing import BinaryIO

_HEAD_BYTES = 400
_BOXES = frozenset({b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})
_IMAGE_BRANDS = frozenset(b"avif avis heic heix heim heis mif1 mif2 msf1 crx ".split(b" "))
_PACKET_BYTES = 188
_EBML, _SEGMENT = b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67"

#: Where a file begins like this, the demuxer that reads it; no other is ever tried, for some of
#: them (play lists) would open further files and addresses.
_MAGIC = (
    (0, _EBML, "matroska"),
    (0, b"\x00\x00\x01\xba", "mpeg"),
    (0, b"\x00\x00\x01\xb3", "mpegvideo"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "asf"),
    (0, b"FLV\x01", "flv"),
    (0, b"OggS", "ogg"),
    (0, b"\x06\x0e\x2b\x34", "mxf"),
    (8, b"AVI ", "avi"),
)


def demuxer_of_head(head: bytes) -> str | None:
    """Return the demuxer that reads what begins with `head`; None when that is no video."""
    if head[4:8] in _BOXES:
        return None if head[4:8] == b"ftyp" and head[8:12] in _IMAGE_BRANDS else "mov"
    if any(_is_transport_stream(head[start:]) for start in (0, 4)):
        return "mpegts"
    return next((name for at, magic, name in _MAGIC if head.startswith(magic, at)), None)


def _is_transport_stream(head: bytes) -> bool:
    step = _PACKET_BYTES + (4 if head[_PACKET_BYTES + 4 : _PACKET_BYTES + 5] == b"G" else 0)
    return head[:1] == b"G" and head[step : step + 1] == b"G"


def what_is_missing(file: BinaryIO, size: int, demuxer: str) -> str:
    """Return what a file that was cut short lacks, by the lengths in it; or ""."""
    if demuxer == "mov":
        return _missing_of_boxes(file, size)
    end = {"avi": _end_of_riff, "matroska": _end_of_segment}.get(demuxer, lambda _: 0)(file)
    return f"{end - size:,} bytes are missing at its end" if end > size else ""


def _missing_of_boxes(file: BinaryIO, size: int) -> str:
    kinds = set()
    for kind, end in _boxes(file, size):
        kinds.add(kind)
        if end > size:
            return f"{end - size:,} bytes are missing at its end"
    return "" if b"moov" in kinds else "its index, which comes last, is missing"


def _boxes(file: BinaryIO, size: int) -> Iterator[tuple[bytes, int]]:
    """Yield kind and end of each box of an ISO base media file (ISO/IEC 14496-12, 4.2)."""
    start = 0
    while start + 8 <= size:
        file.seek(start)
        head = file.read(16)
        n_bytes = int.from_bytes(head[:4])
        if n_bytes == 1:
            n_bytes = int.from_bytes(head[8:16])
        end = start + n_bytes if n_bytes else size
        yield head[4:8], end
        if end < start + 8:
            return
        start = end


def _end_of_riff(file: BinaryIO) -> int:
    return int(struct.unpack_from("<I", file.read(8), 4)[0]) + 8


def _end_of_segment(file: BinaryIO) -> int:
    """Return where the Segment of a Matroska file ends (RFC 8794), 0 when it does not say."""
    head = file.read(_HEAD_BYTES)
    start = head.find(_SEGMENT) + len(_SEGMENT)
    if start < len(_SEGMENT) or start >= len(head) or not head[start]:
        return 0
    n_bytes = 9 - head[start].bit_length()
    value = int.from_bytes(head[start : start + n_bytes]) & ((1 << 7 * n_bytes) - 1)
    return 0 if value == (1 << 7 * n_bytes) - 1 else start + n_bytes + value
