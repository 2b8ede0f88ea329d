"""A pair is judged the same in every process and thread, whatever else runs."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fastdup.verify import Picture, judge
from pictures import jpeg, opened_jpeg, textured_scene

TESTS = Path(__file__).parents[1]


def pairs():
    """Return pairs of pictures that take every way through the judgement."""
    scenes = [textured_scene(seed, (480, 360)) for seed in range(4)]
    large, small = scenes[0], scenes[1].resize((200, 150))
    pasted = scenes[2].copy()
    pasted.paste(small, (40, 60))
    return [
        (large, opened_jpeg(jpeg(large, 40))),
        (large, large.rotate(25)),
        (scenes[1], pasted),
        (scenes[2], pasted),
        (scenes[2], scenes[3]),
        (large, large.crop((50, 40, 350, 300)).resize((200, 173))),
    ]


def all_of(first, second):
    """Return everything that is found, each number to its last bit."""
    found = judge(Picture(first, first.size), Picture(second, second.size))
    place = found.placement
    return repr(
        (
            found.verdict.value,
            found.kinds,
            place and (place.to_first.tolist(), place.scale, place.angle, place.n_inliers),
            found.agreement,
            found.regions,
            found.changes and (found.changes.level, found.changes.tone.coefficients.tolist()),
        )
    )


@pytest.fixture(scope="module")
def alone():
    """What is found on one thread of this process."""
    return [all_of(*pair) for pair in pairs()]


def test_verdicts_are_the_same_from_several_threads_at_once(alone):
    assert len(set(alone)) == len(alone)
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda pair: all_of(*pair), pairs() * 3)) == alone * 3


@pytest.mark.parametrize("n_threads", ["1", "4"])
def test_verdicts_are_the_same_in_another_process(alone, n_threads):
    code = "from test_same_everywhere import *\nfor pair in pairs(): print(all_of(*pair))"
    paths = os.pathsep.join(map(str, (Path(__file__).parent, TESTS)))
    environment = {
        **os.environ,
        "PYTHONPATH": paths,
        "PYTHONHASHSEED": n_threads,
        "OMP_NUM_THREADS": n_threads,
        "OPENBLAS_NUM_THREADS": n_threads,
    }
    out = subprocess.run(
        [sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True
    ).stdout
    assert out.splitlines() == alone
