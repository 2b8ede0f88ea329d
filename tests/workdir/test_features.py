import numpy as np
import pytest

import fastdup
from fastdup.errors import WorkDirError


def test_saved_features_come_back(tmp_path):
    features = np.random.default_rng(1).normal(size=(5, 7))
    paths = [f"/photos/{i}, {i}.jpg" for i in range(5)]
    fastdup.save_binary_feature(tmp_path, paths, features)
    for place in (tmp_path, tmp_path / "features.dat", str(tmp_path)):
        names, rows = fastdup.load_binary_feature(place)
        assert names == paths
        assert rows.dtype == np.float32
        np.testing.assert_array_equal(rows, features.astype(np.float32))


def test_the_files_are_raw_rows_and_a_csv_of_names(tmp_path):
    fastdup.save_binary_feature(tmp_path, ["/a", "/b"], [[1, 2], [3, 4]])
    assert (tmp_path / "features.dat").read_bytes() == np.array([1, 2, 3, 4], "<f4").tobytes()
    assert (tmp_path / "features.dat.csv").read_bytes() == b"index,filename\n0,/a\n1,/b\n"


def test_all_spellings_are_the_same_function():
    assert fastdup.load_binary is fastdup.load_binary_features is fastdup.load_binary_feature


def test_no_rows_are_an_empty_matrix(tmp_path):
    fastdup.save_binary_feature(tmp_path, [], np.zeros((0, 576)))
    names, rows = fastdup.load_binary_feature(tmp_path)
    assert (names, rows.shape) == ([], (0, 576))


@pytest.mark.parametrize("array", [[1, 2], [[1], [2], [3]], np.zeros((2, 0))])
def test_shapes_that_do_not_fit_are_refused(tmp_path, array):
    with pytest.raises(ValueError, match="do not fit together"):
        fastdup.save_binary_feature(tmp_path, ["/a", "/b"], array)


def test_values_that_are_not_finite_are_refused(tmp_path):
    with pytest.raises(ValueError, match="not finite"):
        fastdup.save_binary_feature(tmp_path, ["/a"], [[np.nan]])


def test_a_matrix_cut_short_is_refused(tmp_path):
    fastdup.save_binary_feature(tmp_path, ["/a", "/b"], np.ones((2, 4)))
    (tmp_path / "features.dat").write_bytes(b"\0" * 30)
    with pytest.raises(WorkDirError, match="does not hold one row for each"):
        fastdup.load_binary_feature(tmp_path)


def test_missing_and_damaged_files_are_one_clear_error(tmp_path):
    with pytest.raises(WorkDirError, match="there are no features at"):
        fastdup.load_binary_feature(tmp_path)
    fastdup.save_binary_feature(tmp_path, ["/a", "/b"], np.ones((2, 4)))
    (tmp_path / "features.dat.csv").write_text("index,filename\n7,/a\n0,/b\n")
    with pytest.raises(WorkDirError, match=r"is damaged: line 3 is .'0', '/b'."):
        fastdup.load_binary_feature(tmp_path)
    (tmp_path / "features.dat.csv").write_text("name\n")
    with pytest.raises(WorkDirError, match="does not begin with index,filename"):
        fastdup.load_binary_feature(tmp_path)
