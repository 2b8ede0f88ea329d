"""Where one picture lies in another: turned, mirrored, tilted, cropped, framed. Pure arithmetic.

Hypotheses (the eight orientations, small tilts, places where one fits inside the other) are
compared at thumbnail size by normalised correlation; the best few are refined by Gauss-Newton steps
on an affine map with free gain and bias (Lucas and Kanade 1981; Baker and Matthews 2004).

Positions are in unit coordinates: (0, 0) is a picture's upper left corner, (1, 1) its lower right.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fastdup.arrays import BoolArray

Grey = NDArray[np.float32]
Matrix = NDArray[np.floating[Any]]

#: Sides of the pictures that hypotheses are compared at, and refined at.
_GLANCE_SIDE, _MATCH_SIDE = 48, 128
_REFINE_SIDES = (32, 64, 128)
#: Refined correlations from which on no other kind of hypothesis, or none at all, is tried.
_SURE, _CERTAIN = 0.975, 0.995
#: How much better than the plain hypothesis another one must be: so much, and this share of what is
#: missing to 1, for where nothing fits well, something is easily found that fits a little better.
_MARGIN, _MARGIN_SHARE = 0.004, 0.08
_TILTS = (-12.0, -9.0, -6.0, -3.0, 3.0, 6.0, 9.0, 12.0)
_STEPS = 12
_MIN_OVERLAP = 0.08


class Orientation(NamedTuple):
    """One of the eight ways to turn a picture: mirrored left to right first, then turned."""

    mirrored: bool
    quarter_turns: int

    def apply(self, pixels: NDArray[np.generic]) -> NDArray[np.generic]:
        """Return the picture turned, counter-clockwise."""
        return np.rot90(pixels[:, ::-1] if self.mirrored else pixels, self.quarter_turns)

    def matrix(self) -> Matrix:
        """Return the 3 × 3 map of unit coordinates that `apply` makes."""
        found = _MIRROR if self.mirrored else np.eye(3)
        for _ in range(self.quarter_turns):
            found = _QUARTER_TURN @ found
        return found


_MIRROR = np.array([[-1.0, 0, 1], [0, 1, 0], [0, 0, 1]])
_QUARTER_TURN = np.array([[0.0, 1, 0], [-1, 0, 1], [0, 0, 1]])
UPRIGHT = Orientation(False, 0)
ORIENTATIONS = tuple(Orientation(m, turns) for m in (False, True) for turns in range(4))


class Alignment(NamedTuple):
    """How the second picture lies in the first.

    Attributes
    ----------
    orientation : Orientation
        What turns the second like the first.
    to_first : (3, 3) array
        Unit coordinates of the second, so turned, to unit coordinates of the first.
    score : float
        Correlation where they overlap, 1 = the same but for brightness and contrast.
    """

    orientation: Orientation
    to_first: Matrix
    score: float

    def placement(self) -> tuple[float, ...]:
        """Return a, b, c, d, e, f: (u, v) of the second lies at (a·u + c·v + e, b·u + d·v + f)."""
        whole = self.to_first @ self.orientation.matrix()
        return tuple(float(value) for value in whole[:2].T.ravel())


def align(
    first: Image.Image, second: Image.Image, sizes: tuple[tuple[int, int], tuple[int, int]]
) -> Alignment | None:
    """Return how `second` lies in `first`, None when they do not show the same.

    Parameters
    ----------
    first, second : PIL images, mode L
        At any scale.
    sizes : pair of (width, height)
        Of the full pictures, from which follows how large they are beside each other.
    """
    best: Alignment | None = None
    for group in (_whole, _inside, _tilted):
        for start in group(first, second, sizes):
            found = _refine(first, second, start)
            if best is None or _is_better(found.score, best.score):
                best = found
            if best.score >= _CERTAIN:
                return best
        if best is not None and best.score >= _SURE:
            return best
    return best if best is not None and best.score >= 0.5 else None


# --- hypotheses ------------------------------------------------------------------------------


def _whole(first: Image.Image, second: Image.Image, _: object) -> Iterator[Alignment]:
    """Yield the orientations in which all of one looks most like all of the other."""
    one, other = (_squashed(image, _GLANCE_SIDE) for image in (first, second))
    scores = {o: _correlation(one, np.asarray(o.apply(other))) for o in ORIENTATIONS}
    ranked = sorted(ORIENTATIONS, key=lambda o: -scores[o] - (_MARGIN if o == UPRIGHT else 0))
    for orientation in ranked[:2]:
        yield Alignment(orientation, np.eye(3), scores[orientation])


def _inside(
    first: Image.Image, second: Image.Image, sizes: tuple[tuple[int, int], tuple[int, int]]
) -> Iterator[Alignment]:
    """Yield the best places of one picture inside the other, each way round."""
    place = _best_place(first, second, sizes[0], sizes[1])
    if place is not None:
        yield Alignment(UPRIGHT, place[0], place[1])
    place = _best_place(second, first, sizes[1], sizes[0])
    if place is not None:
        yield Alignment(UPRIGHT, np.linalg.inv(place[0]), place[1])


def _tilted(first: Image.Image, second: Image.Image, _: object) -> Iterator[Alignment]:
    """Yield the most likely small tilts about the middle, of a frame that grew or did not."""
    found = [_tilt(first, second, degrees, grows) for degrees in _TILTS for grows in (-1, 0, 1)]
    yield from sorted(found, key=lambda alignment: -alignment.score)[:2]


def _tilt(first: Image.Image, second: Image.Image, degrees: float, grows: int) -> Alignment:
    """Return the hypothesis of a tilt; `grows`: 1 the second's frame grew by it, -1 the first's."""
    angle = np.radians(degrees)
    cos, sin = np.cos(angle), np.sin(angle)
    width, height = first.size
    shape = np.diag([1 / width, 1 / height, 1])
    turn = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
    grown = np.array([width * cos + height * abs(sin), width * abs(sin) + height * cos])
    kept = np.array([width, height])
    size = grown if grows == 1 else kept * kept / grown if grows == -1 else kept
    scale = np.diag([size[0], size[1], 1])
    centred = np.array([[1, 0, -0.5], [0, 1, -0.5], [0, 0, 1]])
    to_first = np.linalg.inv(centred) @ shape @ turn @ scale @ centred
    side = _GLANCE_SIDE
    score = _score(_squashed(first, side), _squashed(second, side), np.linalg.inv(to_first))
    return Alignment(UPRIGHT, to_first, score)


def _best_place(
    whole: Image.Image, part: Image.Image, whole_size: tuple[int, int], part_size: tuple[int, int]
) -> tuple[Matrix, float] | None:
    """Return where `part` fits best inside `whole`, at any scale, and its correlation there."""
    shrink = _MATCH_SIDE / max(whole_size)
    width, height = (max(8, round(side * shrink)) for side in whole_size)
    field = _resized(whole, (width, height))
    largest = min(whole_size[0] / part_size[0], whole_size[1] / part_size[1])
    scales = {largest * factor for factor in np.geomspace(1.0, 0.42, 16)}
    if largest > 1:
        scales.add(1.0)  # cut out, or framed, pixel by pixel: the most common
    matcher = _Matcher(field)
    best: tuple[Matrix, float] | None = None
    for scale in sorted(scales):
        size = [max(8, round(side * shrink * scale)) for side in part_size]
        if size[0] > width or size[1] > height:
            continue
        x, y, score = matcher.best(_resized(part, (size[0], size[1])))
        if best is None or score > best[1]:
            matrix = np.array(
                [[size[0] / width, 0, x / width], [0, size[1] / height, y / height], [0, 0, 1]]
            )
            best = matrix, score
    return best


class _Matcher:
    """Finds templates in one picture by normalised correlation, with Fourier transforms."""

    def __init__(self, field: Grey) -> None:
        self._shape = field.shape
        self._field = field - field.mean()
        self._fft = np.fft.rfft2(self._field)
        padded = np.pad(self._field.astype(np.float64), ((1, 0), (1, 0)))
        self._sums = padded.cumsum(0).cumsum(1)
        self._squares = (padded**2).cumsum(0).cumsum(1)

    def best(self, template: Grey) -> tuple[int, int, float]:
        """Return x, y and the correlation of the best place for `template`."""
        height, width = template.shape
        zero_mean = template - template.mean()
        norm = float(np.sqrt((zero_mean**2).sum()))
        product = np.fft.irfft2(
            self._fft * np.conj(np.fft.rfft2(zero_mean, self._shape)), self._shape
        )
        rows, columns = self._shape[0] - height + 1, self._shape[1] - width + 1
        n_pixels = height * width
        sums, squares = (
            table[height:, width:]
            - table[:-height, width:]
            - table[height:, :-width]
            + table[:-height, :-width]
            for table in (self._sums, self._squares)
        )
        spread = np.sqrt(np.maximum(squares - sums**2 / n_pixels, 1e-6))
        # Where the picture is flat, rounding alone would decide.
        scores = product[:rows, :columns] / (spread * norm + 4.0 * np.sqrt(n_pixels))
        y, x = np.unravel_index(int(scores.argmax()), scores.shape)
        return int(x), int(y), float(scores[y, x])


# --- refinement ------------------------------------------------------------------------------


def _refine(first: Image.Image, second: Image.Image, start: Alignment) -> Alignment:
    """Return the hypothesis moved to where the pictures correlate best."""
    to_second = np.linalg.inv(start.to_first)
    for side in _REFINE_SIDES:
        one = _squashed(first, side)
        other = np.ascontiguousarray(start.orientation.apply(_squashed(second, side)))
        to_second, score = _climb(one, other, to_second)
    unmoved = _score(one, other, np.linalg.inv(start.to_first))
    if not _is_better(score, unmoved):
        return Alignment(start.orientation, start.to_first, unmoved)
    return Alignment(start.orientation, np.linalg.inv(to_second), score)


def _is_better(score: float, plain: float) -> bool:
    return score > plain + _MARGIN + _MARGIN_SHARE * (1 - plain)


def _climb(one: Grey, other: Grey, to_second: Matrix) -> tuple[Matrix, float]:
    """Return the affine map of the steps that raise the correlation, and what it reaches."""
    best, best_score = to_second, _score(one, other, to_second)
    gradient_y, gradient_x = (np.asarray(part, np.float32) for part in np.gradient(other))
    x, y = _grid(one.shape)
    for _ in range(_STEPS):
        values, inside = _sample(other, best, x, y)
        if inside.mean() < _MIN_OVERLAP:
            break
        gx, _ = _sample(gradient_x, best, x, y)
        gy, _ = _sample(gradient_y, best, x, y)
        px, py, gx, gy = x[inside], y[inside], gx[inside], gy[inside]
        side_y, side_x = other.shape
        jacobian = np.stack([gx * px, gx * py, gx, gy * px, gy * py, gy], 1)
        jacobian[:, :3] *= side_x
        jacobian[:, 3:] *= side_y
        ours, theirs = one[inside], values[inside]
        gain = float(np.cov(ours, theirs)[0, 1] / max(float(ours.var()), 1e-6))
        error = gain * (ours - ours.mean()) - (theirs - theirs.mean())
        jacobian -= jacobian.mean(0)
        normal = jacobian.T @ jacobian
        normal[np.diag_indices(6)] *= 1.01
        try:
            step = np.linalg.solve(normal + 1e-3 * np.eye(6), jacobian.T @ error)
        except np.linalg.LinAlgError:
            break
        moved = best.copy()
        moved[:2] += step.reshape(2, 3)
        score = _score(one, other, moved)
        if score <= best_score + 1e-5:
            break
        best, best_score = moved, score
    return best, best_score


def _score(one: Grey, other: Grey, to_second: Matrix) -> float:
    """Return the correlation where the pictures overlap under a map."""
    values, inside = _sample(other, to_second, *_grid(one.shape))
    if inside.mean() < _MIN_OVERLAP:
        return -1.0
    return _correlation(one[inside], values[inside])


def _correlation(one: NDArray[np.generic], other: NDArray[np.generic]) -> float:
    """Return the correlation of two arrays of grey levels; those of flat ones come near 0."""
    a, b = (np.asarray(values, np.float32) for values in (one, other))
    a, b = a - a.mean(), b - b.mean()
    # Two levels of noise in each: without it, flat pictures would correlate by their rounding.
    return float((a * b).mean() / np.sqrt(((a * a).mean() + 4) * ((b * b).mean() + 4)))


def _grid(shape: tuple[int, ...]) -> tuple[Grey, Grey]:
    """Return the unit coordinates of the middle of each pixel."""
    height, width = shape
    x = (np.arange(width, dtype=np.float32) + 0.5) / width
    y = (np.arange(height, dtype=np.float32) + 0.5) / height
    return np.broadcast_to(x, (height, width)), np.broadcast_to(y[:, None], (height, width))


def _sample(
    pixels: NDArray[np.float32], matrix: Matrix, x: Grey, y: Grey
) -> tuple[NDArray[np.float32], BoolArray]:
    """Return `pixels` at the mapped positions, bilinearly, and which of these lie inside."""
    height, width = pixels.shape
    u = (matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 2]) * width - 0.5
    v = (matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 2]) * height - 0.5
    inside = (u >= -0.5) & (u <= width - 0.5) & (v >= -0.5) & (v <= height - 0.5)
    u, v = np.clip(u, 0, width - 1.001), np.clip(v, 0, height - 1.001)
    left, top = u.astype(np.int32), v.astype(np.int32)
    right, low = (u - left).astype(np.float32), (v - top).astype(np.float32)
    flat, at = pixels.ravel(), top * width + left
    upper = flat[at] * (1 - right) + flat[at + 1] * right
    lower = flat[at + width] * (1 - right) + flat[at + width + 1] * right
    return upper * (1 - low) + lower * low, inside


def _squashed(image: Image.Image, side: int) -> Grey:
    return _resized(image, (side, side))


def _resized(image: Image.Image, size: tuple[int, int]) -> Grey:
    return np.asarray(image.resize(size, Image.Resampling.BOX), np.float32)
