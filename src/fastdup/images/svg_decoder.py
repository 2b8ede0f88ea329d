"""Draws SVG files by resvg, an extra, in processes that may crash."""

import hashlib
from functools import cache
from importlib.util import find_spec
from io import BytesIO

from PIL import PngImagePlugin

from fastdup.config.machine import available_cores
from fastdup.sources.containers.apart import Apart, Place

if find_spec("resvg_py") is None:
    raise ImportError("resvg_py is not installed")

#: A drawing takes some 10 ms, a map a few seconds.
_MOST_SILENT_S = 30


def open_svg(file: BytesIO) -> PngImagePlugin.PngImageFile:
    """Return the picture that an SVG file draws, on transparent ground.

    Raises
    ------
    ImageError
        When it cannot be drawn: see `clean_svg`; when it takes minutes, or much memory.
    """
    data = file.getvalue()
    name = hashlib.blake2b(data, digest_size=16).hexdigest()
    place = Place(name, len(data), 0, is_local=False)
    _, png = _drawers().call("draw", place, opened=lambda: BytesIO(data))
    return PngImagePlugin.PngImageFile(BytesIO(png))


@cache
def _drawers() -> Apart:
    workshop = "fastdup.images.svg_workshop:SvgWorkshop"
    return Apart(workshop, "a drawing", available_cores(), _MOST_SILENT_S)
