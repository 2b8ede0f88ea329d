"""Quantise the exported network's convolutions to 8-bit integers; this halves the time on a CPU.

Static quantisation: one scale per output channel for weights, and one per map for activations,
from the extremes on training pictures. Weights use 7 bits, so that sums of products cannot
overflow on processors without 8-bit dot products. The pooling head and the last linear layer stay
in floating point: they take little time, and would lose most.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper
from onnxruntime.quantization import (
    CalibrationDataReader,
    QuantFormat,
    QuantType,
    quantize_static,
)

from training.config import Config
from training.embed import BATCH, prepare
from training.export import check_rows, open_session

N_PICTURES = 400
"""Training pictures whose activations are looked at."""
INTEGER_OPERATORS = ("Conv", "Add", "Relu")
LEAST_COSINE = 0.99
"""Smallest mean cosine between a picture's vectors before and after."""


class _Batches(CalibrationDataReader):
    """Feeds prepared pictures to the observer of activations."""

    def __init__(self, tensors: Iterator[NDArray[np.uint8]]) -> None:
        self._tensors = tensors

    def get_next(self) -> dict[str, NDArray[np.uint8]] | None:
        """Return the next batch, None after the last."""
        tensor = next(self._tensors, None)
        return None if tensor is None else {"images": tensor}


def quantise(model: Path, pictures: Sequence[Path], config: Config) -> float:
    """Replace the float file `model` by its quantised form.

    Parameters
    ----------
    model : Path
        What `export` wrote.
    pictures : sequence of Path
        Training pictures; an even choice of `N_PICTURES` is used.
    config : Config
        How to feed the model.

    Returns
    -------
    float
        Mean cosine between the vectors of the pictures before and after.
    """
    chosen = pictures[:: max(1, len(pictures) // N_PICTURES)][:N_PICTURES]
    tensors = [prepare(chosen[i : i + BATCH], config) for i in range(0, len(chosen), BATCH)]
    with tempfile.TemporaryDirectory() as folder:
        plain, small = Path(folder, "plain.onnx"), Path(folder, "small.onnx")
        head = _write_plain(model, plain)
        quantize_static(
            plain,
            small,
            _Batches(iter(tensors)),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=list(INTEGER_OPERATORS),
            nodes_to_exclude=head,
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )
        cosine = _mean_cosine(model, small, tensors)
        check_rows(small, tensors[0])
        if cosine < LEAST_COSINE:
            raise SystemExit(f"quantisation moves the vectors too far: mean cosine {cosine:.4f}")
        model.write_bytes(small.read_bytes())
    return cosine


def _write_plain(model: Path, plain: Path) -> list[str]:
    """Write the model with named nodes and float32 trunk weights; return the head's nodes."""
    proto = onnx.load(model)
    graph = proto.graph
    for number, node in enumerate(graph.node):
        node.name = f"{node.op_type}_{number}"
    n_trunk = _n_trunk(graph.node)
    trunk_inputs = {name for node in graph.node[:n_trunk] for name in node.input}
    constants = {constant.name: constant for constant in graph.initializer}
    casts = [n for n in graph.node[:n_trunk] if n.op_type == "Cast" and n.input[0] in constants]
    for cast in casts:
        if cast.output[0] in trunk_inputs:
            half = constants[cast.input[0]]
            whole = numpy_helper.to_array(half).astype(np.float32)
            graph.initializer.append(numpy_helper.from_array(whole, cast.output[0]))
            graph.initializer.remove(half)
            graph.node.remove(cast)
    onnx.save(proto, plain)
    return [node.name for node in graph.node][_n_trunk(graph.node) :]


def _n_trunk(nodes: Sequence[onnx.NodeProto]) -> int:
    """Return the number of nodes before the head, which begins with the first square."""
    return next(number for number, node in enumerate(nodes) if node.op_type == "Mul")


def _mean_cosine(before: Path, after: Path, tensors: Sequence[NDArray[np.uint8]]) -> float:
    sessions = [open_session(path) for path in (before, after)]
    cosines = []
    for tensor in tensors:
        first, second = (session.run(None, {"images": tensor})[0] for session in sessions)
        cosines.append((first * second).sum(axis=1))
    return float(np.concatenate(cosines).mean())
