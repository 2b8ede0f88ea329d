"""Writes an XMP packet (ISO 16684-1) of what `Metadata` knows; see `xmp` for reading one."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

_HEAD = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:tiff="http://ns.adobe.com/tiff/1.0/"
    xmlns:exif="http://ns.adobe.com/exif/1.0/"
    xmlns:exifEX="http://cipa.jp/exif/1.0/"
    xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"
    xmlns:dc="http://purl.org/dc/elements/1.1/"
"""
_TAIL = """
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>
"""
#: Field of `Metadata` → the properties that hold it.
_PROPERTIES: Mapping[str, tuple[str, ...]] = {
    "taken": ("exif:DateTimeOriginal", "photoshop:DateCreated"),
    "camera": ("tiff:Model",),
    "lens": ("exifEX:LensModel",),
    "latitude": ("exif:GPSLatitude",),
    "longitude": ("exif:GPSLongitude",),
    "rating": ("xmp:Rating",),
}
#: Fields that a packet can hold.
FIELDS = tuple(_PROPERTIES)


def xmp_packet(values: Mapping[str, Any]) -> bytes:
    """Return a packet that holds the fields of `Metadata` in `values`, those of `FIELDS`.

    The texts in ``keywords`` are written as such.
    """
    lines = "\n".join(f"    {name}={quoteattr(text)}" for name, text in _texts(values))
    return f"{_HEAD}{lines}>{_keywords(values.get('keywords', ()))}{_TAIL}".encode()


def _keywords(keywords: Iterable[str]) -> str:
    items = "".join(f"<rdf:li>{escape(keyword)}</rdf:li>" for keyword in keywords)
    return f"\n   <dc:subject><rdf:Bag>{items}</rdf:Bag></dc:subject>" if items else ""


def _texts(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for field, names in _PROPERTIES.items():
        if (value := values.get(field)) is not None:
            text = str(value)
            if field in ("latitude", "longitude"):
                text = _minutes(float(text), "NS" if field == "latitude" else "EW")
            yield from ((name, text) for name in names)


def _minutes(degrees: float, letters: str) -> str:
    """Return degrees as "48,51.396000N"."""
    whole, part = divmod(abs(degrees), 1)
    minutes = f"{part * 60:.6f}"
    if float(minutes) >= 60:
        whole, minutes = whole + 1, "0.000000"
    return f"{whole:.0f},{minutes}{letters[degrees < 0]}"
