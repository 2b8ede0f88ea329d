"""Detects truncated files by their structure, without decoding any pixel.

Decoders are forgiving: many show the part they have and leave the rest grey, which would pass for a
picture. Here every format that can be decoded has a check that fails for a file cut at any
position. The loops go from chunk to chunk, box to box or directory to directory, and skip the
content.
"""

import re
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence

from fastdup.errors import ImageError, Reason
from fastdup.images import rasters, tiff
from fastdup.images.png_chunks import SIGNATURE_BYTES, png_chunks

_JPEG_MARKER = re.compile(rb"\xff[\x01-\xfe]")
_JPEG_EOI = b"\xff\xd9"
_PNG_ESSENTIAL = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
_J2K_START = b"\xff\x4f\xff\x51"
#: The top-level boxes of ISO base media files and of JPEG 2000.
_BOXES = frozenset(
    b"ftyp meta moov mdat moof free skip wide uuid mfra sidx styp udta pdin idat mpvd "
    b"jp2h jp2c jp2i uinf asoc jumb".split()
) | {b"jP  ", b"xml "}
_HEIF_INDEX = frozenset({b"meta", b"moov"})


def require_complete(name: str, data: bytes) -> int:
    """Check that a file of the format `name` is complete; return how many pictures were passed.

    These are the frames of a GIF, or the pages of a TIFF; it is 1 for the other formats, whose
    pictures need not be passed one by one.

    Parameters
    ----------
    name : str
        A format that `decode` supports.
    data : bytes
        The whole file. Extra bytes after its end are allowed.

    Raises
    ------
    ImageError
        TRUNCATED: the file is incomplete. DECODE_ERROR: a checksum is wrong.
    """
    try:
        return _CHECKS[name](data) or 1
    except (IndexError, struct.error) as exc:
        raise _truncated(f"the {name} file ends inside its structure", data) from exc


def gif_frame_size(data: bytes) -> tuple[int, int]:
    """Return the (width, height) that covers both a GIF's canvas and its first frame.

    Raises
    ------
    IndexError, struct.error
        The file ends before its first frame.
    """
    width, height = struct.unpack_from("<HH", data, 6)
    at = _gif_first_block(data)
    while data[at] != 0x2C:
        at = _gif_next_block(data, at)
    left, top, frame_width, frame_height = struct.unpack_from("<4H", data, at + 1)
    return max(width, left + frame_width), max(height, top + frame_height)


def webp_canvas_size(data: bytes) -> tuple[int, int]:
    """Return the (width, height) in a WebP's first chunk.

    Raises
    ------
    ValueError
        The first chunk has an unknown type.
    struct.error
        The file ends before it.
    """
    kind = data[12:16]
    if kind == b"VP8X":
        low, high = struct.unpack_from("<IH", data, 24)
        return (low & 0xFFFFFF) + 1, (low >> 24 | high << 8) + 1
    if kind == b"VP8L":
        bits: int = struct.unpack_from("<I", data, 21)[0]
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    raise ValueError(f"unknown first chunk {kind!r}")


def require_boxes(name: str, data: bytes) -> None:
    """Check that an ISO base media file has whole boxes of film data and their index.

    Raises
    ------
    ImageError
        TRUNCATED: it has not.
    """
    parts = (frozenset({b"moov"}), frozenset({b"mdat"}))
    try:
        kinds = _check_boxes(name, data, parts)
        if any(map(kinds.isdisjoint, parts)):
            raise _truncated(f"the {name} file ends before its data", data)
    except struct.error as exc:
        raise _truncated(f"the {name} file ends inside its structure", data) from exc


def essential_png(data: bytes) -> bytes:
    """Return a PNG with only the chunks that its picture needs.

    Other chunks, such as profiles and texts, may be damaged or be decompression bombs though the
    picture itself is fine.
    """
    parts = [data[:SIGNATURE_BYTES]]
    for kind, start, end in png_chunks(data):
        if kind in _PNG_ESSENTIAL or (kind == b"eXIf" and _png_checksum_fits(data, start, end)):
            parts.append(data[start:end])
    return b"".join(parts)


def essential_jpeg(data: bytes) -> bytes:
    """Return a JPEG with only the segments that its picture needs, and its EXIF."""
    parts, at = [data[:2]], 2
    while (found := _JPEG_MARKER.search(data, at)) is not None:
        start, marker = found.end(), data[found.end() - 1]
        if marker == 0xDA:
            return b"".join([*parts, b"\xff", data[start - 1 :]])
        at = start
        if not (marker == 0x01 or 0xD0 <= marker <= 0xD9):
            at += int.from_bytes(data[start : start + 2])
            is_beside = 0xE0 <= marker <= 0xEF or marker == 0xFE
            is_exif = data.startswith(b"Exif\0\0", start + 2)
            is_adobe = marker == _ADOBE and at - start >= _ADOBE_BYTES
            if not is_beside or is_adobe or is_exif:
                parts.append(b"\xff" + data[start - 1 : at])
    return data


#: Adobe's segment, which says what colours there are, and its length; a shorter one says nothing.
_ADOBE, _ADOBE_BYTES = 0xEE, 14
#: Format → what returns a file with only what its picture needs.
ESSENTIALS: dict[str, Callable[[bytes], bytes]] = {"JPEG": essential_jpeg, "PNG": essential_png}


def _truncated(message: str, data: bytes) -> ImageError:
    return ImageError(f"{message} ({len(data)} bytes)", reason=Reason.TRUNCATED)


def _require_bytes(name: str, data: bytes, needed: int) -> None:
    if len(data) < needed:
        raise _truncated(f"the {name} file is cut short: it should have {needed} bytes", data)


def _check_jpeg(data: bytes) -> None:
    """Look for the end-of-image marker after the first scan.

    The marker cannot occur inside entropy-coded data. An EXIF thumbnail has an end marker of its
    own, but it lies in a segment before the scan, and these are skipped.
    """
    at = 2
    while (found := _JPEG_MARKER.search(data, at)) is not None:
        at, marker = found.end(), data[found.end() - 1]
        if marker == 0xDA:
            if data.rfind(_JPEG_EOI, at) < 0:
                raise _truncated("the JPEG file has no end-of-image marker", data)
            return
        if not (marker == 0x01 or 0xD0 <= marker <= 0xD9):  # all other markers have a length
            at += struct.unpack_from(">H", data, at)[0]
    raise _truncated("the JPEG file ends before its first scan", data)


def _check_png(data: bytes) -> None:
    """Walk the chunks to IEND, and compare the checksums of the pixels, as Pillow does not."""
    for kind, start, end in png_chunks(data):
        if end > len(data):
            break
        if kind == b"IEND":
            return
        if kind == b"IDAT" and not _png_checksum_fits(data, start, end):
            raise ImageError(f"wrong checksum of the PNG pixel data at byte {start}")
    raise _truncated("the PNG file ends before its IEND chunk", data)


def _png_checksum_fits(data: bytes, at: int, end: int) -> bool:
    stored = int.from_bytes(data[end - 4 : end])
    return zlib.crc32(memoryview(data)[at + 4 : end - 4]) == stored


def _check_gif(data: bytes) -> int:
    """Walk all blocks to the trailer, as an animation may be cut after its first frame.

    Returns the number of frames.

    One step per 255 bytes makes gigabytes per second, much faster than reading the file.
    """
    return sum(data[at] == 0x2C for at in gif_blocks(data))


def gif_blocks(data: bytes) -> Iterator[int]:
    """Yield the offset of each block of a GIF, the trailer left out.

    Raises
    ------
    IndexError
        The file ends before its trailer.
    """
    at = _gif_first_block(data)
    while data[at] != 0x3B:
        yield at
        at = _gif_next_block(data, at)


def _gif_first_block(data: bytes) -> int:
    return 13 + _gif_table_bytes(data[10])


def _gif_table_bytes(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _gif_next_block(data: bytes, at: int) -> int:
    """Return the offset after the block at `at`; raises IndexError beyond the end."""
    if data[at] == 0x21:
        at += 2
    elif data[at] == 0x2C:
        at += 11 + _gif_table_bytes(data[at + 9])
    else:  # junk between blocks, which decoders skip as well
        return at + 1
    while size := data[at]:
        at += size + 1
    return at + 1


def _check_bmp(data: bytes) -> None:
    pixels, header = struct.unpack_from("<II", data, 10)
    if header == 12:
        width, height, _, depth = struct.unpack_from("<HHHH", data, 18)
        compression = stored = 0
    else:
        width, height, _, depth, compression, stored = struct.unpack_from("<iiHHII", data, 18)
    if compression in (0, 3, 6):  # uncompressed: the size in the header is often wrong
        stored = (width * depth + 31) // 32 * 4 * abs(height)
    _require_bytes("BMP", data, pixels + stored)


def _check_tiff(data: bytes) -> int:
    n_pages, needed = tiff.pages_and_end(data)
    _require_bytes("TIFF", data, needed)
    return n_pages


def _check_webp(data: bytes) -> None:
    _require_bytes("WebP", data, 8 + struct.unpack_from("<I", data, 4)[0])


def _check_boxes(name: str, data: bytes, parts: Sequence[frozenset[bytes]]) -> set[bytes]:
    """Walk the top-level boxes of an ISO base media file and return their types.

    Parameters
    ----------
    name : str
        The format.
    data : bytes
        The file.
    parts : sequence of sets of bytes
        Types of boxes: once there is one of each set, the picture is whole, and what follows is
        junk if it is not a box.

    Raises
    ------
    ImageError
        TRUNCATED: a box extends beyond the end of the file.
    struct.error
        The file ends inside a box's header.
    """
    at, kinds = 0, set[bytes]()
    while at < len(data):
        is_whole = not any(map(kinds.isdisjoint, parts))
        if is_whole and data[at + 4 : at + 8] not in _BOXES:
            break
        size, kind = struct.unpack_from(">I4s", data, at)
        if size == 1:
            size = struct.unpack_from(">Q", data, at + 8)[0]
        elif size == 0:
            size = len(data) - at
        if size < 8:  # junk after the last box, or damage that the decoder will report
            break
        _require_bytes(name, data, at + size)
        kinds.add(kind)
        at += size
    return kinds


def _check_heif(data: bytes) -> None:
    """Check that all boxes are whole, and that none is missing: a cut may lie between two."""
    pixels = frozenset({b"mdat", b"meta"} if b"idat" in data else {b"mdat"})
    kinds = _check_boxes("HEIF", data, (_HEIF_INDEX, pixels))
    if kinds.isdisjoint(pixels) or kinds.isdisjoint(_HEIF_INDEX):
        raise _truncated("the file ends before its pixel data", data)


def _check_jpeg2000(data: bytes) -> None:
    if not data.startswith(_J2K_START):
        _check_boxes("JPEG 2000", data, (frozenset({b"jp2c"}),))
    start = data.find(_J2K_START)
    if start < 0 or data.rfind(_JPEG_EOI, start) < 0:
        raise _truncated("the JPEG 2000 file has no end-of-codestream marker", data)


_CHECKS: dict[str, Callable[[bytes], int | None]] = {
    "JPEG": _check_jpeg,
    "PNG": _check_png,
    "GIF": _check_gif,
    "BMP": _check_bmp,
    "TIFF": _check_tiff,
    "WebP": _check_webp,
    "AVIF": _check_heif,
    "HEIC": _check_heif,
    "JPEG 2000": _check_jpeg2000,
    # The pictures in icons are checked when they are taken out; PNM, SVG and JPEG XL when decoded.
    "ICNS": lambda _: None,
    "ICO": lambda _: None,
    "JPEG XL": lambda _: None,
    "PNM": lambda _: None,
    "DDS": rasters.check_dds,
    "PCX": rasters.check_pcx,
    "PSD": rasters.check_psd,
    "QOI": rasters.check_qoi,
    "SVG": lambda _: None,
    "TGA": rasters.check_tga,
}
