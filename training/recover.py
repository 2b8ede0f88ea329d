"""Read the trained weights back from a published model, and make it narrower.

usage: python -m training.recover PHOTOS WORK [--model FILE] [--recipe narrow]

WORK then looks like the folder of a finished run, so that a training can start from it. The
published file has 8-bit weights for all eight orientations; the mean over the orientations is
closer to the trained weights than any of them. A narrower network keeps the channels that matter
most: those of the largest mean square of what they pass on.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from training.batches import normalised
from training.card import read_card
from training.config import RECIPES, Config
from training.data import split
from training.embed import load_picture
from training.network import ORDER, RELATIVE, Block, GroupConv, LiftingConv, Network, OrbitNorm
from training.state import NETWORK, write_atomically
from training.train import RECORD

N_PICTURES = 300
"""Training pictures on which channels are weighed."""
BUILT_IN = Path(__file__).parents[1] / "src" / "fastdup" / "models" / "builtin.onnx"
OPENS_BLOCK, CLOSES_BLOCK = (0, 3, 6), (2, 5, 8)
"""The units before a residual block and at its end, whose outputs are added up."""
Unit = tuple[LiftingConv | GroupConv, OrbitNorm]


def convolutions(model: Path) -> list[tuple[Tensor, Tensor]]:
    """Weights and biases of all convolutions of an ONNX file, in order, as float32."""
    proto = onnx.load(model)
    known = {c.name: numpy_helper.to_array(c) for c in proto.graph.initializer}
    found = []
    for node in proto.graph.node:
        if node.op_type == "DequantizeLinear" and node.input[0] in known:
            whole, scale, zero = (known[name].astype(np.float32) for name in node.input)
            shape = (-1,) + (1,) * (whole.ndim - 1)
            known[node.output[0]] = (whole - zero.reshape(shape)) * scale.reshape(shape)
        elif node.op_type == "Cast" and node.input[0] in known:
            known[node.output[0]] = known[node.input[0]].astype(np.float32)
        elif node.op_type == "Conv":
            found.append(tuple(torch.from_numpy(known[name].copy()) for name in node.input[1:]))
    return found


def units(network: Network) -> list[Unit]:
    """Return the convolutions of a network with their normalisations, in order."""
    found: list[Unit] = []
    for stage in network.stem:
        if isinstance(stage, Block):
            found += [(stage.conv1, stage.norm1), (stage.conv2, stage.norm2)]
        else:
            found.append((stage[0], stage[1]))
    return found


def contracted(conv: LiftingConv | GroupConv, weight: Tensor) -> Tensor:
    """Return the mean over the orientations of what `expanded` made of the weights."""
    parts = weight.reshape(ORDER, -1, *weight.shape[1:])
    turned_back = []
    for g, part in enumerate(parts):
        if isinstance(conv, GroupConv):
            out, _, k, _ = part.shape
            part = part.reshape(out, ORDER, -1, k, k).permute(0, 2, 1, 3, 4)
            part = part[:, :, np.argsort(RELATIVE[g])]
        turned_back.append(_undone(part, g))
    return torch.stack(turned_back).mean(0)


def _undone(x: Tensor, element: int) -> Tensor:
    """Undo what `training.network.transform` does, which mirrors first and then turns."""
    x = torch.rot90(x, -(element % 4), (-2, -1))
    return x.flip(-1) if element >= 4 else x


@torch.no_grad()
def recover(model: Path, config: Config) -> Network:
    """Return the network of a published model; `config` has its widths."""
    network = Network(config).eval()
    *trunk, last = convolutions(model)
    for (conv, norm), (weight, bias) in zip(units(network), trunk, strict=True):
        conv.weight.copy_(contracted(conv, weight))
        norm.weight.fill_((1 + norm.eps) ** 0.5)
        norm.bias.copy_(bias.reshape(ORDER, -1).mean(0))
    network.head.linear.weight.copy_(last[0][:, :, 0, 0])
    network.whiten.running_mean.copy_(-last[1])
    network.whiten.running_var.fill_(1 - network.whiten.eps)
    return network


@torch.no_grad()
def importance(network: Network, images: Tensor) -> list[Tensor]:
    """Mean square of each channel of the output of each unit, over pictures and orientations."""
    squares: list[Tensor] = []

    def watch(_: nn.Module, __: tuple[Tensor, ...], output: Tensor) -> None:
        each = output.relu().square().mean((0, 2, 3))
        squares.append(each.reshape(ORDER, -1).mean(0))

    hooks = [norm.register_forward_hook(watch) for _, norm in units(network)]
    network(images)
    for hook in hooks:
        hook.remove()
    return squares


def _best(score: Tensor, count: int) -> Tensor:
    return score.argsort(descending=True)[:count].sort().values


@torch.no_grad()
def narrowed(network: Network, images: Tensor, config: Config) -> Network:
    """Copy the channels that matter most into a network of the widths of `config`."""
    narrow = Network(config)
    scores = importance(network, images)
    wide_units = units(network)
    kept: Tensor | None = None
    trunk: Tensor | None = None
    for number, ((conv, norm), (new, new_norm)) in enumerate(
        zip(wide_units, units(narrow), strict=True)
    ):
        if number in CLOSES_BLOCK:
            keep = trunk
        else:
            score = scores[number]
            if number + 1 < len(wide_units):  # by how much the next convolution takes of it
                score = score * wide_units[number + 1][0].weight.square().sum((0, 2, 3, 4))
            keep = _best(score, len(new_norm.weight))
        if number in OPENS_BLOCK:
            trunk = keep
        weight = conv.weight[keep]
        new.weight.copy_(weight if kept is None else weight[:, kept])
        for name in ("weight", "bias", "running_mean", "running_var"):
            getattr(new_norm, name).copy_(getattr(norm, name)[keep])
        kept = keep
    width, head = network.head.width, network.head.linear.weight
    columns = torch.cat([kept + part * width for part in range(3)])
    narrow.head.linear.weight.copy_(head[:, columns])
    narrow.whiten.load_state_dict(network.whiten.state_dict())
    return narrow


def sample(photos: Path, side: int, config: Config) -> Tensor:
    """Return some training pictures as the network wants them, normalised, (N, 3, S, S)."""
    chosen, _ = split(photos, config)
    chosen = chosen[:: max(1, len(chosen) // N_PICTURES)]
    pixels = np.stack([load_picture(path, side) for path in chosen])
    return normalised(torch.from_numpy(pixels), torch.device("cpu"), config)


def main() -> None:
    """Read the command line, and write the network as that of a finished run."""
    parser = argparse.ArgumentParser(prog="python -m training.recover", description=main.__doc__)
    parser.add_argument("photos", type=Path, help="folder of pictures")
    parser.add_argument("work", type=Path, help="folder to write to")
    parser.add_argument("--model", type=Path, default=BUILT_IN, help="published ONNX file")
    parser.add_argument("--recipe", choices=RECIPES, help="whose widths to narrow to")
    given = parser.parse_args()
    record = read_card(given.model)["training"]
    config = dataclasses.replace(Config(), widths=(4, 10, 24), head_width=144)
    network = recover(given.model, config)
    if given.recipe:
        narrow = RECIPES[given.recipe]
        network = narrowed(network, sample(given.photos, narrow.input_side, narrow), narrow)
    given.work.mkdir(parents=True, exist_ok=True)
    write_atomically(network.state_dict(), given.work / NETWORK)
    (given.work / RECORD).write_text(json.dumps(record, indent=1))


if __name__ == "__main__":
    main()
