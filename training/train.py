"""Train the network from random numbers; a killed run goes on from its last checkpoint."""

from __future__ import annotations

import argparse
import copy
import dataclasses
import json
import logging
import math
import os
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from training import parallel
from training.augment import Augmenter, Source
from training.config import Config
from training.data import Pictures, prepare
from training.loss import pair_loss
from training.network import Network

log = logging.getLogger("training")

# glibc returns large blocks to the system after each use; keeping them is 1.5 to 2 times faster.
ALLOCATOR = {
    "MALLOC_MMAP_MAX_": "0",
    "MALLOC_TRIM_THRESHOLD_": "16000000000",
    "MALLOC_TOP_PAD_": "268435456",
}
RECALIBRATION_BATCHES = 40
LOG_STEPS = 50
MEETING = "meeting"
"""File in the work folder through which the processes find each other."""


@dataclasses.dataclass(frozen=True)
class Budget:
    """How long to train: a number of steps or of minutes, whichever is given.

    With minutes the learning rate follows the clock, so that the run ends fully annealed on a
    machine of any speed; the number of steps it took is recorded, and repeats the run.
    """

    steps: int | None = None
    minutes: float | None = None
    checkpoint_seconds: float = 120.0

    def progress(self, step: int, seconds: float) -> float:
        """Return the share of the run that is over, 1 or more when it is done."""
        if self.steps:
            return step / self.steps
        return seconds / 60 / (self.minutes or math.inf)


@dataclasses.dataclass(frozen=True)
class Job:
    """What to train, on what, where, for how long, by how many one-thread processes."""

    photos: Path
    work: Path
    config: Config
    budget: Budget
    processes: int


@dataclasses.dataclass
class State:
    """All that changes during training."""

    network: Network
    average: Network
    optimizer: torch.optim.Optimizer
    step: int = 0
    seconds: float = 0.0

    @classmethod
    def fresh(cls, config: Config) -> State:
        """Random weights from the seed of `config`."""
        torch.manual_seed(config.seed)
        network = Network(config)
        matrices = [p for p in network.parameters() if p.ndim > 1]
        vectors = [p for p in network.parameters() if p.ndim <= 1]
        groups = [
            {"params": matrices, "weight_decay": config.weight_decay},
            {"params": vectors, "weight_decay": 0.0},
        ]
        optimizer = torch.optim.AdamW(groups, lr=config.learning_rate, betas=config.betas)
        return cls(network, copy.deepcopy(network), optimizer)

    def save(self, path: Path, config: Config) -> None:
        """Write a checkpoint; `path` is never half-written."""
        parts = {name: getattr(self, name).state_dict() for name in self._parts()}
        parts |= {"step": self.step, "seconds": self.seconds, "config": dataclasses.asdict(config)}
        write_atomically(parts, path)

    def load(self, path: Path, config: Config) -> None:
        """Go on from a checkpoint, which must have been made with the same settings."""
        parts = torch.load(path, weights_only=True)
        if parts["config"] != dataclasses.asdict(config):
            raise SystemExit(f"{path} was made with other settings; remove it to start anew")
        for name in self._parts():
            getattr(self, name).load_state_dict(parts[name])
        self.step, self.seconds = parts["step"], parts["seconds"]

    @staticmethod
    def _parts() -> tuple[str, ...]:
        return ("network", "average", "optimizer")


def write_atomically(content: dict[str, Any], path: Path) -> None:
    """Save with torch under a temporary name, then rename."""
    temporary = path.with_suffix(".partial")
    torch.save(content, temporary)
    temporary.replace(path)


def rows_of_step(count: int, config: Config, step: int) -> np.ndarray:
    """Return the pictures of a step: a slice of an epoch shuffled by (seed, epoch)."""
    epoch, place = divmod(step, count // config.pairs)
    order = np.random.default_rng([config.seed, epoch]).permutation(count)
    return order[place * config.pairs : (place + 1) * config.pairs]


def make_batch(
    pictures: Pictures, rows: np.ndarray, rng: np.random.Generator, side: int, config: Config
) -> Tensor:
    """Make a weak and a strong view of each of the P pictures in `rows`.

    Returns
    -------
    Tensor of float32, shape (2·P, 3, side, side), channels-last
        Normalised; row i and row i + P show the same picture.
    """
    augmenter = Augmenter(config, rng, side)
    sources = [Source(pictures.pixels[i], float(pictures.aspects[i])) for i in rows]
    others = sources[1:] + sources[:1]
    views = [augmenter.weak(source) for source in sources]
    views += [augmenter.strong(s, o) for s, o in zip(sources, others, strict=True)]
    batch = torch.from_numpy(np.stack(views)).permute(0, 3, 1, 2)
    return (batch.float() - config.mean) / config.std


def learning_rate(progress: float, config: Config) -> float:
    """Linear warm-up, then a cosine to zero."""
    if progress < config.warmup:
        return config.learning_rate * (progress / config.warmup + 1e-3)
    rest = (progress - config.warmup) / (1 - config.warmup)
    return config.learning_rate * 0.5 * (1 + math.cos(math.pi * min(1.0, rest)))


def take_step(state: State, batch: Tensor, rate: float, config: Config) -> tuple[Tensor, Tensor]:
    """One optimiser step over the batches of all processes; returns the two loss terms."""
    state.network.train()
    with torch.autocast("cpu", torch.bfloat16):
        raw = state.network.raw(batch)
    first, second = raw.chunk(2)
    both = torch.cat([parallel.gather(first), parallel.gather(second)])
    vectors = nn.functional.normalize(state.network.whiten(both))
    terms = pair_loss(vectors, config.temperature, config.koleo_weight)
    state.optimizer.zero_grad()
    sum(terms).backward()
    parameters = list(state.network.parameters())
    parallel.sum_gradients(parameters)
    nn.utils.clip_grad_norm_(parameters, config.clip_norm)
    for group in state.optimizer.param_groups:
        group["lr"] = rate
    state.optimizer.step()
    keep = min(config.ema_decay, (state.step + 1) / (state.step + 10))
    with torch.no_grad():
        for mean, now in zip(state.average.parameters(), parameters, strict=True):
            mean.lerp_(now, 1 - keep)
    state.step += 1
    return terms


@torch.no_grad()
def recalibrate(network: Network, pictures: Pictures, config: Config) -> None:
    """Measure all normalisation statistics anew, at the final weights and input side."""
    for module in network.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.reset_running_stats()
            module.momentum = None  # the plain average over the batches to come
    network.train()
    rng = np.random.default_rng(config.seed)
    for step in range(RECALIBRATION_BATCHES):
        rows = rows_of_step(len(pictures), config, step)
        network(make_batch(pictures, rows, rng, config.input_side, config))
    network.eval()


def train_on(state: State, pictures: Pictures, checkpoint: Path, rank: int, job: Job) -> None:
    """Take steps until the budget is used up; the first process keeps the checkpoint and log."""
    config, budget = job.config, job.budget
    started, saved = time.monotonic() - state.seconds, time.monotonic()
    while (progress := parallel.agree(budget.progress(state.step, state.seconds))) < 1:
        rows = rows_of_step(len(pictures), config, state.step)[rank :: job.processes]
        rng = np.random.default_rng([config.seed, rank, state.step])
        batch = make_batch(pictures, rows, rng, config.side_at(progress), config)
        terms = take_step(state, batch, learning_rate(progress, config), config)
        state.seconds = time.monotonic() - started
        if rank:
            continue
        if state.step % LOG_STEPS == 0:
            loss = " and ".join(f"{term.item():.3f}" for term in terms)
            speed = 2 * config.pairs * state.step / state.seconds
            done = f"step {state.step}, {progress:.1%}"
            log.info("%s: loss %s, %.0f views/s on average", done, loss, speed)
        if time.monotonic() - saved > budget.checkpoint_seconds:
            state.save(checkpoint, config)
            saved = time.monotonic()


def run(rank: int, job: Job) -> None:
    """Do the part of one of several processes; the first also writes the result."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    config, checkpoint = job.config, job.work / "checkpoint.pt"
    with parallel.together(rank, job.processes, job.work / MEETING):
        if rank == 0:
            prepare(job.photos, job.work, config)
        parallel.wait()
        pictures = prepare(job.photos, job.work, config)
        state = State.fresh(config)
        if checkpoint.exists():
            state.load(checkpoint, config)
        train_on(state, pictures, checkpoint, rank, job)
        parallel.wait()
    if rank == 0:
        state.save(checkpoint, config)
        finish(state, pictures, job)


def finish(state: State, pictures: Pictures, job: Job) -> None:
    """Write the averaged network and the record of the run."""
    config = job.config
    recalibrate(state.average, pictures, config)
    write_atomically(state.average.state_dict(), job.work / "network.pt")
    record = {
        "seed": config.seed,
        "pictures": len(pictures),
        "photos_sha256": pictures.sha256,
        "steps": state.step,
        "views": 2 * config.pairs * state.step,
        "minutes_asked_for": job.budget.minutes,
        "seconds": round(state.seconds),
        "processes": job.processes,
        "versions": {m.__name__: str(m.__version__) for m in (torch, np, cv2)},
        "config": dataclasses.asdict(config),
    }
    (job.work / "record.json").write_text(json.dumps(record, indent=1))
    log.info("done: %d steps in %.0f s", state.step, state.seconds)


def train(job: Job) -> None:
    """Train on the pictures of a job; everything made lies in its work folder."""
    os.environ.update(ALLOCATOR)  # read by the C library when the processes start
    job.work.mkdir(parents=True, exist_ok=True)
    (job.work / MEETING).unlink(missing_ok=True)
    torch.multiprocessing.spawn(run, (job,), nprocs=job.processes)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare what a job needs to know from the command line."""
    parser.add_argument("photos", type=Path, help="folder of pictures")
    parser.add_argument("work", type=Path, help="folder for cache, checkpoints and result")
    length = parser.add_mutually_exclusive_group(required=True)
    length.add_argument("--steps", type=int, help="length of the training")
    length.add_argument("--minutes", type=float, help="length of the training")
    cores = parallel.available_cores()
    parser.add_argument("--processes", type=int, default=cores, help="default: one per core")


def read_job(given: argparse.Namespace) -> Job:
    """Turn the options into a job."""
    budget = Budget(given.steps, given.minutes)
    return Job(given.photos, given.work, Config(), budget, given.processes)


def main() -> None:
    """Read the command line and train, without the steps that follow."""
    parser = argparse.ArgumentParser(prog="python -m training.train", description=__doc__)
    add_options(parser)
    train(read_job(parser.parse_args()))


if __name__ == "__main__":
    main()
