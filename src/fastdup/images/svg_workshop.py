"""Draws SVG files; runs apart, in a process that may crash (`fastdup.sources.containers.apart`)."""

import zlib
from typing import Any

from fastdup.errors import ImageError, Reason
from fastdup.images.cut_short import ends_early
from fastdup.images.svg_cleaning import MOST_BYTES, clean_svg
from fastdup.images.svg_fonts import families
from fastdup.images.svg_head import GZIP
from fastdup.sources.containers.apart import Place, Workshop

#: Longer side of the picture in pixels. A drawing has none of its own: at this size, it is compared
#: in detail, and drawn in some 10 ms.
LONGER_SIDE = 768
#: The same where filters would take seconds.
SLOW_SIDE = 256


class SvgWorkshop(Workshop):
    """Draws by resvg, which would read the files that a drawing names: see `clean_svg`."""

    noun = "a drawing"

    def forget(self) -> None:
        """Keep nothing."""

    def draw(self, place: Place) -> tuple[Any, bytes]:
        """Return the picture as a PNG file."""
        from resvg_py import svg_to_bytes

        with self.file(place) as file:
            data = _unpacked(file.read())
        drawing = clean_svg(data, LONGER_SIDE)
        if drawing.is_slow:
            drawing = clean_svg(data, SLOW_SIDE)
        try:
            if drawing.has_words:
                png = svg_to_bytes(svg_string=drawing.text, **families())
            else:  # fonts are looked for each time, which takes longer than drawing
                png = svg_to_bytes(svg_string=drawing.text, skip_system_fonts=True)
        except (ImageError, KeyboardInterrupt, SystemExit):
            raise
        except BaseException as exc:  # a panic in Rust is no Exception
            raise ImageError(f"SVG: {' '.join(str(exc).split())[:200]}") from exc
        return None, png


def _unpacked(data: bytes) -> bytes:
    """Return the text of a file that may be compressed."""
    if data.startswith(GZIP):
        unpacker = zlib.decompressobj(31)
        try:
            text = unpacker.decompress(data, MOST_BYTES + 1)
        except zlib.error as exc:
            raise ImageError(f"SVG: {exc}") from exc
        if not unpacker.eof and len(text) <= MOST_BYTES:
            raise ends_early("SVG", data)
        data = text
    if len(data) > MOST_BYTES:
        raise ImageError(f"SVG: more than {MOST_BYTES:,} bytes", reason=Reason.TOO_LARGE)
    return data
