"""Reads the directories (IFDs) of TIFF files and EXIF blocks.

Written after TIFF 6.0 and the BigTIFF proposal. Pillow reads these too. But it does not report
where a file should end, and it warns about damaged EXIF that does not affect the picture.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from operator import add

_NEW_SUBFILE_TYPE = 0x00FE
_PHOTOMETRIC = 0x0106
_STRIPS = (0x0111, 0x0117)
_TILES = (0x0144, 0x0145)
_ORIENTATION = 0x0112
_SUB_DIRECTORIES = 0x014A
_DNG_VERSION = 0xC612
_SENSOR_PHOTOMETRICS = frozenset({32803, 34892})

_TYPE_BYTES = dict(enumerate((1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4), 1)) | {16: 8, 17: 8, 18: 8}
_TYPE_CODES = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}

_MAX_DIRECTORIES = 100_000
"""More pages than any real file has; a limit for files that are made to loop."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One field of a directory: the place of its values, not the values themselves."""

    type: int
    count: int
    start: int
    n_bytes: int

    @property
    def end(self) -> int:
        """Offset of the first byte after the values."""
        return self.start + self.n_bytes


class TiffReader:
    """Random access to the directories of one TIFF or EXIF block.

    Parameters
    ----------
    data : bytes
        The whole block, from its byte order mark on.

    Raises
    ------
    struct.error
        Here and in all methods, when a needed value lies beyond the end of `data`.
    ValueError
        When `data` does not begin like a TIFF file.
    """

    def __init__(self, data: bytes) -> None:
        if data[:2] not in (b"II", b"MM"):
            raise ValueError("no byte order mark")
        self.data = data
        self.order = "<" if data[:2] == b"II" else ">"
        self.big = self._unpack("H", 2)[0] == 43
        self.first = self._unpack("Q", 8)[0] if self.big else self._unpack("I", 4)[0]

    def directories(self) -> Iterator[tuple[dict[int, Entry], int]]:
        """Yield the fields of each page, and the offset at which its directory ends."""
        offset, seen = self.first, set[int]()
        while offset and offset not in seen and len(seen) < _MAX_DIRECTORIES:
            seen.add(offset)
            fields, offset, end = self._directory(offset)
            yield fields, end

    def numbers(self, entry: Entry) -> tuple[int, ...]:
        """Return the values of an integer field; an empty tuple for other types."""
        code = _TYPE_CODES.get(entry.type)
        return self._unpack(f"{entry.count}{code}", entry.start) if code else ()

    def number(self, fields: dict[int, Entry], tag: int, default: int) -> int:
        """Return the first value of the field `tag`, or `default` if there is none."""
        values = self.numbers(fields[tag]) if tag in fields else ()
        return values[0] if values else default

    def _directory(self, offset: int) -> tuple[dict[int, Entry], int, int]:
        count_code, field_code, link_code = ("Q", "HHQ8x", "Q") if self.big else ("H", "HHI4x", "I")
        n_fields = self._unpack(count_code, offset)[0]
        at = offset + struct.calcsize(f"={count_code}")
        step = struct.calcsize(f"={field_code}")
        link = at + n_fields * step
        next_offset: int = self._unpack(link_code, link)[0]
        table = memoryview(self.data)[at:link]
        fields = {
            tag: self._entry(kind, count, at + i * step + 4)
            for i, (tag, kind, count) in enumerate(
                struct.iter_unpack(f"{self.order}{field_code}", table)
            )
        }
        return fields, next_offset, link + struct.calcsize(f"={link_code}")

    def _entry(self, kind: int, count: int, at: int) -> Entry:
        """Locate the values of the field whose count lies at `at`."""
        n_bytes = count * _TYPE_BYTES.get(kind, 0)
        code = "Q" if self.big else "I"
        slot = at + struct.calcsize(f"={code}")
        inline = n_bytes <= struct.calcsize(f"={code}")
        return Entry(kind, count, slot if inline else self._unpack(code, slot)[0], n_bytes)

    def _unpack(self, codes: str, offset: int) -> tuple[int, ...]:
        # struct raises struct.error for short buffers, but OverflowError for a huge offset.
        if offset > len(self.data):
            raise struct.error("offset beyond the end")
        return struct.unpack_from(f"{self.order}{codes}", self.data, offset)


def end_of_content(data: bytes) -> int:
    """Return how many bytes a TIFF file must have to hold all its pages, fields and pixels.

    Raises
    ------
    struct.error
        When a directory lies beyond the end.
    """
    reader = TiffReader(data)
    needed = 8
    for fields, end in reader.directories():
        ends = (entry.end for entry in fields.values())
        needed = max(needed, end, *ends, *_ends_of_pixels(reader, fields))
    return needed


def _ends_of_pixels(reader: TiffReader, fields: dict[int, Entry]) -> Iterator[int]:
    for offsets, sizes in (_STRIPS, _TILES):
        if offsets in fields and sizes in fields:
            starts, lengths = reader.numbers(fields[offsets]), reader.numbers(fields[sizes])
            yield from map(add, starts, lengths)


def is_camera_raw(data: bytes) -> bool:
    """Return whether a TIFF file is a camera raw file (DNG, NEF, ARW, PEF, …).

    The first page of such a file is only a thumbnail.
    """
    try:
        reader = TiffReader(data)
        fields, _ = next(reader.directories(), ({}, 0))
        if _DNG_VERSION in fields:
            return True
        if reader.number(fields, _PHOTOMETRIC, 0) in _SENSOR_PHOTOMETRICS:
            return True
        reduced = reader.number(fields, _NEW_SUBFILE_TYPE, 0) & 1
        return bool(reduced) and _SUB_DIRECTORIES in fields
    except (struct.error, ValueError):
        return False


def exif_orientation(exif: bytes) -> int:
    r"""Return the orientation in an EXIF block: 1 (upright) to 8.

    It is 1 if the block is damaged or has no orientation: that is no reason to refuse a picture.

    Parameters
    ----------
    exif : bytes
        With or without the prefix ``Exif\0\0``.
    """
    try:
        reader = TiffReader(exif.removeprefix(b"Exif\x00\x00"))
        fields, _ = next(reader.directories(), ({}, 0))
        value = reader.number(fields, _ORIENTATION, 1)
    except (struct.error, ValueError):
        return 1
    return value if 1 <= value <= 8 else 1
