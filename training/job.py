"""A training job: its input, its budget, and its progress."""

from __future__ import annotations

import argparse
import dataclasses
import math
import time
from pathlib import Path

from training import parallel
from training.batches import default_workers
from training.config import RECIPES, Config

LONGEST_STEP = 120.0
"""Seconds; what a step takes longer is a pause of the machine."""


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


class Clock:
    """Counts the seconds of a run: not those in which its processes were stopped or dead."""

    def __init__(self, seconds: float, save_every: float):
        self._seconds, self._last = seconds, time.monotonic()
        self._saved, self._save_every = time.monotonic(), save_every

    def tick(self) -> float:
        """Return the time spent on the run so far; call it after each step."""
        now = time.monotonic()
        self._seconds += min(now - self._last, LONGEST_STEP)
        self._last = now
        return self._seconds

    def is_time_to_save(self) -> bool:
        """Whether the last time this was true is long enough ago."""
        due = time.monotonic() - self._saved > self._save_every
        if due:
            self._saved = time.monotonic()
        return due


@dataclasses.dataclass(frozen=True)
class Job:
    """What to train, on what, where, for how long, by how many processes.

    Attributes
    ----------
    photos, work : Path
        Pictures; folder of the run.
    config : Config
        The recipe.
    budget : Budget
        How long.
    processes, workers : int
        Processes that train together; helpers of each that make batches ahead.
    start_from : Path or None
        Work folder of a finished run whose network is the start; None for random numbers.
    copies : Path or None
        Planted copies of held-out pictures, measured after each round.
    teacher : Path or None
        Published model whose vectors the network learns, if the recipe has a weight for them.
    """

    photos: Path
    work: Path
    config: Config
    budget: Budget
    processes: int
    workers: int = 0
    start_from: Path | None = None
    copies: Path | None = None
    teacher: Path | None = None


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare what a job needs to know from the command line."""
    parser.add_argument("photos", type=Path, help="folder of pictures, or a pack")
    parser.add_argument("work", type=Path, help="folder for cache, checkpoints and result")
    length = parser.add_mutually_exclusive_group(required=True)
    length.add_argument("--steps", type=int, help="length of the training")
    length.add_argument("--minutes", type=float, help="length of the training")
    parser.add_argument("--recipe", choices=RECIPES, default="first", help="settings to use")
    parser.add_argument("--start-from", type=Path, metavar="WORK", help="folder of an earlier run")
    parser.add_argument("--teacher", type=Path, metavar="MODEL", help="ONNX file to learn from")
    on_gpu = parallel.device().type == "cuda"
    processes = 1 if on_gpu else parallel.available_cores()
    parser.add_argument("--processes", type=int, default=processes, help="default: one per core")
    workers = default_workers(on_gpu)
    parser.add_argument("--workers", type=int, default=workers, help="default: on a GPU only")


def read_job(given: argparse.Namespace, copies: Path | None) -> Job:
    """Turn the options into a job."""
    return Job(
        photos=given.photos,
        work=given.work,
        config=RECIPES[given.recipe],
        budget=Budget(given.steps, given.minutes),
        processes=given.processes,
        workers=given.workers,
        start_from=given.start_from,
        copies=copies,
        teacher=given.teacher,
    )
