"""A drawing of which one thing has another colour: another drawing, and no edited copy.

A shirt that is drawn in five colours is five shirts. An edit of tones is of all colours: what is
made brighter is so on its ground, too; another hue keeps how light and how strong a colour is;
without colours, it stays as light; solarised, its light channels are inverted. Where the ground is
the same to the last level, and the rest is of another colour by none of these, the thing was given
that colour.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fastdup.arrays import BoolArray
from fastdup.verify.cells import whole_cells
from fastdup.verify.changes import CELL
from fastdup.verify.registration import Aligned
from fastdup.verify.tone import is_of_brightness

Colours = NDArray[np.int16]

#: Grey levels by which the colours of a cell are the same, and by which they are others.
_SAME, _OTHER = 4, 10
#: Grey levels by which the pixels of a cell of one colour differ, at most.
_FLAT = 24
#: Share of the cells that are the same, and that are of other colours, at least; of both together.
#: And how many cells of one colour there must be.
_GROUND, _THING, _BOTH, _FEWEST = 0.3, 0.04, 0.75, 200
#: A colour beyond these levels may have been cut off: it stays as it is when all is made brighter.
_DARKEST, _LIGHTEST = 8, 247
#: Share of a shift by which an edit of hue or colourfulness may miss, and grey levels in any case;
#: and the share of the cells that it is to explain.
_OF_SHIFT, _MISSES, _MOSTLY = 0.2, 4, 0.6
#: Grey levels by which a channel that was inverted may miss, and by which it shifts: near the
#: middle any colour would be inverted.
_INVERTED, _CLEARLY = 12, 32
_LUMA = np.array([0.299, 0.587, 0.114])


def is_part_recoloured(aligned: Aligned, changed: BoolArray) -> bool:
    """Return whether one thing in a drawing was given another colour.

    Parameters
    ----------
    aligned : Aligned
        Two pictures of few colours.
    changed : (rows, columns) bool array
        Cells that show something else, which are left out; see `Changes`.
    """
    rows, columns = changed.shape
    one, other = (
        np.asarray(Image.fromarray(picture).reduce(CELL), np.int16)[:rows, :columns]
        for picture in (aligned.first, aligned.second)
    )
    counts = whole_cells(aligned.inside, CELL)[:rows, :columns] & ~changed
    for picture in (aligned.first, aligned.second):
        counts &= _is_flat(picture)
    shifts = np.abs(one - other).max(2)
    is_ground, is_thing = counts & (shifts <= _SAME), counts & (shifts > _OTHER)
    n_cells = int(counts.sum())
    if n_cells < _FEWEST:
        return False
    ground, thing = is_ground.sum() / n_cells, is_thing.sum() / n_cells
    if ground < _GROUND or thing < _THING or ground + thing < _BOTH:
        return False
    if any(_is_ground(p[is_thing], p[is_ground]) for p in (one, other)):
        return False  # a part of it was covered
    if _are_toned(one[is_thing], other[is_thing]):
        return False
    return _is_cut_off(one[is_ground]) < 1 - _GROUND or not is_of_brightness(aligned)


def _is_flat(picture: NDArray[np.uint8]) -> BoolArray:
    """Return which cells are of one colour, but for what saving leaves."""
    rows, columns = (side // CELL for side in picture.shape[:2])
    cells = picture[: rows * CELL, : columns * CELL].reshape(rows, CELL, columns, CELL, 3)
    steps = cells.max(axis=(1, 3)).astype(np.int16) - cells.min(axis=(1, 3))
    return np.asarray(steps.max(2) <= _FLAT)


def _is_ground(thing: Colours, ground: Colours) -> bool:
    """Return whether many cells of the thing have the usual colour of the ground."""
    usual = np.median(ground, axis=0)
    return bool((np.abs(thing - usual).max(1) <= _OTHER).mean() > 1 - _MOSTLY)


def _are_toned(one: Colours, other: Colours) -> bool:
    """Return whether colours were turned around the axis of greys, drawn to it, or solarised."""
    ranges = (np.stack([colours.min(1), colours.max(1)], axis=1) for colours in (one, other))
    low, high = ranges
    shifts = np.abs(one - other)
    limits = np.maximum(_OF_SHIFT * shifts.max(1), _MISSES)
    is_turned = np.abs(low - high).max(1) <= limits
    is_as_light = np.abs((one - other) @ _LUMA) <= limits
    steps = np.minimum(shifts, np.abs(one + other - 255))
    is_solarised = (steps.max(1) <= _INVERTED) & (shifts.max(1) > _CLEARLY)
    return bool((is_turned | is_as_light | is_solarised).mean() >= _MOSTLY)


def _is_cut_off(colours: Colours) -> float:
    """Return the share of colours that are black or white, or nearly so."""
    return float(((colours.min(1) > _LIGHTEST) | (colours.max(1) < _DARKEST)).mean())
