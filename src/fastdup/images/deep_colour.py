"""Colours of 16 bits a channel: Pillow keeps the high bytes, here are the low ones, if needed."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast

import numpy as np
from PIL import Image, ImageFile

from fastdup.images.value_range import FEWEST_LEVELS, as_picture

#: Mode → how Pillow names values of two bytes, high byte first and low byte first.
_BIG, _LITTLE = "16B", "16L"
_SWAPPED = {_BIG: _LITTLE, _LITTLE: _BIG, "16N": _BIG}
_MODES = ("RGB", "RGBA")
#: A kind of values that it names in one order only.
_ONE_ORDER = "LA"


def with_low_bytes(
    image: Image.Image, reopen: Callable[[], ImageFile.ImageFile]
) -> Image.Image | None:
    """Return a picture of 16 bits a channel scaled by its own range, None if it needs no scaling.

    It needs it where the high bytes have so few levels that what it shows is lost. Read with its
    bytes swapped, the file gives the low bytes, too.

    Parameters
    ----------
    image : PIL image, mode RGB or RGBA
        The high bytes.
    reopen : callable
        Opens the file again, without decoding its pixels.
    """
    if image.mode not in _MODES or "transparency" in image.info:
        return None
    colours = cast(Any, image).getextrema()[:3]
    low, high = min(low for low, _ in colours), max(high for _, high in colours)
    if high - low >= FEWEST_LEVELS:
        return None
    swapped = reopen()
    tiles = list(_swapped(cast(Any, swapped).tile))
    if not tiles:
        return None
    swapped.tile = tiles
    swapped.load()
    if swapped.mode != image.mode or swapped.size != image.size:
        return None
    values = np.asarray(image).astype(np.uint16) << 8 | np.asarray(swapped)
    if values[..., :3].min() == values[..., :3].max():
        return None
    scaled = as_picture(values[..., :3])
    if image.mode == "RGBA":
        scaled.putalpha(image.getchannel("A"))
    return scaled


def _swapped(tiles: Iterable[Any]) -> Iterator[Any]:
    """Yield the parts of a file with the names of their values for swapped bytes."""
    for tile in tiles:
        args = tile.args
        name = args if isinstance(args, str) else args[0]
        kind, _, order = name.partition(";")
        if order in _SWAPPED and kind != _ONE_ORDER:
            swapped = f"{kind};{_SWAPPED[order]}"
            rest = swapped if isinstance(args, str) else (swapped, *args[1:])
            yield tile._replace(args=rest)
