"""What differs between two pictures of the same thing, in words. Pure functions on pixels."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fastdup.analysis.alignment import Alignment, Orientation, align

Size = tuple[int, int]
Pixels = NDArray[np.float32]

#: Longest side at which pixels are compared.
_COMPARE_SIDE = 640
#: Sides of the squares that tone is averaged over, and that sharpness is measured in.
_TONE_BLOCK, _SHARP_BLOCK = 8, 32
#: Change of tone, in grey levels, that coding alone may make.
_SAME_TONE = 4.5
#: Chroma, in levels, from which on a place counts as coloured.
_SOME_CHROMA = 5.0


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs between two pictures.

    Attributes
    ----------
    first, second : tuple of str
        What is true of each, seen from the other: ("mirrored", "smaller").
    placement : tuple of 6 floats, or None
        Where the second lies in the first, see `Alignment.placement`; None when they do not show
        the same.
    """

    first: tuple[str, ...] = ()
    second: tuple[str, ...] = ()
    placement: tuple[float, ...] | None = None


class _Words:
    """Collects what is true of either picture."""

    def __init__(self) -> None:
        self.first: list[str] = []
        self.second: list[str] = []

    def __bool__(self) -> bool:
        return bool(self.first or self.second)


def compare(
    first: Image.Image, second: Image.Image, first_size: Size, second_size: Size
) -> Difference:
    """Return what differs between two pictures.

    Parameters
    ----------
    first, second : PIL images, mode RGB
        Upright, at full or reduced scale.
    first_size, second_size : (width, height)
        Of the full pictures.
    """
    greys = [image.convert("L") for image in (first, second)]
    alignment = align(greys[0], greys[1], (first_size, second_size))
    if alignment is None:
        return Difference()
    words = _Words()
    _say_orientation(words, alignment.orientation)
    turned = Image.fromarray(np.ascontiguousarray(alignment.orientation.apply(np.asarray(second))))
    swaps = alignment.orientation.quarter_turns % 2
    turned_size = (second_size[1], second_size[0]) if swaps else second_size
    frame = _Frame.of(alignment, first_size, turned_size)
    if frame.is_same:
        _say_size(words, first_size, turned_size)
        _say_content(words, first, turned)
        placement = Alignment(alignment.orientation, np.eye(3), 1.0).placement()
    else:
        _say_frame(words, frame, first, turned)
        placement = alignment.placement()
    if not words:
        words.second.append("re-encoded")
    return Difference(tuple(words.first), tuple(words.second), placement)


# --- orientation, size, frame -----------------------------------------------------------------


def _say_orientation(words: _Words, orientation: Orientation) -> None:
    mirrored, turns = orientation
    if mirrored and turns == 2:
        words.second.append("mirrored top to bottom")
        return
    if mirrored:
        words.second.append("mirrored")
    if turns:
        words.second.append(f"rotated {180 if turns == 2 else 90}°")


def _say_size(words: _Words, first: Size, second: Size) -> None:
    shape = (second[0] / second[1]) / (first[0] / first[1])
    # What rounding to whole pixels does to the shape is no stretching.
    tolerance = 0.02 + 1.0 / min(*first, *second)
    if abs(np.log(shape)) > tolerance:
        words.second.append("stretched")
        return
    _say_scale(words, float(np.sqrt(second[0] * second[1] / (first[0] * first[1]))))


def _say_scale(words: _Words, scale: float) -> None:
    if abs(np.log(scale)) > 0.06:
        words.second.append("larger" if scale > 1 else "smaller")


class _Frame(NamedTuple):
    """How much of each picture the other one shows.

    Attributes
    ----------
    of_first, of_second : float
        Share of the area that the other shows.
    tilt : float
        Degrees.
    scale : float
        Pixels of the second per pixel of the first, where they show the same.
    corners : (4, 2) array
        Of the second, in unit coordinates of the first.
    """

    of_first: float
    of_second: float
    tilt: float
    scale: float
    corners: NDArray[np.float64]

    @classmethod
    def of(cls, alignment: Alignment, first: Size, second: Size) -> "_Frame":
        to_first = alignment.to_first
        unit = np.array([[0, 0, 1], [1, 0, 1], [1, 1, 1], [0, 1, 1]], float).T
        corners = (to_first @ unit)[:2].T
        back = (np.linalg.inv(to_first) @ unit)[:2].T
        in_pixels = np.diag(first) @ to_first[:2, :2] @ np.diag([1 / second[0], 1 / second[1]])
        tilt = np.degrees(np.arctan2(in_pixels[1, 0] - in_pixels[0, 1], np.trace(in_pixels)))
        scale = 1 / np.sqrt(max(abs(np.linalg.det(in_pixels)), 1e-6))
        return cls(_inside_unit(corners), _inside_unit(back), float(tilt), float(scale), corners)

    @property
    def is_same(self) -> bool:
        """Whether both show the same part, each side to about 2 %."""
        unit = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], float)
        return float(np.abs(self.corners - unit).max()) < 0.022


def _inside_unit(corners: NDArray[np.float64]) -> float:
    """Return the share of the unit square that a quadrangle covers, counted on a grid."""
    points = (np.arange(64) + 0.5) / 64
    x, y = np.meshgrid(points, points)
    inside = np.ones(x.shape, bool)
    sides = zip(corners, np.roll(corners, -1, axis=0), strict=True)
    area = sum(a[0] * b[1] - a[1] * b[0] for a, b in sides)
    for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        cross = (b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0])
        inside &= cross >= 0 if area > 0 else cross <= 0
    return float(inside.mean())


def _say_frame(words: _Words, frame: _Frame, first: Image.Image, second: Image.Image) -> None:
    if abs(frame.tilt) > 1.3:
        is_first = _has_blank_corners(first) and not _has_blank_corners(second)
        tilted = words.first if is_first else words.second
        tilted.append(f"tilted by about {abs(round(frame.tilt))}°")
        return
    _say_scale(words, frame.scale)
    if frame.of_first < 0.985:
        _say_part(words.first, words.second, frame.of_first, first, frame.corners)
    if frame.of_second < 0.985:
        to_second = np.linalg.inv(_affine(frame.corners))
        unit = np.array([[0, 0, 1], [1, 0, 1], [1, 1, 1], [0, 1, 1]], float).T
        corners = (to_second @ unit)[:2].T
        _say_part(words.second, words.first, frame.of_second, second, corners)


def _affine(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    origin, right, _, low = corners
    return np.array(
        [
            [right[0] - origin[0], low[0] - origin[0], origin[0]],
            [right[1] - origin[1], low[1] - origin[1], origin[1]],
            [0, 0, 1],
        ]
    )


def _say_part(
    of_whole: list[str],
    of_part: list[str],
    share: float,
    whole: Image.Image,
    corners: NDArray[np.float64],
) -> None:
    """Say that one picture is a part of the other: cut out of it, or framed by it."""
    kind = _surroundings(whole, corners)
    if kind == "continues":
        of_part.append(f"cropped to about {_round_percent(share)} %")
    else:
        of_whole.append("bordered" if kind == "plain" else "in a larger picture")


def _round_percent(share: float) -> int:
    return max(5, 5 * round(20 * share)) if share < 0.93 else round(100 * share)


def _surroundings(whole: Image.Image, corners: NDArray[np.float64]) -> str:
    """Tell what lies around a part of a picture: "plain" colour, something "other", or more of it.

    At the edge of what was cut out, a picture goes on as it does everywhere; around what was pasted
    there is a step along the whole edge.
    """
    pixels = np.asarray(whole, np.float32)
    height, width = pixels.shape[:2]
    left, top = corners.min(0)
    right, low = corners.max(0)
    box = np.clip(
        np.round([left * width, top * height, right * width, low * height]), 0, None
    ).astype(int)
    strips = _edge_strips(pixels, box)
    if not strips:
        return "continues"
    steps, usual, outside = zip(*strips, strict=True)
    has_step = sum(steps) > 1.8 * sum(usual) + 3 * len(steps)
    colours = np.concatenate([strip.reshape(-1, 3) for strip in outside])
    if float(colours.std(0).max()) < 8:
        return "plain" if has_step or _is_centred(corners) else "continues"
    return "other" if has_step else "continues"


def _is_centred(corners: NDArray[np.float64]) -> bool:
    """Tell whether opposite margins are the same."""
    (left, top), (right, low) = corners.min(0), corners.max(0)
    return bool(abs(left - (1 - right)) < 0.012 and abs(top - (1 - low)) < 0.012)


def _edge_strips(pixels: Pixels, box: NDArray[np.int_]) -> list[tuple[float, float, Pixels]]:
    """Return for each side with surroundings: the step across it, the usual step, the outside."""
    height, width = pixels.shape[:2]
    left, top, right, low = (int(value) for value in box)
    gap = max(3, round(0.012 * max(height, width)))  # the edge is known to about half of that
    found = []
    views = (
        (pixels[top:low].transpose(1, 0, 2), left, -1),
        (pixels[top:low].transpose(1, 0, 2), right - 1, 1),
        (pixels[:, left:right], top, -1),
        (pixels[:, left:right], low - 1, 1),
    )
    for view, at, way in views:
        outer, inner = at + way * gap, at - way * gap
        end = 0 if way < 0 else len(view) - 1
        n_outside = abs(end - outer)
        if n_outside < 3 or not (0 <= inner < len(view)) or not (0 <= outer < len(view)):
            continue
        step = float(np.abs(view[outer] - view[inner]).mean())
        further = at - way * 3 * gap
        if not 0 <= further < len(view):
            continue
        usual = float(np.abs(view[inner] - view[further]).mean())
        beyond = at + way * 3 * gap
        if 0 <= beyond < len(view):
            usual = (usual + min(usual, float(np.abs(view[outer] - view[beyond]).mean()))) / 2
        outside = view[min(outer, end) : max(outer, end) + 1]
        found.append((step, usual, outside))
    return found


def _has_blank_corners(image: Image.Image) -> bool:
    """Tell whether all corners have the same plain colour, as after a tilt."""
    pixels = np.asarray(image, np.float32)
    n = max(2, min(pixels.shape[:2]) // 100)
    corners = [pixels[:n, :n], pixels[:n, -n:], pixels[-n:, :n], pixels[-n:, -n:]]
    means = np.array([corner.mean((0, 1)) for corner in corners])
    return float(np.ptp(means, axis=0).max()) < 8 and float(np.stack(corners).std((1, 2)).max()) < 6


# --- content -----------------------------------------------------------------------------------


def _say_content(words: _Words, first: Image.Image, second: Image.Image) -> None:
    """Say how two pictures of the same part differ in tone, colour, sharpness and content."""
    size = _common_size(first.size, second.size)
    one, other = (_pixels(image, size) for image in (first, second))
    tone = _Tone.of(one, other)
    sharpness = _Sharpness.of(_luma(one), _luma(other), max(tone.gain, 0.2))
    has_detail = _say_sharpness(words, sharpness) or _say_noise(words, sharpness)
    has_colour = _say_colour(words, tone, 2.0 if has_detail else 1.0)
    # Strong edits of colour and detail clip at black and white, which moves the tone a little.
    limit = 14.0 if has_detail else 9.0 if has_colour else _SAME_TONE
    if "other colours" not in words.second:
        _say_tone(words, tone, limit)
    if not has_colour and not has_detail and tone.is_same(_SAME_TONE):
        _say_addition(words, one, other)


def _common_size(first: Size, second: Size) -> Size:
    """Return the smaller of two sizes, or what keeps within the side to compare at."""
    width, height = min(first, second, key=lambda size: size[0] * size[1])
    shrink = min(1.0, _COMPARE_SIDE / max(width, height))
    return max(1, round(width * shrink)), max(1, round(height * shrink))


def _pixels(image: Image.Image, size: Size) -> Pixels:
    if image.size != size:
        image = image.resize(size, Image.Resampling.LANCZOS)
    return np.asarray(image, np.float32)


def _luma(pixels: Pixels) -> Pixels:
    return pixels @ np.array([0.299, 0.587, 0.114], np.float32)


def _chroma(pixels: Pixels) -> NDArray[np.complex64]:
    red, blue = pixels[..., 0], pixels[..., 2]
    luma = _luma(pixels)
    return ((blue - luma) * 0.564 + 1j * (red - luma) * 0.713).astype(np.complex64)


def _averaged(values: NDArray[Any], block: int) -> NDArray[Any]:
    """Return the means of squares of `block` pixels; fewer where the picture is small."""
    block = max(1, min(block, *(side // 4 for side in values.shape[:2])))
    height, width = (side // block * block for side in values.shape[:2])
    squares = values[:height, :width].reshape(
        height // block, block, width // block, block, *values.shape[2:]
    )
    return np.asarray(squares.mean(axis=(1, 3)))


class _Tone(NamedTuple):
    """How brightness and colour of the second differ, measured on small averages.

    Attributes
    ----------
    low, high : float
        Median change of what is darker, and lighter, than the middle, in grey levels.
    mean : float
        Median change of all.
    gain : float
        Of contrast.
    colour, colour_back : complex or None
        Factors from the first's chroma to the second's, whose angle turns the hue, and from the
        second's to the first's; None where a picture has hardly any colour to start from.
    """

    low: float
    high: float
    mean: float
    gain: float
    colour: complex | None
    colour_back: complex | None

    @classmethod
    def of(cls, first: Pixels, second: Pixels) -> "_Tone":
        one, other = (_averaged(pixels, _TONE_BLOCK) for pixels in (first, second))
        a, b = (_luma(np.asarray(p, np.float32)).ravel() for p in (one, other))
        za, zb = (_chroma(np.asarray(p, np.float32)).ravel() for p in (one, other))
        # Black and white stay what they are under most changes and tell nothing.
        between = (a > 12) & (a < 243)
        if between.mean() < 0.03:
            between[:] = True
        unclipped = between & (other.max(-1).ravel() < 250) & (other.min(-1).ravel() > 5)
        if unclipped.mean() < 0.05:
            unclipped = between
        change, level = (b - a)[between], a[between]
        dark = level < np.median(level)
        return cls(
            float(np.median(change[dark])) if dark.any() else 0.0,
            float(np.median(change[~dark])),
            float(np.median(change)),
            float((b.std() + 0.5) / (a.std() + 0.5)),
            _colour_factor(za[unclipped], zb[unclipped]),
            _colour_factor(zb[unclipped], za[unclipped]),
        )

    def is_same(self, limit: float) -> bool:
        """Tell whether neither dark nor light parts changed by more than `limit` levels."""
        return max(abs(self.low), abs(self.high)) < limit


def _colour_factor(za: NDArray[np.complex64], zb: NDArray[np.complex64]) -> complex | None:
    """Return the factor between two chromas by least squares, without what fits it worst."""
    coloured = np.abs(za) > _SOME_CHROMA
    if coloured.mean() < 0.05:
        return None
    za, zb = za[coloured], zb[coloured]
    factor, kept = 1.0 + 0j, np.ones(len(za), bool)
    for _ in range(3):
        power = float((np.abs(za[kept]) ** 2).sum())
        factor = complex((zb[kept] * za[kept].conj()).sum() / power)
        misfit = np.abs(zb - factor * za)
        kept = misfit <= np.quantile(misfit, 0.8)
    return factor


def _say_colour(words: _Words, tone: _Tone, caution: float) -> bool:
    for of, factor in ((words.second, tone.colour), (words.first, tone.colour_back)):
        if factor is not None and abs(factor) < 0.12:
            of.append("grey")
            return True
    if tone.colour is None:
        return False
    if abs(np.degrees(np.angle(tone.colour))) > 8 * caution:
        words.second.append("other colours")
        return True
    change = np.log(max(abs(tone.colour), 1e-3) / max(tone.gain, 0.05))
    if abs(change) > (0.22 * caution if tone.is_same(9.0) else 0.9):
        words.second.append("more colourful" if change > 0 else "paler")
        return True
    return False


def _say_tone(words: _Words, tone: _Tone, limit: float) -> None:
    if tone.is_same(limit):
        return
    smaller, larger = sorted((abs(tone.low), abs(tone.high)))
    if tone.low * tone.high < 0 and smaller > max(1.0, 0.08 * larger):
        words.second.append("more contrast" if tone.high > 0 else "less contrast")
    else:
        words.second.append("brighter" if tone.mean > 0 else "darker")


class _Sharpness(NamedTuple):
    """How the detail of the two differs, by the median over squares.

    Attributes
    ----------
    fine, middle : (float, float)
        Factors of the finest detail, and of coarser one: from the first to what the second has of
        it, and from the second to the first. Noise in one does not raise its own factor.
    noise : (float, float)
        Fine detail in the flattest squares of both, in levels.
    rest : (float, float)
        What of it the other picture does not explain.
    """

    fine: tuple[float, float]
    middle: tuple[float, float]
    noise: tuple[float, float]
    rest: tuple[float, float]

    @classmethod
    def of(cls, first: Pixels, second: Pixels, gain: float) -> "_Sharpness":
        second = second / np.float32(gain)
        aa, bb, ab = _moments(_high_pass(first, 1), _high_pass(second, 1))
        coarse = (_high_pass(_box(values, 1), 2) for values in (first, second))
        unexplained = [
            np.sqrt(np.maximum(mine - ab**2 / np.maximum(theirs, 1e-6), 0))
            for mine, theirs in ((aa, bb), (bb, aa))
        ]
        low = [float(np.sqrt(np.quantile(power, 0.2))) for power in (aa, bb)]
        rest = [float(np.quantile(values, 0.2)) for values in unexplained]
        return cls(
            _factors(aa, bb, ab),
            _factors(*_moments(*coarse)),
            (low[0], low[1]),
            (rest[0], rest[1]),
        )


def _moments(a: Pixels, b: Pixels) -> list[NDArray[np.float64]]:
    """Return the mean squares of both and the mean product, of each square."""
    products = (a * a, b * b, a * b)
    return [np.asarray(_averaged(p, _SHARP_BLOCK), np.float64).ravel() for p in products]


def _factors(
    aa: NDArray[np.float64], bb: NDArray[np.float64], ab: NDArray[np.float64]
) -> tuple[float, float]:
    """Return the factors of detail, each way, where there is most; (1, 1) where there is none.

    Coding drops the weak detail of a square and keeps the strong; a blur takes both.
    """
    detailed = np.maximum(aa, bb) > 4
    if np.count_nonzero(detailed) < 4:
        return 1.0, 1.0
    aa, bb, ab = aa[detailed], bb[detailed], ab[detailed]
    strength = np.sqrt(aa * bb)
    strong = strength >= np.quantile(strength, 0.6)
    return (
        float(np.median(ab[strong] / np.maximum(aa[strong], 1e-6))),
        float(np.median(ab[strong] / np.maximum(bb[strong], 1e-6))),
    )


def _say_sharpness(words: _Words, sharpness: _Sharpness) -> bool:
    """Say which picture is blurred or sharpened.

    Coding changes only the finest detail. A blur takes nearly all of that, sharpening raises it by
    a factor.
    """
    sharper = 0 if sharpness.middle[0] > sharpness.middle[1] else 1
    if sharpness.middle[sharper] < 1.35:
        return False
    is_blur = sharpness.fine[1 - sharper] < 0.2
    of_second = (sharper == 0) != is_blur
    (words.second if of_second else words.first).append("blurred" if is_blur else "sharper")
    return True


def _say_noise(words: _Words, sharpness: _Sharpness) -> bool:
    """Say which picture has grain that the other has not, over all that the other has."""
    rest, noise, fine = sharpness.rest, sharpness.noise, sharpness.fine
    for of, mine, other in ((words.second, 1, 0), (words.first, 0, 1)):
        is_grainy = rest[mine] > 3.5 and noise[mine] > 1.7 * noise[other]
        has_more = rest[mine] > 5 and rest[mine] > 1.25 * rest[other] and fine[mine] < 0.85
        if is_grainy or (has_more and fine[other] > 0.9):
            of.append("noisy")
            return True
    return False


def _say_addition(words: _Words, first: Pixels, second: Pixels) -> None:
    """Say where something lies over one of the pictures: text, a logo, a sticker."""
    a, b = _luma(first), _luma(second)
    change = np.abs(_box(b - a, 1))
    least = 9 + 3 * float(np.median(change))
    beyond = change > _local_range(a) + least
    if float(beyond.mean()) < 0.001:
        return
    # Where something was put on a picture it ends with an edge, which the other has not.
    changed = (change > least).astype(np.float32)
    for pick in (np.maximum, np.maximum, np.maximum, np.minimum, np.minimum, np.minimum):
        changed = _extreme(changed, pick)  # fills the holes where both happen to be alike
    around = _extreme(changed, np.maximum) > _extreme(changed, np.minimum)
    ends_in_second = _local_range(b)[around].mean() >= _local_range(a)[around].mean()
    (words.second if ends_in_second else words.first).append("something added")


def _local_range(values: Pixels) -> Pixels:
    """Return highest minus lowest level within 3 pixels of each, in rows and columns."""
    return _extreme(values, np.maximum) - _extreme(values, np.minimum)


def _extreme(values: Pixels, pick: np.ufunc) -> Pixels:
    """Return the largest, or smallest, of squares of 7 pixels, by windows of 2, 4 and 7."""
    for _ in range(2):
        windows = np.pad(values.T, ((3, 3), (0, 0)), mode="edge")
        for step in (1, 2, 3):
            windows = pick(windows[:-step], windows[step:])
        values = windows
    return values


def _box(values: Pixels, radius: int) -> Pixels:
    """Return the means over squares of 2 · radius + 1 pixels, the edges repeated."""
    size = 2 * radius + 1
    sums = np.pad(values, radius + 1, mode="edge").astype(np.float64).cumsum(0)
    sums = (sums[size:] - sums[:-size])[: values.shape[0]].cumsum(1)
    sums = (sums[:, size:] - sums[:, :-size])[:, : values.shape[1]]
    return np.asarray(sums / size**2, np.float32)


def _high_pass(values: Pixels, radius: int) -> Pixels:
    return values - _box(values, radius)
