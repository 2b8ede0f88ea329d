"""Parts of images as images: ``photo.jpg#xywh=10,20,100,50``, spelt like W3C's media fragments.

Those have no rotated boxes; ``photo.jpg#corners=10,20,100,30,95,80,5,70`` is one here.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

_NUMBER = r"(-?\d{1,9}(?:\.\d{1,9})?)"
_CROP = re.compile(rf"#xywh=(percent:)?{_NUMBER},{_NUMBER},{_NUMBER},{_NUMBER}")
_ROTATED = re.compile(rf"#corners={_NUMBER}" + rf",{_NUMBER}" * 7)
#: How the part of a name begins that says which part of the image it is.
_MARKS = UPRIGHT, ROTATED = ("#xywh=", "#corners=")


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


class RotatedBox(NamedTuple):
    """A rectangle at any angle in an upright picture.

    Attributes
    ----------
    points : tuple of 8 floats
        x and y of its corners in pixels, in the order upper left, upper right, lower right, lower
        left of what it shows.
    """

    points: tuple[float, ...]

    def corners(self, _width: int, _height: int) -> tuple[float, ...]:
        """Return the corners as they are; they may lie outside the picture."""
        return self.points


class Crop(NamedTuple):
    """A part of an image by its name: the whole image's URI, and the rectangle."""

    uri: str
    box: Box | RotatedBox


def crop_name(uri: str, box: Box | RotatedBox) -> str:
    """Return the name of the part `box` of the image `uri`."""
    if isinstance(box, RotatedBox):
        return f"{uri}{ROTATED}{_joined(box.points)}"
    kind = "percent:" if box.is_percent else ""
    return f"{uri}{UPRIGHT}{kind}{_joined(box[:4])}"


def _joined(values: Iterable[float]) -> str:
    return ",".join(f"{value:.6f}".rstrip("0").rstrip(".") for value in values)


def parse_crop(uri: str) -> Crop | None:
    """Return the image and the rectangle that `uri` names, None when it names no part."""
    start = max(map(uri.rfind, _MARKS))
    if start <= 0:
        return None
    if found := _ROTATED.fullmatch(uri, start):
        return Crop(uri[:start], RotatedBox(tuple(map(float, found.groups()))))
    if not (found := _CROP.fullmatch(uri, start)):
        return None
    percent, *numbers = found.groups()
    x, y, width, height = map(float, numbers)
    return Crop(uri[:start], Box(x, y, width, height, percent is not None))
