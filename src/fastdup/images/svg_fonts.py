"""Fonts of this machine for the words in drawings: resvg leaves out words that have none."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from fastdup.errors import ImageError, Reason

#: Families that systems bring, of each kind.
_SANS = ("Arial", "Liberation Sans", "DejaVu Sans", "Noto Sans", "FreeSans", "Helvetica", "Roboto")
_SERIF = ("Times New Roman", "Liberation Serif", "DejaVu Serif", "Noto Serif", "FreeSerif", "Times")
_FIXED = ("Courier New", "Liberation Mono", "DejaVu Sans Mono", "Noto Sans Mono", "FreeMono")
_DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="32" height="32">'
    '<text y="24" font-size="24" font-family="{family}">n</text></svg>'
)


@cache
def families() -> dict[str, Any]:
    """Return the arguments of resvg that name a family for each kind.

    What a drawing names, and this machine lacks, is drawn in the serif family.

    Raises
    ------
    ImageError
        UNSUPPORTED: there is none of the usual families.
    """
    sans, serif, fixed = (_first(kind) for kind in (_SANS, _SERIF, _FIXED))
    last = serif or sans or fixed
    if last is None:
        detail = "SVG with words needs a font: install one, such as DejaVu Sans"
        raise ImageError(detail, reason=Reason.UNSUPPORTED)
    return {
        "serif_family": last,
        "sans_serif_family": sans or last,
        "monospace_family": fixed or last,
    }


def _first(names: Iterable[str]) -> str | None:
    """Return the first family that this machine has."""
    from resvg_py import svg_to_bytes

    blank = svg_to_bytes(svg_string=_DRAWING.format(family=""), skip_system_fonts=True)
    drawn = ((name, svg_to_bytes(svg_string=_DRAWING.format(family=name))) for name in names)
    return next((name for name, png in drawn if png != blank), None)
