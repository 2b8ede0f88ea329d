"""Reads the directories (IFDs) of TIFF files and EXIF blocks.

Written after TIFF 6.0 and the BigTIFF proposal. Pillow reads these too. But it does not report
where a file should end, and it warns about damaged EXIF that does not affect the picture.
"""

import struct
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from operator import add

#: What stands before the TIFF header of an EXIF block in JPEG, and at times elsewhere.
EXIF_PREFIX = b"Exif\x00\x00"

_NEW_SUBFILE_TYPE = 0x00FE
_REDUCED, _MASK = 1, 4
_PHOTOMETRIC = 0x0106
_STRIPS = (0x0111, 0x0117)
_TILES = (0x0144, 0x0145)
_ORIENTATION = 0x0112
_SUB_DIRECTORIES = 0x014A
_DNG_VERSION = 0xC612
_SENSOR_PHOTOMETRICS = frozenset({32803, 34892})

_TYPE_BYTES = dict(enumerate((1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4), 1)) | {16: 8, 17: 8, 18: 8}
_TYPE_CODES = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}

#: The first private tag, and others of which the pixels need nothing: names, texts, dates, XMP,
#: other sizes.
_FIRST_PRIVATE = 32768
_BESIDE = frozenset({269, 270, 271, 272, 285, 305, 306, 315, 316, 330, 333, 337, 700})
#: Bytes of such a field: profiles and XMP take some megabytes.
_MOST_EXTRA = 2**28
#: Bytes by which a file may be longer than its pages: they end at even places, or at words.
_MOST_PADDING = 7

_MAX_DIRECTORIES = 100_000
"""More pages than any real file has; a limit for files that are made to loop."""

#: More fields than any real directory has; a limit for files that are made to take time.
_MOST_FIELDS = 1024


@dataclass(frozen=True, slots=True)
class Entry:
    """One field of a directory: the place of its values, not the values themselves.

    `at` is where the count is, behind the type.
    """

    type: int
    count: int
    start: int
    n_bytes: int
    at: int

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

    def find(self, offset: int, tags: Collection[int]) -> tuple[dict[int, Entry], int]:
        """Return those of `tags` that the directory at `offset` has, and the next directory.

        Returns
        -------
        fields : dict of int to Entry
            Empty where the directory has more fields than any real one.
        next : int
            Offset of the next directory; 0 where there is none.
        """
        if not offset:
            return {}, 0
        table, at, step, next_offset = self._table(offset)
        if len(table) > _MOST_FIELDS * step:
            return {}, 0
        fields = {
            tag: self._entry(kind, count, at + i * step + 4)
            for i, (tag, kind, count) in enumerate(self._rows(table))
            if tag in tags
        }
        return fields, next_offset

    def numbers(self, entry: Entry) -> tuple[int, ...]:
        """Return the values of an integer field; an empty tuple for other types."""
        code = _TYPE_CODES.get(entry.type)
        return self._unpack(f"{entry.count}{code}", entry.start) if code else ()

    def number(self, fields: dict[int, Entry], tag: int, default: int) -> int:
        """Return the first value of the field `tag`, or `default` if there is none."""
        entry = fields.get(tag)
        code = entry and entry.count and _TYPE_CODES.get(entry.type)
        return self._unpack(code, entry.start)[0] if entry and code else default

    def content(self, entry: Entry, most: int) -> bytes:
        """Return the bytes of a field's values, at most so many, and as far as they are there."""
        return self.data[entry.start : entry.start + min(entry.n_bytes, most)]

    def _directory(self, offset: int) -> tuple[dict[int, Entry], int, int]:
        table, at, step, next_offset = self._table(offset)
        fields = {
            tag: self._entry(kind, count, at + i * step + 4)
            for i, (tag, kind, count) in enumerate(self._rows(table))
        }
        return fields, next_offset, at + len(table) + (8 if self.big else 4)

    def _table(self, offset: int) -> tuple[memoryview, int, int, int]:
        """Return a directory's table, where it is, the bytes of a field, and the next directory."""
        count_code, step = ("Q", 20) if self.big else ("H", 12)
        n_fields = self._unpack(count_code, offset)[0]
        at = offset + struct.calcsize(f"={count_code}")
        link = at + n_fields * step
        next_offset = self._unpack("Q" if self.big else "I", link)[0]
        return memoryview(self.data)[at:link], at, step, next_offset

    def _rows(self, table: memoryview) -> Iterator[tuple[int, int, int]]:
        """Yield tag, type and count of each field."""
        return struct.iter_unpack(f"{self.order}{'HHQ8x' if self.big else 'HHI4x'}", table)

    def _entry(self, kind: int, count: int, at: int) -> Entry:
        """Locate the values of the field whose count lies at `at`."""
        n_bytes = count * _TYPE_BYTES.get(kind, 0)
        code = "Q" if self.big else "I"
        slot = at + struct.calcsize(f"={code}")
        inline = n_bytes <= struct.calcsize(f"={code}")
        return Entry(kind, count, slot if inline else self._unpack(code, slot)[0], n_bytes, at)

    def harmless(self) -> bytes:
        """Return type, count and value of a field that says nothing, to put at ``at - 2``."""
        return struct.pack(f"{self.order}HQB7x" if self.big else f"{self.order}HIB3x", 1, 1, 0)

    def _unpack(self, codes: str, offset: int) -> tuple[int, ...]:
        # struct raises struct.error for short buffers, but OverflowError for a huge offset.
        if offset > len(self.data):
            raise struct.error("offset beyond the end")
        return struct.unpack_from(f"{self.order}{codes}", self.data, offset)


def pages_and_end(data: bytes) -> tuple[int, int]:
    """Return how many pages a TIFF file has, and how many bytes it must have to hold all of them.

    Viewers show a file whole in which something leads beyond the end that its pixels do not need:
    a field that begins there, or the link to a page after the last one. Such a link counts as cut
    off only if the file goes on behind the pages before it.

    Raises
    ------
    struct.error
        When a directory lies beyond the end.
    """
    n_pages, needed, _ = _walk(data)
    return n_pages, needed


def without_lost_extras(data: bytes) -> bytes:
    """Return a TIFF file in which nothing leads beyond the end that its pixels do not need.

    It is the same object where nothing does.
    """
    patches = _walk(data)[2]
    if not patches:
        return data
    mended = bytearray(data)
    for at, value in patches.items():
        mended[at : at + len(value)] = value
    return bytes(mended)


def _walk(data: bytes) -> tuple[int, int, dict[int, bytes]]:
    """Return what `pages_and_end` does, and what to put where in place of what leads nowhere."""
    reader = TiffReader(data)
    needed, n_pages, link = 8, 0, 0
    patches: dict[int, bytes] = {}
    directories = reader.directories()
    while True:
        try:
            fields, end = next(directories)
        except StopIteration:
            return n_pages, needed, patches
        except struct.error:
            if n_pages and len(data) - needed <= _MOST_PADDING:
                patches[link] = bytes(8 if reader.big else 4)
                return n_pages, needed, patches
            raise
        lost = {tag for tag, entry in fields.items() if _is_lost_extra(tag, entry, data)}
        patches |= {fields[tag].at - 2: reader.harmless() for tag in lost}
        ends = (entry.end for tag, entry in fields.items() if tag not in lost)
        needed = max(needed, end, *ends, *_ends_of_pixels(reader, fields))
        link = end - (8 if reader.big else 4)
        n_pages += 1


def _is_lost_extra(tag: int, entry: Entry, data: bytes) -> bool:
    """Return whether a field that the pixels do not need begins beyond the end.

    So does one of more bytes than any has, and the whole file: its count is damaged.
    """
    is_lost = entry.start >= len(data) or entry.n_bytes > max(len(data), _MOST_EXTRA)
    return is_lost and (tag >= _FIRST_PRIVATE or tag in _BESIDE)


def _ends_of_pixels(reader: TiffReader, fields: dict[int, Entry]) -> Iterator[int]:
    for offsets, sizes in (_STRIPS, _TILES):
        if offsets in fields and sizes in fields:
            starts, lengths = reader.numbers(fields[offsets]), reader.numbers(fields[sizes])
            yield from map(add, starts, lengths)


def whole_pages(data: bytes) -> list[int]:
    """Return the numbers of the pages of a TIFF file, from 0, without thumbnails and masks.

    Raises
    ------
    struct.error, ValueError
        When the file is damaged.
    """
    reader = TiffReader(data)
    return [
        number
        for number, (fields, _) in enumerate(reader.directories())
        if not reader.number(fields, _NEW_SUBFILE_TYPE, 0) & (_REDUCED | _MASK)
    ]


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
        reduced = reader.number(fields, _NEW_SUBFILE_TYPE, 0) & _REDUCED
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
        reader = TiffReader(exif.removeprefix(EXIF_PREFIX))
        fields, _ = reader.find(reader.first, (_ORIENTATION,))
        value = reader.number(fields, _ORIENTATION, 1)
    except (struct.error, ValueError):
        return 1
    return value if 1 <= value <= 8 else 1
