"""Which part of the first picture the second one shows: a crop, a frame, a larger picture."""

from collections.abc import Iterator

import numpy as np

from fastdup.verify.margins import Margin, is_plain_around, margin_around
from fastdup.verify.picture import Picture
from fastdup.verify.planes import Matrix, mapped
from fastdup.verify.verdict import UPRIGHT, WHOLE, Placement

Box = tuple[float, float, float, float]

#: Ratio of the depths of two corners from which on a picture is seen from another side.
_ASLANT = 1.06
#: Share by which a tilt may cut more than the corners.
_TILT_MARGIN = 0.04
_OF_SECOND = {Margin.CONTINUES: "cropped", Margin.PLAIN: "unframed", Margin.OTHER: "cut out"}
_OF_FIRST = {
    Margin.CONTINUES: "extended",
    Margin.PLAIN: "framed",
    Margin.OTHER: "in a larger picture",
}


def describe_framing(first: Picture, second: Picture, place: Placement) -> Iterator[str]:
    """Yield the words for what the second picture shows less of the first, and what more.

    Nothing is said of what a tilt alone does to the frame.
    """
    is_cropped, is_framed = place.of_first < WHOLE, place.of_second < WHOLE
    if is_seen_aslant(place.to_first):
        yield from ("cut out",) if is_cropped else ()
        yield from ("in a larger picture",) if is_framed else ()
    elif is_tilted(place):
        if (is_cropped or is_framed) and not _is_tilt_alone(first, second, place):
            yield from ("cropped",) if is_cropped else ()
            yield from ("framed",) if is_framed else ()
    else:
        if is_cropped:
            yield _OF_SECOND[margin_around(np.asarray(first.image), _box(place.to_first))]
        if is_framed:
            to_second = np.linalg.inv(place.to_first)
            yield _OF_FIRST[margin_around(np.asarray(second.image), _box(to_second))]


def is_tilted(place: Placement) -> bool:
    """Return whether the second picture is turned by no quarter turns."""
    return abs((place.angle + 45) % 90 - 45) >= UPRIGHT


def is_seen_aslant(matrix: Matrix) -> bool:
    """Return whether some of a picture lies nearer than the rest, by more than fitting may find."""
    depths = matrix[2] @ np.array([[0.0, 1, 0, 1], [0, 0, 1, 1], [1, 1, 1, 1]])
    return bool(depths.max() > _ASLANT * depths.min())


def _box(matrix: Matrix) -> Box:
    """Return the box around the mapped unit square."""
    x, y = mapped(matrix, np.array([0.0, 1, 0, 1]), np.array([0.0, 0, 1, 1]))
    return float(x.min()), float(y.min()), float(x.max()), float(y.max())


def _is_tilt_alone(first: Picture, second: Picture, place: Placement) -> bool:
    """Return whether one picture is the other, tilted, on a ground that fills the corners."""
    to_second = np.linalg.inv(place.to_first)
    for framed, turned, to_framed, share, own in (
        (second, first, to_second, place.of_first, place.of_second),
        (first, second, place.to_first, place.of_second, place.of_first),
    ):
        left = _left_of_a_tilt(framed.size, place.angle)
        # In a crop from a drawing, whose ground is plain, nothing lies around the other picture.
        most = _left_of_a_tilt(framed.size, (place.angle + 45) % 90 - 45)
        least = _share_of_bounds(turned.size, place.angle)
        is_filled = least - _TILT_MARGIN < own < most + _TILT_MARGIN
        if is_filled and is_plain_around(np.asarray(framed.image), to_framed):
            return share > left - _TILT_MARGIN
    return False


def _share_of_bounds(size: tuple[int, int], degrees: float) -> float:
    """Return the share that a tilted picture has of the upright frame that just holds it."""
    angle, (width, height) = np.radians(degrees), size
    cosine, sine = abs(np.cos(angle)), abs(np.sin(angle))
    bounds = (width * cosine + height * sine) * (width * sine + height * cosine)
    return float(width * height / bounds)


def _left_of_a_tilt(size: tuple[int, int], degrees: float) -> float:
    """Return the share of a picture that stays in its frame when it is tilted, on a grid."""
    angle = np.radians(degrees)
    points = (np.arange(48) + 0.5) / 48 - 0.5
    x, y = np.meshgrid(points * size[0], points * size[1])
    u = x * np.cos(angle) - y * np.sin(angle)
    v = x * np.sin(angle) + y * np.cos(angle)
    return float(((abs(u) < size[0] / 2) & (abs(v) < size[1] / 2)).mean())
