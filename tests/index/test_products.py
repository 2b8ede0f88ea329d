import numpy as np
import pytest

from fastdup.index.products import largest_both_ways, largest_products, products


def drawn(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def test_products_are_those_of_numpy() -> None:
    rows, columns = drawn(300, 70), drawn(70, 40, seed=1)
    np.testing.assert_allclose(products(rows, columns), rows @ columns, rtol=0, atol=1e-4)


@pytest.mark.parametrize("n_wanted", [1, 5, 40])
def test_the_largest_products_come_first_and_tell_their_rows(n_wanted: int) -> None:
    queries, rows, bias = drawn(300, 70), drawn(40, 70, seed=1), drawn(40, seed=2)
    found, which = largest_products(queries, rows, n_wanted, bias)
    true = queries @ rows.T + bias
    np.testing.assert_allclose(found, -np.sort(-true, axis=1)[:, :n_wanted], rtol=0, atol=1e-4)
    np.testing.assert_allclose(found, np.take_along_axis(true, which, axis=1), rtol=0, atol=1e-4)


def test_of_equal_products_the_first_are_taken() -> None:
    _, which = largest_products(drawn(3, 8), np.ones((9, 8), np.float32), 4)
    assert (which == np.arange(4)).all()


@pytest.mark.parametrize("n_wanted", [1, 5, 35])
def test_the_largest_both_ways_are_those_of_each_way(n_wanted: int) -> None:
    queries, rows = drawn(30, 70), drawn(40, 70, seed=1)
    forth, back = largest_both_ways(queries, rows, n_wanted)
    for found, one, other in ((forth, queries, rows), (back, rows, queries)):
        true, which = largest_products(one, other, n_wanted)
        np.testing.assert_allclose(found[0], true, rtol=0, atol=1e-5)
        np.testing.assert_array_equal(found[1], which)
