"""The verdict by what was measured: two shots of one scene, and patterns of one kind."""

from dataclasses import replace

import numpy as np
import pytest

from fastdup.verify import Verdict
from fastdup.verify.agreement import Agreement
from fastdup.verify.changes import Changes
from fastdup.verify.colour_map import IDENTITY
from fastdup.verify.decision import decide
from fastdup.verify.registration import Aligned
from fastdup.verify.verdict import Placement

GREY = np.full((64, 64, 3), 90, np.uint8)
ALIGNED = Aligned(GREY, GREY, np.ones((64, 64), bool), np.eye(3))
#: As measured of two QR codes of one publisher, and of two photos of one shelf.
CODES = Agreement(n_cells=480, same=0.63, only_first=0.13, only_second=0.12)
SHELVES = Agreement(n_cells=330, same=0.6, only_first=0.15, only_second=0.07)


#: As measured of a photo with much of another one that shines through.
BLENDED = Agreement(n_cells=330, same=0.6, only_first=0.3, only_second=0.02)


def verdict_on(agreement, level, overlap=1.0, **known):
    changes = Changes((), 0.0, level, IDENTITY, np.zeros((8, 8), bool))
    placement = Placement(
        to_first=np.eye(3),
        of_first=overlap,
        of_second=overlap,
        scale=1.0,
        angle=0.0,
        is_mirrored=False,
        is_inverted=False,
        n_inliers=45,
        agreeing=0.85,
    )
    return decide(ALIGNED, agreement, changes, placement, is_plain=False, **known)


@pytest.mark.parametrize(
    ("agreement", "level", "overlap"), [(CODES, 0.35, 1.0), (SHELVES, 0.2, 0.8)]
)
def test_where_less_agrees_than_in_any_copy_pictures_only_look_alike(agreement, level, overlap):
    assert verdict_on(agreement, level, overlap) == Verdict.LOOK_ALIKE
    assert verdict_on(replace(agreement, same=0.8), level, overlap) != Verdict.LOOK_ALIKE
    assert verdict_on(agreement, 0.05, overlap) != Verdict.LOOK_ALIKE


def test_what_is_more_in_one_picture_alone_is_no_other_shot():
    shines_through = replace(CODES, only_first=0.3, only_second=0.01)
    assert verdict_on(shines_through, 0.35) != Verdict.LOOK_ALIKE


def test_a_picture_within_another_may_differ_more_than_one_that_overlaps():
    assert verdict_on(SHELVES, 0.2, overlap=1.0) != Verdict.LOOK_ALIKE


def test_all_detail_of_a_picture_under_that_of_another_outweighs_what_differs():
    assert verdict_on(BLENDED, 0.52) != Verdict.LOOK_ALIKE
    assert verdict_on(BLENDED, 0.52, overlap=0.9) == Verdict.LOOK_ALIKE
    assert verdict_on(replace(BLENDED, only_second=0.05), 0.52) == Verdict.LOOK_ALIKE


def test_what_saving_took_is_no_other_shot():
    assert verdict_on(CODES, 0.3) == Verdict.LOOK_ALIKE
    assert verdict_on(CODES, 0.3, is_worn=True) != Verdict.LOOK_ALIKE
