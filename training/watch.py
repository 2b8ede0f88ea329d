"""Measure the averaged network during training, on planted copies of held-out pictures."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from training import parallel
from training.batches import Share, normalised, unchanged
from training.config import Config
from training.embed import load_picture
from training.metrics import Truth, nearest_pairs, rank
from training.network import Network

BATCH = 128


@torch.no_grad()
def embed_share(
    network: Network, pixels: np.ndarray, side: int, share: Share, config: Config
) -> Tensor:
    """Embed pictures as they are, each process its share.

    Parameters
    ----------
    network : Network
        In evaluation mode.
    pixels : ndarray of uint8, shape (n, s, s, 3)
        The same in all processes.

    Returns
    -------
    Tensor of float32, shape (n, embedding)
        Unit vectors, on the CPU, the same in all processes.
    """
    own = np.arange(share.rank, len(pixels), share.processes)
    device = network.head.linear.weight.device
    parts = []
    for start in range(0, len(own), BATCH):
        views = unchanged(pixels[own[start : start + BATCH]], side)
        with torch.autocast(device.type, torch.bfloat16):
            parts.append(network(normalised(views, device, config)).float().cpu())
    return parallel.join_rows(torch.cat(parts), share.rank, len(pixels))


class Watch:
    """Measures a network on a folder of planted copies.

    Parameters
    ----------
    copies : Path
        Folder with `images/` and `truth.csv`.
    curve : Path
        CSV file that gets a line for each measurement.
    """

    def __init__(self, copies: Path, curve: Path, config: Config):
        self.curve, self.config = curve, config
        paths = sorted((copies / "images").iterdir())
        self.names = [path.name for path in paths]
        self.pixels = np.stack([load_picture(path, config.input_side) for path in paths])
        self.truth = Truth.load(copies / "truth.csv")

    def measure(self, network: Network, share: Share, known: dict[str, Any]) -> dict[str, Any]:
        """Measure; the first process writes the line, which starts with what is `known`."""
        vectors = embed_share(network, self.pixels, self.config.input_side, share, self.config)
        if share.rank:
            return {}
        ranking = rank([(nearest_pairs(self.names, vectors.numpy()), self.truth)])
        at_99 = ranking.threshold_at(0.99)
        figures = {
            "micro_ap": round(ranking.micro_ap(), 4),
            "recall_at_precision_99": round(ranking.at(at_99)[1], 4),
            "cosine_at_precision_99": round(at_99, 4),
        }
        self._append(known | figures | ranking.recall_per_edit(at_99))
        return figures

    def _append(self, line: dict[str, Any]) -> None:
        is_new = not self.curve.exists()
        with open(self.curve, "a", newline="") as file:
            writer = csv.DictWriter(file, list(line), lineterminator="\n")
            if is_new:
                writer.writeheader()
            writer.writerow(line)
