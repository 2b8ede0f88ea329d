"""Products of rows, and the largest of them, by the runtime that the models run on.

Its products take the widest registers of every processor, where other libraries know only some, and
it picks the largest as it goes.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastdup.models.session import load_runtime

Matrix = NDArray[np.float32]
Largest = tuple[Matrix, NDArray[np.int64]]
_NO_BIAS = np.zeros(1, np.float32)

_FLOAT, _INT64 = 1, 7  # of ONNX's element types
_OPSET = 17
_IR_VERSION = 8


def products(rows: Matrix, columns: Matrix) -> Matrix:
    """Return ``rows @ columns``: (m, d) by (d, n)."""
    (found,) = _session(_product_model).run(None, {"rows": rows, "others": columns})
    return np.asarray(found)


def largest_products(
    queries: Matrix, rows: Matrix, n_wanted: int, bias: Matrix = _NO_BIAS
) -> Largest:
    """Return the largest of each query's products with `rows`, `bias` added, and of which rows.

    Parameters
    ----------
    queries : (q, d) float32 array
    rows : (n, d) float32 array
    n_wanted : int
        At least 1.
    bias : (n,) float32 array, optional

    Returns
    -------
    products, rows : (q, min(n_wanted, n)) float32 and int64 arrays
        The largest first, ties by lower row.
    """
    given = {"rows": queries, "others": rows, "bias": bias}
    given["n_wanted"] = np.array([min(n_wanted, len(rows))])
    found = _session(_nearest_model).run(None, given)
    return np.asarray(found[0]), np.asarray(found[1])


def largest_both_ways(queries: Matrix, rows: Matrix, n_wanted: int) -> tuple[Largest, Largest]:
    """Return the largest of each query's products with `rows`, and of each row's with `queries`.

    Parameters
    ----------
    queries : (q, d) float32 array
    rows : (n, d) float32 array
    n_wanted : int
        At least 1.

    Returns
    -------
    (products, rows), (products, queries)
        As of `largest_products`; min(n_wanted, n) for each query, min(n_wanted, q) for each row.
    """
    given = {
        "rows": queries,
        "others": rows,
        "n_wanted": np.array([min(n_wanted, len(rows))]),
        "n_back": np.array([min(n_wanted, len(queries))]),
    }
    found = list(map(np.asarray, _session(_both_ways_model).run(None, given)))
    return (found[0], found[1]), (found[2], found[3])


@cache
def _session(model: Callable[[], bytes]) -> Any:
    onnxruntime = load_runtime()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_mem_pattern = False  # no two calls are of the same size
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model(), options, providers=["CPUExecutionProvider"])


def _product_model() -> bytes:
    nodes = _node("MatMul", ["rows", "others"], ["products"])
    matrices = _value(11, "rows", _FLOAT, 2) + _value(11, "others", _FLOAT, 2)
    return _model(nodes, matrices + _value(12, "products", _FLOAT, 2))


def _nearest_model() -> bytes:
    nodes = _node("Gemm", ["rows", "others", "bias"], ["products"], transB=1)
    nodes += _node("TopK", ["products", "n_wanted"], ["largest", "places"], axis=1)
    values = _value(11, "rows", _FLOAT, 2) + _value(11, "others", _FLOAT, 2)
    values += _value(11, "bias", _FLOAT, 1) + _value(11, "n_wanted", _INT64, 1)
    return _model(
        nodes, values + _value(12, "largest", _FLOAT, 2) + _value(12, "places", _INT64, 2)
    )


def _both_ways_model() -> bytes:
    nodes = _node("Gemm", ["rows", "others"], ["products"], transB=1)
    nodes += _node("TopK", ["products", "n_wanted"], ["largest", "places"], axis=1)
    nodes += _node("Transpose", ["products"], ["turned"])
    nodes += _node("TopK", ["turned", "n_back"], ["back", "back_places"], axis=1)
    values = _value(11, "rows", _FLOAT, 2) + _value(11, "others", _FLOAT, 2)
    values += _value(11, "n_wanted", _INT64, 1) + _value(11, "n_back", _INT64, 1)
    values += _value(12, "largest", _FLOAT, 2) + _value(12, "places", _INT64, 2)
    return _model(
        nodes, values + _value(12, "back", _FLOAT, 2) + _value(12, "back_places", _INT64, 2)
    )


# The format of ONNX, as far as it is needed here: fields of numbers, text and messages in them.


def _model(nodes: bytes, values: bytes) -> bytes:
    graph = nodes + _message(2, b"products") + values
    opset = _number(2, _OPSET)
    return _number(1, _IR_VERSION) + _message(8, opset) + _message(7, graph)


def _node(operation: str, inputs: list[str], outputs: list[str], **attributes: int) -> bytes:
    names = [_message(1, name.encode()) for name in inputs]
    names += [_message(2, name.encode()) for name in outputs]
    options = [
        _message(5, _message(1, name.encode()) + _number(3, value) + _number(20, 2))
        for name, value in attributes.items()
    ]
    return _message(1, b"".join(names) + _message(4, operation.encode()) + b"".join(options))


def _value(field: int, name: str, element_type: int, n_axes: int) -> bytes:
    axes = b"".join(_message(1, _message(2, f"{name}{i}".encode())) for i in range(n_axes))
    tensor = _number(1, element_type) + _message(2, axes)
    return _message(field, _message(1, name.encode()) + _message(2, _message(1, tensor)))


def _message(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _varint(value: int) -> bytes:
    parts = bytearray()
    while value > 127:
        parts.append(value & 127 | 128)
        value >>= 7
    return bytes([*parts, value])
