"""Several single-threaded processes that train together: the fastest way on few CPU cores."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import torch
import torch.distributed as dist
from torch import Tensor, nn


def available_cores() -> int:
    """Count the cores this process may use."""
    return len(os.sched_getaffinity(0))


def device() -> torch.device:
    """Return the GPU, if there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


@contextmanager
def together(rank: int, processes: int, meeting: Path) -> Iterator[None]:
    """Work as one of several processes that share the cores and meet at a file."""
    torch.set_num_threads(max(1, available_cores() // processes))
    cv2.setNumThreads(1)
    place = f"file://{meeting.resolve()}"
    dist.init_process_group("gloo", init_method=place, rank=rank, world_size=processes)
    try:
        yield
    finally:
        dist.destroy_process_group()


def wait() -> None:
    """Wait until all processes are here."""
    dist.barrier()


def gather(local: Tensor) -> Tensor:
    """Stack the rows of all processes; gradients flow to the own rows only.

    Every process then computes the loss of the whole batch, and the sum of the gradients over
    the processes is the gradient of that loss.
    """
    if dist.get_world_size() == 1:
        return local
    parts = [torch.empty_like(local) for _ in range(dist.get_world_size())]
    dist.all_gather(parts, local.detach())
    parts[dist.get_rank()] = local
    return torch.cat(parts)


def sum_gradients(parameters: Iterable[nn.Parameter]) -> None:
    """Replace each gradient by its sum over all processes, in one flat message."""
    if dist.get_world_size() == 1:
        return
    gradients = [p.grad for p in parameters]
    flat = torch.cat([g.flatten() for g in gradients])
    dist.all_reduce(flat)
    for gradient, total in zip(gradients, flat.split([g.numel() for g in gradients]), strict=True):
        gradient.copy_(total.view_as(gradient))


def join_rows(own: Tensor, rank: int, count: int) -> Tensor:
    """Put together `count` rows of which each process has every n-th, starting at its rank."""
    rows = torch.zeros(count, *own.shape[1:])
    rows[rank :: dist.get_world_size()] = own
    dist.all_reduce(rows)
    return rows


def agree(value: float) -> float:
    """Return the value of the first process, on all of them."""
    message = torch.tensor(value, dtype=torch.float64)
    dist.broadcast(message, 0)
    return message.item()
