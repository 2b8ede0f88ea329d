"""Image files as cameras and programs leave them: with EXIF, XMP, IPTC and the like."""

import io
import struct

from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from pictures import scene

XMP_START = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:exif="http://ns.adobe.com/exif/1.0/" '
    'xmlns:tiff="http://ns.adobe.com/tiff/1.0/" '
    'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" '
    'xmlns:aux="http://ns.adobe.com/exif/1.0/aux/"'
)
XMP_END = "</rdf:Description></rdf:RDF></x:xmpmeta>"


def xmp(attributes: str = "", elements: str = "") -> bytes:
    """Return an XMP packet with these attributes and elements of its description."""
    return f"{XMP_START} {attributes}>{elements}{XMP_END}".encode()


def iptc(date: str, time: str = "") -> bytes:
    """Return an IPTC block with a caption, a date (``20190714``) and a time (``123301+0200``)."""
    sets = [(120, "A caption"), (55, date), (60, time)]
    return b"".join(
        struct.pack(">BBBH", 0x1C, 2, number, len(text)) + text.encode() for number, text in sets
    )


def photo_exif(**changes: object) -> Image.Exif:
    """Return the EXIF of a photo by a camera; `changes` are fields by name, None for none."""
    values = {
        "make": "NIKON CORPORATION",
        "model": "NIKON D90",
        "software": "Ver.1.00",
        "changed": "2020:01:02 03:04:05",
        "taken": "2019:07:14 12:33:01",
        "fraction": "25",
        "offset": "+02:00",
        "lens": "AF-S 50mm f/1.8G",
        "rating": 3,
        "north": ("N", (48, 8, 12.3)),
        "east": ("W", (11, 34, 5.0)),
    } | changes
    exif = Image.Exif()
    of_image = {0x10F: "make", 0x110: "model", 0x131: "software", 0x132: "changed"}
    of_exposure = {0x9003: "taken", 0x9291: "fraction", 0x9011: "offset", 0xA434: "lens"}
    for directory, tags in ((exif, of_image | {0x4746: "rating"}), (0x8769, of_exposure)):
        into = exif if directory is exif else exif.get_ifd(directory)
        for tag, name in tags.items():
            if values[name] is not None:
                into[tag] = values[name]
    place = exif.get_ifd(0x8825)
    for first, name in ((1, "north"), (3, "east")):
        if values[name] is not None:
            letter, parts = values[name]
            place[first] = letter
            place[first + 1] = tuple(IFDRational(round(part * 10), 10) for part in parts)
    return exif


def saved(kind: str, image: Image.Image | None = None, **options: object) -> bytes:
    """Return a picture as a file of Pillow's format `kind`, with its save options."""
    data = io.BytesIO()
    (image or scene(0, (64, 48))).save(data, kind, **options)
    return data.getvalue()


def camera_photo(seed: int = 0, **changes: object) -> bytes:
    """Return a JPEG with the EXIF of a photo by a camera; see `photo_exif`."""
    return saved("JPEG", scene(seed), exif=photo_exif(**changes), quality=93)


#: Field types of TIFF.
ASCII, SHORT, LONG, FRACTION = 2, 3, 4, 5


def directory(fields: list[tuple[int, int, int, bytes]], at: int, following: int = 0) -> bytes:
    """Return a little-endian directory at `at`, with the values behind it.

    Parameters
    ----------
    fields : list of (tag, type, count, value)
        A value of more than 4 bytes goes behind the directory.
    at : int
        Where it will be.
    following : int
        Offset of the next directory.
    """
    behind_at = at + 2 + 12 * len(fields) + 4
    table, behind = struct.pack("<H", len(fields)), b""
    for tag, kind, count, value in fields:
        if len(value) > 4:
            slot = struct.pack("<I", behind_at + len(behind))
            behind += value
        else:
            slot = value.ljust(4, b"\0")
        table += struct.pack("<HHI", tag, kind, count) + slot
    return table + struct.pack("<I", following) + behind


def exif_block(*, image=(), exposure=(), place=()) -> bytes:
    """Return an EXIF block with these fields of its three directories; see `directory`."""
    header = struct.pack("<2sHI", b"II", 42, 8)
    room = 4096
    pointers = [(0x8769, LONG, 1, struct.pack("<I", room))]
    pointers += [(0x8825, LONG, 1, struct.pack("<I", 2 * room))]
    parts = [
        header + directory([*image, *pointers], 8),
        directory(list(exposure), room),
        directory(list(place), 2 * room),
    ]
    return parts[0].ljust(room, b"\0") + parts[1].ljust(room, b"\0") + parts[2]


def text_field(tag: int, text: bytes) -> tuple[int, int, int, bytes]:
    """Return an ASCII field with its closing zero."""
    return tag, ASCII, len(text) + 1, text + b"\0"


def place_fields(latitude: list[int], longitude: list[int], letters: bytes = b"NE") -> list:
    """Return the fields of a place; six numbers each, above and below the line in turn."""
    return [
        text_field(1, letters[:1]),
        (2, FRACTION, 3, struct.pack("<6I", *latitude)),
        text_field(3, letters[1:]),
        (4, FRACTION, 3, struct.pack("<6I", *longitude)),
    ]
