import numpy as np
import pytest

from fastdup.index import Neighbours
from fastdup.index.dedupe import dedupe_rows, expand_duplicates


def test_rows_with_the_same_values_count_as_one_numbered_by_the_first() -> None:
    features = np.array([[3, 1], [1, 2], [3, 1], [0, 0], [1, 2], [-0.0, 0]], np.float32)
    distinct = dedupe_rows(features)
    assert distinct.inverse.tolist() == [0, 1, 0, 2, 1, 2]
    assert distinct.first.tolist() == [0, 1, 3]
    assert distinct.members.tolist() == [0, 2, 1, 4, 3, 5]
    assert distinct.counts.tolist() == [2, 2, 2]


@pytest.mark.parametrize("dtype", [np.float16, np.float64, np.int32, np.uint8])
def test_rows_of_any_dtype_are_compared_as_float32(dtype: type) -> None:
    assert dedupe_rows(np.array([[1, 2], [1, 2], [2, 1]], dtype)).inverse.tolist() == [0, 0, 1]


def test_values_that_are_equal_in_float32_are_the_same() -> None:
    features = np.array([[1.0], [1.0 + 1e-12], [1.0 + 1e-6]])
    assert dedupe_rows(features).inverse.tolist() == [0, 0, 1]


def test_no_rows_have_no_different_rows() -> None:
    distinct = dedupe_rows(np.empty((0, 4), np.float32))
    assert len(distinct.inverse) == len(distinct.first) == 0


def test_distinct_equally_similar_give_their_members_in_order_inverse_number() -> None:
    # Different rows a = {0, 5}, b = {1, 4}, c = {2, 3}; b and c are equally similar to a.
    distinct = dedupe_rows(np.array([[1], [2], [3], [3], [2], [1]], np.float32))
    among_distinct = Neighbours(
        np.array([[1, 2], [0, 2], [0, 1]]), np.array([[0.5, 0.5], [0.5, 0.3], [0.5, 0.3]])
    )
    found = expand_duplicates(distinct, among_distinct, 4)
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
    distinct = dedupe_rows(np.array([[1], [2], [1]], np.float32))
    found = expand_duplicates(distinct, Neighbours(np.array([[-1], [-1]]), np.zeros((2, 1))), 3)
    assert found.indices.tolist() == [[2, -1, -1], [-1, -1, -1], [0, -1, -1]]
    assert found.similarities.tolist() == [[1, 0, 0], [0, 0, 0], [1, 0, 0]]


def test_rows_of_zeros_are_followed_by_the_lowest_row_numbers() -> None:
    distinct = dedupe_rows(np.array([[1], [0], [2], [0]], np.float32))
    among_distinct = Neighbours(
        np.array([[2, 1], [-1, -1], [0, 1]]), np.array([[1.0, 0.0], [0, 0], [1.0, 0.0]])
    )
    found = expand_duplicates(distinct, among_distinct, 2, zero_row=1)
    assert found.indices.tolist() == [[2, 1], [0, 2], [0, 1], [0, 1]]
    assert found.similarities.tolist() == [[1, 0], [0, 0], [1, 0], [0, 0]]
