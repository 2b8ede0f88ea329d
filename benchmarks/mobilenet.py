"""MobileNetV3-small with random weights, as a reference for inference speed."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

# Howard et al. 2019, table 2: kernel, expanded, width, squeeze-and-excite, hard swish, stride.
BLOCKS = (
    (3, 16, 16, True, False, 2),
    (3, 72, 24, False, False, 2),
    (3, 88, 24, False, False, 1),
    (5, 96, 40, True, True, 2),
    (5, 240, 40, True, True, 1),
    (5, 240, 40, True, True, 1),
    (5, 120, 48, True, True, 1),
    (5, 144, 48, True, True, 1),
    (5, 288, 96, True, True, 2),
    (5, 576, 96, True, True, 1),
    (5, 576, 96, True, True, 1),
)
FIRST_WIDTH, LAST_WIDTH = 16, 576


class _Graph:
    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[TensorProto] = []
        self._numbers: Iterator[int] = count()
        self._rng = np.random.default_rng(0)

    def add(self, operator: str, *inputs: str, **attributes: object) -> str:
        output = f"{operator}_{next(self._numbers)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [output], **attributes))
        return output

    def conv(self, x: str, inner: int, outer: int, kernel: int = 1, stride: int = 1) -> str:
        """Append a convolution; a depthwise one when `inner` is 1 and `kernel` above 1."""
        name = f"weight_{next(self._numbers)}"
        scale = (inner * kernel**2) ** -0.5
        weight = self._rng.normal(0, scale, (outer, inner, kernel, kernel)).astype(np.float32)
        bias = np.zeros(outer, np.float32)
        self.weights += [
            numpy_helper.from_array(weight, name),
            numpy_helper.from_array(bias, f"{name}_bias"),
        ]
        group = outer if inner == 1 and kernel > 1 else 1
        pads = [kernel // 2] * 4
        return self.add(
            "Conv",
            x,
            name,
            f"{name}_bias",
            strides=[stride] * 2,
            pads=pads,
            group=group,
        )

    def squeeze_and_excite(self, x: str, width: int) -> str:
        squeezed = self.conv(self.add("GlobalAveragePool", x), width, width // 4)
        gate = self.conv(self.add("Relu", squeezed), width // 4, width)
        return self.add("Mul", x, self.add("HardSigmoid", gate, alpha=1 / 6))


def write_mobilenet(path: Path, side: int = 224) -> None:
    """Write the network, up to its 576 pooled features, as an ONNX file."""
    graph = _Graph()
    x = graph.add("HardSwish", graph.conv("images", 3, FIRST_WIDTH, 3, 2))
    width = FIRST_WIDTH
    for kernel, expanded, outer, excite, hard, stride in BLOCKS:
        activation = "HardSwish" if hard else "Relu"
        y = graph.add(activation, graph.conv(x, width, expanded)) if expanded != width else x
        y = graph.add(activation, graph.conv(y, 1, expanded, kernel, stride))
        y = graph.squeeze_and_excite(y, expanded) if excite else y
        y = graph.conv(y, expanded, outer)
        x = graph.add("Add", x, y) if stride == 1 and width == outer else y
        width = outer
    x = graph.add("HardSwish", graph.conv(x, width, LAST_WIDTH))
    x = graph.add("Flatten", graph.add("GlobalAveragePool", x))
    inputs = helper.make_tensor_value_info("images", TensorProto.FLOAT, ["n", 3, side, side])
    outputs = helper.make_tensor_value_info(x, TensorProto.FLOAT, ["n", LAST_WIDTH])
    proto = helper.make_graph(graph.nodes, "mobilenet", [inputs], [outputs], graph.weights)
    opset = helper.make_opsetid("", 17)
    onnx.save(helper.make_model(proto, opset_imports=[opset], ir_version=8), path)
