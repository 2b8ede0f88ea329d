"""Reads what a photographer wants to know from an XMP packet (ISO 16684-1).

The packet is XML. It is parsed by Expat, without its document type: so no entity is ever expanded,
and nothing outside of it is read.
"""

import contextlib
from typing import Any
from xml.parsers import expat

from fastdup.metadata.capture_time import iso_time
from fastdup.metadata.exif import checked_place
from fastdup.metadata.texts import MOST_BYTES, camera_name, clean_text

_XMP, _EXIF = "http://ns.adobe.com/xap/1.0/ ", "http://ns.adobe.com/exif/1.0/ "
_TIFF, _PHOTOSHOP = "http://ns.adobe.com/tiff/1.0/ ", "http://ns.adobe.com/photoshop/1.0/ "
_LENSES = ("http://cipa.jp/exif/1.0/ LensModel", "http://ns.adobe.com/exif/1.0/aux/ Lens")
#: Namespace and name, as Expat joins them, of the properties that are read.
_PROPERTIES = {
    **{_XMP + name: name for name in ("Rating", "CreatorTool", "CreateDate")},
    **{_EXIF + name: name for name in ("DateTimeOriginal", "GPSLatitude", "GPSLongitude")},
    **{_TIFF + name: name for name in ("Make", "Model")},
    _PHOTOSHOP + "DateCreated": "DateCreated",
    **dict.fromkeys(_LENSES, "Lens"),
}
#: Elements that are passed; a limit for packets that are made to take time.
_MOST_ELEMENTS = 2000


class _EnoughError(Exception):
    """Ends the parsing: what follows is not read."""


def read_xmp(packet: bytes, *, rating_only: bool = False) -> dict[str, Any]:
    """Return what an XMP packet says of its picture: the fields of `Metadata` that are known.

    Parameters
    ----------
    packet : bytes
        The packet, or its beginning.
    rating_only : bool
        Read no further than to the rating.
    """
    values = _properties(packet, "Rating" if rating_only else "")
    dates = (values.get(name, "") for name in ("DateTimeOriginal", "DateCreated", "CreateDate"))
    place = (_degrees(values.get(name, "")) for name in ("GPSLatitude", "GPSLongitude"))
    make, model, lens, tool = (
        clean_text(values.get(name, "")) for name in ("Make", "Model", "Lens", "CreatorTool")
    )
    return {
        "taken": next(filter(None, map(iso_time, dates)), ""),
        "camera": camera_name(make, model),
        "lens": lens,
        "software": tool,
        "rating": _rating(values.get("Rating", "")),
        **checked_place(*place),
    }


def _properties(packet: bytes, last: str) -> dict[str, str]:
    """Return the first value of each property that is read; none after that of the name `last`."""
    collector = _Collector(last)
    # What stands before an error is right all the same.
    with contextlib.suppress(expat.ExpatError, _EnoughError):
        collector.parser.Parse(packet, False)
    return collector.values


class _Collector:
    """Receives the elements of a packet; a property is an attribute or an element."""

    def __init__(self, last: str) -> None:
        self.values: dict[str, str] = {}
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartElementHandler = self._start
        self.parser.StartDoctypeDeclHandler = self._refuse
        self._last = last
        self._inside = ""
        self._n_elements = 0

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._n_elements += 1
        if self._n_elements > _MOST_ELEMENTS:
            raise _EnoughError
        for key in attributes.keys() & _PROPERTIES.keys():
            self._add(_PROPERTIES[key], attributes[key])
        if name in _PROPERTIES and _PROPERTIES[name] not in self.values:
            self._inside = _PROPERTIES[name]
            self.parser.CharacterDataHandler = self._text
            self.parser.EndElementHandler = self._end

    def _text(self, text: str) -> None:
        self.values[self._inside] = (self.values.get(self._inside, "") + text)[:MOST_BYTES]

    def _end(self, _: str) -> None:
        self.parser.CharacterDataHandler = self.parser.EndElementHandler = None
        self._add(self._inside, "")

    def _add(self, name: str, value: str) -> None:
        self.values.setdefault(name, value[:MOST_BYTES])
        if name == self._last:
            raise _EnoughError

    def _refuse(self, *_: object) -> None:
        """End at a document type, which no packet has."""
        raise _EnoughError


def _rating(text: str) -> int | None:
    try:
        stars = float(text[:10])
    except ValueError:
        return None
    return round(stars) if -1 <= stars <= 5 else None


def _degrees(text: str) -> float | None:
    """Return "48,8,12N" or "48,8.2N" as degrees, negative in the south and the west."""
    letter = text[-1:].upper()
    if letter not in ("N", "S", "E", "W"):
        return None
    try:
        parts = list(map(float, text[:-1].split(",")))
    except ValueError:
        return None
    degrees = sum(part / minutes for part, minutes in zip(parts, (1, 60, 3600), strict=False))
    return -degrees if letter in "SW" else degrees
