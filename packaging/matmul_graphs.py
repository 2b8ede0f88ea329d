"""Writes the ONNX graphs of the matrix products in `fastdup.index.matmul`.

usage: python packaging/matmul_graphs.py

Needs `onnx`. The files are part of the source, so that neither a build nor an installation needs
it; run this after a change here, and commit what it wrote.
"""

from pathlib import Path

from onnx import ModelProto, NodeProto, TensorProto, ValueInfoProto, checker, helper

FOLDER = Path(__file__).parents[1] / "src" / "fastdup" / "index" / "graphs"
FLOAT, INT64 = TensorProto.FLOAT, TensorProto.INT64
UINT8, INT8, INT32 = TensorProto.UINT8, TensorProto.INT8, TensorProto.INT32
#: What the oldest supported ONNX Runtime reads, and all newer ones.
OPSET, IR_VERSION = 17, 8


def graphs() -> dict[str, ModelProto]:
    """Return the graphs by the names of their files."""
    queries, rows, bias = _matrix("queries"), _matrix("rows"), _vector("bias", FLOAT)
    scores, columns = _matrix("scores"), _matrix("columns")
    return {
        "matmul": _model(
            [helper.make_node("MatMul", ["rows", "columns"], ["scores"])],
            inputs=[rows, columns],
            outputs=[scores],
        ),
        "topk": _model(
            [
                helper.make_node("Gemm", ["queries", "rows", "bias"], ["scores"], transB=1),
                _topk("scores", "k", "values", "indices"),
            ],
            inputs=[queries, rows, bias, _vector("k", INT64)],
            outputs=[_matrix("values"), _matrix("indices", INT64)],
        ),
        "products_of_codes": _model(
            _products_of_codes(), inputs=_codes(), outputs=[_matrix("products", INT32)]
        ),
        "topk_of_codes": _model(
            [
                *_products_of_codes(),
                # Codes are small: float32 holds their products exactly, and its top-k is fast.
                helper.make_node("Cast", ["products"], ["scores"], to=FLOAT),
                _topk("scores", "k", "values", "indices"),
            ],
            inputs=[*_codes(), _vector("k", INT64)],
            outputs=[_matrix("values"), _matrix("indices", INT64)],
        ),
        "topk_both_ways": _model(
            [
                helper.make_node("Gemm", ["queries", "rows"], ["scores"], transB=1),
                _topk("scores", "k_of_queries", "values", "indices"),
                helper.make_node("Transpose", ["scores"], ["scores_of_rows"]),
                _topk("scores_of_rows", "k_of_rows", "values_of_rows", "indices_of_rows"),
            ],
            inputs=[queries, rows, _vector("k_of_queries", INT64), _vector("k_of_rows", INT64)],
            outputs=[
                _matrix("values"),
                _matrix("indices", INT64),
                _matrix("values_of_rows"),
                _matrix("indices_of_rows", INT64),
            ],
        ),
    }


def _codes() -> list[ValueInfoProto]:
    """Return the inputs of `_products_of_codes`: queries are given as codes + 64, without sign."""
    return [_matrix("queries", UINT8), _matrix("rows", INT8)]


def _products_of_codes() -> list[NodeProto]:
    zero_point = helper.make_tensor("zero_point", UINT8, [], [64])
    return [
        helper.make_node("Constant", [], ["zero"], value=zero_point),
        helper.make_node("Transpose", ["rows"], ["columns"], perm=[1, 0]),
        helper.make_node("MatMulInteger", ["queries", "columns", "zero"], ["products"]),
    ]


def _topk(scores: str, k: str, values: str, indices: str) -> NodeProto:
    return helper.make_node("TopK", [scores, k], [values, indices], axis=1)


def _matrix(name: str, element_type: int = FLOAT) -> ValueInfoProto:
    """Return a matrix of any shape."""
    return helper.make_tensor_value_info(name, element_type, [f"{name}_0", f"{name}_1"])


def _vector(name: str, element_type: int) -> ValueInfoProto:
    """Return a vector of any length."""
    return helper.make_tensor_value_info(name, element_type, [f"{name}_0"])


def _model(
    nodes: list[NodeProto], inputs: list[ValueInfoProto], outputs: list[ValueInfoProto]
) -> ModelProto:
    graph = helper.make_graph(nodes, "matmul", inputs, outputs)
    opset = helper.make_opsetid("", OPSET)
    model = helper.make_model(graph, opset_imports=[opset], ir_version=IR_VERSION)
    checker.check_model(model, full_check=True)
    return model


def main() -> None:
    """Write the files."""
    FOLDER.mkdir(exist_ok=True)
    for name, model in graphs().items():
        (FOLDER / f"{name}.onnx").write_bytes(model.SerializeToString(deterministic=True))


if __name__ == "__main__":
    main()
