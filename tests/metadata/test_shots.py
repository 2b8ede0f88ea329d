from dataclasses import replace

import pytest

from fastdup.metadata import Metadata
from fastdup.metadata.shots import are_one_burst, are_two_shots

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
    assert are_one_burst(SHOT, other) is one_burst


@pytest.mark.parametrize(
    "change", [{"camera": "Canon EOS 80D"}, {"camera": ""}, {"taken_from": "saved"}]
)
def test_what_may_be_a_copy_is_no_other_shot(change):
    other = replace(SHOT, taken="2021-05-01T12:00:01", **change)
    assert not are_two_shots(SHOT, other)
