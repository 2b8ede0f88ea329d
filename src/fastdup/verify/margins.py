"""What lies around a part of a picture: more of it, a frame, or another picture."""

from collections.abc import Iterator
from enum import Enum

import numpy as np
from numpy.typing import NDArray

Levels = NDArray[np.float32]
Box = tuple[float, float, float, float]

#: Standard deviation of the colours of a frame, at most.
_PLAIN = 8.0
#: A step at the edge of what was pasted: so many times the usual one, and so many levels.
_TIMES_USUAL, _STEP = 1.8, 3.0
#: What a step at each side is at least, of the usual one.
_ON_EACH_SIDE = 1.2
#: Difference of opposite margins, of the side, that is none.
_CENTRED = 0.012
#: Share of the longer side by which the place of an edge may be wrong.
_EDGE = 0.012


class Margin(Enum):
    """What lies around a part of a picture."""

    CONTINUES = "the same picture goes on"
    PLAIN = "a frame of one colour"
    OTHER = "something else"


def margin_around(picture: NDArray[np.uint8], box: Box) -> Margin:
    """Return what lies around `box`.

    At the edge of what was cut out, a picture goes on as it does everywhere; around what was pasted
    there is a step along the whole edge.

    Parameters
    ----------
    picture : (h, w, 3) uint8 array
    box : (left, top, right, bottom)
        In unit coordinates; it may reach beyond the picture.
    """
    levels = picture.astype(np.float32)
    strips = list(_strips(levels, box))
    if not strips:
        return Margin.CONTINUES
    steps, usual, outside = zip(*strips, strict=True)
    has_step = sum(steps) > _TIMES_USUAL * sum(usual) + _STEP * len(steps)
    colours = np.concatenate([strip.reshape(-1, 3) for strip in outside])
    if float(colours.std(0).max()) < _PLAIN:
        return Margin.PLAIN if has_step or _is_centred(box) else Margin.CONTINUES
    has_steps = all(step > _ON_EACH_SIDE * same for step, same in zip(steps, usual, strict=True))
    return Margin.OTHER if has_step and has_steps else Margin.CONTINUES


def has_blank_corners(picture: NDArray[np.uint8]) -> bool:
    """Return whether all corners have the same plain colour, as of a picture that was tilted."""
    levels = picture.astype(np.float32)
    n = max(2, min(levels.shape[:2]) // 100)
    corners = [levels[:n, :n], levels[:n, -n:], levels[-n:, :n], levels[-n:, -n:]]
    means = np.array([corner.mean((0, 1)) for corner in corners])
    is_plain = float(np.stack(corners).std((1, 2)).max()) < _PLAIN
    return is_plain and float(np.ptp(means, axis=0).max()) < _PLAIN


def _is_centred(box: Box) -> bool:
    left, top, right, bottom = box
    return abs(left - (1 - right)) < _CENTRED and abs(top - (1 - bottom)) < _CENTRED


def _strips(levels: Levels, box: Box) -> Iterator[tuple[float, float, Levels]]:
    """Yield for each side with surroundings: the step across it, the usual step, the outside."""
    height, width = levels.shape[:2]
    left, right = (min(width, max(0, round(x * width))) for x in (box[0], box[2]))
    top, bottom = (min(height, max(0, round(y * height))) for y in (box[1], box[3]))
    gap = max(3, round(_EDGE * max(height, width)))
    rows, columns = levels[top:bottom].transpose(1, 0, 2), levels[:, left:right]
    if not rows.size or not columns.size:
        return
    sides = ((rows, left, -1), (rows, right - 1, 1), (columns, top, -1), (columns, bottom - 1, 1))
    for lines, at, way in sides:
        n_lines = len(lines)
        end = 0 if way < 0 else n_lines - 1
        outer, inner, further, beyond = (at + way * n * gap for n in (1, -1, -3, 3))
        if abs(end - outer) < 3 or not all(0 <= n < n_lines for n in (outer, inner, further)):
            continue
        step = float(np.abs(lines[outer] - lines[inner]).mean())
        usual = float(np.abs(lines[inner] - lines[further]).mean())
        if 0 <= beyond < n_lines:
            usual = (usual + min(usual, float(np.abs(lines[outer] - lines[beyond]).mean()))) / 2
        yield step, usual, lines[min(outer, end) : max(outer, end) + 1]
