"""A small convolutional network that is invariant to quarter turns and mirroring by construction.

Each layer after the first has its channels for all eight orientations of the picture (the dihedral
group D4). Rotating or mirroring the input rotates the maps and permutes the orientations, and the
head pools over both. Channels are orientation-major: channel `g * width + c` is feature `c` in
orientation `g`.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, normalize, relu

from training.config import Config

ORDER = 8
FLOOR = 1e-12
"""Keeps the slope of the fourth root finite where a map is zero everywhere."""


def transform(x: Tensor, element: int) -> Tensor:
    """Apply one of the eight elements of D4 to the last two dimensions of `x`."""
    turns, mirrored = element % 4, element >= 4
    if mirrored:
        x = x.flip(-1)
    return torch.rot90(x, turns, (-2, -1))


def relative_elements() -> np.ndarray:
    """Table of the group: entry (g, h) is the index of g⁻¹h.

    Returns
    -------
    ndarray of int64, shape (8, 8)
        Found by letting the elements act on the four corners of a square.
    """
    corners = torch.arange(4).reshape(2, 2)
    index = {tuple(transform(corners, g).flatten().tolist()): g for g in range(ORDER)}
    table = np.empty((ORDER, ORDER), dtype=np.int64)
    for g in range(ORDER):
        for k in range(ORDER):
            product = transform(transform(corners, k), g)
            table[g, index[tuple(product.flatten().tolist())]] = k
    return table


RELATIVE = relative_elements()


class LiftingConv(nn.Module):
    """Convolution from a plain picture to maps with eight orientations."""

    def __init__(self, in_width: int, out_width: int, kernel: int, stride: int, padding: int):
        super().__init__()
        self.stride, self.padding = stride, padding
        self.weight = nn.Parameter(torch.empty(out_width, in_width, kernel, kernel))
        nn.init.kaiming_normal_(self.weight, nonlinearity="relu")

    def expanded(self) -> Tensor:
        """Weights of the equal ordinary convolution, shape (8·out, in, k, k)."""
        return torch.cat([transform(self.weight, g) for g in range(ORDER)])

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, in, H, W) to (N, 8·out, H', W')."""
        return conv2d(x, self.expanded(), stride=self.stride, padding=self.padding)


class GroupConv(nn.Module):
    """Convolution between maps with eight orientations."""

    def __init__(self, in_width: int, out_width: int, kernel: int, stride: int = 1):
        super().__init__()
        self.stride, self.padding = stride, (kernel // 2 if kernel % 2 else 0)
        self.weight = nn.Parameter(torch.empty(out_width, in_width, ORDER, kernel, kernel))
        nn.init.normal_(self.weight, std=(2 / (in_width * ORDER * kernel**2)) ** 0.5)

    def expanded(self) -> Tensor:
        """Weights of the equal ordinary convolution, shape (8·out, 8·in, k, k)."""
        out_width, in_width, _, k, _ = self.weight.shape
        each = [transform(self.weight[:, :, RELATIVE[g]], g) for g in range(ORDER)]
        stacked = torch.stack(each).permute(0, 1, 3, 2, 4, 5)
        return stacked.reshape(ORDER * out_width, ORDER * in_width, k, k)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, 8·in, H, W) to (N, 8·out, H', W')."""
        weight = self.expanded().contiguous(memory_format=torch.channels_last)
        return conv2d(x, weight, stride=self.stride, padding=self.padding)


class OrbitNorm(nn.BatchNorm2d):
    """Batch normalisation whose statistics and scale are shared by the eight orientations."""

    def forward(self, x: Tensor) -> Tensor:
        """Normalise (N, 8·width, H, W); free of copies for channels-last input."""
        n, channels, h, w = x.shape
        rows = x.permute(0, 2, 3, 1).reshape(n, h, w * ORDER, channels // ORDER)
        rows = super().forward(rows.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
        return rows.reshape(n, h, w, channels).permute(0, 3, 1, 2)


class Block(nn.Module):
    """Residual block of two 3×3 convolutions."""

    def __init__(self, width: int):
        super().__init__()
        self.conv1, self.norm1 = GroupConv(width, width, 3), OrbitNorm(width)
        self.conv2, self.norm2 = GroupConv(width, width, 3), OrbitNorm(width)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, 8·width, H, W) to the same shape."""
        inner = relu(self.norm1(self.conv1(x)), inplace=True)
        return relu(self.norm2(self.conv2(inner)) + x, inplace=True)


class Head(nn.Module):
    """Pool over space (generalised mean) and over orientations (mean, range, deviation).

    The exponent of the generalised mean is 4, where a learned one went on rising past 3.6: two
    squares cost a tenth of what any other power costs, and that was a fifth of all inference.
    """

    def __init__(self, width: int, embedding: int):
        super().__init__()
        self.width = width
        self.linear = nn.Linear(3 * width, embedding, bias=False)
        nn.init.orthogonal_(self.linear.weight)

    def pool(self, x: Tensor) -> Tensor:
        """Map (N, 8·width, H, W) to a description of shape (N, 3·width)."""
        mean = x.float().square().square().mean((2, 3))
        each = (mean + FLOOR).sqrt().sqrt().reshape(-1, ORDER, self.width)
        mean = each.mean(1)
        spread = (each - mean[:, None]).square().mean(1).add(1e-6).sqrt()
        return torch.cat([mean, each.amax(1) - mean, spread], 1)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, 8·width, H, W) to (N, embedding), not yet normalised."""
        return self.linear(self.pool(x))


class Network(nn.Module):
    """The whole embedding network.

    The output normalisation has neither scale nor shift: without it training stays collapsed,
    with it every component keeps unit variance over the data.
    """

    def __init__(self, config: Config):
        super().__init__()
        first, second, third = config.widths
        self.stem = nn.ModuleList(
            [
                nn.Sequential(LiftingConv(3, first, 8, 4, 2), OrbitNorm(first), nn.ReLU(True)),
                Block(first),
                nn.Sequential(GroupConv(first, second, 2, 2), OrbitNorm(second), nn.ReLU(True)),
                Block(second),
                nn.Sequential(GroupConv(second, third, 2, 2), OrbitNorm(third), nn.ReLU(True)),
                Block(third),
                nn.Sequential(
                    GroupConv(third, config.head_width, 1),
                    OrbitNorm(config.head_width),
                    nn.ReLU(True),
                ),
            ]
        )
        self.head = Head(config.head_width, config.embedding)
        self.whiten = nn.BatchNorm1d(config.embedding, affine=False)

    def raw(self, x: Tensor) -> Tensor:
        """Compute the outputs before the last normalisations.

        Parameters
        ----------
        x : Tensor of float, shape (N, 3, S, S)
            Normalised RGB; S a multiple of 16.

        Returns
        -------
        Tensor of float32, shape (N, embedding)
        """
        for stage in self.stem:
            x = stage(x)
        with torch.autocast(x.device.type, enabled=False):
            return self.head(x)

    def forward(self, x: Tensor) -> Tensor:
        """Map normalised RGB (N, 3, S, S) to unit vectors (N, embedding), float32."""
        return normalize(self.whiten(self.raw(x)))
