"""Where a picture may show other pictures: parts with straight edges, as on pages and in grids.

A seam is a pixel across which the picture changes, and beside which it does not. The sides of a
part are rows and columns along which there are seams without many gaps; the rims of the picture
count as sides too.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fastdup.arrays import BoolArray, FloatArray, IntArray

#: The picture is reduced by a whole number, as far as its longest side keeps so many pixels.
_LONGEST_SIDE = 230
#: Grey levels across a seam, and how many times the change beside it that is.
_LEAST_STEP, _STEP_RATIO = 8, 1.5
#: The same for both edges of a line of one or two pixels; drawings have many that are weaker.
_LINE_STEP, _LINE_RATIO = 24, 2.5
#: Pixels of a side below which it shows nothing.
_FEWEST_PIXELS = 9
#: Lines are the longest runs in which so large a share are seams: runs of this share of the side
#: or more, this many of them, this many pixels apart.
_SHARE_IN_RUN, _LEAST_RUN, _MOST_LINES, _LINES_APART = 0.65, 0.04, 10, 3
#: What a seam gains in a run, in hundredths.
_GAIN = 100 - round(100 * _SHARE_IN_RUN)
#: A part has this share of the width at least, and of the height.
_LEAST_WIDTH, _LEAST_HEIGHT = 0.15, 0.1
#: Share of seams along each side of a part, and along all of them.
_LEAST_OF_A_SIDE, _LEAST_OF_ALL_SIDES = 0.4, 0.75
#: A part is no other one and its neighbour: no line inside has so many seams.
_MOST_INSIDE = 0.9
#: Lines from rim to rim have this share of seams; they cut the picture into cells, at most so many.
_LEAST_OF_A_CUT, _MOST_CELLS = 0.8, 9
#: The picture is cut into quarters if its middle lines, so far off at most, have so many seams:
#: both together in the mean, and each of them. Of training photos that may show others, one in 15
#: is; of grids of four, 88 in 90.
_OFF_MIDDLE, _LEAST_OF_MIDDLES, _LEAST_OF_A_MIDDLE = 0.03, 0.6, 0.25
#: It is cut into halves if one of them has so many: one in eight, and 87 in 90 of two photos.
_LEAST_OF_HALVES = 0.7
#: Grey levels by which the pixels of a cell vary; one of one colour shows nothing.
_LEAST_VARIATION = 4.0
#: Parts of one picture.
_MOST_PARTS = 5
#: Of these, rectangles with seams on all sides; those that touch a rim need more seams, and those
#: that touch three are no pictures.
_MOST_RECTANGLES, _LEAST_AT_RIM, _MOST_RIMS = 2, 0.85, 2
#: Area of a cell, as shares of the picture: of a larger one the whole picture is a copy.
_LEAST_CELL, _MOST_CELL = 0.1, 0.7
#: Two parts that have more in common than this share of what they cover are one.
_SAME_PART = 0.75


class Box(NamedTuple):
    """A part of a picture, as shares of its sides."""

    left: float
    top: float
    right: float
    bottom: float

    def overlap(self, other: "Box") -> float:
        """Return what both have in common, as a share of what they cover together."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        common = max(width, 0) * max(height, 0)
        return common / (self.area + other.area - common)

    def corners(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Return left, top, right and bottom in pixels of a picture of this size."""
        return (
            round(self.left * width),
            round(self.top * height),
            round(self.right * width),
            round(self.bottom * height),
        )

    @property
    def area(self) -> float:
        """Share of the picture."""
        return (self.right - self.left) * (self.bottom - self.top)


def find_insets(picture: Image.Image) -> list[Box]:
    """Return the parts of a picture that may be pictures themselves, at most thirteen.

    Parameters
    ----------
    picture : PIL.Image.Image
        RGB.
    """
    factor = max(picture.size) // _LONGEST_SIDE
    small = picture.reduce(factor) if factor > 1 else picture
    if min(small.size) < _FEWEST_PIXELS:
        return []
    planes = np.stack([np.asarray(channel) for channel in small.split()])
    columns = _Lines.of(planes)
    rows = _Lines.of(np.ascontiguousarray(planes.transpose(0, 2, 1)))
    found: list[Box] = []
    for box in (*_cells(columns, rows, planes), *_quarters(columns, rows)):
        _add(found, box)
    n_wanted = max(_MOST_PARTS, len(found))
    n_wanted = min(n_wanted, len(found) + _MOST_RECTANGLES)
    for box in _rectangles(columns, rows):
        if len(found) == n_wanted:
            break
        _add(found, box)
    for box in _halves(columns, rows):
        _add(found, box)
    return found


@dataclass(frozen=True)
class _Lines:
    """The columns of a picture along which there are seams, or the rows of a turned one.

    Attributes
    ----------
    length, n : int
        Of the columns, in pixels; their number.
    places : (m,) int64 array
        Which columns, ascending; the first and the last are among them.
    counts : (length + 1, m) int32 array
        Seams above each pixel of these columns; the rims are all seams.
    middle : float
        Largest share of seams of a column near the middle.
    """

    length: int
    n: int
    places: IntArray
    counts: NDArray[np.int32]
    middle: float

    @classmethod
    def of(cls, planes: NDArray[np.uint8]) -> "_Lines":
        """Return the lines of a picture with planes (3, length, n)."""
        seams = _seams(planes)
        length, n = seams.shape
        places = np.array(sorted({0, n - 1, *_longest_runs(seams)}))
        near = slice(round((0.5 - _OFF_MIDDLE) * n), round((0.5 + _OFF_MIDDLE) * n) + 1)
        middle = float(seams[:, near].mean(axis=0).max())
        seams[:, [0, -1]] = True
        counts = np.zeros((length + 1, len(places)), np.int32)
        np.cumsum(seams[:, places], axis=0, out=counts[1:])
        return cls(length, n, places, counts, middle)

    def pairs(self, least_share: float) -> tuple[IntArray, IntArray]:
        """Return all pairs of lines that are so far apart, by their numbers."""
        one, other = np.triu_indices(len(self.places), 1)
        is_apart = self.places[other] - self.places[one] >= least_share * self.n
        return one[is_apart], other[is_apart]

    def shares(self, starts: IntArray, stops: IntArray) -> FloatArray:
        """Return the share of seams of each line from each start to its stop: (p, m)."""
        counts = self.counts[stops + 1] - self.counts[starts]
        return np.asarray(counts / (stops - starts + 1)[:, None])

    def cuts(self) -> list[int]:
        """Return the lines from rim to rim, the rims among them."""
        is_cut = self.counts[-1] >= _LEAST_OF_A_CUT * self.length
        return [int(place) for place in self.places[is_cut]]


def _seams(planes: NDArray[np.uint8]) -> BoolArray:
    """Return which pixels, or their neighbours to the left and right, lie on a vertical seam."""
    left, right = planes[:, :, :-2], planes[:, :, 2:]
    of_planes = np.maximum(left, right) - np.minimum(left, right)
    n = planes.shape[2]
    padded = np.zeros((planes.shape[1], n + 4), np.uint8)  # padded[:, x + 2] is the change at x
    change = padded[:, 3 : n + 1]
    np.maximum(np.maximum(of_planes[0], of_planes[1]), of_planes[2], out=change)
    at, beside = padded[:, 2 : n + 2], np.maximum(padded[:, :n], padded[:, 4 : n + 4])
    least = np.minimum(beside * np.float32(_STEP_RATIO), 255)
    is_seam = ((at > _LEAST_STEP) & (at >= least)) | _thin_lines(planes)
    wide = is_seam.copy()
    wide[:, 1:] |= is_seam[:, :-1]
    wide[:, :-1] |= is_seam[:, 1:]
    return np.asarray(wide)


def _thin_lines(planes: NDArray[np.uint8]) -> BoolArray:
    """Return which pixels lie on an upright line, one or two pixels wide, that parts two pictures.

    Its two edges are so near that neither stands out from the other.
    """
    found = np.zeros(planes.shape[1:], bool)
    levels = planes.astype(np.int16)
    line, left, right = levels[:, :, 4:-4], levels[:, :, 2:-6], levels[:, :, 6:-2]
    step = np.minimum(np.abs(line - left), np.abs(line - right)).max(axis=0)
    beside = np.maximum(np.abs(left - levels[:, :, :-8]), np.abs(right - levels[:, :, 8:]))
    is_clear = step >= beside.max(axis=0) * np.float32(_LINE_RATIO)
    found[:, 4:-4] = (step > _LINE_STEP) & is_clear
    return found


def _longest_runs(seams: BoolArray) -> Iterator[int]:
    """Yield the columns with the longest runs of seams, those of the longest first."""
    length, n = seams.shape
    # A run needs so many seams. Seams are three pixels wide, so that the best column has the most.
    least = math.ceil(_LEAST_RUN / (1 - _SHARE_IN_RUN) * length)
    n_seams = np.zeros(n + 2, np.int64)
    n_seams[1:-1] = np.count_nonzero(seams, axis=0)
    at, beside = n_seams[1:-1], np.maximum(n_seams[:-2], n_seams[2:])
    (columns,) = np.nonzero((at >= least) & (at >= beside))
    score = np.zeros((length + 1, len(columns)), np.int32)  # a gap costs, a seam gains
    gains = np.where(seams[:, columns], np.int32(_GAIN), np.int32(_GAIN - 100))
    np.cumsum(gains, axis=0, out=score[1:])
    longest = np.full(n, -1.0)
    runs = (score - np.minimum.accumulate(score, axis=0)).max(axis=0)
    longest[columns] = runs / (100 * length)
    for _ in range(_MOST_LINES):
        place = int(longest.argmax())
        if longest[place] < _LEAST_RUN:
            return
        yield place
        longest[max(0, place - _LINES_APART) : place + _LINES_APART + 1] = -1


def _cells(columns: _Lines, rows: _Lines, planes: NDArray[np.uint8]) -> Iterator[Box]:
    """Yield the cells between lines from rim to rim, if there are several and not too many."""
    across = _intervals(columns.cuts(), _LEAST_WIDTH * columns.n)
    down = _intervals(rows.cuts(), _LEAST_HEIGHT * rows.n)
    if not 1 < len(across) * len(down) <= _MOST_CELLS:
        return
    for top, bottom in down:
        for left, right in across:
            box = _box(columns, rows, (left, right), (top, bottom))
            inside = planes[:, top + 2 : bottom - 1, left + 2 : right - 1]
            if not _LEAST_CELL <= box.area <= _MOST_CELL:
                continue
            if inside.std(axis=(1, 2)).max() > _LEAST_VARIATION:
                yield box


def _intervals(places: Sequence[int], least: float) -> list[tuple[int, int]]:
    return [(one, other) for one, other in pairwise(places) if other - one >= least]


def _quarters(columns: _Lines, rows: _Lines) -> Iterator[Box]:
    """Yield the quarters of the picture, if there are seams along both middles."""
    middles = columns.middle, rows.middle
    if sum(middles) / 2 >= _LEAST_OF_MIDDLES and min(middles) >= _LEAST_OF_A_MIDDLE:
        for top in (0.0, 0.5):
            for left in (0.0, 0.5):
                yield Box(left, top, left + 0.5, top + 0.5)


def _halves(columns: _Lines, rows: _Lines) -> Iterator[Box]:
    """Yield the halves of the picture beside a middle with seams, whatever cuts them further."""
    if columns.middle >= _LEAST_OF_HALVES:
        yield from (Box(0.0, 0.0, 0.5, 1.0), Box(0.5, 0.0, 1.0, 1.0))
    if rows.middle >= _LEAST_OF_HALVES:
        yield from (Box(0.0, 0.0, 1.0, 0.5), Box(0.0, 0.5, 1.0, 1.0))


def _rectangles(columns: _Lines, rows: _Lines) -> Iterator[Box]:
    """Yield the rectangles with seams along all four sides, those with most seams first."""
    left, right = columns.pairs(_LEAST_WIDTH)
    top, bottom = rows.pairs(_LEAST_HEIGHT)
    upright = columns.shares(rows.places[top], rows.places[bottom])  # (heights, columns)
    level = rows.shares(columns.places[left], columns.places[right])  # (widths, rows)
    sides = np.stack([upright[:, left].T, upright[:, right].T, level[:, top], level[:, bottom]])
    n_rims = _n_rims(left, right, len(columns.places))[:, None]
    n_rims = n_rims + _n_rims(top, bottom, len(rows.places))[None]
    of_all = (sides.sum(axis=0) - n_rims) / np.maximum(4 - n_rims, 1)
    is_inset = (sides.min(axis=0) >= _LEAST_OF_A_SIDE) & (of_all >= _LEAST_OF_ALL_SIDES)
    is_inset &= (n_rims <= _MOST_RIMS) & ((n_rims == 0) | (of_all >= _LEAST_AT_RIM))
    if not is_inset.any():
        return
    is_inset &= _most_inside(columns, left, right, upright).T < _MOST_INSIDE
    is_inset &= _most_inside(rows, top, bottom, level) < _MOST_INSIDE
    for place in np.argsort(-np.where(is_inset, of_all, -1), axis=None, kind="stable"):
        across, down = divmod(int(place), len(top))
        if not is_inset[across, down]:
            return
        yield _box(
            columns,
            rows,
            (int(columns.places[left[across]]), int(columns.places[right[across]])),
            (int(rows.places[top[down]]), int(rows.places[bottom[down]])),
        )


def _n_rims(one: IntArray, other: IntArray, n_lines: int) -> IntArray:
    return np.asarray((one == 0).astype(np.int64) + (other == n_lines - 1))


def _most_inside(lines: _Lines, one: IntArray, other: IntArray, shares: FloatArray) -> FloatArray:
    """Return the largest share of seams of a line well between two others: (p, pairs of lines)."""
    margin = 0.08 * (lines.places[other] - lines.places[one])
    is_inside = (lines.places > (lines.places[one] + margin)[:, None]) & (
        lines.places < (lines.places[other] - margin)[:, None]
    )
    return np.asarray(np.where(is_inside[None], shares[:, None], 0.0).max(axis=2))


def _box(columns: _Lines, rows: _Lines, across: tuple[int, int], down: tuple[int, int]) -> Box:
    return Box(
        across[0] / columns.n,
        down[0] / rows.n,
        (across[1] + 1) / columns.n,
        (down[1] + 1) / rows.n,
    )


def _add(found: list[Box], box: Box) -> None:
    """Add a part that is not there yet."""
    if all(box.overlap(other) < _SAME_PART for other in found):
        found.append(box)
