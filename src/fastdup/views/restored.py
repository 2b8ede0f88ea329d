"""A picture as it may have looked before it was worn: without the dots of a print, without a cover.

The features of a print made of dots are those of dots, and a plain box over a part of a picture
changes all of them. Smoothed, or with the box filled from around, the picture is near to what it
was made from.
"""

from collections.abc import Iterator
from functools import reduce

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from fastdup.arrays import BoolArray

#: Longest side of what is returned, and the radius in which the dots of a print vanish there.
_SIDE, _DOTS = 320, 2.5
#: Side of the cells in which a cover is looked for, in pixels of that.
_CELL = 6
#: Grey levels by which the pixels of a cover vary, and by which its cells do.
_PLAIN, _SAME_COLOUR = 14, 10
#: So many colours are tried, those of most cells.
_N_COLOURS = 2
#: Area of a cover, as shares of the picture.
_LEAST_COVER, _MOST_COVER = 0.06, 0.6
#: Share of a row or column of pixels that belongs to the cover; pixels beside it that do in part.
_OF_COVER, _BESIDE = 0.8, 2
#: Share of the variation of grey levels that vanishes with the dots of a print; of photos less.
_VANISHES = 0.55
#: What is filled goes on where so much of the pixels around is known.
_KNOWN = 0.05


def without_dots(picture: Image.Image) -> Image.Image | None:
    """Return a picture, mode RGB, shrunk and smoothed, as a print looks from afar.

    None if little vanishes so: it is no print of dots.
    """
    small = _small(picture)
    blur, grey = ImageFilter.GaussianBlur(_DOTS), small.convert("L")
    before, after = (np.asarray(image, np.float32) for image in (grey, grey.filter(blur)))
    is_print = (before - after).std() > _VANISHES * before.std()
    return small.filter(blur) if is_print else None


def without_cover(picture: Image.Image) -> list[Image.Image]:
    """Return a picture, mode RGB, shrunk, with its largest plain box filled from around.

    And the largest part beside the box; nothing if there is no plain box that is large enough.
    """
    small = _small(picture)
    box = _largest_cover(np.asarray(small))
    if box is None:
        return []
    return [_filled(np.asarray(small, np.float32), box), _largest_beside(small, box)]


def _largest_beside(small: Image.Image, box: tuple[slice, slice]) -> Image.Image:
    rows, columns = box
    width, height = small.size
    left, top = min(columns.start, width - 1), min(rows.start, height - 1)
    parts = [
        (0, 0, left, height),
        (0, 0, width, top),
        (min(columns.stop, width - 1), 0, width, height),
        (0, min(rows.stop, height - 1), width, height),
    ]
    return small.crop(max(parts, key=lambda part: (part[2] - part[0]) * (part[3] - part[1])))


def _small(picture: Image.Image) -> Image.Image:
    factor = min(1.0, _SIDE / max(picture.size))
    width, height = (max(1, round(side * factor)) for side in picture.size)
    return picture.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=2.0)


def _largest_cover(pixels: NDArray[np.uint8]) -> tuple[slice, slice] | None:
    """Return rows and columns of the largest box of one colour, None if there is none."""
    height, width = (side // _CELL for side in pixels.shape[:2])
    if min(height, width) < 2:
        return None
    cells = pixels[: height * _CELL, : width * _CELL]
    lowest, highest = (_of_cells(choose, cells) for choose in (np.minimum, np.maximum))
    is_plain = (highest - lowest).max(2) <= _PLAIN
    middle = (lowest.astype(np.int16) + highest) // 2
    best: tuple[int, int, int, int] = (0, 0, 0, 0)
    least = _LEAST_COVER * height * width
    for colour in _frequent(middle[is_plain], least):
        is_cover = is_plain & (np.abs(middle - colour).max(2) <= _SAME_COLOUR)
        best = max(best, *_rectangles(is_cover, least), (0, 0, 0, 0), key=_area)
    if not least <= _area(best) <= _MOST_COVER * height * width:
        return None
    return _box_around(pixels, *(place * _CELL for place in best))


def _of_cells(choose: np.ufunc, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the least or largest of each channel in each cell."""
    rows = reduce(choose, (pixels[start::_CELL] for start in range(_CELL)))
    found: NDArray[np.uint8] = reduce(choose, (rows[:, start::_CELL] for start in range(_CELL)))
    return found


def _box_around(
    pixels: NDArray[np.uint8], top: int, bottom: int, left: int, right: int
) -> tuple[slice, slice]:
    """Return the rows and columns of the whole cover, of which all whole cells are known."""
    colour = np.median(pixels[top:bottom, left:right], axis=(0, 1))
    is_cover = np.abs(pixels - colour).max(2) <= _PLAIN
    wide = slice(max(0, top - _CELL), bottom + _CELL), slice(max(0, left - _CELL), right + _CELL)
    rows = np.flatnonzero(is_cover[wide[0], left:right].mean(1) > _OF_COVER) + wide[0].start
    columns = np.flatnonzero(is_cover[top:bottom, wide[1]].mean(0) > _OF_COVER) + wide[1].start
    found = (
        slice(max(0, int(at[0]) - _BESIDE), int(at[-1]) + 1 + _BESIDE) for at in (rows, columns)
    )
    return next(found), next(found)


def _frequent(colours: NDArray[np.int16], least: float) -> Iterator[NDArray[np.int16]]:
    """Yield the colours that most of (m, 3) are near to: so many at least."""
    for _ in range(_N_COLOURS):
        if len(colours) < least:
            return
        coarse = (colours.astype(np.int64) >> 4) @ (256, 16, 1)
        is_most = coarse == np.bincount(coarse).argmax()
        colour = np.median(colours[is_most], axis=0).astype(np.int16)
        is_same = np.abs(colours - colour).max(1) <= _SAME_COLOUR
        if is_same.sum() >= least:
            yield colour
        colours = colours[~(is_same | is_most)]


def _rectangles(flags: BoolArray, least: float) -> Iterator[tuple[int, int, int, int]]:
    """Yield rectangles of flags, of which one is the largest: top, bottom, left, right.

    None of fewer flags than `least`.
    """
    heights = np.zeros(flags.shape[1] + 1, np.int64)  # of the flags above each place; 0 at the end
    for row, of_row in enumerate(flags):
        heights[:-1] = np.where(of_row, heights[:-1] + 1, 0)
        if heights.max() * np.count_nonzero(heights) < least:
            continue  # nothing that ends here is large enough
        open_ones: list[tuple[int, int]] = []  # left and height, ever higher
        for place, tall in enumerate(heights.tolist()):
            left = place
            while open_ones and open_ones[-1][1] >= tall:
                left, height = open_ones.pop()
                if height * (place - left) >= least:
                    yield row + 1 - height, row + 1, left, place
            open_ones.append((left, tall))


def _area(box: tuple[int, int, int, int]) -> int:
    return (box[1] - box[0]) * (box[3] - box[2])


def _filled(pixels: NDArray[np.float32], box: tuple[slice, slice]) -> Image.Image:
    """Return the picture with a box filled from coarse to fine, with what is known around."""
    height, width = pixels.shape[:2]
    known = np.ones((height, width), np.float32)
    known[box] = 0
    channels = pixels.transpose(2, 0, 1)
    planes = [_image(plane) for plane in (known, *(channels * known))]
    found = ((channels * known).sum((1, 2)) / known.sum())[:, None, None]
    factor = 64
    while factor:
        size = max(1, width // factor), max(1, height // factor)
        weight, *values = (_resized(plane, size, Image.Resampling.BOX) for plane in planes)
        before = [_resized(_image(one), size, Image.Resampling.BILINEAR) for one in found]
        found = np.where(weight > _KNOWN, np.stack(values) / np.maximum(weight, _KNOWN), before)
        factor //= 2
    filled = np.where(known > 0, channels, found).transpose(1, 2, 0)
    return Image.fromarray(np.ascontiguousarray(filled.clip(0, 255).astype(np.uint8)))


def _image(plane: NDArray[np.float32]) -> Image.Image:
    return Image.fromarray(np.ascontiguousarray(plane, np.float32))


def _resized(
    plane: Image.Image, size: tuple[int, int], method: Image.Resampling
) -> NDArray[np.float32]:
    return np.asarray(plane.resize(size, method))
