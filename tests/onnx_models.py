"""Small ONNX models with random weights, for tests."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

ELEMENT_TYPES = {"float32": TensorProto.FLOAT, "uint8": TensorProto.UINT8}


def make_model(
    path: Path,
    *,
    side: int | str = 32,
    batch: int | str = "n",
    dim: int = 16,
    layout: str = "NCHW",
    channels: int = 3,
    element_type: str = "float32",
    pooled: bool = True,
    metadata: str | None = None,
) -> Path:
    """Write a model: average pooling to 4 × 4, then a random linear map to `dim` values."""
    rng = np.random.default_rng(dim)
    weights = rng.normal(size=(dim, channels, 4, 4)).astype(np.float32)
    axes = [channels, side, side] if layout == "NCHW" else [side, side, channels]
    nodes = [helper.make_node("Cast", ["images"], ["cast"], to=TensorProto.FLOAT)]
    if layout == "NHWC":
        nodes.append(helper.make_node("Transpose", ["cast"], ["planes"], perm=[0, 3, 1, 2]))
    else:
        nodes.append(helper.make_node("Identity", ["cast"], ["planes"]))
    step = side // 4 if isinstance(side, int) else 8
    pool = {"kernel_shape": [step, step], "strides": [step, step]}
    nodes.append(helper.make_node("AveragePool", ["planes"], ["pooled"], **pool))
    nodes.append(helper.make_node("Conv", ["pooled", "w"], ["maps"]))
    if pooled:
        nodes.append(helper.make_node("Flatten", ["maps"], ["features"]))
        output = helper.make_tensor_value_info("features", TensorProto.FLOAT, [batch, dim])
    else:
        nodes.append(helper.make_node("Identity", ["pooled"], ["features"]))
        output = helper.make_tensor_value_info(
            "features", TensorProto.FLOAT, [batch, channels, 4, 4]
        )
    graph = helper.make_graph(
        nodes,
        "small",
        [helper.make_tensor_value_info("images", ELEMENT_TYPES[element_type], [batch, *axes])],
        [output],
        [numpy_helper.from_array(weights, "w")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    if metadata is not None:
        helper.set_model_props(model, {"fastdup": metadata})
    onnx.save(model, path)
    return path
