"""Detects SVG by what its root element is (XML 1.0; SVG 1.1 and 2), also when it is compressed."""

import codecs
import re
import zlib

GZIP = b"\x1f\x8b\x08"
#: As much is looked through for the root element.
_MOST_PROLOG = 2**20
_ENCODINGS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_SPACE = re.compile(r"\s*")
_ROOT = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?svg[\s/>]")
_DOCTYPE = re.compile(r"<!doctype\s+(?:[A-Za-z_][\w.-]*:)?svg\b", re.IGNORECASE)
_MARKS = {"<?": "?>", "<!--": "-->"}


def is_svg(data: bytes) -> bool:
    """Return whether a file is an SVG by its beginning, which may be all of it.

    False, too, when the beginning ends within a long comment in front of the root element.
    """
    if data.startswith(GZIP):
        try:
            data = zlib.decompressobj(31).decompress(data, _MOST_PROLOG)
        except zlib.error:
            return False
    encoding = next((e for mark, e in _ENCODINGS.items() if data.startswith(mark)), "latin-1")
    text = data[:_MOST_PROLOG].decode(encoding, "replace")
    at = 0
    while True:
        at = _end_of(_SPACE, text, at)
        end = next((end for mark, end in _MARKS.items() if text.startswith(mark, at)), None)
        if end is None:
            return bool(_ROOT.match(text, at) or _DOCTYPE.match(text, at))
        found = text.find(end, at)
        if found < 0:
            return False
        at = found + len(end)


def _end_of(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at
