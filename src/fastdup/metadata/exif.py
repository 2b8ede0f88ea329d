"""Reads what a photographer wants to know from an EXIF block (Exif 3.0, CIPA DC-008)."""

import math
import struct
from collections.abc import Mapping
from typing import Any

from fastdup.images.tiff import Entry, TiffReader
from fastdup.metadata.capture_time import iso_time
from fastdup.metadata.texts import MOST_BYTES, camera_name, clean_text

_MAKE, _MODEL, _SOFTWARE, _CHANGED, _RATING = 0x010F, 0x0110, 0x0131, 0x0132, 0x4746
_EXIF, _GPS = 0x8769, 0x8825
_TAKEN, _DIGITISED, _OFFSET, _DIGITISED_OFFSET = 0x9003, 0x9004, 0x9011, 0x9012
_FRACTION, _DIGITISED_FRACTION, _LENS = 0x9291, 0x9292, 0xA434
_LATITUDE_REF, _LATITUDE, _LONGITUDE_REF, _LONGITUDE = 1, 2, 3, 4
_THUMBNAIL = 0x0201

_OF_IMAGE = frozenset({_MAKE, _MODEL, _SOFTWARE, _CHANGED, _RATING, _EXIF, _GPS})
_OF_EXPOSURE = frozenset(
    {_TAKEN, _DIGITISED, _OFFSET, _DIGITISED_OFFSET, _FRACTION, _DIGITISED_FRACTION, _LENS}
)
_OF_PLACE = frozenset({_LATITUDE_REF, _LATITUDE, _LONGITUDE_REF, _LONGITUDE})
_ASCII, _UTF8, _UNSIGNED, _SIGNED = 2, 129, 5, 10
_THREE_FRACTIONS_BYTES = 24

#: Fields of a directory.
_Fields = Mapping[int, Entry]


def read_exif(block: bytes) -> dict[str, Any]:
    """Return what an EXIF block, or a whole TIFF file, says of its picture.

    Parameters
    ----------
    block : bytes
        From the byte order mark on. Camera raw files that are TIFF inside will do.

    Returns
    -------
    dict
        Fields of `Metadata` that are known; ``saved``, when the file was written.
    """
    try:
        reader = TiffReader(block)
        image, following = reader.find(reader.first, _OF_IMAGE)
    except (struct.error, ValueError):
        return {}
    exposure = _directory(reader, image, _EXIF, _OF_EXPOSURE)
    place = _directory(reader, image, _GPS, _OF_PLACE)
    rating = _number(reader, image, _RATING)
    found: dict[str, Any] = {
        "taken": _taken(reader, exposure),
        "saved": iso_time(_text(reader, image, _CHANGED)),
        "camera": camera_name(_text(reader, image, _MAKE), _text(reader, image, _MODEL)),
        "lens": _text(reader, exposure, _LENS),
        "software": _text(reader, image, _SOFTWARE),
        "rating": rating if rating is not None and 0 <= rating <= 5 else None,
        "has_thumbnail": _has_thumbnail(reader, following),
    }
    return found | _place(reader, place)


def _directory(
    reader: TiffReader, image: _Fields, pointer: int, tags: frozenset[int]
) -> dict[int, Entry]:
    """Return the fields of the directory that a field of the first one points to."""
    offset = _number(reader, image, pointer)
    try:
        return reader.find(offset, tags)[0] if offset else {}
    except struct.error:
        return {}


def _has_thumbnail(reader: TiffReader, following: int) -> bool:
    try:
        return bool(reader.find(following, (_THUMBNAIL,))[0])
    except struct.error:
        return False


def _taken(reader: TiffReader, exposure: _Fields) -> str:
    for date, fraction, offset in (
        (_TAKEN, _FRACTION, _OFFSET),
        (_DIGITISED, _DIGITISED_FRACTION, _DIGITISED_OFFSET),
    ):
        if text := _text(reader, exposure, date):
            parts = (_text(reader, exposure, tag) for tag in (fraction, offset))
            if taken := iso_time(text, *parts):
                return taken
    return ""


def _place(reader: TiffReader, place: _Fields) -> dict[str, float]:
    """Return latitude and longitude, both or none; without a fix, cameras write 0."""
    latitude = _degrees(reader, place, _LATITUDE, _LATITUDE_REF, "NS")
    longitude = _degrees(reader, place, _LONGITUDE, _LONGITUDE_REF, "EW")
    return checked_place(latitude, longitude)


def checked_place(latitude: float | None, longitude: float | None) -> dict[str, float]:
    """Return a place as fields of `Metadata`; nothing where it is none on earth."""
    if latitude is None or longitude is None or not (latitude or longitude):
        return {}
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):  # nor is NaN
        return {}
    return {"latitude": latitude, "longitude": longitude}


def _degrees(
    reader: TiffReader, place: _Fields, tag: int, reference: int, letters: str
) -> float | None:
    """Return degrees, minutes and seconds as degrees, negative for the second of `letters`."""
    letter = _text(reader, place, reference)[:1].upper()
    entry = place.get(tag)
    if entry is None or letter not in letters or not letter:
        return None
    parts = _fractions(reader, entry)
    if not parts:
        return None
    degrees = parts[0] + parts[1] / 60 + parts[2] / 3600
    return -degrees if letter == letters[1] else degrees


def _fractions(reader: TiffReader, entry: Entry) -> list[float]:
    """Return three fractions, NaN for those over zero, or nothing."""
    code = {_UNSIGNED: "I", _SIGNED: "i"}.get(entry.type)
    data = reader.content(entry, _THREE_FRACTIONS_BYTES)
    if code is None or entry.count != 3 or len(data) < _THREE_FRACTIONS_BYTES:
        return []
    numbers = struct.unpack(f"{reader.order}6{code}", data)
    pairs = zip(numbers[::2], numbers[1::2], strict=True)
    return [above / below if below else _over_zero(above) for above, below in pairs]


def _over_zero(above: int) -> float:
    """Return 0 for 0/0, which some write for the seconds, as their minutes have a fraction."""
    return math.nan if above else 0.0


def _number(reader: TiffReader, fields: _Fields, tag: int) -> int | None:
    try:
        value = reader.number(dict(fields), tag, -1)
    except struct.error:
        return None
    return value if value >= 0 else None


def _text(reader: TiffReader, fields: _Fields, tag: int) -> str:
    entry = fields.get(tag)
    if entry is None or entry.type not in (_ASCII, _UTF8):
        return ""
    return clean_text(reader.content(entry, MOST_BYTES))
