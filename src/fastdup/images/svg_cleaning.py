"""SVG → the same drawing at a bounded size, without anything that leads out of the file.

A drawing comes from strangers, and may name files of this machine, addresses, entities that grow,
or groups that draw others a billion times. What is returned is written anew from what is known to
be harmless: references within the drawing, and pictures that it brings along.
"""

import math
import re
from typing import Any, NamedTuple
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from fastdup.errors import ImageError, Reason
from fastdup.images.cut_short import ends_early
from fastdup.images.svg_references import References

#: More than any drawing has; the parser, and those behind it, need a multiple of it.
MOST_BYTES = 2**26
_MOST_DEPTH = 500
_UNSHOWN = frozenset({"script", "foreignobject", "iframe", "audio", "video"})
_WORDS = frozenset({"text", "tspan", "textpath"})
#: Filters whose time grows with the fourth power of a picture's side.
_SLOW = frozenset({"femorphology", "feconvolvematrix"})
#: Pixels for one of each unit (CSS Values 3).
_UNITS = {
    "": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0,
    "em": 16.0, "ex": 8.0,
}  # fmt: skip
_LENGTH = re.compile(r"\s*(\+?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*([a-z]*)\s*$", re.IGNORECASE)
#: Width and height of a drawing that says nothing of them.
_USUAL = (300.0, 150.0)
_SIZES = frozenset({"width", "height", "viewBox"})
_PICTURES = re.compile(r"\s*data:image/(?:png|jpe?g|gif|webp)[;,]", re.IGNORECASE)
_URL = re.compile(r"url\(([^)]*)\)?", re.IGNORECASE)
_IMPORT = re.compile(r"@import[^;]*;?|@font-face\s*\{[^}]*\}?", re.IGNORECASE)
#: Noise of more octaves looks the same, and takes hours.
_MOST_OCTAVES = 10
_ENDS_EARLY = frozenset({
    expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS],
    expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_TOKEN],
    expat.errors.codes[expat.errors.XML_ERROR_PARTIAL_CHAR],
    expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION],
})  # fmt: skip


class Drawing(NamedTuple):
    """A drawing that leads nowhere.

    Attributes
    ----------
    text : str
        SVG whose root element has the size in pixels.
    has_words : bool
        Whether fonts are needed to draw it.
    is_slow : bool
        Whether it has filters that take far longer for more pixels.
    """

    text: str
    has_words: bool
    is_slow: bool


def clean_svg(data: bytes, longer_side: int) -> Drawing:
    """Return the drawing in an SVG file, to be drawn with this longer side in pixels.

    Raises
    ------
    ImageError
        TRUNCATED: the file ends early. TOO_LARGE: it grows beyond all measure when it is read or
        drawn. DECODE_ERROR: it is no XML, or has no size.
    """
    cleaner = _Cleaner(longer_side)
    parser = expat.ParserCreate()
    parser.ordered_attributes = True
    parser.buffer_text = True
    parser.StartElementHandler = cleaner.start
    parser.EndElementHandler = cleaner.end
    parser.CharacterDataHandler = cleaner.words
    parser.EntityDeclHandler = cleaner.declare
    try:
        parser.Parse(data, True)
    except expat.ExpatError as exc:
        if exc.code in _ENDS_EARLY:
            raise ends_early("SVG", data) from exc
        raise ImageError(f"SVG: {exc}") from exc
    cleaner.references.require_bounded()
    return Drawing("".join(cleaner.parts), cleaner.has_words, cleaner.is_slow)


class _Cleaner:
    """Writes the elements that it is given anew, without what leads elsewhere."""

    def __init__(self, longer_side: int) -> None:
        self.parts: list[str] = []
        self.has_words = self.is_slow = False
        self.references = References()
        self._longer_side = longer_side
        self._n_characters = 0
        self._depth = 0
        self._style: list[str] | None = None
        #: How many elements are open from one on that is not shown.
        self._n_unshown = 0

    def declare(self, name: str, is_parameter: bool, value: str | None, *_: Any) -> None:
        """Refuse an entity made of others: a few lines would become gigabytes."""
        if value and "&" in value and name not in ("amp", "lt"):
            raise _too_large("entities made of entities")

    def start(self, name: str, given: list[str]) -> None:
        self._depth += 1
        if self._depth > _MOST_DEPTH:
            raise _too_large(f"elements nested more than {_MOST_DEPTH} deep")
        kind = name.rpartition(":")[2].lower()
        if self._n_unshown or kind in _UNSHOWN:
            self._n_unshown += 1
            return
        attributes = dict(zip(given[::2], given[1::2], strict=True))
        if self._depth == 1:
            attributes = _sized(attributes, self._longer_side)
        kept = {key: value for key, raw in attributes.items() if (value := _kept(key, raw))}
        self.references.start(kept)
        self.has_words = self.has_words or kind in _WORDS
        self.is_slow = self.is_slow or kind in _SLOW
        self._write("".join((f"<{name}", *(f" {k}={quoteattr(v)}" for k, v in kept.items()), ">")))
        if kind == "style":
            self._style = []

    def end(self, name: str) -> None:
        self._depth -= 1
        if self._n_unshown:
            self._n_unshown -= 1
            return
        if self._style is not None:
            self._write(escape(_within("".join(self._style))))
            self._style = None
        self.references.end()
        self._write(f"</{name}>")

    def words(self, text: str) -> None:
        if self._n_unshown:
            return
        if self._style is None:
            self._write(escape(text))
        else:
            self._style.append(text)
            self._count(text)

    def _write(self, text: str) -> None:
        self._count(text)
        self.parts.append(text)

    def _count(self, text: str) -> None:
        self._n_characters += len(text)
        if self._n_characters > MOST_BYTES:
            raise _too_large(f"more than {MOST_BYTES:,} characters")


def _kept(key: str, value: str) -> str:
    """Return the value of an attribute without what leads out of the drawing; "": nothing left."""
    kind = key.rpartition(":")[2].lower()
    if kind in ("href", "src"):
        is_here = value.lstrip().startswith("#") or _PICTURES.match(value)
        return value if is_here else ""
    if kind == "base" or kind.startswith("on"):
        return ""
    if kind == "numoctaves":
        return value if len(value) == 1 else str(_MOST_OCTAVES)
    return _within(value)


def _within(style: str) -> str:
    """Return a style with its references within the drawing alone."""
    if "(" not in style and "@" not in style:
        return style

    def own(found: re.Match[str]) -> str:
        return found[0] if found[1].strip(" '\"\t\r\n").startswith("#") else "none"

    return _URL.sub(own, _IMPORT.sub("", style))


def _sized(attributes: dict[str, str], longer_side: int) -> dict[str, str]:
    """Return the attributes of the root element, with a size in pixels."""
    box = [float(n) for n in _numbers(attributes.get("viewBox", ""))]
    width, height = (_length(attributes.get(side, "")) for side in ("width", "height"))
    if len(box) == 4 and box[2] > 0 and box[3] > 0:
        if width is None and height is None:
            width, height = box[2:]
        width = height * box[2] / box[3] if width is None and height is not None else width
        height = width * box[3] / box[2] if height is None and width is not None else height
    else:
        box = []
    width, height = (_USUAL[0] if width is None else width, _USUAL[1] if height is None else height)
    longest = max(width, height)
    if not (min(width, height) > 0 and math.isfinite(longest)):
        raise ImageError(f"SVG: a drawing of {width:g} x {height:g}")
    kept = {key: value for key, value in attributes.items() if key not in _SIZES}
    for side, size in (("width", width), ("height", height)):
        kept[side] = str(max(1, round(size / longest * longer_side)))
    kept["viewBox"] = " ".join(f"{n!r}" for n in box or (0.0, 0.0, width, height))
    return kept


def _numbers(text: str) -> list[str]:
    return re.findall(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?", text[:400], re.IGNORECASE)


def _length(text: str) -> float | None:
    """Return a length in pixels, None when it is a share of something, or makes no sense."""
    found = _LENGTH.match(text[:100])
    unit = _UNITS.get(found[2].lower()) if found else None
    return float(found[1]) * unit if found and unit else None


def _too_large(what: str) -> ImageError:
    return ImageError(f"SVG: {what}", reason=Reason.TOO_LARGE)
