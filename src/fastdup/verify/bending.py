"""A picture that was bent drawn straight: where each small part of it lies in the other picture.

A swirl, a lens, a ripple or a curved print keep what a picture shows, but no flat map brings it
back. Matched points that agree with those around them give a smooth field of shifts (a Gaussian
process, Rasmussen and Williams 2006); then small parts are moved to where they agree best.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fastdup.verify.agreement import compare_detail
from fastdup.verify.block_matching import find_shifts, levelled
from fastdup.verify.planes import Matrix, mapped
from fastdup.verify.registration import Aligned, Grey, comparable, inside_rim
from fastdup.verify.transform import Matches

#: Longest side at which the field is found; all lengths below are in pixels of that.
_SIDE = 320
#: How far a match says something of those around it, and how far it may leave the flat map: bends
#: of the whole picture, of parts, and waves.
_BENDS = ((200.0, 100.0), (75.0, 20.0), (30.0, 6.0))
#: How well a match is placed.
_PLACED = 1.5
#: A match agrees with the flat map within so many pixels; with the field within so many deviations
#: and so many pixels more, where the field is known better than by so many.
_NEAR, _DEVIATIONS, _SLACK, _KNOWN = 6.0, 3.0, 1.0, 12.0
_N_ROUNDS = 12
#: Matches that agree with the field, and their share of all: fewer do by chance, or by a layout
#: that other pictures have too.
_FEWEST, _MOST = 30, 0.75
#: By how many pixels the half and four in five of them leave the flat map where it was not bent: of
#: pictures saved with a low quality, or given few levels, it is mostly up to 1.4 and 2.5, of bent
#: ones from 1.0 and 1.7 on. But of these, if it is so little, more of all matches agree.
_NOT_BENT, _NEARLY_ALL = (1.5, 2.7), 0.965
#: Fewer than this do not fix the field.
_FEWEST_TO_GROW = 12
#: By how much the share of cells that agree grows when the large parts were moved, at least: of 47
#: pictures that were bent it did in 43, of 41 others in 8.
_STRAIGHTER = 0.05
_FEWEST_NODES = 3
#: A field that shrinks a part to less than this share of the others folds.
_THINNEST = 0.15


Pictures = tuple[Image.Image, Image.Image]


class _Step(NamedTuple):
    """One of the steps in which parts are moved.

    Attributes
    ----------
    spacing : int
        Pixels between the nodes of the field.
    half : int
        Half a side of the parts compared there.
    reaches : tuple of int
        By how many pixels they are moved at most, round by round.
    """

    spacing: int
    half: int
    reaches: tuple[int, ...]


_LARGE = _Step(12, 10, (3, 2))
#: Parts that the first steps missed follow those around them, a few pixels a round: of 32 bent
#: copies, enlarged and sharpened, of which too little agreed after five rounds, 28 come to agree.
_FARTHER = (_Step(12, 10, (5, 5, 4, 4, 3, 3)), _Step(8, 6, (3, 3, 3, 2, 2, 2, 2, 2)))
#: The last step is at the size at which pictures are compared, where detail is finer.
_FINE = _Step(12, 8, (3, 2, 2, 2))


class _Field(NamedTuple):
    """Where the nodes of a grid over one picture lie in the other.

    Attributes
    ----------
    x, y : (columns,), (rows,) arrays
        Nodes, in pixels of the first.
    places : (rows, columns, 2) array
        x and y in pixels of the second.
    """

    x: Matrix
    y: Matrix
    places: Matrix


class Unbent(NamedTuple):
    """Two pictures on one grid, of which the second was bent back.

    Attributes
    ----------
    aligned : Aligned
        Its map is the flat one.
    is_seen : bool
        Whether matched points leave the flat map by more than coding moves them.
    """

    aligned: Aligned
    is_seen: bool


def unbend(
    first: Image.Image, second: Image.Image, matches: Matches, to_first: Matrix, agreeing: float
) -> Unbent | None:
    """Return both pictures on one grid, the second bent back; None where no smooth field fits.

    None as well where little more agrees then.

    Parameters
    ----------
    first, second : PIL images, mode RGB
    matches : Matches
    to_first : (3, 3) array
        The flat map that fits best, in unit coordinates.
    agreeing : float
        Share of the cells that agree by that map, from 0 to 1.
    """
    to_second = np.linalg.inv(to_first)
    pictures = comparable(first, second, to_second, 1)
    one, other = _scaled(*pictures)
    to_other = _in_pixels(to_second, one, other)
    given, wanted = matches.targets * one.size, matches.points * other.size
    agrees = _smooth_matches(given, wanted, to_other)
    if agrees.sum() < _FEWEST or agrees.mean() < _MOST:
        return None
    field = _predicted(given[agrees], wanted[agrees], to_other, one.size)
    if not _is_smooth(field, to_other):
        return None
    levels = _grey(one), _grey(other)
    field = _fitted(*levels, field, to_other, _LARGE)
    seen = compare_detail(_drawn(one, other, field, to_first))
    if seen.same < agreeing + _STRAIGHTER:
        return None
    for step in _FARTHER:
        field = _fitted(*levels, field, to_other, step)
    field = _enlarged(field, (one, other), pictures)
    levels = _grey(pictures[0]), _grey(pictures[1])
    field = _fitted(*levels, field, _in_pixels(to_second, *pictures), _FINE)
    aligned = _drawn(*pictures, field, to_first)
    return Unbent(aligned, _leaves_flat_map(wanted - _at(to_other, given), agrees))


def _leaves_flat_map(shifts: Matrix, agrees: NDArray[np.bool_]) -> bool:
    """Return whether matched points leave the flat map by more than coding moves them."""
    if agrees.mean() >= _NEARLY_ALL:
        return True
    lengths = np.linalg.norm(shifts, axis=1)[agrees]
    return bool((np.quantile(lengths, (0.5, 0.8)) >= _NOT_BENT).any())


def _in_pixels(to_second: Matrix, one: Image.Image, other: Image.Image) -> Matrix:
    """Return the map of unit coordinates as one of the pixels of two pictures."""
    to_unit = np.diag([1 / one.width, 1 / one.height, 1])
    return np.asarray(np.diag([*other.size, 1]) @ to_second @ to_unit)


def _fitted(one: Grey, grey: Grey, field: _Field, flat: Matrix, step: _Step) -> _Field:
    """Return the field as parts are moved to where they agree better, as long as it is smooth."""
    size, other = (levels.shape[::-1] for levels in (one, grey))
    first = levelled(one)
    field = _resampled(field, size, step.spacing)
    for reach in step.reaches:
        x, y = _at_centres(field, size)
        second, inside = levelled(_sampled(grey, x, y)), inside_rim(x, y, other)
        shifts = find_shifts(first, second, inside, field.x, field.y, step.half, reach)
        moved = _moved(field, shifts)
        if not _is_smooth(moved, flat):
            break
        field = moved
    return field


def _scaled(one: Image.Image, other: Image.Image) -> Pictures:
    """Return both pictures by one factor, the longest side of the first at `_SIDE`."""
    factor = _SIDE / max(one.size)
    sizes = (tuple(max(1, round(side * factor)) for side in image.size) for image in (one, other))
    bilinear = Image.Resampling.BILINEAR
    first, second = (
        image.resize((width, height), bilinear, reducing_gap=3.0)
        for image, (width, height) in zip((one, other), sizes, strict=True)
    )
    return first, second


# --- the field -------------------------------------------------------------------------------


def _smooth_matches(given: Matrix, wanted: Matrix, flat: Matrix) -> NDArray[np.bool_]:
    """Return which matches agree with a smooth field, grown from those that agree with `flat`."""
    shifts = wanted - _at(flat, given)
    agrees: NDArray[np.bool_] = np.linalg.norm(shifts, axis=1) < _NEAR
    for _ in range(_N_ROUNDS):
        if agrees.sum() < _FEWEST_TO_GROW:
            break
        inverse = np.linalg.inv(_noisy_kernel(given[agrees]))
        weights = _kernel(given, given[agrees]) @ inverse
        misses = np.linalg.norm(shifts - weights @ shifts[agrees], axis=1)
        left_out = (inverse @ shifts[agrees]) / np.diag(inverse)[:, None]
        misses[agrees] = np.linalg.norm(left_out, axis=1)
        known = (weights * _kernel(given, given[agrees])).sum(1)
        spread = np.sqrt(np.maximum(_variance() - known, 0))
        before = agrees
        agrees = (misses < _DEVIATIONS * np.hypot(spread, _PLACED) + _SLACK) & (spread < _KNOWN)
        if np.array_equal(before, agrees):
            break
    return agrees


def _predicted(given: Matrix, wanted: Matrix, flat: Matrix, size: tuple[int, int]) -> _Field:
    x, y = (_axis(side, _LARGE.spacing) for side in size)
    nodes = np.stack(np.meshgrid(x, y), axis=-1)
    flat_nodes = nodes.reshape(-1, 2)
    solved = np.linalg.solve(_noisy_kernel(given), wanted - _at(flat, given))
    places = _at(flat, flat_nodes) + _kernel(flat_nodes, given) @ solved
    return _Field(x, y, places.reshape(nodes.shape))


def _axis(side: int, step: int) -> Matrix:
    return np.round(np.linspace(0, side, max(_FEWEST_NODES, round(side / step) + 1)))


def _at(matrix: Matrix, points: Matrix) -> Matrix:
    return np.stack(mapped(matrix, *points.T), axis=1)


def _kernel(points: Matrix, others: Matrix) -> Matrix:
    distances = ((points[:, None] - others) ** 2).sum(2)
    kernels = [size**2 * np.exp(-distances / (2 * reach**2)) for reach, size in _BENDS]
    return np.asarray(np.sum(kernels, axis=0), np.float64)


def _noisy_kernel(points: Matrix) -> Matrix:
    return _kernel(points, points) + _PLACED**2 * np.eye(len(points))


def _variance() -> float:
    return float(sum(size**2 for _, size in _BENDS))


def _is_smooth(field: _Field, flat: Matrix) -> bool:
    """Return whether the field folds nowhere."""
    across = np.diff(field.places, axis=1)[:-1] / np.diff(field.x)[:, None]
    down = np.diff(field.places, axis=0)[:, :-1] / np.diff(field.y)[:, None, None]
    areas = across[..., 0] * down[..., 1] - across[..., 1] * down[..., 0]
    return bool((areas / np.linalg.det(flat[:2, :2])).min() > _THINNEST)


def _moved(field: _Field, shifts: Matrix) -> _Field:
    """Return the field with each node moved by `shifts` pixels of the first picture."""
    across = np.gradient(field.places, field.x, axis=1)
    down = np.gradient(field.places, field.y, axis=0)
    return field._replace(places=field.places + across * shifts[..., :1] + down * shifts[..., 1:])


def _resampled(field: _Field, size: tuple[int, int], step: int) -> _Field:
    x, y = (_axis(side, step) for side in size)
    if len(x) == len(field.x) and len(y) == len(field.y):
        return field
    return _Field(x, y, _between(field, x, y))


def _between(field: _Field, x: Matrix, y: Matrix) -> Matrix:
    """Return the (len(y), len(x), 2) places between the nodes."""
    column, right = _fractions(field.x, x)
    row, below = _fractions(field.y, y)
    right, below = right[:, None], below[:, None, None]
    across = field.places[:, column] * (1 - right) + field.places[:, column + 1] * right
    return np.asarray(across[row] * (1 - below) + across[row + 1] * below)


def _fractions(nodes: Matrix, values: Matrix) -> tuple[NDArray[np.int64], Matrix]:
    """Return the node before each value, and how far towards the next one it lies, from 0 to 1."""
    before = np.clip(np.searchsorted(nodes, values, "right") - 1, 0, len(nodes) - 2)
    share = (values - nodes[before]) / (nodes[before + 1] - nodes[before])
    return before, np.clip(share, 0, 1)


def _at_centres(field: _Field, size: tuple[int, int]) -> tuple[Matrix, Matrix]:
    """Return x and y, in the other picture, of the centre of each pixel."""
    places = _between(field, *(np.arange(side) + 0.5 for side in size))
    return places[..., 0], places[..., 1]


# --- drawing ---------------------------------------------------------------------------------


def _enlarged(field: _Field, small: Pictures, large: Pictures) -> _Field:
    (one, other), (large_one, large_other) = small, large
    return _Field(
        np.round(field.x * (large_one.width / one.width)),
        np.round(field.y * (large_one.height / one.height)),
        field.places * (np.array(large_other.size) / other.size),
    )


def _drawn(one: Image.Image, other: Image.Image, field: _Field, to_first: Matrix) -> Aligned:
    places = field.places
    corners = (places[:-1, :-1], places[1:, :-1], places[1:, 1:], places[:-1, 1:])
    quads = np.concatenate(corners, axis=2).reshape(-1, 8).tolist()
    x, y = field.x.astype(int).tolist(), field.y.astype(int).tolist()
    boxes = [
        (left, top, right, bottom) for top, bottom in pairwise(y) for left, right in pairwise(x)
    ]
    mesh = [(box, tuple(quad)) for box, quad in zip(boxes, quads, strict=True)]
    drawn = other.transform(one.size, Image.Transform.MESH, mesh, Image.Resampling.BILINEAR)
    inside = inside_rim(*_at_centres(field, one.size), other.size)
    return Aligned(np.asarray(one), np.asarray(drawn), inside, to_first)


def _grey(picture: Image.Image) -> Grey:
    return np.asarray(picture.convert("L"), np.float32)


def _sampled(grey: Grey, x: Matrix, y: Matrix) -> Grey:
    """Return the levels at positions between pixels; beyond the borders, those of the borders."""
    height, width = grey.shape
    x = np.clip(x - 0.5, 0, width - 1).astype(np.float32)
    y = np.clip(y - 0.5, 0, height - 1).astype(np.float32)
    left, top = (np.minimum(v.astype(np.int64), n - 2) for v, n in ((x, width), (y, height)))
    x, y, places = x - left, y - top, top * width + left
    flat = grey.ravel()
    upper, lower = (flat[row] + (flat[row + 1] - flat[row]) * x for row in (places, places + width))
    return np.asarray(upper + (lower - upper) * y, np.float32)
