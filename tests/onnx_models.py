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


def write_twin(path, preset):
    """Write a model with the input and outputs of the preset's, which sees 4 × 4 cells."""
    rng = np.random.default_rng(preset.dim)
    weights = rng.normal(size=(preset.dim, 3, 4, 4)).astype(np.float32)
    step = preset.side // 4
    name = preset.output_name or "output"
    is_pooled = preset.token is None
    nodes = [
        helper.make_node(
            "AveragePool", ["in"], ["cells"], kernel_shape=[step] * 2, strides=[step] * 2
        ),
        helper.make_node("Conv", ["cells", "w"], ["maps"]),
        helper.make_node("Flatten", ["maps"], [name if is_pooled else "row"]),
    ]
    shape = ["n", preset.dim]
    values = [numpy_helper.from_array(weights, "w")]
    if not is_pooled:  # the image's row is one of several tokens, the others are something else
        nodes += [
            helper.make_node("Unsqueeze", ["row", "axis"], ["first"]),
            helper.make_node("Neg", ["first"], ["second"]),
            helper.make_node("Concat", ["first", "second"], [name], axis=1),
        ]
        shape = ["n", 2, preset.dim]
        values.append(numpy_helper.from_array(np.array([1], np.int64), "axis"))
    sides = ["n", 3, preset.side, preset.side]
    graph = helper.make_graph(
        nodes,
        "twin",
        [helper.make_tensor_value_info("in", TensorProto.FLOAT, sides)],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)],
        values,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, path)
