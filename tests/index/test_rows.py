"""Rows of features, read block by block."""

from pathlib import Path

import numpy as np
import pytest

from fastdup.index.rows import release_pages, squared_norms


def test_norms_are_the_same_for_any_layout_and_number_of_threads() -> None:
    features = np.random.default_rng(0).standard_normal((9000, 24)).astype(np.float32)
    expected = (features.astype(np.float64) ** 2).sum(axis=1)
    for layout in (features, np.asfortranarray(features), features.astype(np.float64)):
        for n_threads in (1, 3):
            assert np.array_equal(squared_norms(layout, n_threads), expected)


@pytest.mark.parametrize("mode", ["r", "r+", "c"])
def test_letting_go_of_a_mapped_file_changes_nothing(tmp_path: Path, mode: str) -> None:
    np.arange(4000, dtype=np.float32).tofile(tmp_path / "features")
    features = np.memmap(tmp_path / "features", np.float32, mode).reshape(-1, 4)
    if mode != "r":
        features[7] = -1
    expected = features.copy()
    release_pages(features)
    assert np.array_equal(features, expected)
