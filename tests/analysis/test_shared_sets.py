from itertools import combinations

import numpy as np
import pytest

from fastdup.analysis.shared_sets import SharedSets

N_THINGS = 60


@pytest.mark.parametrize("largest", [2, 5, 16, 17, 40])
def test_pairs_share_a_set_as_plain_python_finds(largest):
    rng = np.random.default_rng(largest)
    sets = [rng.choice(N_THINGS, rng.integers(1, largest + 1), replace=False) for _ in range(12)]
    numbers = np.concatenate([[10**12 - n] * len(one) for n, one in enumerate(sets)])
    members = np.concatenate(sets)
    order = rng.permutation(len(members))
    twice = np.concatenate([order, order[:5]])
    shared = SharedSets(numbers[twice], members[twice], N_THINGS)
    expected = {frozenset(pair) for one in sets for pair in combinations(one.tolist(), 2)}
    ones, others = (grid.ravel() for grid in np.mgrid[-1:N_THINGS, -1:N_THINGS])
    found = shared.share(ones, others)
    pairs = zip(ones.tolist(), others.tolist(), strict=True)
    assert found.tolist() == [frozenset(pair) in expected for pair in pairs]


def test_without_sets_nothing_is_shared():
    nothing = np.empty(0, np.int64)
    shared = SharedSets(nothing, nothing, 0)
    assert shared.share(np.array([-1, -1]), np.array([-1, -1])).tolist() == [False, False]
    assert shared.share(nothing, nothing).tolist() == []
