"""How long a stage will take."""

import pytest

from fastdup.window.time_left import TimeLeft


def test_nothing_is_said_before_there_is_something_to_go_by():
    left = TimeLeft()
    assert left.seconds(0) is None
    left.begin(100)
    left.reach(1, 10.0)
    assert left.seconds(10.5) is None
    left.begin(None)
    left.reach(1, 10.0)
    left.reach(2, 20.0)
    assert left.seconds(20.0) is None


def test_the_speed_of_late_counts():
    left = TimeLeft()
    left.begin(1000)
    for second in range(11):  # rows that are known already go fast
        left.reach(50 * second, float(second))
    assert left.seconds(10.0) == pytest.approx(10)
    for second in range(11, 61):
        left.reach(500 + second - 10, float(second))
    assert left.seconds(60.0) == pytest.approx(450, rel=0.05)
    left.reach(1000, 61.0)
    assert left.seconds(61.0) == 0
