import numpy as np
import pytest

from fastdup.index import Neighbours
from fastdup.index.dedupe import dedupe_rows, expand_duplicates


def test_rows_with_the_same_values_form_a_group_numbered_by_its_first_row() -> None:
    features = np.array([[3, 1], [1, 2], [3, 1], [0, 0], [1, 2], [-0.0, 0]], np.float32)
    groups = dedupe_rows(features)
    assert groups.of_row.tolist() == [0, 1, 0, 2, 1, 2]
    assert groups.first.tolist() == [0, 1, 3]
    assert groups.members.tolist() == [0, 2, 1, 4, 3, 5]
    assert groups.sizes.tolist() == [2, 2, 2]


@pytest.mark.parametrize("dtype", [np.float16, np.float64, np.int32, np.uint8])
def test_rows_of_any_dtype_are_compared_as_float32(dtype: type) -> None:
    assert dedupe_rows(np.array([[1, 2], [1, 2], [2, 1]], dtype)).of_row.tolist() == [
        0,
        0,
        1,
    ]


def test_values_that_float32_cannot_tell_apart_are_the_same() -> None:
    features = np.array([[1.0], [1.0 + 1e-12], [1.0 + 1e-6]])
    assert dedupe_rows(features).of_row.tolist() == [0, 0, 1]


def test_no_rows_make_no_groups() -> None:
    groups = dedupe_rows(np.empty((0, 4), np.float32))
    assert len(groups.of_row) == len(groups.first) == 0


def test_groups_equally_similar_give_their_members_in_order_of_row_number() -> None:
    # Groups a = {0, 5}, b = {1, 4}, c = {2, 3}; b and c are equally similar to a.
    groups = dedupe_rows(np.array([[1], [2], [3], [3], [2], [1]], np.float32))
    among_groups = Neighbours(
        np.array([[1, 2], [0, 2], [0, 1]]), np.array([[0.5, 0.5], [0.5, 0.3], [0.5, 0.3]])
    )
    found = expand_duplicates(groups, among_groups, 4)
    assert found.indices.tolist() == [
        [5, 1, 2, 3],
        [4, 0, 5, 2],
        [3, 0, 5, 1],
        [2, 0, 5, 1],
        [1, 0, 5, 2],
        [0, 1, 2, 3],
    ]
    assert found.similarities[0].tolist() == [1.0, 0.5, 0.5, 0.5]
    assert found.similarities[1].tolist() == [1.0, 0.5, 0.5, 0.3]


def test_where_neighbours_run_out_the_index_is_minus_one_and_the_similarity_zero() -> None:
    groups = dedupe_rows(np.array([[1], [2], [1]], np.float32))
    found = expand_duplicates(groups, Neighbours(np.array([[-1], [-1]]), np.zeros((2, 1))), 3)
    assert found.indices.tolist() == [[2, -1, -1], [-1, -1, -1], [0, -1, -1]]
    assert found.similarities.tolist() == [[1, 0, 0], [0, 0, 0], [1, 0, 0]]


def test_rows_of_zeros_are_followed_by_the_lowest_row_numbers() -> None:
    groups = dedupe_rows(np.array([[1], [0], [2], [0]], np.float32))
    among_groups = Neighbours(
        np.array([[2, 1], [-1, -1], [0, 1]]), np.array([[1.0, 0.0], [0, 0], [1.0, 0.0]])
    )
    found = expand_duplicates(groups, among_groups, 2, zero_group=1)
    assert found.indices.tolist() == [[2, 1], [0, 2], [0, 1], [0, 1]]
    assert found.similarities.tolist() == [[1, 0], [0, 0], [1, 0], [0, 0]]
