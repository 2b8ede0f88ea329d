"""Reads the keywords of a picture: those of its XMP packet and of its IPTC block."""

import contextlib
from collections.abc import Iterable
from xml.parsers import expat

from fastdup.images.header import Header
from fastdup.metadata.iptc import read_iptc_keywords
from fastdup.metadata.texts import MOST_BYTES, clean_text

_SUBJECT = "http://purl.org/dc/elements/1.1/ subject"
_ITEM = "http://www.w3.org/1999/02/22-rdf-syntax-ns# li"
#: Limits for packets that are made to take time.
_MOST_KEYWORDS, _MOST_ELEMENTS = 1000, 20_000


class _EnoughError(Exception):
    """Ends the parsing: what follows is not read."""


def read_keywords(header: Header) -> list[str]:
    """Return the keywords of a picture, each once, in the order in which they are found."""
    return distinct([*read_xmp_keywords(header.xmp), *read_iptc_keywords(header.iptc)])


def read_xmp_keywords(packet: bytes) -> list[str]:
    """Return the keywords in an XMP packet (ISO 16684-1), ``dc:subject``."""
    collector = _Collector()
    # What stands before an error is right all the same.
    with contextlib.suppress(expat.ExpatError, _EnoughError):
        collector.parser.Parse(packet, False)
    return distinct(collector.keywords)


def distinct(keywords: Iterable[object]) -> list[str]:
    """Return keywords fit for a table, each once and none empty; what is not text is left out."""
    texts = (clean_text(keyword) for keyword in keywords if isinstance(keyword, str))
    return list(dict.fromkeys(filter(None, texts)))[:_MOST_KEYWORDS]


class _Collector:
    """Receives the elements of a packet, and keeps the items of the list of keywords."""

    def __init__(self) -> None:
        self.keywords: list[str] = []
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._add
        self.parser.StartDoctypeDeclHandler = self._refuse
        self._is_inside = False
        self._text: str | None = None
        self._n_elements = 0

    def _start(self, name: str, _: object) -> None:
        self._n_elements += 1
        if self._n_elements > _MOST_ELEMENTS:
            raise _EnoughError
        self._is_inside = self._is_inside or name == _SUBJECT
        if self._is_inside and name == _ITEM:
            self._text = ""

    def _add(self, text: str) -> None:
        if self._text is not None:
            self._text = (self._text + text)[:MOST_BYTES]

    def _end(self, name: str) -> None:
        if name == _ITEM and self._text is not None:
            self.keywords.append(self._text)
            self._text = None
        if name == _SUBJECT:
            raise _EnoughError

    def _refuse(self, *_: object) -> None:
        """End at a document type, which no packet has."""
        raise _EnoughError
