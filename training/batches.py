"""The batches: which pictures make up a step, and the views of them."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from training.augment import Augmenter, shrink
from training.config import Config
from training.data import Pictures
from training.lookalikes import LookAlikes


@dataclasses.dataclass(frozen=True)
class Share:
    """The part of each batch that one of several processes makes, and its helpers for that.

    Attributes
    ----------
    rank, processes : int
        Every `processes`-th picture from the `rank`-th on.
    workers : int
        Processes that make batches ahead; 0 makes each where and when it is needed.
    """

    rank: int = 0
    processes: int = 1
    workers: int = 0


def plain_rows(count: int, config: Config, step: int) -> np.ndarray:
    """Return a slice of an epoch shuffled by (seed, epoch)."""
    epoch, place = divmod(step, count // config.pairs)
    order = np.random.default_rng([config.seed, epoch]).permutation(count)
    return order[place * config.pairs : (place + 1) * config.pairs]


def rows_of_step(alike: LookAlikes, config: Config, step: int) -> np.ndarray:
    """Return the pictures of a step, each once: groups of look-alikes, then any."""
    plain = plain_rows(len(alike.labels), config, step)
    size = alike.groups.shape[1]
    if size == 1:
        return plain
    groups = round(config.pairs * config.hard_share / size)
    rows = np.concatenate([alike.groups[plain[:groups]].ravel(), plain[groups:]])
    _, first = np.unique(rows, return_index=True)
    return rows[np.sort(first)][: config.pairs]


def make_views(
    pictures: Pictures, rows: np.ndarray, rng: np.random.Generator, side: int, config: Config
) -> Tensor:
    """Make a weak and a strong view of each of the P pictures in `rows`.

    Returns
    -------
    Tensor of uint8, shape (2·P, side, side, 3)
        Row i and row i + P show the same picture.
    """
    augmenter = Augmenter(config, rng, side)
    sources = [pictures.source(row) for row in rows]
    others = [pictures.source(row) for row in rng.integers(0, len(pictures), len(rows))]
    views = [augmenter.weak(source) for source in sources]
    views += [augmenter.strong(s, o) for s, o in zip(sources, others, strict=True)]
    return torch.from_numpy(np.stack(views))


@dataclasses.dataclass(frozen=True)
class Batches(Dataset[tuple[Tensor, Tensor]]):
    """The batches of a round: views of the own share, and the rows of all pictures.

    What a batch holds follows from the seed, the step and the look-alikes alone.
    """

    pictures: Pictures
    alike: LookAlikes
    side: int
    share: Share
    config: Config

    def __getitem__(self, step: int) -> tuple[Tensor, Tensor]:
        """Make the batch of a step; the rows of its pictures are in the order of gathering."""
        config, share = self.config, self.share
        rows = rows_of_step(self.alike, config, step)
        parts = [rows[rank :: share.processes] for rank in range(share.processes)]
        rng = np.random.default_rng([config.seed, share.rank, step])
        views = make_views(self.pictures, parts[share.rank], rng, self.side, config)
        return views, torch.from_numpy(np.concatenate(parts))

    def of_steps(self, steps: range) -> Iterator[tuple[Tensor, Tensor]]:
        """Make the batches of consecutive steps, in order."""
        workers = self.share.workers
        loader = DataLoader(
            self, batch_size=None, sampler=steps, num_workers=workers, worker_init_fn=_be_modest
        )
        return iter(loader)


def _be_modest(_: int) -> None:
    """Use one thread in a helper process."""
    cv2.setNumThreads(1)
    torch.set_num_threads(1)


def default_workers(on_gpu: bool) -> int:
    """Make batches ahead only where a GPU would wait for them."""
    return len(os.sched_getaffinity(0)) if on_gpu else 0


def normalised(views: Tensor, device: torch.device, config: Config) -> Tensor:
    """Move uint8 views (N, S, S, 3) to the device as the network wants them, channels-last."""
    return (views.to(device).permute(0, 3, 1, 2).float() - config.mean) / config.std


def unchanged(pixels: np.ndarray, side: int) -> Tensor:
    """Shrink pictures (N, s, s, 3) to uint8 (N, side, side, 3), otherwise as they are."""
    return torch.from_numpy(np.stack([shrink(picture, side) for picture in pixels]))
