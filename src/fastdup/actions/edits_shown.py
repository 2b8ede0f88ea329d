"""Which of two copies was edited, where what differs shows it: a frame, a caption, lost colours."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from PIL import Image

from fastdup.actions.candidate import Candidate
from fastdup.actions.may_go import Relation
from fastdup.verify.kind_words import most_exact
from fastdup.verify.verdict import Verdict

#: Verdicts on pairs of which one may be an edit of the other.
_EDITS = (Verdict.EDITED, Verdict.PART_OF)
#: How the second of two files differs from the first where something was put around or on it,
#: and where something was put around or on the first.
_ADDED = frozenset({"framed", "overlaid", "captioned"})
_TAKEN_OFF = frozenset({"unframed", "uncovered"})
#: The same of a page, a collage or a screenshot around a picture. A photo of a camera is none,
#: however sharp the edges at which it was cropped.
_AROUND, _CUT_OUT = "in a larger picture", "cut out"
#: What says more than "a part is shown" of upright pictures alone.
_FRAMES = frozenset({"framed", "unframed", _AROUND, _CUT_OUT})
_NOT_UPRIGHT = frozenset({"turned", "perspective", "bent"})
#: What seems drawn on a picture, but may be what the other one lost where its colours were clipped.
_DRAWN, _TONED = frozenset({"overlaid", "captioned", "uncovered"}), "toned"
#: What was done to the second, and to the first.
_FILTERED, _WAS_FILTERED = frozenset({"blurred", "sharpened"}), frozenset({"sharper", "softer"})
#: Side of each corner that is looked at, as a share of the picture's: a turn by one degree leaves
#: triangles of 1.7 %.
_CORNER, _LEAST_CORNER = 0.01, 2
#: Corners are filled if no level of a colour is further from their mean.
_FILLED = 12
#: Kinds of turned pictures of which the larger one need not be larger by its corners alone.
_SHOWS_MORE = frozenset({"cropped", "framed", "resized"})


class Edits(NamedTuple):
    """Rows of files that were edited.

    Attributes
    ----------
    added_to : set of int
        Something was put around them or on them.
    filtered : set of int
        They were blurred or sharpened.
    lost_colour : set of int
        Another copy is in colour, and they are not.
    """

    added_to: set[int]
    filtered: set[int]
    lost_colour: set[int]


def note_edits(
    edits: Edits,
    rows: tuple[int, int],
    files: Mapping[int, Candidate],
    relation: Relation,
    picture: Callable[[str], Image.Image | None],
) -> None:
    """Add to `edits` what two copies show.

    Parameters
    ----------
    edits : Edits
        Changed.
    rows : (int, int)
    files : mapping of int to Candidate
        By row.
    relation : Relation
        What the second of the two is to the first.
    picture : callable
        Decodes the picture at a path, upright.
    """
    if relation.verdict not in _EDITS:
        return
    one, other = rows
    kinds = set(most_exact(relation.kinds))
    if kinds & _NOT_UPRIGHT:
        kinds -= _FRAMES
    if _TONED in relation.kinds:
        kinds -= _DRAWN
    is_one = bool(kinds & _TAKEN_OFF) or (_CUT_OUT in kinds and not files[one].metadata.camera)
    is_other = bool(kinds & _ADDED) or (_AROUND in kinds and not files[other].metadata.camera)
    if not is_one and not is_other and "turned" in kinds:
        is_one, is_other = _which_is_filled(files[one], files[other], relation, picture)
    for found, of_one, of_other in (
        (edits.added_to, is_one, is_other),
        (edits.filtered, bool(kinds & _WAS_FILTERED), bool(kinds & _FILTERED)),
        (edits.lost_colour, "in colour" in kinds, "grey" in kinds),
    ):
        if of_one != of_other:
            found.add(one if of_one else other)


def _which_is_filled(
    one: Candidate,
    other: Candidate,
    relation: Relation,
    picture: Callable[[str], Image.Image | None],
) -> tuple[bool, bool]:
    """Return of which of two pictures the corners were filled when it was turned.

    Where both have corners of one colour, it is the larger one that shows no more of the picture.
    """
    filled = [_has_filled_corners(picture(file.path)) for file in (one, other)]
    if all(filled) and not set(relation.kinds) & _SHOWS_MORE:
        sizes = [file.width * file.height for file in (one, other)]
        return sizes[0] > sizes[1], sizes[1] > sizes[0]
    return filled[0], filled[1]


def _has_filled_corners(image: Image.Image | None) -> bool:
    """Return whether the corners are of one colour: a turned picture leaves such triangles."""
    if image is None:
        return False
    pixels = np.asarray(image.convert("RGB"), np.int16)
    high, wide = (max(_LEAST_CORNER, round(side * _CORNER)) for side in pixels.shape[:2])
    corners = [pixels[y, x] for y in (slice(high), slice(-high, None)) for x in _ends(wide)]
    found = np.concatenate([corner.reshape(-1, 3) for corner in corners])
    return bool(np.abs(found - found.mean(axis=0)).max() <= _FILLED)


def _ends(length: int) -> tuple[slice, slice]:
    return slice(length), slice(-length, None)
