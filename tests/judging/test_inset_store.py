"""What pictures show is kept, and used only of unchanged files."""

import json

import numpy as np
import pytest

from fastdup.judging.inset_store import InsetStore
from fastdup.judging.open_pictures import PictureFile
from fastdup.sources import Stamp
from fastdup.views import view_space

WIDTH = len(view_space().signs)
ROWS = np.random.default_rng(0).normal(size=(3, WIDTH)).astype(np.float16)


def file(number, mtime=5):
    return PictureFile(f"/ä\udcff {number}.jpg", Stamp(100, mtime))


def known_in(path, files, **options):
    with InsetStore(str(path), {"max_pixels": 10, **options}, WIDTH) as store:
        return store.known(files)


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "known"
    with InsetStore(str(path), {"max_pixels": 10}, WIDTH) as store:
        assert store.known([file(0)]) == {}
        store.add([(file(0), ROWS), (file(1), ROWS[:0]), (file(2), ROWS[:1])])
    return path


def test_the_rows_of_unchanged_files_are_known(path):
    known = known_in(path, [file(0), file(1), file(2, mtime=6), file(3)])
    assert set(known) == {file(0), file(1)}
    assert np.array_equal(known[file(0)], ROWS)
    assert known[file(1)].shape == (0, WIDTH)


def test_other_options_mean_other_rows(path):
    assert known_in(path, [file(0)], max_pixels=11) == {}


def test_lines_that_make_no_sense_are_left_out(path):
    lines = [["a", 1, 2, "?"], ["a", 1, 2, "AAAA"], ["a", "b", 2, ""], ["a"], 7]
    with path.open("a") as known:
        known.writelines(json.dumps(line) + "\n" for line in lines)
    assert set(known_in(path, [file(0), PictureFile("a", Stamp(1, 2))])) == {file(0)}


def test_rows_of_files_that_are_gone_are_dropped(path):
    with InsetStore(str(path), {"max_pixels": 10}, WIDTH) as store:
        store.add((file(number), ROWS[:1]) for number in range(10, 1500))
        store.drop_others(2, map(file, [0, 1]))
        assert store.known([file(0), file(1), file(10)]).keys() == {file(0), file(1)}
    assert len(path.read_bytes().splitlines()) == 3
