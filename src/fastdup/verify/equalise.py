"""Two pictures on one grid brought to the same colours and the same sharpness.

What differs after that is content.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from fastdup.arrays import BoolArray
from fastdup.verify.cells import whole_cells
from fastdup.verify.colour_map import (
    IDENTITY,
    Samples,
    ToneMap,
    fit_samples,
    identity_of,
    misses_of,
    sample_colours,
)
from fastdup.verify.fine_detail import Sharpness, compare_sharpness, match_sharpness
from fastdup.verify.registration import Aligned
from fastdup.verify.uneven_light import InLight, map_in_light

Levels = NDArray[np.uint8]

#: Shifts of colours, in grey levels, from which on a picture is toned, or has other colours
#: altogether.
TONED, RECOLOURED = 14.0, 40.0
#: Side of the cells whose colours are compared, and which of their differences is the shift.
_CELL, _SHIFTED = 8, 0.7
#: Share of the cells from which on a colour counts.
_SOME = 0.01
#: Grey levels by which channels differ in a picture without colours, in nearly all cells.
_NO_COLOUR, _OF_CELLS = 20, 0.95
#: Colours are the same where so many cells differ by no more grey levels.
_NEARLY_ALL, _SAME = 0.95, 4.0
#: Where half of the cells differ by no more, few are toned: then a map must explain so much of it.
_HALF_SAME, _FEWER_MISSES = 2.0, 0.5

#: Misses of a map, from 0 to 1, below which light is even.
_UNEVEN = 1.5 / 255


@dataclass(frozen=True, eq=False)
class Equalised:
    """Two pictures on one grid, in the same tone.

    Attributes
    ----------
    first, second : PIL images, mode RGB
        One of them with the other's colours.
    one, other : (h, w) uint8 arrays
        The same in grey levels, slightly smoothed, and equally sharp.
    tone : ToneMap
        From one picture's colours to the other's.
    shift, largest_shift : float
        By how many grey levels the colours of small cells differ, without any map: most of them,
        and the most.
    n_colours : int
        How many colours the picture has that has fewer, counted coarsely: few in a drawing. A
        picture without colours counts alone, by its grey levels.
    sharpness : Sharpness
        What the second has of fine detail, beside the first.
    """

    first: Image.Image
    second: Image.Image
    one: Levels
    other: Levels
    tone: ToneMap
    shift: float
    largest_shift: float
    n_colours: int
    sharpness: Sharpness


def equalise(aligned: Aligned) -> Equalised:
    """Return two pictures in the same tone and equally sharp; they must overlap."""
    shifts = _cell_shifts(aligned)
    first, second, tone = _same_tone(aligned, shifts)
    greys = first.convert("L"), second.convert("L")
    sharpness = compare_sharpness(*greys, aligned.inside)
    smooth, other = (np.asarray(grey.filter(ImageFilter.BoxBlur(1))) for grey in greys)
    return Equalised(
        first,
        second,
        *match_sharpness(smooth, other, sharpness),
        tone=tone,
        shift=_most(shifts),
        largest_shift=float(shifts.max(initial=0)),
        n_colours=_n_colours(aligned),
        sharpness=sharpness,
    )


def colour_shift(aligned: Aligned) -> float:
    """Return by how many grey levels the colours of small cells differ: most of them."""
    return _most(_cell_shifts(aligned))


def _most(shifts: NDArray[np.int16]) -> float:
    return float(np.quantile(shifts, _SHIFTED)) if len(shifts) else 0.0


def _n_colours(aligned: Aligned) -> int:
    """Return how many of 64 coarse colours some of the small cells have, as `Equalised` says."""
    cells = [
        np.asarray(Image.fromarray(picture).reduce(_CELL)).reshape(-1, 3)
        for picture in (aligned.first, aligned.second)
    ]
    levels = [
        _n_frequent(of_one[:, 1] >> 4)
        for of_one in cells
        if np.quantile(np.ptp(of_one, axis=1), _OF_CELLS) <= _NO_COLOUR
    ]
    if levels:  # a photo has 9 of 16 grey levels or more, and 6 colours or more
        return min(levels) * 2 // 3
    return min(_n_frequent((of_one.astype(np.int64) >> 6) @ (16, 4, 1)) for of_one in cells)


def _n_frequent(colours: NDArray[Any]) -> int:
    return int((np.bincount(colours) > _SOME * len(colours)).sum())


def _cell_shifts(aligned: Aligned) -> NDArray[np.int16]:
    """Return by how many grey levels the colours of each small cell differ, without any map."""
    one, other = (
        np.asarray(Image.fromarray(picture).reduce(_CELL), np.int16)
        for picture in (aligned.first, aligned.second)
    )
    found: NDArray[np.int16] = np.abs(one - other).max(2)[whole_cells(aligned.inside, _CELL)]
    return found


def _same_tone(
    aligned: Aligned, shifts: NDArray[np.int16]
) -> tuple[Image.Image, Image.Image, ToneMap]:
    """Return both pictures, one of them with the colours of the other, and the map."""
    first, second = Image.fromarray(aligned.first), Image.fromarray(aligned.second)
    if not len(shifts) or np.quantile(shifts, _NEARLY_ALL) <= _SAME:
        return first, second, IDENTITY
    samples = sample_colours(aligned.first, aligned.second, aligned.inside)
    maps = _maps(samples)
    misses, is_back, tone = maps[0]
    if np.median(shifts) <= _HALF_SAME:
        plain = identity_of(samples)
        if misses > _FEWER_MISSES * misses_of(plain, samples):
            return first, second, plain
    lit = [(_lit(first, second, one, aligned.inside), one.is_back) for one in maps]
    seen = [(found, is_back) for found, is_back in lit if found]
    if seen:
        found, is_back = min(seen, key=lambda one: one[0].miss)
        mapped, tone = found.picture, found.tone
    else:
        mapped = tone.apply(second if is_back else first)
    return (first, mapped, tone) if is_back else (mapped, second, tone)


class _Map(NamedTuple):
    """A map of colours, what it misses from 0 to 1, and whether it leads back to the first."""

    misses: float
    is_back: bool
    tone: ToneMap


def _maps(samples: Samples) -> tuple[_Map, _Map]:
    """Return the maps between both pictures, the one that misses less first.

    It leads to the picture in which less is left: whose colours were cut off, or that is grey.
    """
    back = samples.turned()
    tone, tone_back = fit_samples(samples), fit_samples(back)
    there = _Map(misses_of(tone, samples), False, tone)
    again = _Map(misses_of(tone_back, back), True, tone_back)
    return (there, again) if there.misses <= again.misses else (again, there)


def _lit(first: Image.Image, second: Image.Image, by: _Map, inside: BoolArray) -> InLight | None:
    """Return the one picture in the light of the other; None where light is even."""
    if by.misses < _UNEVEN:
        return None
    source, target = (second, first) if by.is_back else (first, second)
    return map_in_light(source, target, by.tone, inside)
