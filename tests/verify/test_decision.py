"""The verdict by what was measured: two shots of one scene, and patterns of one kind."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from fastdup.verify import Verdict
from fastdup.verify.agreement import Agreement
from fastdup.verify.changes import Changes
from fastdup.verify.colour_map import IDENTITY
from fastdup.verify.decision import decide
from fastdup.verify.equalise import equalise
from fastdup.verify.registration import Aligned
from fastdup.verify.verdict import Placement

GREY = np.full((64, 64, 3), 90, np.uint8)
ALIGNED = Aligned(GREY, GREY, np.ones((64, 64), bool), np.eye(3))
#: As measured of two QR codes of one publisher, and of two photos of one shelf.
CODES = Agreement(n_cells=480, same=0.63, only_first=0.13, only_second=0.12)
SHELVES = Agreement(n_cells=330, same=0.6, only_first=0.15, only_second=0.07)


#: As measured of a photo with much of another one that shines through.
BLENDED = Agreement(n_cells=330, same=0.6, only_first=0.3, only_second=0.02)


PLACEMENT = Placement(
    to_first=np.eye(3),
    of_first=1.0,
    of_second=1.0,
    scale=1.0,
    angle=0.0,
    is_mirrored=False,
    is_inverted=False,
    n_inliers=45,
    agreeing=0.85,
)


def verdict_on(agreement, level, overlap=1.0, **known):
    changes = Changes((), 0.0, level, IDENTITY, np.zeros((8, 8), bool))
    placement = replace(PLACEMENT, of_first=overlap, of_second=overlap)
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


#: As measured of two shots of a hand, one of which was bent to be like the other.
HANDS = Agreement(n_cells=461, same=0.84, only_first=0.07, only_second=0.05)


def verdict_on_bent(share, lighter):
    equal = equalise(replace(ALIGNED, second=GREY + np.uint8(lighter)))
    changes = Changes((), share, 0.07, IDENTITY, np.zeros((8, 8), bool), equal)
    placement = replace(PLACEMENT, is_bent=True)
    return decide(ALIGNED, HANDS, changes, placement, is_plain=False)


def test_a_bent_picture_that_differs_in_parts_and_in_light_is_another_shot():
    assert verdict_on_bent(share=0.16, lighter=9) == Verdict.LOOK_ALIKE
    assert verdict_on_bent(share=0.16, lighter=4) == Verdict.ALTERED
    assert verdict_on_bent(share=0.01, lighter=9) == Verdict.ALTERED


def test_a_picture_within_another_may_differ_more_than_one_that_overlaps():
    assert verdict_on(SHELVES, 0.2, overlap=1.0) != Verdict.LOOK_ALIKE


def test_all_detail_of_a_picture_under_that_of_another_outweighs_what_differs():
    assert verdict_on(BLENDED, 0.52) != Verdict.LOOK_ALIKE
    assert verdict_on(BLENDED, 0.52, overlap=0.9) == Verdict.LOOK_ALIKE
    assert verdict_on(replace(BLENDED, only_second=0.05), 0.52) == Verdict.LOOK_ALIKE


def test_what_saving_took_is_no_other_shot():
    assert verdict_on(CODES, 0.3) == Verdict.LOOK_ALIKE
    assert verdict_on(CODES, 0.3, is_worn=True) != Verdict.LOOK_ALIKE


#: As measured of a photo that was cropped, given another hue, and saved with little quality.
WORN = Agreement(n_cells=115, same=0.78, only_first=0.11, only_second=0.02)


def verdict_on_other_colours(agreement, n_colours, agreeing=0.94):
    rng = np.random.default_rng(4)
    colours, others = (rng.integers(0, 256, (8, 8, 3), np.uint8) for _ in range(2))
    large = [np.kron(few, np.ones((8, 8, 1), np.uint8)) for few in (colours, others)]
    aligned = replace(ALIGNED, first=large[0], second=large[1])
    equal = SimpleNamespace(
        shift=80.0, n_colours=n_colours, sharpness=SimpleNamespace(in_common=0.55)
    )
    changes = Changes((), 0.0, 0.07, IDENTITY, np.zeros((8, 8), bool), equal)
    placement = replace(PLACEMENT, n_inliers=20, agreeing=agreeing, of_first=0.6)
    return decide(aligned, agreement, changes, placement, is_plain=False)


def test_a_photo_may_have_other_colours_where_nearly_all_points_agree():
    assert verdict_on_other_colours(WORN, 10) != Verdict.LOOK_ALIKE
    assert verdict_on_other_colours(WORN, 10, agreeing=0.6) == Verdict.LOOK_ALIKE
    differing = replace(WORN, only_second=0.08)
    assert verdict_on_other_colours(differing, 10) == Verdict.LOOK_ALIKE


def test_a_drawing_with_other_colours_and_few_points_is_another_one():
    assert verdict_on_other_colours(WORN, 7) == Verdict.LOOK_ALIKE
