"""How the second of two judged pictures differs from the first, in more detail than a judgement.

A judgement says that one picture shows more, that tones differ, or that something was drawn on one
of the two. Here it is found which: a crop or a frame, darker or grey, on the first or the second.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fastdup.verify.changes import CELL, Changes
from fastdup.verify.fine_detail import describe_fine_detail
from fastdup.verify.margins import Margin, has_blank_corners, margin_around
from fastdup.verify.picture import Picture
from fastdup.verify.planes import Matrix, mapped
from fastdup.verify.registration import Aligned, overlay
from fastdup.verify.tone import describe_tone
from fastdup.verify.verdict import UPRIGHT, Judgement, Placement, Verdict

Box = tuple[float, float, float, float]

#: Ratio of the scales along two directions from which on a picture is stretched; what rounding to
#: whole pixels does to the shape is added.
_STRETCHED = 0.02
#: Ratio of the depths of two corners from which on a picture is seen from another side.
_ASLANT = 1.06
#: Degrees from which on a picture that is seen from another side is turned, too.
_SEEN_TURNED = 20.0
#: Share by which a tilt may cut more than the corners.
_TILT_MARGIN = 0.04
#: Grey levels by which a pixel was changed; pixels beside it that happen to be alike.
_CHANGED, _HOLES = 12, 8

#: Words of grain, and kinds that explain it: resampling smooths, what is drawn is no noise.
_OF_NOISE = frozenset({"noisy", "less noisy"})
_MORE_OR_LESS_GRAIN = frozenset({"resized", "overlaid", "captioned"})
#: Verdicts of pairs whose tones may differ by less than a judgement speaks of, and kinds beside
#: which that says nothing.
_COPIES = frozenset({Verdict.SAME_PICTURE, Verdict.EDITED})
_NOT_ONLY_TONED = frozenset({"toned", "inverted", "overlaid", "captioned"})

_OF_SECOND = {Margin.CONTINUES: "cropped", Margin.PLAIN: "unframed", Margin.OTHER: "cut out"}
_OF_FIRST = {
    Margin.CONTINUES: "extended",
    Margin.PLAIN: "framed",
    Margin.OTHER: "in a larger picture",
}


def detailed_kinds(first: Picture, second: Picture, judgement: Judgement) -> tuple[str, ...]:
    """Return the kinds of a judgement, those that can be said more exactly so.

    "cropped" may become "unframed" or "cut out", "framed" "extended" or "in a larger picture";
    "resized" "stretched"; "toned" "brighter", "darker", "more contrast", "less contrast", "grey",
    "in colour", "paler", "more colourful" or "other colours"; "overlaid" "uncovered". What a tilt
    alone does to the frame is left out. "seen from another side" is added where parallels meet. All
    others are kept as they are.

    Parameters
    ----------
    first, second : Picture
    judgement : Judgement
        Of these two.
    """
    place, changes, aligned = judgement.placement, judgement.changes, judgement.aligned
    if place is None or changes is None or aligned is None:
        return judgement.kinds
    found: list[str] = []
    kinds = judgement.kinds
    if judgement.verdict in _COPIES and not _is_tilted(place):
        words = describe_fine_detail(_at_full_scale(first, second, aligned))
        is_explained = not _MORE_OR_LESS_GRAIN.isdisjoint(kinds)
        found += [word for word in words if not (is_explained and word in _OF_NOISE)]
    if judgement.verdict in _COPIES and _NOT_ONLY_TONED.isdisjoint(kinds):
        found += describe_tone(aligned, is_toned=False)
    if _is_seen_aslant(place.to_first):
        found.append("seen from another side")
        kinds = tuple(kind for kind in kinds if kind != "turned" or abs(place.angle) > _SEEN_TURNED)
    for kind in kinds:
        if kind in ("cropped", "framed"):
            found += _framing(first, second, place, kind)
        elif kind == "toned":
            found += describe_tone(aligned) or ("toned",)
        elif kind == "resized":
            found.append("stretched" if _is_stretched(first, second, place) else kind)
        elif kind == "overlaid" and changes.regions and judgement.verdict is not Verdict.ALTERED:
            is_on_second = _is_on_second(aligned, changes)
            found.append("overlaid" if is_on_second else "uncovered")
        else:
            found.append(kind)
    return tuple(dict.fromkeys(found))


def _at_full_scale(first: Picture, second: Picture, aligned: Aligned) -> Aligned:
    """Return both pictures on a grid that is no coarser than either: a judgement's may be."""
    if aligned.inside.shape[::-1] == first.image.size:
        return aligned
    return overlay(first.image, second.image, aligned.to_first)


def _framing(first: Picture, second: Picture, place: Placement, kind: str) -> Iterator[str]:
    """Yield what "cropped" or "framed" is; nothing if the picture was but tilted."""
    if _is_seen_aslant(place.to_first):
        yield "in a larger picture" if kind == "framed" else "cut out"
    elif _is_tilted(place):
        if not _is_tilt_alone(first, second, place):
            yield kind
    elif kind == "cropped":
        yield _OF_SECOND[margin_around(np.asarray(first.image), _box(place.to_first))]
    else:
        to_second = np.linalg.inv(place.to_first)
        yield _OF_FIRST[margin_around(np.asarray(second.image), _box(to_second))]


def _is_tilted(place: Placement) -> bool:
    """Return whether the second picture is turned by no quarter turns."""
    return abs((place.angle + 45) % 90 - 45) >= UPRIGHT


def _is_seen_aslant(matrix: Matrix) -> bool:
    """Return whether some of a picture lies nearer than the rest, by more than fitting may find."""
    depths = matrix[2] @ np.array([[0.0, 1, 0, 1], [0, 0, 1, 1], [1, 1, 1, 1]])
    return bool(depths.max() > _ASLANT * depths.min())


def _box(matrix: Matrix) -> Box:
    """Return the box around the mapped unit square."""
    x, y = mapped(matrix, np.array([0.0, 1, 0, 1]), np.array([0.0, 0, 1, 1]))
    return float(x.min()), float(y.min()), float(x.max()), float(y.max())


def _is_tilt_alone(first: Picture, second: Picture, place: Placement) -> bool:
    """Return whether one picture is the other, tilted, on a ground that fills the corners."""
    for picture, share in ((second, place.of_first), (first, place.of_second)):
        if has_blank_corners(np.asarray(picture.image)):
            return share > _left_of_a_tilt(picture.size, place.angle) - _TILT_MARGIN
    return False


def _left_of_a_tilt(size: tuple[int, int], degrees: float) -> float:
    """Return the share of a picture that stays in its frame when it is tilted, on a grid."""
    angle = np.radians(degrees)
    points = (np.arange(48) + 0.5) / 48 - 0.5
    x, y = np.meshgrid(points * size[0], points * size[1])
    u = x * np.cos(angle) - y * np.sin(angle)
    v = x * np.sin(angle) + y * np.cos(angle)
    return float(((abs(u) < size[0] / 2) & (abs(v) < size[1] / 2)).mean())


def _is_stretched(first: Picture, second: Picture, place: Placement) -> bool:
    """Return whether the second has other proportions, seen from the same side."""
    if _is_seen_aslant(place.to_first):
        return False
    width, height = second.size
    pixels = np.diag(first.size) @ place.to_first[:2, :2] @ np.diag([1 / width, 1 / height])
    longest, shortest = np.linalg.svd(pixels, compute_uv=False)
    tolerance = _STRETCHED + 1 / min(*first.size, *second.size)
    return bool(np.log(longest / shortest) > tolerance)


def _is_on_second(aligned: Aligned, changes: Changes) -> bool:
    """Return whether what differs was put on the second picture, not on the first.

    Where something was put on a picture it ends with an edge, which the other has not.
    """
    is_changed = _covered(changes, aligned.inside)
    y, x = np.nonzero(is_changed)
    part = slice(y.min(), y.max() + 1), slice(x.min(), x.max() + 1)
    one, other = (_grey(picture[part]) for picture in (aligned.first, aligned.second))
    mask = (np.abs(one - other) > _CHANGED) & is_changed[part]
    mask = np.pad(mask, _HOLES)
    for choose in (np.maximum, np.minimum):  # fills holes
        for _ in range(_HOLES):
            mask = _extreme(choose, mask)
    mask = mask[_HOLES:-_HOLES, _HOLES:-_HOLES]
    border = _extreme(np.maximum, mask) & ~_extreme(np.minimum, mask)
    if not border.any():
        return True
    more = _spread(other)[border] - _spread(one)[border]
    return bool((more > 0).sum() >= (more < 0).sum())


def _grey(picture: NDArray[np.uint8]) -> NDArray[np.int16]:
    return np.asarray(Image.fromarray(picture).convert("L"), np.int16)


def _spread(grey: NDArray[np.int16]) -> NDArray[np.int16]:
    """Return highest minus lowest level of the 3 × 3 pixels around each."""
    spread: NDArray[np.int16] = _extreme(np.maximum, grey) - _extreme(np.minimum, grey)
    return spread


def _extreme(choose: np.ufunc, values: NDArray[Any]) -> NDArray[Any]:
    """Return the largest, or smallest, of the 3 × 3 values around each."""
    padded = np.pad(values, 1, mode="edge")
    rows = choose(choose(padded[:-2], padded[1:-1]), padded[2:])
    found: NDArray[Any] = choose(choose(rows[:, :-2], rows[:, 1:-1]), rows[:, 2:])
    return found


def _covered(changes: Changes, inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which pixels the changed cells cover."""
    large = changes.cells.repeat(CELL, axis=0).repeat(CELL, axis=1)
    covered = np.zeros_like(inside)
    covered[: large.shape[0], : large.shape[1]] = large
    return covered & inside
