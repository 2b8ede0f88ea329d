from dataclasses import replace

import pytest

from fastdup.metadata import Metadata
from fastdup.metadata.shots import are_two_shots, find_bursts

SHOT = Metadata(taken="2021-05-01T12:00:00.00", taken_from="exif", camera="NIKON D750")


@pytest.mark.parametrize(
    ("taken", "two_shots", "one_burst"),
    [
        ("2021-05-01T12:00:00.00", False, False),
        ("2021-05-01T12:00:00.33", True, True),
        ("2021-05-01T11:59:58", True, True),
        ("2021-05-01T12:00:09", True, False),
        ("2022-05-01T12:00:00", True, False),
        ("2021-05-01", False, False),
        ("", False, False),
    ],
)
def test_one_camera_at_two_moments_makes_two_shots(taken, two_shots, one_burst):
    other = replace(SHOT, taken=taken)
    assert are_two_shots(SHOT, other) is are_two_shots(other, SHOT) is two_shots
    earliest_first = [1, 0] if taken < SHOT.taken else [0, 1]
    assert find_bursts([SHOT, other]) == ([earliest_first] if one_burst else [])


@pytest.mark.parametrize(
    "change", [{"camera": "Canon EOS 80D"}, {"camera": ""}, {"taken_from": "saved"}]
)
def test_what_may_be_a_copy_is_no_other_shot(change):
    other = replace(SHOT, taken="2021-05-01T12:00:01", **change)
    assert not are_two_shots(SHOT, other)


def test_a_burst_goes_on_while_shots_are_seconds_apart_and_has_their_copies():
    def shot(second, camera="NIKON D750"):
        return replace(SHOT, taken=f"2021-05-01T12:00:{second:02}", camera=camera)

    seconds = [30, 4, 2, 0, 9, 30, 6, 31]
    images = [*map(shot, seconds), shot(3, "Canon EOS 80D"), Metadata()]
    assert find_bursts(images) == [[3, 2, 1, 6, 4], [0, 5, 7]]
    assert find_bursts([SHOT, SHOT, shot(20)]) == []
