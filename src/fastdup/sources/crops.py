"""Parts of images as images: ``photo.jpg#xywh=10,20,100,50``, spelt like W3C's media fragments."""

import re
from typing import NamedTuple

_NUMBER = r"(-?\d{1,9}(?:\.\d{1,9})?)"
_CROP = re.compile(rf"#xywh=(percent:)?{_NUMBER},{_NUMBER},{_NUMBER},{_NUMBER}")
_MARK = "#xywh="


class Box(NamedTuple):
    """A rectangle in an upright picture.

    Attributes
    ----------
    x, y : float
        Its left and upper edge.
    width, height : float
        Its size.
    is_percent : bool
        Whether these are percents of the picture's width and height, or pixels.
    """

    x: float
    y: float
    width: float
    height: float
    is_percent: bool = False

    def corners(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Return left, top, right and bottom in a picture of `width` x `height`, cut to it.

        Whole pixels, right and bottom exclusive. Empty when right <= left or bottom <= top.
        """
        across, down = (width / 100, height / 100) if self.is_percent else (1.0, 1.0)
        left, top = round(self.x * across), round(self.y * down)
        right = round((self.x + self.width) * across)
        bottom = round((self.y + self.height) * down)
        return max(left, 0), max(top, 0), min(right, width), min(bottom, height)


class Crop(NamedTuple):
    """A part of an image by its name: the whole image's URI, and the rectangle."""

    uri: str
    box: Box


def crop_name(uri: str, box: Box) -> str:
    """Return the name of the part `box` of the image `uri`."""
    kind = "percent:" if box.is_percent else ""
    numbers = (f"{value:.6f}".rstrip("0").rstrip(".") for value in box[:4])
    return f"{uri}{_MARK}{kind}" + ",".join(numbers)


def parse_crop(uri: str) -> Crop | None:
    """Return the image and the rectangle that `uri` names, None when it names no part."""
    start = uri.rfind(_MARK)
    found = _CROP.fullmatch(uri, start) if start > 0 else None
    if not found:
        return None
    percent, *numbers = found.groups()
    x, y, width, height = map(float, numbers)
    return Crop(uri[:start], Box(x, y, width, height, percent is not None))
