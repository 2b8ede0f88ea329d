"""Matrix products and their top-k, by value, and the graphs that compute them."""

import numpy as np
import onnx
import pytest
from matmul_graphs import FOLDER, graphs

from fastdup.index.matmul import (
    matmul,
    products_of_codes,
    topk_both_ways,
    topk_inner_products,
    topk_of_codes,
)


def drawn(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def test_products_are_those_of_numpy() -> None:
    rows, columns = drawn(300, 70), drawn(70, 40, seed=1)
    np.testing.assert_allclose(matmul(rows, columns), rows @ columns, rtol=0, atol=1e-4)


@pytest.mark.parametrize("k", [1, 5, 40])
def test_the_topk_inner_products_come_first_with_the_indices_of_their_rows(k: int) -> None:
    queries, rows, bias = drawn(300, 70), drawn(40, 70, seed=1), drawn(40, seed=2)
    products, indices = topk_inner_products(queries, rows, k, bias)
    true = queries @ rows.T + bias
    np.testing.assert_allclose(products, -np.sort(-true, axis=1)[:, :k], rtol=0, atol=1e-4)
    np.testing.assert_allclose(
        products, np.take_along_axis(true, indices, axis=1), rtol=0, atol=1e-4
    )


def test_of_equal_products_the_first_are_taken() -> None:
    _, indices = topk_inner_products(drawn(3, 8), np.ones((9, 8), np.float32), 4)
    assert (indices == np.arange(4)).all()


@pytest.mark.parametrize("dim", [1, 7, 64, 225])
def test_products_of_codes_are_exact_for_the_largest_codes_too(dim: int) -> None:
    rng = np.random.default_rng(dim)
    queries, rows = (rng.integers(-63, 64, (n, dim)).astype(np.int8) for n in (130, 50))
    queries[0], rows[0], rows[1] = 63, 63, -63
    true = queries.astype(np.int32) @ rows.astype(np.int32).T
    assert np.array_equal(products_of_codes(queries, rows), true)
    products, indices = topk_of_codes(queries, rows, 5)
    assert np.array_equal(products, -np.sort(-true, axis=1)[:, :5])
    assert np.array_equal(products, np.take_along_axis(true, indices, axis=1))


@pytest.mark.parametrize("k", [1, 5, 35])
def test_the_topk_both_ways_are_those_of_each_way(k: int) -> None:
    queries, rows = drawn(30, 70), drawn(40, 70, seed=1)
    of_queries, of_rows = topk_both_ways(queries, rows, k)
    for found, one, other in ((of_queries, queries, rows), (of_rows, rows, queries)):
        products, indices = topk_inner_products(one, other, k)
        np.testing.assert_allclose(found[0], products, rtol=0, atol=1e-5)
        np.testing.assert_array_equal(found[1], indices)


def test_the_stored_graphs_are_those_that_the_script_makes() -> None:
    made = graphs()
    assert {path.stem for path in FOLDER.iterdir()} == set(made)
    for name, graph in made.items():
        assert onnx.load(FOLDER / f"{name}.onnx") == graph, (
            f"run packaging/matmul_graphs.py: {name}"
        )
