"""Write the trained network as one ONNX file of ordinary operators."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import ArrayLike, NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from training.batches import normalised
from training.config import Config
from training.network import (
    FLOOR,
    ORDER,
    Block,
    GroupConv,
    Head,
    LiftingConv,
    Network,
    OrbitNorm,
)
from training.state import NETWORK

OPSET = 17
Array = NDArray[np.float32]
Bytes = NDArray[np.uint8]


class Graph:
    """A chain of ONNX nodes under construction.

    Weights are stored as float16 and cast back, so the file is half the size while all
    arithmetic is float32; the runtime folds the casts when it loads the file.
    """

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[TensorProto] = []
        self._numbers = itertools.count()

    def add(self, operator: str, *inputs: str, output: str = "", **attributes: Any) -> str:
        """Append a node and return the name of its output."""
        output = output or f"{operator.lower()}_{next(self._numbers)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [output], **attributes))
        return output

    def constant(self, value: ArrayLike) -> str:
        """Store an array as it is."""
        name = f"constant_{next(self._numbers)}"
        self.constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def weights(self, value: Array) -> str:
        """Store an array as float16, to be computed with as float32."""
        return self.add("Cast", self.constant(value.astype(np.float16)), to=TensorProto.FLOAT)

    def conv(self, x: str, weight: Tensor, bias: Tensor, stride: int = 1, padding: int = 0) -> str:
        """Append a convolution; the bias stays float32."""
        return self.add(
            "Conv",
            x,
            self.weights(weight.numpy()),
            self.constant(bias.numpy()),
            kernel_shape=list(weight.shape[2:]),
            strides=[stride] * 2,
            pads=[padding] * 4,
        )

    def model(self, config: Config) -> onnx.ModelProto:
        """Close the graph: `images` (N, H, W, 3) of bytes to `features` (N, embedding)."""
        side = config.input_side
        images = helper.make_tensor_value_info(
            "images", TensorProto.UINT8, ["batch", side, side, 3]
        )
        features = helper.make_tensor_value_info(
            "features", TensorProto.FLOAT, ["batch", config.embedding]
        )
        graph = helper.make_graph(self.nodes, "fastdup", [images], [features], self.constants)
        opset = helper.make_opsetid("", OPSET)
        model = helper.make_model(graph, opset_imports=[opset], ir_version=8)
        onnx.checker.check_model(model, full_check=True)
        return model


def folded(conv: LiftingConv | GroupConv, norm: OrbitNorm) -> tuple[Tensor, Tensor]:
    """Weights and bias of the ordinary convolution equal to `conv` followed by `norm`."""
    scale = norm.weight / (norm.running_var + norm.eps).sqrt()
    bias = norm.bias - norm.running_mean * scale
    scale, bias = scale.repeat(ORDER), bias.repeat(ORDER)
    return conv.expanded() * scale[:, None, None, None], bias


def add_unit(graph: Graph, x: str, conv: LiftingConv | GroupConv, norm: OrbitNorm) -> str:
    """Append a convolution with its normalisation."""
    weight, bias = folded(conv, norm)
    return graph.conv(x, weight, bias, conv.stride, conv.padding)


def add_block(graph: Graph, x: str, block: Block) -> str:
    """Append a residual block."""
    inner = graph.add("Relu", add_unit(graph, x, block.conv1, block.norm1))
    inner = add_unit(graph, inner, block.conv2, block.norm2)
    return graph.add("Relu", graph.add("Add", inner, x))


def add_input(graph: Graph, config: Config) -> str:
    """Append what turns bytes (N, H, W, 3) into the network's input (N, 3, H, W)."""
    x = graph.add("Transpose", "images", perm=[0, 3, 1, 2])
    step, zero = np.float32(1 / config.std), np.uint8(config.mean)
    return graph.add("DequantizeLinear", x, graph.constant(step), graph.constant(zero))


def add_head(graph: Graph, x: str, head: Head, whiten: nn.BatchNorm1d) -> str:
    """Append the pooling, the last linear layer with its normalisation, and the unit length.

    Only operators whose arithmetic does not depend on how many pictures are in the batch are
    used: a 1×1 convolution, not a matrix product; pooling, not reductions; squares, not powers.
    """
    x = graph.add("Mul", x, x)
    x = graph.add("GlobalAveragePool", graph.add("Mul", x, x))
    x = graph.add("Add", x, graph.constant(np.float32(FLOOR)))
    x = graph.add("Sqrt", graph.add("Sqrt", x))
    x = graph.add("Reshape", x, graph.constant(np.array([0, ORDER, head.width, 1])))
    x = graph.add("Transpose", x, perm=[0, 2, 1, 3])  # (N, width, 8, 1)
    mean = graph.add("GlobalAveragePool", x)
    spread = graph.add("Sub", graph.add("GlobalMaxPool", x), mean)
    deviation = graph.add("Sub", x, mean)
    variance = graph.add("GlobalAveragePool", graph.add("Mul", deviation, deviation))
    deviation = graph.add("Sqrt", graph.add("Add", variance, graph.constant(np.float32(1e-6))))
    x = graph.add("Concat", mean, spread, deviation, axis=1)
    scale = 1 / (whiten.running_var + whiten.eps).sqrt()
    weight = (head.linear.weight * scale[:, None])[:, :, None, None]
    x = graph.conv(x, weight, -whiten.running_mean * scale)
    x = graph.add("Flatten", x)
    return graph.add("LpNormalization", x, axis=1, p=2, output="features")


@torch.no_grad()
def to_onnx(network: Network, config: Config) -> onnx.ModelProto:
    """Translate a trained network: normalisations folded, orientations expanded."""
    graph = Graph()
    x = add_input(graph, config)
    for stage in network.stem:
        if isinstance(stage, Block):
            x = add_block(graph, x, stage)
        else:
            x = graph.add("Relu", add_unit(graph, x, stage[0], stage[1]))
    add_head(graph, x, network.head, network.whiten)
    return graph.model(config)


def open_session(path: Path, threads: int = 1) -> onnxruntime.InferenceSession:
    """Open an ONNX file on the CPU."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def load_network(work: Path, config: Config) -> Network:
    """Read the result of a training run."""
    network = Network(config)
    network.load_state_dict(torch.load(work / NETWORK, weights_only=True))
    return network.eval()


def check_rows(path: Path, images: Bytes) -> Array:
    """Return the rows of `images`; refuse a file whose rows depend on their batch."""
    session = open_session(path)
    together = session.run(None, {"images": images})[0]
    for batch in (1, 5):
        parts = [
            session.run(None, {"images": images[start : start + batch]})[0]
            for start in range(0, len(images), batch)
        ]
        if not np.array_equal(np.concatenate(parts), together):
            raise SystemExit(f"{path}: rows change with the batch size")
    return together


@torch.no_grad()
def verify(path: Path, network: Network, config: Config) -> None:
    """Refuse a file that differs from the network or whose rows depend on their batch."""
    rng = np.random.default_rng(0)
    cell = config.input_side // 8
    coarse = rng.normal(128, 60, (32, 8, 8, 3)).repeat(cell, 1).repeat(cell, 2)
    images = (coarse + rng.normal(0, 12, coarse.shape)).clip(0, 255).astype(np.uint8)
    together = check_rows(path, images)
    reference = network(normalised(torch.from_numpy(images), torch.device("cpu"), config)).numpy()
    error = 1 - (reference * together).sum(1).min()
    if error > 1e-4:
        raise SystemExit(f"{path}: cosine to the trained network is off by {error:.1e}")


def export(work: Path, target: Path, config: Config) -> None:
    """Translate the network in `work` to the file `target` and check the file."""
    network = load_network(work, config)
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_suffix(".partial")
    temporary.write_bytes(to_onnx(network, config).SerializeToString())
    verify(temporary, network, config)
    temporary.replace(target)
