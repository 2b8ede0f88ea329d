"""What lies around a part of a picture: more of it, a frame, or another picture."""

from collections.abc import Iterator, Sequence
from enum import Enum
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from fastdup.verify.planes import Matrix, mapped

Levels = NDArray[np.float32]
Box = tuple[float, float, float, float]

#: Standard deviation of the colours of a frame, at most.
_PLAIN = 8.0
#: Places along each side that are looked at around a tilted picture; how far they lie from it, as a
#: share of its sides; and the share of them that has one colour.
_N_AROUND, _RIM, _NEARLY_ALL = 128, 0.02, 0.98
#: Pixels on either side of an edge whose lines are compared: next to it, and beyond a thin line.
_NEAR, _FAR = 2, 5
#: Times the usual step from line to line from which on there is an edge, next to it, and beyond a
#: thin line where those lines are hardly alike; and where they are not alike at all.
_EDGE_NEAR, _EDGE_FAR, _EDGE_IF_NOT = 2.0, 2.0, 0.8
#: How much the lines on both sides are alike, below which they are not, or hardly.
_NOT_ALIKE, _HARDLY_ALIKE = 0.2, 0.3
#: The edge runs along the sides: by so much the share of the pixels whose own step is the larger
#: one must exceed that of the others, next to it, and beyond a thin line. A stroke of a drawing
#: that ends there is no edge. Chosen with the limits above on 38 photos by 27 edits.
_ALONG_NEAR, _ALONG_FAR = 0.15, 0.4
#: By how much a step of one pixel must be larger: times, and grey levels.
_LARGER, _LEVELS_LARGER = 1.5, 10.0
#: Grey levels of noise in a step, and the power of noise in a line.
_NOISE, _NOISE_POWER = 1.0, 50.0
#: Difference of opposite margins, of the side, that is none.
_CENTRED = 0.012


class Margin(Enum):
    """What lies around a part of a picture."""

    CONTINUES = "the same picture goes on"
    PLAIN = "a frame of one colour"
    OTHER = "something else"


def margin_around(picture: NDArray[np.uint8], box: Box) -> Margin:
    """Return what lies around `box`.

    At the edge of what was cut out, a picture goes on as it does everywhere; around what was pasted
    there is an edge, and the lines on both sides of it are not alike.

    Parameters
    ----------
    picture : (h, w, 3) uint8 array
    box : (left, top, right, bottom)
        In unit coordinates; it may reach beyond the picture.
    """
    levels = picture.astype(np.float32)
    near = _Edge.of(list(_sides(levels, box, _NEAR)))
    if near is None:
        return Margin.CONTINUES
    far = _Edge.of(list(_sides(levels, box, _FAR)))
    has_edge = (near.step > _EDGE_NEAR and near.along > _ALONG_NEAR) or (
        near.alike < _NOT_ALIKE and near.step > _EDGE_IF_NOT
    )
    if far is not None and far.along > _ALONG_FAR:
        has_edge |= far.step > _EDGE_FAR and far.alike < _HARDLY_ALIKE
    if near.spread_outside < _PLAIN:
        return Margin.PLAIN if has_edge or _is_centred(box) else Margin.CONTINUES
    return Margin.OTHER if has_edge else Margin.CONTINUES


def is_plain_around(picture: NDArray[np.uint8], to_picture: Matrix) -> bool:
    """Return whether all around another picture has one colour, as where it was tilted.

    Parameters
    ----------
    picture : (h, w, 3) uint8 array
    to_picture : (3, 3) array
        Unit coordinates of the other picture to those of this one.
    """
    height, width = picture.shape[:2]
    rows = np.linspace(0, height - 1, min(height, _N_AROUND)).astype(int)
    columns = np.linspace(0, width - 1, min(width, _N_AROUND)).astype(int)
    x, y = np.meshgrid((columns + 0.5) / width, (rows + 0.5) / height)
    u, v = mapped(np.linalg.inv(to_picture), x, y)
    is_around = np.maximum(abs(u - 0.5), abs(v - 0.5)) > 0.5 + _RIM
    around = picture[rows][:, columns][is_around].astype(np.float32)
    if not len(around):
        return False
    is_plain = np.abs(around - np.median(around, axis=0)).max(1) < 2 * _PLAIN
    return float(is_plain.mean()) > _NEARLY_ALL


def _is_centred(box: Box) -> bool:
    left, top, right, bottom = box
    return abs(left - (1 - right)) < _CENTRED and abs(top - (1 - bottom)) < _CENTRED


class _Side(NamedTuple):
    """A side of the box: lines within it and beyond, one after the other, and all that is beyond.

    `beyond` is None where the picture ends.
    """

    further: Levels
    inner: Levels
    outer: Levels
    beyond: Levels | None
    outside: Levels


class _Edge(NamedTuple):
    """What the sides of a box show together.

    Attributes
    ----------
    step : float
        Across the edge, in multiples of what is usual from line to line.
    along : float
        Share of the pixels with a larger step there than elsewhere, less that of the others, from
        -1 to 1.
    alike : float
        Correlation of the lines on both sides of it.
    spread_outside : float
        Standard deviation of the colours beyond.
    """

    step: float
    along: float
    alike: float
    spread_outside: float

    @classmethod
    def of(cls, sides: Sequence[_Side]) -> Self | None:
        """Return what sides show together, the longer the more; None without any."""
        if not sides:
            return None
        lengths = np.array([len(side.inner) for side in sides], float)
        step = float(np.average([_distance(s.outer, s.inner) for s in sides], weights=lengths))
        usual = float(np.average([_usual(side) for side in sides], weights=lengths))
        alike = np.average([_alike(side.outer, side.inner) for side in sides], weights=lengths)
        colours = np.concatenate([side.outside.reshape(-1, 3) for side in sides])
        along = float(np.concatenate([_larger_steps(side) for side in sides]).mean())
        return cls(step / (usual + _NOISE), along, float(alike), float(colours.std(0).max()))


def _usual(side: _Side) -> float:
    steps = [_distance(side.inner, side.further)]
    if side.beyond is not None:
        steps.append(_distance(side.outer, side.beyond))
    return sum(steps) / len(steps)


def _larger_steps(side: _Side) -> NDArray[np.int8]:
    """Return 1 for each pixel whose step across the edge is the larger one, -1 for the smaller."""
    across = np.abs(side.outer - side.inner).max(1)
    usual = np.abs(side.inner - side.further).max(1)
    if side.beyond is not None:
        usual = np.maximum(usual, np.abs(side.outer - side.beyond).max(1))
    is_larger = across > _LARGER * usual + _LEVELS_LARGER
    is_smaller = usual > _LARGER * across + _LEVELS_LARGER
    found: NDArray[np.int8] = is_larger.astype(np.int8) - is_smaller
    return found


def _distance(one: Levels, other: Levels) -> float:
    return float(np.abs(one - other).mean())


def _alike(one: Levels, other: Levels) -> float:
    """Return the correlation of two lines, near 0 where one of them is plain."""
    a, b = one - one.mean(0), other - other.mean(0)
    noise = _NOISE_POWER * len(a)
    return float((a * b).sum() / np.sqrt(((a * a).sum() + noise) * ((b * b).sum() + noise)))


def _sides(levels: Levels, box: Box, gap: int) -> Iterator[_Side]:
    """Yield the sides of the box beyond which there is more of the picture."""
    height, width = levels.shape[:2]
    left, right = (min(width, max(0, round(x * width))) for x in (box[0], box[2]))
    top, bottom = (min(height, max(0, round(y * height))) for y in (box[1], box[3]))
    rows, columns = levels[top:bottom].transpose(1, 0, 2), levels[:, left:right]
    if not rows.size or not columns.size:
        return
    sides = ((rows, left, -1), (rows, right - 1, 1), (columns, top, -1), (columns, bottom - 1, 1))
    for lines, at, way in sides:
        n_lines = len(lines)
        end = 0 if way < 0 else n_lines - 1
        outer, inner, further, beyond = (at + way * n * gap for n in (1, -1, -3, 3))
        if abs(end - at) <= gap or not all(0 <= n < n_lines for n in (outer, inner, further)):
            continue
        yield _Side(
            lines[further],
            lines[inner],
            lines[outer],
            lines[beyond] if 0 <= beyond < n_lines else None,
            lines[min(outer, end) : max(outer, end) + 1],
        )
