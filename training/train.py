"""Train the network; a killed run resumes from its last checkpoint."""

from __future__ import annotations

import argparse
import dataclasses
import json
import logging
import math
import os
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from fastdup.models.spec import file_sha256
from training import parallel
from training.batches import Batches, Share, make_views, normalised, plain_rows
from training.config import Config
from training.data import Pictures, prepare
from training.job import Clock, Job, add_options, read_job
from training.lessons import lessons
from training.lookalikes import find
from training.loss import distil_loss, pair_loss
from training.network import Network
from training.parallel import device
from training.state import NETWORK, State, network_digest, write_atomically
from training.watch import Watch, embed_share

log = logging.getLogger("training")

# glibc returns large blocks to the system after each use; keeping them is 1.5 to 2 times faster.
ALLOCATOR = {
    "MALLOC_MMAP_MAX_": "0",
    "MALLOC_TRIM_THRESHOLD_": "16000000000",
    "MALLOC_TOP_PAD_": "268435456",
}
ROUND_VIEWS, FINAL_VIEWS = 4096, 16384
"""Views over which the normalisation statistics of the averaged network are measured."""
LOG_STEPS = 50
CHECKPOINT, RECORD = "checkpoint.pt", "record.json"
MEETING = "meeting"
"""File in the work folder through which the processes find each other."""


def learning_rate(progress: float, config: Config) -> float:
    """Linear warm-up, then a cosine to zero."""
    if progress < config.warmup:
        return config.learning_rate * (progress / config.warmup + 1e-3)
    rest = (progress - config.warmup) / (1 - config.warmup)
    return config.learning_rate * 0.5 * (1 + math.cos(math.pi * min(1.0, rest)))


def take_step(
    state: State, views: Tensor, rows: Tensor, rate: float, config: Config
) -> list[Tensor]:
    """One optimiser step over the batches of all processes; returns the terms of the loss."""
    state.network.train()
    batch = normalised(views, device(), config)
    with torch.autocast(batch.device.type, torch.bfloat16):
        raw = state.network.raw(batch)
    first, second = raw.chunk(2)
    both = torch.cat([parallel.gather(first), parallel.gather(second)])
    vectors = nn.functional.normalize(state.network.whiten(both))
    labels = torch.from_numpy(state.alike.labels)[rows].to(vectors.device)
    terms = list(pair_loss(vectors, labels, config.temperature, config.koleo_weight))
    if state.lessons is not None:
        taught = torch.from_numpy(state.lessons[rows.numpy()]).to(vectors.device)
        terms.append(distil_loss(vectors, taught, config.distil_weight))
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
def recalibrate(
    network: Network, pictures: Pictures, side: int, count: int, config: Config
) -> None:
    """Measure all normalisation statistics of a network anew, over `count` views."""
    for module in network.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.reset_running_stats()
            module.momentum = None  # the plain average over the batches to come
    network.train()
    rng = np.random.default_rng(config.seed)
    for step in range(math.ceil(count / (2 * config.pairs))):
        rows = plain_rows(len(pictures), config, step)
        views = make_views(pictures, rows, rng, side, config)
        with torch.autocast(device().type, torch.bfloat16):
            network(normalised(views, device(), config))
    network.eval()


def begin_round(
    state: State, pictures: Pictures, watch: Watch | None, progress: float, share: Share, job: Job
) -> None:
    """Measure the averaged network and search the look-alikes for the steps to come."""
    config = job.config
    if state.step:
        recalibrate(state.average, pictures, config.input_side, ROUND_VIEWS, config)
    state.average.eval()
    if watch and (state.step or job.start_from):
        known = {"minutes": round(state.seconds / 60, 1), "steps": state.step}
        known |= {"views": 2 * config.pairs * state.step, "side": state.side}
        figures = watch.measure(state.average, share, known)
        if share.rank == 0:
            log.info("validation: %s", figures)
    state.side = config.side_at(progress)
    if config.hard_share and progress >= config.hard_from:
        side = config.input_side
        vectors = embed_share(state.average, pictures.pixels, side, share, config)
        state.alike = find(vectors, config.twin_cosine, config.hard_group)


def train_round(state: State, pictures: Pictures, share: Share, job: Job, clock: Clock) -> None:
    """Take steps until the round is over or the budget used up."""
    config, budget = job.config, job.budget
    stop = (state.step // config.round_steps + 1) * config.round_steps
    batches = Batches(pictures, state.alike, state.side, share, config)
    for views, rows in batches.of_steps(range(state.step, stop)):
        progress = parallel.agree(budget.progress(state.step, state.seconds))
        if progress >= 1:
            return
        terms = take_step(state, views, rows, learning_rate(progress, config), config)
        state.seconds = clock.tick()
        if share.rank:
            continue
        if state.step % LOG_STEPS == 0:
            loss = " and ".join(f"{term.item():.3f}" for term in terms)
            speed = 2 * config.pairs * state.step / state.seconds
            done = f"step {state.step}, {progress:.1%}, side {state.side}"
            log.info("%s: loss %s, %.0f views/s on average", done, loss, speed)
        if clock.is_time_to_save():
            state.save(job.work / CHECKPOINT, config)


def train_on(state: State, pictures: Pictures, share: Share, job: Job) -> None:
    """Go through rounds of steps until the budget is used up."""
    config, budget = job.config, job.budget
    watch = Watch(job.copies, job.work / "curve.csv", config) if job.copies else None
    clock = Clock(state.seconds, budget.checkpoint_seconds)
    while (progress := parallel.agree(budget.progress(state.step, state.seconds))) < 1:
        if state.step % config.round_steps == 0:
            begin_round(state, pictures, watch, progress, share, job)
        train_round(state, pictures, share, job, clock)


def material(job: Job) -> tuple[Pictures, NDArray[np.float32] | None]:
    """Return the pictures to learn from, and what the teacher says of them, if there is one."""
    pictures = prepare(job.photos, job.work, job.config)
    if job.teacher and job.config.distil_weight:
        return pictures, lessons(job.teacher, pictures, job.work)
    return pictures, None


def run(rank: int, job: Job) -> None:
    """Do the part of one of several processes; the first also writes the result."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    config, checkpoint = job.config, job.work / CHECKPOINT
    with parallel.together(rank, job.processes, job.work / MEETING):
        if rank == 0:
            material(job)
        parallel.wait()
        pictures, taught = material(job)
        state = State.fresh(config, len(pictures), job.start_from)
        if checkpoint.exists():
            state.load(checkpoint, config)
        state.lessons = taught
        train_on(state, pictures, Share(rank, job.processes, job.workers), job)
        parallel.wait()
    if rank == 0:
        state.save(checkpoint, config)
        finish(state, pictures, job)


def started_from(folder: Path | None) -> dict[str, Any] | None:
    """Return the record of the run that another one starts from."""
    if folder is None:
        return None
    return {"network_sha256": network_digest(folder)} | json.loads((folder / RECORD).read_text())


def finish(state: State, pictures: Pictures, job: Job) -> None:
    """Write the averaged network and the record of the run."""
    config = job.config
    recalibrate(state.average, pictures, config.input_side, FINAL_VIEWS, config)
    write_atomically(state.average.cpu().state_dict(), job.work / NETWORK)
    record = {
        "seed": config.seed,
        "pictures": len(pictures),
        "photos_sha256": pictures.sha256,
        "steps": state.step,
        "views": 2 * config.pairs * state.step,
        "minutes_asked_for": job.budget.minutes,
        "seconds": round(state.seconds),
        "processes": job.processes,
        "device": device().type,
        "versions": {m.__name__: str(m.__version__) for m in (torch, np, cv2)},
        "config": dataclasses.asdict(config),
        "started_from": started_from(job.start_from),
        "teacher_sha256": job.teacher and file_sha256(str(job.teacher)),
    }
    (job.work / RECORD).write_text(json.dumps(record, indent=1))
    log.info("done: %d steps in %.0f s", state.step, state.seconds)


def train(job: Job) -> None:
    """Train on the pictures of a job; everything made lies in its work folder."""
    os.environ.update(ALLOCATOR)  # read by the C library when the processes start
    job.work.mkdir(parents=True, exist_ok=True)
    (job.work / MEETING).unlink(missing_ok=True)
    torch.multiprocessing.spawn(run, (job,), nprocs=job.processes)


def main() -> None:
    """Read the command line and train, without the steps that follow."""
    parser = argparse.ArgumentParser(prog="python -m training.train", description=__doc__)
    add_options(parser)
    parser.add_argument("--copies", type=Path, help="planted copies to measure on")
    given = parser.parse_args()
    train(read_job(given, given.copies))


if __name__ == "__main__":
    main()
