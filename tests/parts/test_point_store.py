"""The points of pictures are kept, whatever stops the run, and used only of unchanged files."""

import numpy as np
import pytest

from fastdup.errors import WorkDirError
from fastdup.judging.open_pictures import PictureFile
from fastdup.parts.part_points import POINT
from fastdup.parts.point_store import PointStore
from fastdup.sources import Stamp


def file(number, mtime=5):
    return PictureFile(f"/ä\udcff {number}.jpg", Stamp(100, mtime))


def points(number, n=3):
    made = np.zeros(n, POINT)
    made["words"], made["x"] = number, np.arange(n)
    return made


def store_of(path, **options):
    return PointStore(str(path), {"max_pixels": 10, **options})


def loaded(store, files):
    """Return the points of each file."""
    found = store.loader(files)(0, len(files))
    return np.split(found.points, np.cumsum(found.counts)[:-1])


def filled(path, numbers):
    with store_of(path) as store:
        store.add((file(number), points(number, number)) for number in numbers)


def test_what_is_added_is_known_to_the_next_run(tmp_path):
    filled(tmp_path / "known", [3, 0, 2])
    with store_of(tmp_path / "known") as store:
        assert [file(number) in store for number in range(4)] == [True, False, True, True]
        two, none, three = loaded(store, [file(2), file(7), file(3)])
    assert np.array_equal(two, points(2, 2))
    assert np.array_equal(three, points(3, 3))
    assert len(none) == 0


def test_a_range_of_the_files_is_loaded(tmp_path):
    filled(tmp_path / "known", [1, 2, 3])
    with store_of(tmp_path / "known") as store:
        found = store.loader([file(number) for number in (1, 2, 3)])(1, 3)
    assert found.counts.tolist() == [2, 3]
    assert found.points["words"][:, 0].tolist() == [2, 2, 3, 3, 3]


def test_the_points_of_one_file_are_loaded(tmp_path):
    filled(tmp_path / "known", [1, 2])
    with store_of(tmp_path / "known") as store:
        assert np.array_equal(store.points(file(2)), points(2, 2))
        assert len(store.points(file(7))) == 0


def test_a_file_that_changed_is_not_known(tmp_path):
    filled(tmp_path / "known", [1])
    with store_of(tmp_path / "known") as store:
        assert file(1, mtime=6) not in store


def test_an_incomplete_last_record_is_cut_off(tmp_path):
    path = tmp_path / "known"
    filled(path, [2])
    one = path.stat().st_size
    filled(path, [1])
    whole = path.read_bytes()
    for n_kept in range(one, len(whole)):
        path.write_bytes(whole[:n_kept])
        with store_of(path) as store:
            assert file(2) in store
            assert file(1) not in store
            store.add([(file(1), points(1, 1))])
        assert path.read_bytes() == whole


def test_points_under_other_options_are_discarded(tmp_path):
    filled(tmp_path / "known", [1])
    with store_of(tmp_path / "known", max_pixels=11) as store:
        assert file(1) not in store


def test_a_file_of_something_else_is_replaced(tmp_path):
    path = tmp_path / "known"
    path.write_bytes(b"\x00\xff" * 50)
    filled(path, [1])
    with store_of(path) as store:
        assert file(1) in store


def test_points_of_other_pictures_are_dropped_when_they_are_most(tmp_path):
    path = tmp_path / "known"
    filled(path, [1] * 0 + list(range(1, 4)))
    with store_of(path) as store:
        store.add((file(number), points(number, 1)) for number in range(10, 1100))
        size = path.stat().st_size
        store.drop_others([file(number) for number in range(1090)])
        assert path.stat().st_size == size
        store.drop_others([file(2), file(1050)])
        assert path.stat().st_size < size / 100
        two, other = loaded(store, [file(2), file(1050)])
        assert np.array_equal(two, points(2, 2))
        assert len(other) == 1
        store.add([(file(5), points(5, 5))])
    with store_of(path) as store:
        assert [file(number) in store for number in (2, 3, 5)] == [True, False, True]


def test_a_folder_that_cannot_be_written_gives_one_line(tmp_path):
    with pytest.raises(WorkDirError, match="cannot write"):
        store_of(tmp_path / "missing/known")
