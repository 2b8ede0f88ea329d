"""Camera raw files, written here: a sensor's data that is none, and previews that are JPEGs."""

import io
import struct
from collections.abc import Mapping

import numpy as np
from PIL import Image

from pictures import scene

SIZE = (640, 480)
LONG, SHORT, UNDEFINED = 4, 3, 7
_TYPE_BYTES = {SHORT: 2, LONG: 4, UNDEFINED: 1}


def preview(size: tuple[int, int] = SIZE, *, is_turned: bool = False) -> bytes:
    """Return a JPEG of a scene, stored lying on its side if `is_turned`, without EXIF."""
    picture = scene(3, size)
    if is_turned:
        picture = picture.transpose(Image.Transpose.ROTATE_90)
    data = io.BytesIO()
    picture.save(data, "JPEG", quality=60)
    return data.getvalue()


def sensor(n_bytes: int = 3000) -> bytes:
    """Return bytes as of a sensor, with markers of JPEG among them that mean nothing."""
    noise = np.random.default_rng(7).integers(0, 256, n_bytes, np.uint8).tobytes()
    return noise[:500] + b"\xff\xd8\xff\xe0\0\x10" + noise[500:] + b"\xff\xd8\xff\xdb"


def lossless() -> bytes:
    """Return the head of a lossless JPEG, as which CR2 and DNG store the sensor's data."""
    frame = struct.pack(">BHHB", 14, 4000, 6000, 2) + bytes(6)
    return b"\xff\xd8\xff\xc3" + struct.pack(">H", 2 + len(frame)) + frame + sensor() + b"\xff\xd9"


class RawTiff:
    """Puts a TIFF together: blocks of bytes, then directories that point to them."""

    def __init__(self, magic: bytes = b"II*\0") -> None:
        self.data = bytearray(magic + bytes(4))

    def add(self, block: bytes) -> tuple[int, int]:
        """Append a block; return its place and length."""
        self.data += bytes(len(self.data) % 2)
        self.data += block
        return len(self.data) - len(block), len(block)

    def directory(self, fields: Mapping[int, tuple[int, int, int]], following: int = 0) -> int:
        """Append a directory of tag → (type, count, value or place); return its place."""
        rows = b"".join(struct.pack("<HHII", tag, *fields[tag]) for tag in sorted(fields))
        table = struct.pack("<H", len(fields)) + rows + struct.pack("<I", following)
        return self.add(table)[0]

    def whole(self, first: int) -> bytes:
        """Return the file, whose first directory is at `first`."""
        self.data[4:8] = struct.pack("<I", first)
        return bytes(self.data)


def _image(place: tuple[int, int], tags: tuple[int, int]) -> dict[int, tuple[int, int, int]]:
    return {tags[0]: (LONG, 1, place[0]), tags[1]: (LONG, 1, place[1])}


_STRIPS, _JPEG, _PANASONIC = (0x111, 0x117), (0x201, 0x202), (0x118, 0x117)


def nef(shown: bytes, orientation: int = 1, thumbnail: bytes = b"") -> bytes:
    """Return a raw file as Nikon, Sony and Samsung write it: previews below the first directory."""
    raw = RawTiff()
    jpeg, data = raw.add(shown), raw.add(sensor())
    small = raw.add(thumbnail or preview((160, 120)))
    below = [raw.directory(_image(jpeg, _JPEG)), raw.directory(_image(data, _STRIPS))]
    places = raw.add(struct.pack("<2I", *below))
    first = {0xFE: (LONG, 1, 1), 0x112: (SHORT, 1, orientation), 0x14A: (LONG, 2, places[0])}
    return raw.whole(raw.directory(first | _image(small, _JPEG)))


def dng(shown: bytes, orientation: int = 1) -> bytes:
    """Return a DNG: a preview in strips, the sensor's data as a lossless JPEG."""
    raw = RawTiff()
    jpeg, data = raw.add(shown), raw.add(lossless())
    below = [
        raw.directory(_image(data, _STRIPS) | {0x103: (SHORT, 1, 7)}),
        raw.directory(_image(jpeg, _STRIPS) | {0x103: (SHORT, 1, 7)}),
    ]
    places = raw.add(struct.pack("<2I", *below))
    first = {0xFE: (LONG, 1, 1), 0x112: (SHORT, 1, orientation), 0x14A: (LONG, 2, places[0])}
    return raw.whole(raw.directory(first | {0xC612: (1, 4, 0x104)}))


def cr2(shown: bytes, orientation: int = 1) -> bytes:
    """Return a CR2: the preview in the first directory, the sensor's data in the last."""
    raw = RawTiff(b"II*\0")
    raw.data += b"CR\2\0" + bytes(4)
    jpeg, data = raw.add(shown), raw.add(lossless())
    last = raw.directory(_image(data, _STRIPS) | {0x103: (SHORT, 1, 6)})
    fields = _image(jpeg, _STRIPS) | {0x103: (SHORT, 1, 6), 0x112: (SHORT, 1, orientation)}
    return raw.whole(raw.directory(fields, last))


def rw2(shown: bytes, orientation: int = 1) -> bytes:
    """Return an RW2: the preview is the value of a field."""
    raw = RawTiff(b"IIU\0")
    jpeg, data = raw.add(shown), raw.add(sensor())
    fields = {0x2E: (UNDEFINED, jpeg[1], jpeg[0]), 0x112: (SHORT, 1, orientation)}
    return raw.whole(raw.directory(fields | _image(data, _PANASONIC)))


def orf(shown: bytes, orientation: int = 1) -> bytes:
    """Return an ORF, whose directories do not say where its preview is."""
    raw = RawTiff(b"IIRO")
    raw.add(shown)
    data = raw.add(sensor())
    return raw.whole(raw.directory({0x112: (SHORT, 1, orientation)} | _image(data, _STRIPS)))


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + kind + content


def cr3(shown: bytes, orientation: int = 1) -> bytes:
    """Return a CR3: boxes, with EXIF in one, a small preview in one, the large one in the data."""
    camera = RawTiff()
    exif = camera.whole(camera.directory({0x112: (SHORT, 1, orientation)}))
    canon = _box(b"uuid", bytes(16) + _box(b"CMT1", exif))
    small = _box(b"uuid", bytes(16) + _box(b"PRVW", bytes(16) + preview((320, 240))))
    start = _box(b"ftyp", b"crx \0\0\0\1crx isom")
    return start + _box(b"moov", canon) + small + _box(b"mdat", shown + sensor())


def raf(shown: bytes, orientation: int = 1) -> bytes:
    """Return a RAF, whose preview has its own EXIF: none here, so it is never turned."""
    data = sensor()
    ends = [(108, len(shown)), (108 + len(shown), 20), (128 + len(shown), len(data))]
    head = b"FUJIFILMCCD-RAW 0201".ljust(84, b"\0")
    return head + b"".join(struct.pack(">II", *part) for part in ends) + shown + bytes(20) + data


def x3f(shown: bytes, orientation: int = 1) -> bytes:
    """Return an X3F, which ends with the place of its directory."""
    body = b"FOVb" + bytes(40) + shown + sensor()
    return body + b"SECd" + bytes(20) + struct.pack("<I", len(body))


KINDS = {
    "nef": nef,
    "dng": dng,
    "cr2": cr2,
    "rw2": rw2,
    "orf": orf,
    "cr3": cr3,
    "raf": raf,
    "x3f": x3f,
}
"""Ending → what writes such a file."""

TURNED_BY_THEMSELVES = ("raf", "x3f")
"""Kinds in which only the preview says how it is to be turned."""
