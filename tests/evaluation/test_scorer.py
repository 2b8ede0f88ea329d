import numpy as np
import pytest

from fastdup.evaluation.scorer import Ranking, scores

#: Five pairs, of which those of kinds 0 and 1 are right; two more are not there at all.
VALUES = np.array([0.8, 0.95, 0.8, 0.99, 0.7])
KINDS = np.array([1, -1, -1, 0, 0])
WANTED = np.array([3, 2])


def test_micro_ap_and_recall_are_those_worked_out_by_hand_on_five_pairs():
    ranking = Ranking.of(VALUES, KINDS, WANTED)
    # right 0.99, wrong 0.95, wrong before right at 0.8, right 0.7
    assert ranking.is_right.tolist() == [True, False, False, True, True]
    assert ranking.micro_ap() == pytest.approx((1 / 1 + 2 / 4 + 3 / 5) / 5)
    assert (ranking.reach(0.99), ranking.reach(0.6), ranking.reach(0.5)) == (1, 5, 5)
    assert ranking.right_by_kind(5).tolist() == [2, 1]
    assert ranking.curve() == [
        pytest.approx(point) for point in [(0.2, 1, 0.99), (0.4, 0.5, 0.8), (0.6, 0.6, 0.7)]
    ]
    found = scores(ranking, 0.8)
    assert (found["kept"], found["precision"], found["recall"]) == (4, 0.5, 0.4)
    assert found["recall_at_p99"] == 0.2
    assert found["precision_low"] < 0.5 < found["precision_high"]


def test_no_pairs_at_all_have_no_precision_and_no_recall():
    ranking = Ranking.of(np.empty(0), np.empty(0, np.int64), np.array([2]))
    found = scores(ranking, 0.5)
    assert (found["micro_ap"], found["recall"], found["kept"], ranking.curve()) == (0, 0, 0, [])
    assert (found["precision_low"], found["precision_high"]) == (0, 1)
