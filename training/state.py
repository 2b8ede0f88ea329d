"""The state of a training run, and its checkpoints."""

from __future__ import annotations

import copy
import dataclasses
import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from training.config import Config
from training.lookalikes import LookAlikes
from training.network import Network
from training.parallel import device

NETWORK = "network.pt"
"""The averaged weights of a finished run, in its work folder."""


@dataclasses.dataclass
class State:
    """All that changes during training."""

    network: Network
    average: Network
    optimizer: torch.optim.Optimizer
    alike: LookAlikes
    side: int
    lessons: NDArray[np.float32] | None = None
    step: int = 0
    seconds: float = 0.0

    @classmethod
    def fresh(cls, config: Config, pictures: int, start_from: Path | None) -> State:
        """Random weights from the seed of `config`, or the result of another run."""
        torch.manual_seed(config.seed)
        network = Network(config)
        if start_from:
            network.load_state_dict(torch.load(start_from / NETWORK, weights_only=True))
        network.to(device())
        matrices = [p for p in network.parameters() if p.ndim > 1]
        vectors = [p for p in network.parameters() if p.ndim <= 1]
        groups = [
            {"params": matrices, "weight_decay": config.weight_decay},
            {"params": vectors, "weight_decay": 0.0},
        ]
        optimizer = torch.optim.AdamW(groups, lr=config.learning_rate, betas=config.betas)
        alike = LookAlikes.none(pictures)
        return cls(network, copy.deepcopy(network), optimizer, alike, config.side_at(0.0))

    def save(self, path: Path, config: Config) -> None:
        """Write a checkpoint; `path` is never half-written."""
        parts = {name: getattr(self, name).state_dict() for name in self._parts()}
        parts |= {"alike": self.alike.state_dict(), "side": self.side, "step": self.step}
        parts |= {"seconds": self.seconds, "config": dataclasses.asdict(config)}
        write_atomically(parts, path)

    def load(self, path: Path, config: Config) -> None:
        """Go on from a checkpoint, which must have been made with the same settings."""
        parts = torch.load(path, map_location="cpu", weights_only=True)
        if parts["config"] != dataclasses.asdict(config):
            raise SystemExit(f"{path} was made with other settings; remove it to start anew")
        for name in self._parts():
            getattr(self, name).load_state_dict(parts[name])
        self.alike = LookAlikes.from_state(parts["alike"])
        self.side, self.step, self.seconds = parts["side"], parts["step"], parts["seconds"]

    @staticmethod
    def _parts() -> tuple[str, ...]:
        return ("network", "average", "optimizer")


def network_digest(work: Path) -> str:
    """Return the SHA-256 of the network of a finished run."""
    return hashlib.sha256((work / NETWORK).read_bytes()).hexdigest()


def write_atomically(content: dict[str, Any], path: Path) -> None:
    """Save with torch under a temporary name, then rename."""
    temporary = path.with_suffix(".partial")
    torch.save(content, temporary)
    temporary.replace(path)
