"""The similarity of judged pairs keeps its words, and rises with the evidence."""

import itertools

import pytest

from fastdup.scale import rounded
from fastdup.verify import Verdict, judged_similarity

STEPS = (0.0, 0.3, 0.85, 0.98, 1.0)
INLIERS = (0, 7, 40, 500)
BOUNDS = {
    Verdict.SAME_BYTES: (1, 1),
    Verdict.SAME_PIXELS: (1, 1),
    Verdict.SAME_PICTURE: (0.98, 0.999999),
    Verdict.EDITED: (0.85, 0.979999),
    Verdict.PART_OF: (0.85, 0.979999),
    Verdict.ALTERED: (0.85, 0.979999),
    Verdict.LOOK_ALIKE: (0, 0.849999),
}


@pytest.mark.parametrize("verdict", BOUNDS)
def test_each_verdict_has_its_place_on_the_scale(verdict):
    lowest, highest = BOUNDS[verdict]
    for plain, same, n_inliers in itertools.product(STEPS, STEPS, INLIERS):
        assert lowest <= rounded(judged_similarity(verdict, plain, same, n_inliers)) <= highest


@pytest.mark.parametrize("verdict", BOUNDS)
def test_more_evidence_never_gives_less(verdict):
    for values in itertools.product(STEPS, STEPS, INLIERS):
        least = judged_similarity(verdict, *values)
        for place, more in itertools.product(range(3), (*STEPS, *INLIERS)):
            stronger = [*values[:place], max(values[place], more), *values[place + 1 :]]
            if place < 2 and more > 1:
                continue
            assert judged_similarity(verdict, *stronger) >= least


def test_what_nobody_looked_at_keeps_its_plain_similarity():
    assert judged_similarity(Verdict.UNVERIFIED, 0.912345, 0.0, 0) == 0.912345


def test_look_alikes_far_below_the_threshold_stay_where_they_are():
    assert judged_similarity(Verdict.LOOK_ALIKE, 0.42, 1.0, 9) == 0.42
    assert 0.8 < judged_similarity(Verdict.LOOK_ALIKE, 0.95, 0.0, 0) < 0.85
