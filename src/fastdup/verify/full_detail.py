"""A look at two copies at full size, for what is too small where they were compared.

A digit of a page, a name in a list, a cell of a table has a few pixels there, of which scaling and
saving again may change as much. At full size it stands out from both.
"""

from dataclasses import replace

import numpy as np
from PIL import Image

from fastdup.verify.changes import find_changes
from fastdup.verify.decision import is_altered
from fastdup.verify.edit_kinds import drawn_kind
from fastdup.verify.kind_words import with_general
from fastdup.verify.pyramid import shrunk
from fastdup.verify.registration import overlay
from fastdup.verify.some_pixels import differ_in_some_pixels, may_differ_in_some_pixels
from fastdup.verify.verdict import Judgement, Verdict

#: Longest side of this look. The digits of a page of text have 15 pixels of height there. A few
#: pixels less will do: half the sides of a photo of 4,000 pixels are decoded in half the time.
FULL_SIDE, LEAST_SIDE = 2048, 1900
#: So many times finer than the grid before it must be, to show more.
_FINER = 1.1


def shows_more_at_full_size(
    judgement: Judgement, first: tuple[int, int], second: tuple[int, int]
) -> bool:
    """Return whether both pictures, of these full sizes, have more pixels than were compared."""
    if judgement.aligned is None:
        return False
    longest = min(max(first), max(second), FULL_SIDE)
    height, width = judgement.aligned.inside.shape
    return bool(longest > _FINER * max(height, width))


def look_at_full_detail(first: Image.Image, second: Image.Image, judgement: Judgement) -> Judgement:
    """Return the judgement on two copies, given all their pixels.

    Parameters
    ----------
    first, second : PIL images, mode RGB
        Shrunk to `FULL_SIDE` if they are larger.
    judgement : Judgement
        What they are to each other as far as was seen; with a placement.
    """
    assert judgement.placement is not None
    assert judgement.agreement is not None
    one, other = (shrunk(picture, FULL_SIDE, reducing_gap=3.0) for picture in (first, second))
    aligned = overlay(one, other, np.asarray(judgement.placement.to_first, np.float64))
    if not may_differ_in_some_pixels(aligned):
        return judgement
    changes = find_changes(aligned)
    if not differ_in_some_pixels(changes, aligned.inside):  # regions alone may be of worn copies
        return judgement
    is_other = not changes.regions or is_altered(aligned, judgement.agreement, changes)
    verdict = Verdict.ALTERED if is_other else Verdict.EDITED
    drawn = drawn_kind(aligned, changes, verdict) if changes.regions else ""
    kinds = with_general(filter(None, (*judgement.kinds, drawn)))
    return replace(judgement, verdict=verdict, kinds=kinds, changes=changes, aligned=aligned)
