"""The guess that one picture shows all of the other: turned or mirrored, but not cut.

It needs no points, and so finds the copies of pictures that have none: plain drawings, gradients,
tiny or blurred pictures.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from PIL import Image

from fastdup.verify.planes import Matrix
from fastdup.verify.registration import Grey
from fastdup.verify.transform import Transform

_SIDE = 32
#: Correlation at that size from which on the guess is worth a look.
_LEAST = 0.8
#: Correlation below which one may be a negative.
_NEGATIVE = -0.4
#: Mean difference of grey levels below which two pictures are the same at that size.
_SAME_LEVELS = 1.0
#: How much better than upright another orientation must be.
_MARGIN = 0.01
#: A map whose corners lie this near to those of the whole picture is one of the whole picture.
_SNAP = 0.02


class Orientation(NamedTuple):
    """One of the eight ways to turn a picture: mirrored left to right first, then turned."""

    mirrored: bool
    quarter_turns: int

    def matrix(self) -> Matrix:
        """Return the 3 × 3 map of unit coordinates; turns are counter-clockwise."""
        found = _MIRROR if self.mirrored else np.eye(3)
        for _ in range(self.quarter_turns):
            found = _QUARTER_TURN @ found
        return found

    def apply(self, picture: Grey) -> Grey:
        """Return the picture turned."""
        return np.rot90(picture[:, ::-1] if self.mirrored else picture, self.quarter_turns)


_MIRROR = np.array([[-1.0, 0, 1], [0, 1, 0], [0, 0, 1]])
_QUARTER_TURN = np.array([[0.0, 1, 0], [-1, 0, 1], [0, 0, 1]])
ORIENTATIONS = tuple(Orientation(m, turns) for m in (False, True) for turns in range(4))


class WholeFrame(NamedTuple):
    """How much all of one picture looks like all of another.

    Attributes
    ----------
    transform : Transform or None
        In the best orientation; None where they do not look alike.
    may_be_negative : bool
        Whether one may be a negative of the other, or of a part of it.
    """

    transform: Transform | None
    may_be_negative: bool


def whole_frame(first: Grey, second: Grey) -> WholeFrame:
    """Return the orientation in which all of one looks like all of the other.

    Parameters
    ----------
    first, second : (32, 32) float32 arrays
        As `glance` returns them.
    """
    scores = _correlations(first, second)
    values = np.abs(scores)
    values[0] += _MARGIN
    best = int(values.argmax())
    may_be_negative = bool(scores.min() < _NEGATIVE)
    if np.abs(first - second).mean() < _SAME_LEVELS:  # flat ones too, which do not correlate
        return WholeFrame(Transform(np.eye(3), 0), may_be_negative)
    if values[best] < _LEAST:
        return WholeFrame(None, may_be_negative)
    found = Transform(ORIENTATIONS[best].matrix(), 0, is_inverted=bool(scores[best] < 0))
    return WholeFrame(found, may_be_negative)


def is_alike_upright(first: Grey, second: Grey) -> bool:
    """Return whether all of one looks like all of the other as they are, by `glance` of both."""
    one, other = ((picture - picture.mean()).ravel() for picture in (first, second))
    return bool(one @ other > _LEAST * np.sqrt((one @ one) * (other @ other)))


def snapped(transform: Transform) -> Transform | None:
    """Return the map of the whole picture that a map is nearest to, None if it is none of these."""
    for orientation in ORIENTATIONS:
        matrix = orientation.matrix()
        if np.abs((matrix - transform.to_first) @ _CORNERS).max() < _SNAP:
            return replace(transform, to_first=matrix)
    return None


_CORNERS = np.array([[0.0, 1, 0, 1], [0, 0, 1, 1], [1, 1, 1, 1]])


def glance(picture: Image.Image) -> Grey:
    """Return a picture, mode L, squashed to 32 × 32 pixels."""
    small = picture.resize((_SIDE, _SIDE), Image.Resampling.BOX, reducing_gap=2.0)
    return np.asarray(small, np.float32)


def _correlations(first: Grey, second: Grey) -> Grey:
    """Return the correlation of grey levels in all orientations; that of flat ones comes near 0."""
    one, other = first - first.mean(), second - second.mean()
    turned = other.ravel()[_PLACES]
    # Two levels of noise in each: without it, flat pictures would correlate by their rounding.
    power = ((one * one).mean() + 4) * ((other * other).mean() + 4)
    products = np.einsum("ij,j->i", turned, one.ravel()) / one.size
    return np.asarray(products / np.sqrt(power), np.float32)


_NUMBERS = np.arange(_SIDE * _SIDE, dtype=np.float32).reshape(_SIDE, _SIDE)
#: Which pixel of a glance each one is in all orientations.
_PLACES = np.stack([turn.apply(_NUMBERS).ravel().astype(np.int64) for turn in ORIENTATIONS])
