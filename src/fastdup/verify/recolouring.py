"""A drawing of which a thing has another colour: another drawing, and no edited copy.

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
from fastdup.verify.cells import flat_cells, whole_cells
from fastdup.verify.changes import CELL
from fastdup.verify.luma import LUMA
from fastdup.verify.registration import Aligned
from fastdup.verify.tone import is_of_brightness

Colours = NDArray[np.int16]

#: Grey levels by which the colours of a cell are the same, and by which they are others.
_SAME, _OTHER = 4, 10
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
#: Share of the cells that may keep their colours, within these levels, where all was toned. Of 30
#: drawings in two colours, faded, or blended with another picture it is 0; of a face or a shirt in
#: another colour, on its own ground, 0.4.
_MAY_STAY, _STAYS = 0.05, 6
#: Levels by which a channel must differ where it is darkest and where it is lightest, in this share
#: of all pixels: ink that stays while its ground has another colour does not.
_MOVES, _END = 8, 0.002
#: Levels by which nine in ten cells with red and blue exchanged may miss; levels between the three
#: channels of a colour that is no pure red or blue, which a designer would choose for the other.
_SWAP_MISSES, _MIXED = 5, 16


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
        counts &= flat_cells(picture, CELL)
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


def is_toned_throughout(aligned: Aligned) -> bool:
    """Return whether no part keeps its colours, so that all was toned, and no thing recoloured.

    Ink may be in no cell alone: what is darkest, and what is lightest, must be otherwise, too.
    """
    one, other = _cells(aligned)
    if not len(one) or (np.abs(one - other).max(1) <= _STAYS).mean() > _MAY_STAY:
        return False
    pixels = (picture[aligned.inside] for picture in (aligned.first, aligned.second))
    of_one, of_other = (np.quantile(colours, [_END, 1 - _END], axis=0) for colours in pixels)
    return bool(np.abs(of_one - of_other).max(1).min() >= _MOVES)


def has_swapped_channels(aligned: Aligned) -> bool:
    """Return whether red and blue were exchanged, as programs do by mistake."""
    one, other = _cells(aligned)
    moved = np.abs(one - other).max(1) > _OTHER
    if not moved.any():
        return False
    low, middle, high = np.sort(one[moved], axis=1).T
    is_mixed = np.minimum(middle - low, high - middle) > _MIXED
    misses = np.abs(one[:, ::-1] - other).max(1)
    return bool(np.quantile(misses, 0.9) <= _SWAP_MISSES and is_mixed.mean() >= _MOSTLY)


def _cells(aligned: Aligned) -> tuple[Colours, Colours]:
    """Return the mean colours of the cells that lie in both pictures, two (m, 3) arrays."""
    inside = whole_cells(aligned.inside, CELL)
    one, other = (
        np.asarray(Image.fromarray(picture).reduce(CELL), np.int16)[inside]
        for picture in (aligned.first, aligned.second)
    )
    return one, other


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
    is_as_light = np.abs((one - other) @ LUMA) <= limits
    steps = np.minimum(shifts, np.abs(one + other - 255))
    is_solarised = (steps.max(1) <= _INVERTED) & (shifts.max(1) > _CLEARLY)
    return bool((is_turned | is_as_light | is_solarised).mean() >= _MOSTLY)


def _is_cut_off(colours: Colours) -> float:
    """Return the share of colours that are black or white, or nearly so."""
    return float(((colours.min(1) > _LIGHTEST) | (colours.max(1) < _DARKEST)).mean())
