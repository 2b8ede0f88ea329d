"""What a file is now, compared with what is known of it."""

import os
import socket

import pytest

from fastdup.actions.candidate import UNKNOWN_TIME, Candidate
from fastdup.actions.state import LeftAlone, state_of

TIME_NS = 10**18 + 123_456_789


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"seven b")
    os.utime(path, ns=(0, TIME_NS))
    return str(path)


def known(path, size_bytes=7, mtime_ns=TIME_NS):
    return Candidate(path, 0, 0, size_bytes, mtime_ns, 0.0)


def test_a_file_as_it_is_known_may_be_acted_on(path):
    assert state_of(known(path)).st_size == 7
    assert state_of(known(path, size_bytes=-1)).st_size == 7


@pytest.mark.parametrize(
    "change",
    [{"size_bytes": 6}, {"size_bytes": 0}, {"mtime_ns": TIME_NS - 1}, {"mtime_ns": TIME_NS + 1}],
)
def test_another_size_or_time_counts_as_changed(path, change):
    assert state_of(known(path, **change)) is LeftAlone.CHANGED


def test_a_file_of_unknown_time_may_be_as_late_as_the_features_and_no_later(path):
    unknown = known(path, mtime_ns=UNKNOWN_TIME)
    assert state_of(unknown, not_after_ns=TIME_NS).st_size == 7
    assert state_of(unknown, not_after_ns=TIME_NS - 1) is LeftAlone.CHANGED
    assert state_of(unknown).st_size == 7


def test_what_is_no_plain_file_is_left_alone(path, tmp_path):
    os.symlink(path, tmp_path / "link.jpg")
    assert state_of(known(str(tmp_path / "link.jpg"))) is LeftAlone.LINK
    assert state_of(known(str(tmp_path))) is LeftAlone.CHANGED
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        assert state_of(known(str(tmp_path / "s"))) is LeftAlone.CHANGED


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("gone.jpg", LeftAlone.MISSING),
        ("nul\0.jpg", LeftAlone.MISSING),
        ("photo.jpg/inside.jpg", LeftAlone.ELSEWHERE),
        ("photo.jpg#t=1.500", LeftAlone.ELSEWHERE),
        ("gone.mp4#t=1.500", LeftAlone.MISSING),
    ],
)
def test_what_is_not_there_is_missing_or_inside_another_file(path, tmp_path, name, reason):
    assert state_of(known(f"{tmp_path}/{name}")) is reason


def test_objects_in_stores_are_elsewhere():
    assert state_of(known("s3://bucket/photo.jpg")) is LeftAlone.ELSEWHERE


def test_only_a_refusal_of_the_system_is_a_failure():
    assert [reason for reason in LeftAlone if reason.is_failure] == [LeftAlone.REFUSED]


def test_one_file_or_pair_is_said_in_the_singular():
    for reason in LeftAlone:
        assert reason.of(1200) == f"1,200 {reason}"
        first, *_ = reason.of(1).removeprefix("1 ").split(" ")
        assert not first.endswith("s") or first in {"always", "similar"}, reason.of(1)
