"""Cells of a grid, regions of cells, and detail that agrees cell by cell."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fastdup.verify.agreement import compare_detail
from fastdup.verify.cells import cell_means, clusters
from fastdup.verify.registration import overlay
from pictures import jpeg, opened_jpeg, textured_scene


@given(
    values=arrays(np.uint8, st.tuples(st.integers(8, 40), st.integers(8, 40))),
    side=st.integers(1, 8),
)
def test_cell_means_are_the_means_of_whole_cells(values, side):
    means = cell_means(values, side)
    rows, columns = values.shape[0] // side, values.shape[1] // side
    assert means.shape == (rows, columns)
    for row in range(rows):
        for column in range(columns):
            cell = values[row * side : (row + 1) * side, column * side : (column + 1) * side]
            assert means[row, column] == pytest.approx(cell.mean(), abs=1e-3)


def near(one, other, gap):
    return max(abs(one[0] - other[0]), abs(one[1] - other[1])) <= gap


@given(
    flags=arrays(np.bool_, st.tuples(st.integers(1, 12), st.integers(1, 12))),
    gap=st.integers(1, 3),
)
def test_clusters_share_out_all_flagged_cells_and_lie_apart(flags, gap):
    before = flags.copy()
    found = [[tuple(cell) for cell in cells.tolist()] for cells in clusters(flags, gap)]
    assert np.array_equal(flags, before)
    cells = [cell for cluster in found for cell in cluster]
    assert sorted(cells) == [tuple(cell) for cell in np.argwhere(flags).tolist()]
    for number, cluster in enumerate(found):
        for other in found[number + 1 :]:
            assert not any(near(a, b, gap) for a in cluster for b in other)
        reached = {cluster[0]}
        for _ in cluster:
            reached |= {c for c in cluster if any(near(c, r, gap) for r in reached)}
        assert reached == set(cluster)
    assert [min(cluster) for cluster in found] == sorted(min(cluster) for cluster in found)


def test_copies_agree_in_nearly_every_cell():
    scene = textured_scene(1)
    found = compare_detail(overlay(scene, opened_jpeg(jpeg(scene, 50)), np.eye(3)))
    assert found.n_cells > 200
    assert found.same > 0.95
    assert found.only_first < 0.02
    assert found.only_second < 0.02


def test_other_scenes_do_not_agree():
    found = compare_detail(overlay(textured_scene(1), textured_scene(2), np.eye(3)))
    assert found.n_cells > 200
    assert found.same < 0.3


def test_what_one_picture_alone_shows_is_said_of_that_picture():
    scene, cleaned = textured_scene(3), textured_scene(3)
    cleaned.paste((120, 120, 120), (0, 0, 200, 300))
    forth = compare_detail(overlay(scene, cleaned, np.eye(3)))
    back = compare_detail(overlay(cleaned, scene, np.eye(3)))
    assert forth.only_first > 0.4
    assert forth.only_second < 0.02
    assert (back.only_first, back.only_second) == (forth.only_second, forth.only_first)


def test_plain_pictures_have_no_cells_to_compare():
    plain = textured_scene(4)
    plain.paste((90, 90, 90), (0, 0, 400, 300))
    found = compare_detail(overlay(plain, plain, np.eye(3)))
    assert (found.n_cells, found.same, found.only_first, found.only_second) == (0, 0.0, 0.0, 0.0)
