"""Matrix products, and the top-k of their rows, by the runtime that the models run on.

ONNX Runtime uses the widest vector registers of every processor, where other libraries know only
some, and its top-k is fast. The graphs are in ``graphs/``; packaging/matmul_graphs.py writes them.
"""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastdup.arrays import IntArray
from fastdup.models.session import load_runtime

Matrix = NDArray[np.float32]
Codes = NDArray[np.int8]
#: The k largest values of each row, the largest first, and their columns; ties by lower column.
TopValues = tuple[Matrix, IntArray]

_GRAPHS = Path(__file__).with_name("graphs")
#: Added to the codes of queries, so that they have no sign: bytes are multiplied so.
_ZERO_POINT = np.int8(64)
_NO_BIAS = np.zeros(1, np.float32)


def matmul(rows: Matrix, columns: Matrix) -> Matrix:
    """Return ``rows @ columns``: (m, d) by (d, n)."""
    (scores,) = _session("matmul").run(None, {"rows": rows, "columns": columns})
    return np.asarray(scores)


def topk_inner_products(
    queries: Matrix, rows: Matrix, k: int, bias: Matrix = _NO_BIAS
) -> TopValues:
    """Return the k largest of each query's inner products with `rows`, and of which rows.

    Parameters
    ----------
    queries : (q, d) float32 array
    rows : (n, d) float32 array
    k : int
        At least 1.
    bias : (n,) float32 array, optional
        Added to the products with each row before the largest are chosen.

    Returns
    -------
    products, indices : (q, min(k, n)) float32 and int64 arrays
        The largest first, ties by lower row.
    """
    inputs = {"queries": queries, "rows": rows, "bias": bias, "k": np.array([min(k, len(rows))])}
    products, indices = _session("topk").run(None, inputs)
    return np.asarray(products), np.asarray(indices)


def topk_both_ways(queries: Matrix, rows: Matrix, k: int) -> tuple[TopValues, TopValues]:
    """Return the k largest products of each query with `rows`, and of each row with `queries`.

    Parameters
    ----------
    queries : (q, d) float32 array
    rows : (n, d) float32 array
    k : int
        At least 1.

    Returns
    -------
    (products, indices of rows), (products, indices of queries)
        Each as from `topk_inner_products`: (q, min(k, n)) and (n, min(k, q)) arrays.
    """
    inputs = {
        "queries": queries,
        "rows": rows,
        "k_of_queries": np.array([min(k, len(rows))]),
        "k_of_rows": np.array([min(k, len(queries))]),
    }
    found = list(map(np.asarray, _session("topk_both_ways").run(None, inputs)))
    return (found[0], found[1]), (found[2], found[3])


def products_of_codes(queries: Codes, rows: Codes) -> NDArray[np.int32]:
    """Return the inner products of each query with each row: exact, on every processor.

    Parameters
    ----------
    queries : (q, d) int8 array
        From -63 to 63.
    rows : (n, d) int8 array
        From -63 to 63.

    Returns
    -------
    (q, n) int32 array
    """
    inputs = {"queries": _without_sign(queries), "rows": rows}
    (products,) = _session("products_of_codes").run(None, inputs)
    return np.asarray(products)


def topk_of_codes(queries: Codes, rows: Codes, k: int) -> tuple[NDArray[np.int32], IntArray]:
    """Return the k largest of each query's `products_of_codes`, and of which rows.

    Returns
    -------
    products, indices : (q, min(k, n)) int32 and int64 arrays
        The largest first, ties by lower row.
    """
    inputs = {"queries": _without_sign(queries), "rows": rows, "k": np.array([min(k, len(rows))])}
    products, indices = _session("topk_of_codes").run(None, inputs)
    return np.asarray(products).astype(np.int32), np.asarray(indices)


def _without_sign(codes: Codes) -> NDArray[np.uint8]:
    return (codes + _ZERO_POINT).view(np.uint8)


@cache
def _session(name: str) -> Any:
    """Return a session that computes the graph `name` on the calling thread."""
    onnxruntime = load_runtime()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_mem_pattern = False  # no two calls are of the same size
    options.log_severity_level = 3
    graph = str(_GRAPHS / f"{name}.onnx")
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
