"""Camera raw files → the largest JPEG preview in them, which is what the camera made of the shot.

Written after TIFF 6.0, TIFF/EP and the DNG specification; of CR3 and RAF only the outermost
structure is known. A preview that the directories do not name is looked for by its bytes.
"""

import struct
from collections.abc import Callable, Iterator
from operator import add

from fastdup.errors import ImageError, Reason
from fastdup.images.embedded import Embedded
from fastdup.images.jpeg_search import FoundJpeg, JpegSearch
from fastdup.images.tiff import Entry, TiffReader

#: A preview with a smaller longer side is a thumbnail: it does not stand for the picture.
_LEAST_SIDE = 500
#: One with a larger side is taken without looking for others.
_LARGE_SIDE = 1600
_STRIPS, _TILES, _JPEG = (0x0111, 0x0117), (0x0144, 0x0145), (0x0201, 0x0202)
_SUB_DIRECTORIES, _PANASONIC_JPEG, _PANASONIC_DATA = 0x014A, 0x002E, (0x0118, 0x0117)
_DNG_VERSION = 0xC612
_TAGS = frozenset((
    *_STRIPS, *_TILES, *_JPEG, *_PANASONIC_DATA, _SUB_DIRECTORIES, _PANASONIC_JPEG, _DNG_VERSION,
))  # fmt: skip
#: More directories than any camera writes.
_MOST_DIRECTORIES = 64
_CR3_TIFF, _CR3_TIFF_WITHIN = b"CMT1", 2**16
_RAF_PARTS_AT = (84, 92, 100)


def preview_of_tiff(data: bytes) -> Embedded:
    """Return the preview in a raw file that is built as a TIFF: DNG, CR2, NEF, ARW, ORF, RW2, ….

    Raises
    ------
    ImageError
        TRUNCATED: the file ends early. UNSUPPORTED: it has no preview of a useful size.
    struct.error, ValueError
        Its structure leads beyond its end, or makes no sense.
    """
    reader, search = TiffReader(data), JpegSearch(data)
    needed, is_dng, declared = 0, False, list[int]()
    for fields in _directories(reader):
        is_dng = is_dng or _DNG_VERSION in fields
        needed = max(needed, *_ends(reader, fields))
        declared.extend(_starts(reader, fields))
    _require(data, needed)
    best = _largest(filter(None, map(search.at, declared)))
    # Tiles of a DNG may be JPEGs of their own, and show only a part.
    if not is_dng and (best is None or best.longer_side < _LARGE_SIDE):
        best = _largest(filter(None, (best, *search.all())))
    return _embedded(data, best, data)


def preview_of_cr3(data: bytes) -> Embedded:
    """Return the preview in a CR3 file, whose boxes are whole; see `preview_of_tiff`."""
    exif = b""
    at = data.find(_CR3_TIFF, 0, _CR3_TIFF_WITHIN) - 4
    if at >= 0:
        exif = data[at + 8 : at + struct.unpack_from(">I", data, at)[0]]
    return _embedded(data, _largest(JpegSearch(data).all()), exif)


def preview_of_raf(data: bytes) -> Embedded:
    """Return the preview in a RAF file; see `preview_of_tiff`."""
    parts = [struct.unpack_from(">II", data, at) for at in _RAF_PARTS_AT]
    _require(data, max(start + length for start, length in parts))
    best = JpegSearch(data).at(parts[0][0])
    return _embedded(data, best, b"")


def preview_of_x3f(data: bytes) -> Embedded:
    """Return the preview in an X3F file, whose last bytes say where its directory is."""
    (at,) = struct.unpack_from("<I", data, len(data) - 4)
    if data[at : at + 4] != b"SECd":
        raise _truncated(data)
    return _embedded(data, _largest(JpegSearch(data).all()), b"")


def _directories(reader: TiffReader) -> Iterator[dict[int, Entry]]:
    """Yield the fields of all directories, those below others too."""
    waiting, seen = [reader.first], set[int]()
    while waiting and len(seen) < _MOST_DIRECTORIES:
        offset = waiting.pop(0)
        if not offset or offset in seen:
            continue
        seen.add(offset)
        fields, following = reader.find(offset, _TAGS)
        yield fields
        waiting.append(following)
        if (below := fields.get(_SUB_DIRECTORIES)) and below.count <= _MOST_DIRECTORIES:
            waiting.extend(reader.numbers(below))


def _ends(reader: TiffReader, fields: dict[int, Entry]) -> Iterator[int]:
    """Yield where the pixels and previews of a directory end; 0 where it has none."""
    yield 0
    for starts, lengths in (_STRIPS, _TILES, _JPEG, _PANASONIC_DATA):
        if starts in fields and lengths in fields:
            yield from map(add, reader.numbers(fields[starts]), reader.numbers(fields[lengths]))
    if _PANASONIC_JPEG in fields:
        yield fields[_PANASONIC_JPEG].end


def _starts(reader: TiffReader, fields: dict[int, Entry]) -> Iterator[int]:
    """Yield where a directory says that something begins that may be a JPEG."""
    if _PANASONIC_JPEG in fields:
        yield fields[_PANASONIC_JPEG].start
    for tag in (_STRIPS[0], _JPEG[0]):
        if tag in fields and fields[tag].count == 1:
            yield from reader.numbers(fields[tag])


def _largest(found: Iterator[FoundJpeg]) -> FoundJpeg | None:
    return max(found, key=lambda jpeg: jpeg.n_pixels, default=None)


def _embedded(data: bytes, best: FoundJpeg | None, exif: bytes) -> Embedded:
    if best is None or best.longer_side < _LEAST_SIDE:
        size = f"only a small one ({best.width} x {best.height})" if best else "none"
        detail = (
            f"a camera raw file is shown by its preview, and this has {size}: convert it to JPEG"
        )
        raise ImageError(detail, reason=Reason.UNSUPPORTED)
    return Embedded("JPEG", data[best.start : best.stop], exif)


def _require(data: bytes, n_bytes: int) -> None:
    if len(data) < n_bytes:
        raise _truncated(data)


def _truncated(data: bytes) -> ImageError:
    detail = f"the raw file ends inside its data, after {len(data):,} bytes"
    return ImageError(detail, reason=Reason.TRUNCATED)


#: Format, as it is named here → what finds its preview.
PREVIEWS: dict[str, Callable[[bytes], Embedded]] = {
    "camera raw": preview_of_tiff,
    "CR2": preview_of_tiff,
    "ORF": preview_of_tiff,
    "RW2": preview_of_tiff,
    "CR3": preview_of_cr3,
    "RAF": preview_of_raf,
    "X3F": preview_of_x3f,
}
