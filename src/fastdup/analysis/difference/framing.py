"""Crops, borders, tilts: how much of each picture the other one shows."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fastdup.analysis.difference.alignment import Alignment, Matrix
from fastdup.analysis.difference.pixels import Pixels
from fastdup.analysis.difference.words import Words
from fastdup.arrays import FloatArray

Size = tuple[int, int]

_CORNERS = np.array([[0, 0, 1], [1, 0, 1], [1, 1, 1], [0, 1, 1]], float)


class Frame(NamedTuple):
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
    corners: FloatArray

    @classmethod
    def of(cls, alignment: Alignment, first: Size, second: Size) -> "Frame":
        """Return what an alignment means for two pictures of these sizes."""
        to_first = alignment.to_first
        corners, back = _corners(to_first), _corners(np.linalg.inv(to_first))
        in_pixels = np.diag(first) @ to_first[:2, :2] @ np.diag([1 / second[0], 1 / second[1]])
        tilt = np.degrees(np.arctan2(in_pixels[1, 0] - in_pixels[0, 1], np.trace(in_pixels)))
        scale = 1 / np.sqrt(max(abs(np.linalg.det(in_pixels)), 1e-6))
        return cls(_inside_unit(corners), _inside_unit(back), float(tilt), float(scale), corners)

    @property
    def is_same(self) -> bool:
        """Whether both show the same part, each side to about 2 %."""
        return float(np.abs(self.corners - _CORNERS[:, :2]).max()) < 0.022


def _corners(matrix: Matrix) -> FloatArray:
    """Return where a map of unit coordinates takes the corners of a picture."""
    return np.asarray((matrix @ _CORNERS.T)[:2].T)


def _inside_unit(corners: FloatArray) -> float:
    """Return the share of the unit square that a quadrangle covers, counted on a grid."""
    points = (np.arange(64) + 0.5) / 64
    x, y = np.meshgrid(points, points)
    inside = np.ones(x.shape, bool)
    sides = list(zip(corners, np.roll(corners, -1, axis=0), strict=True))
    area = sum(a[0] * b[1] - a[1] * b[0] for a, b in sides)
    for a, b in sides:
        cross = (b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0])
        inside &= cross >= 0 if area > 0 else cross <= 0
    return float(inside.mean())


def describe_frame(words: Words, frame: Frame, first: Image.Image, second: Image.Image) -> None:
    """Say how two pictures differ in what part they show, and how large."""
    if abs(frame.tilt) > 1.3:
        is_first = _has_blank_corners(first) and not _has_blank_corners(second)
        tilted = words.first if is_first else words.second
        tilted.append(f"tilted by about {abs(round(frame.tilt))}°")
        return
    describe_scale(words, frame.scale)
    if frame.of_first < 0.985:
        _describe_part(words.first, words.second, frame.of_first, first, frame.corners)
    if frame.of_second < 0.985:
        corners = _corners(np.linalg.inv(_affine(frame.corners)))
        _describe_part(words.second, words.first, frame.of_second, second, corners)


def _affine(corners: FloatArray) -> FloatArray:
    origin, right, _, low = corners
    return np.array(
        [
            [right[0] - origin[0], low[0] - origin[0], origin[0]],
            [right[1] - origin[1], low[1] - origin[1], origin[1]],
            [0, 0, 1],
        ]
    )


def _describe_part(
    of_whole: list[str], of_part: list[str], share: float, whole: Image.Image, corners: FloatArray
) -> None:
    """Say that one picture is a part of the other: cut out of it, or framed by it."""
    kind = _surroundings(whole, corners)
    if kind == "continues":
        of_part.append(f"cropped to about {_round_percent(share)} %")
    else:
        of_whole.append("bordered" if kind == "plain" else "in a larger picture")


def _round_percent(share: float) -> int:
    return max(5, 5 * round(20 * share)) if share < 0.93 else round(100 * share)


def _surroundings(whole: Image.Image, corners: FloatArray) -> str:
    """Return what lies around a part of a picture: "plain" colour, "other", or "continues".

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


def _is_centred(corners: FloatArray) -> bool:
    """Return whether opposite margins are the same."""
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
    """Return whether all corners have the same plain colour, as after a tilt."""
    pixels = np.asarray(image, np.float32)
    n = max(2, min(pixels.shape[:2]) // 100)
    corners = [pixels[:n, :n], pixels[:n, -n:], pixels[-n:, :n], pixels[-n:, -n:]]
    means = np.array([corner.mean((0, 1)) for corner in corners])
    return float(np.ptp(means, axis=0).max()) < 8 and float(np.stack(corners).std((1, 2)).max()) < 6


def describe_scale(words: Words, scale: float) -> None:
    """Say that the second has more, or fewer, pixels per side by `scale`."""
    if abs(np.log(scale)) > 0.06:
        words.second.append("larger" if scale > 1 else "smaller")
