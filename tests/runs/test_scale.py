"""The scale of similarities, and what its rounding decides at the very threshold."""

import logging

import numpy as np
import pytest

from fastdup.analysis.nearest_others import nearest_others
from fastdup.analysis.outliers import score_outliers
from fastdup.analysis.pairs import select_pairs
from fastdup.config import RunConfig
from fastdup.index import Metric, Neighbours
from fastdup.models import Calibration
from fastdup.runs.results import write_results
from fastdup.scale import Scale, decimal, rounded
from fastdup.videos import Elsewhere
from fastdup.workdir import WorkDir

#: A raw similarity that is written as 0.850000, and one that is written as 0.849999.
AT, BELOW = 0.8499996, 0.8499994


def test_similarities_are_rounded_to_what_is_written():
    scale = Scale(Metric.COSINE)
    assert scale.similarities(np.array([[AT, BELOW], [-0.5, 1.0]])).tolist() == [
        [0.85, 0.849999],
        [0.0, 1.0],
    ]
    assert [decimal(float(rounded(value))) for value in (AT, BELOW)] == ["0.850000", "0.849999"]


def test_a_calibration_is_applied_before_rounding():
    scale = Scale(Metric.EUCLIDEAN, Calibration((-1, 0.5, 1), (0, 0.9, 1)))
    # 1 / (1 + e²/2) = 0.8 is the cosine 0.75 of rows of length 1.
    assert scale.similarities(np.array([0.8])).tolist() == [0.95]


@pytest.mark.parametrize(
    ("value", "is_searched"), [(AT, True), (BELOW, False), (0.85, True), (0.8499, False)]
)
def test_a_frame_whose_last_neighbour_is_at_the_threshold_is_searched_for_more(value, is_searched):
    groups = np.array([0, 0, -1])
    values = Scale(Metric.COSINE).similarities(np.array([[value], [value], [0.9]]))
    near = Neighbours(np.array([[1], [0], [0]]), values)
    searched = []

    def find(rows, others, k):
        searched.extend(rows.tolist())
        return Neighbours(np.full((len(rows), k), 2), np.full((len(rows), k), 0.9))

    scale = Scale(Metric.COSINE).similarities
    found = Elsewhere(groups, 0.85, find, 1, scale).keep(near, 1)
    assert searched == ([0, 1] if is_searched else [])
    assert found.indices.tolist() == ([[2], [2], [0]] if is_searched else [[-1], [-1], [0]])


@pytest.mark.parametrize(
    ("value", "n_cut"), [(AT, 4), (BELOW, 0), (0.85, 4), (np.nextafter(0.85, 0), 4), (0.8499, 0)]
)
def test_images_whose_last_neighbour_is_at_the_threshold_may_have_more(
    value, n_cut, tmp_path, caplog
):
    values = Scale(Metric.COSINE).similarities(np.tile([0.9, value], (4, 1)))
    near = Neighbours(np.array([[1, 2], [0, 3], [3, 0], [2, 1]]), values)
    config = RunConfig(
        input_dir="", work_dir=str(tmp_path), run_mode=2, nearest_neighbors_k=0, threshold=0.85
    )
    caplog.set_level(logging.WARNING)
    scores = score_outliers(nearest_others(np.arange(4), *near))
    kept = select_pairs(*near, config.least_threshold)
    counts = write_results(config, WorkDir(str(tmp_path)), list("abcd"), near, kept, scores)
    assert counts["n_pairs"] == 4 + n_cut
    said = "4 images have 2 neighbours or more at or above 0.85: only the nearest are kept"
    assert [record.getMessage() for record in caplog.records] == ([said] if n_cut else [])
