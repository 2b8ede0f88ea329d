"""What would bind a run on 16, 64 and 128 cores: the cores, a lock, or work of one thread?

usage: many_cores.py PHOTOS [--images 160] [--rows 20000] [--out results/many-cores.json]

Few machines for tests have many cores. So the script measures on this one what an image costs each
part of the program, in CPU time: the process that lists and stores, its one storing thread, and the
processes that extract and judge. A simulation (core_simulation.py) then plays the run with any
number of cores. It is checked where it can be: extraction with one and with two threads, by the
clock, in turn. This check needs an idle machine.

The lock share of extraction is all CPU time that is not in calls known to release the lock: the
decoder, resizing, and the network.
"""

import argparse
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from canned_work import WIDTH, CannedExtractor, PictureReading
from core_simulation import Costs, Simulated, stage
from decoders import decoder
from machine import describe_machine, store_result
from picture_sets import make_set
from vectors import write_vectors

from fastdup.config import RunConfig
from fastdup.config.options import DEFAULT_MAX_PIXELS
from fastdup.embed import Embedder
from fastdup.executors import LocalExecutor
from fastdup.extract import threads
from fastdup.extract.batch import BATCH_SIZE, BatchExtractor, FileToExtract
from fastdup.images import decode
from fastdup.judging.judge_processes import MOST_THREADS_OF_A_PROCESS, processes_of
from fastdup.judging.open_pictures import PictureFile
from fastdup.judging.pair_judge import JudgeTask, PairJudge
from fastdup.judging.stage import PAIRS_PER_TASK
from fastdup.models import load_spec
from fastdup.pipeline import run_pipeline
from fastdup.progress import SilentProgress
from fastdup.sources import UriReader, list_images
from fastdup.workdir import WorkDir
from fastdup.workdir.store import FeatureStore

CORES = (1, 2, 16, 64, 128)
#: A run over so many photos is simulated.
N_SIMULATED = 200_000
#: Pairs judged of each image, as of 1,000 photos drawn from photos of every kind.
PAIRS_PER_IMAGE = 0.2
#: The share of judging that holds the interpreter lock, where threads of one process judge.
LOCKED_SHARE_OF_JUDGING = 1 / 3
#: The parallel part of the neighbour search is cut into so many tasks.
N_TASKS_OF_SEARCH = 512
_REPEATS = 3


class CpuClock:
    """A `Progress` that adds up CPU seconds of the process and of its main thread by stage."""

    def __init__(self) -> None:
        self.process_s: dict[str, float] = {}
        self.main_s: dict[str, float] = {}
        self._stage = ""
        self._began = (0.0, 0.0)

    def start(self, stage: str, total: int | None = None) -> None:
        """Begin a stage."""
        self._stage, self._began = stage, (time.process_time(), time.thread_time())

    def advance(self, steps: int = 1) -> None:
        """Ignore an advance."""

    def finish(self) -> None:
        """End the stage."""
        for spent, now, began in zip(
            (self.process_s, self.main_s),
            (time.process_time(), time.thread_time()),
            self._began,
            strict=True,
        ):
            spent[self._stage] = spent.get(self._stage, 0.0) + now - began


def least_cpu_s(work: Callable[[], object]) -> float:
    """Return the least CPU seconds of this thread of several repeats."""
    found = []
    for _ in range(_REPEATS):
        began = time.thread_time()
        work()
        found.append(time.thread_time() - began)
    return min(found)


@contextmanager
def cpu_of_main_and_others() -> Iterator[list[float]]:
    """Give the CPU seconds of this thread and of the other threads in the block."""
    spent: list[float] = []
    process_s, main_s = time.process_time(), time.thread_time()
    yield spent
    main = time.thread_time() - main_s
    spent += [main, time.process_time() - process_s - main]


def extraction_costs(uris: list[str]) -> Costs:
    """Return what an image costs a thread that extracts, with and without the lock."""
    reader, embedder = UriReader(), Embedder(load_spec())
    extractor = BatchExtractor(reader, embedder, DEFAULT_MAX_PIXELS)
    files = [FileToExtract(uri, reader.stamp(uri)) for uri in uris]
    pictures = [decode(Path(uri).read_bytes(), min_side=embedder.min_side) for uri in uris]
    prepared = [embedder.prepare_frames(picture) for picture in pictures]
    batches = [prepared[i : i + BATCH_SIZE] for i in range(0, len(prepared), BATCH_SIZE)]
    bare = [decoder("bare", Path(uri).read_bytes()) for uri in uris]
    whole_s = least_cpu_s(lambda: extractor(files))
    free_s = least_cpu_s(lambda: [act() for act in bare])
    free_s += least_cpu_s(lambda: [embedder.prepare_frames(picture) for picture in pictures])
    free_s += least_cpu_s(lambda: [embedder.embed_frames(batch) for batch in batches])
    return Costs(locked=(whole_s - free_s) / len(uris), free=free_s / len(uris))


def handing_out_costs(folder: Path, vectors: Path, n_rows: int) -> tuple[Costs, float]:
    """Return what an image costs the process that hands it out, and what listing it costs.

    Parameters
    ----------
    folder : Path
        Receives empty files, ``images``, and a work folder of their rows, ``work``.
    vectors : Path
        The features of the rows.
    n_rows : int
        At least `LEAST_IMAGES_OF_A_PROCESS` for each of five threads.
    """
    images, rng = folder / "images", random.Random(0)
    images.mkdir()
    for number in range(n_rows):
        path = images / f"{number:06}.jpg"
        path.touch()
        os.truncate(path, rng.randrange(20_000, 2_000_000))
    began = time.process_time()
    uris = list(list_images(RunConfig(input_dir=str(images))))
    list_s = time.process_time() - began
    work, reader = WorkDir(str(folder / "work")), UriReader()
    work.create()
    signature = BatchExtractor(reader, Embedder(load_spec()), DEFAULT_MAX_PIXELS).signature()
    extractor = CannedExtractor(str(vectors))
    n_threads = threads.MOST_THREADS_OF_A_PROCESS + 1
    with FeatureStore(work, signature) as store, cpu_of_main_and_others() as spent:
        threads.extract(
            reader, uris, store, extractor, n_threads=n_threads, progress=SilentProgress()
        )
    main_s, others_s = spent
    return Costs(locked=others_s / n_rows, stored=main_s / n_rows), list_s / n_rows


def search_costs(work: Path, n_rows: int) -> tuple[Costs, float]:
    """Return what the search for neighbours costs a row, and what all around it costs.

    The part on the main thread is serial, so it counts as stored. ``stretch`` is how much more CPU
    time the rest takes with a second thread, which shares the memory.
    """
    found = []
    for n_threads in (1, 2):
        clock, began = CpuClock(), time.process_time()
        config = RunConfig(
            input_dir=str(work),
            work_dir=str(work),
            run_mode=2,
            verify="none",
            num_threads=n_threads,
        )
        for path in work.glob("*neighbours*"):
            path.unlink()  # what the first search found
        run_pipeline(config, clock)
        whole_s, search_s = time.process_time() - began, clock.process_s["neighbours"]
        main_s = clock.main_s["neighbours"]
        found.append((main_s, search_s - main_s, whole_s - search_s))
    (main_s, one_s, rest_s), (_, two_s, _) = found
    stretch = max(0.0, two_s / one_s - 1)
    return Costs(free=one_s / n_rows, stored=main_s / n_rows, stretch=stretch), rest_s / n_rows


def judging_costs(uris: list[str]) -> Costs:
    """Return what a pair costs a process that judges it, and the process that reads for it."""
    reader = UriReader()
    files = [PictureFile(uri, reader.stamp(uri)) for uri in uris]
    pairs = list(zip(files, files[1:] + files[:1], strict=True))
    judge_s = least_cpu_s(lambda: PairJudge(reader, DEFAULT_MAX_PIXELS)(JudgeTask(0, tuple(pairs))))
    tasks = [tuple(pairs[i : i + PAIRS_PER_TASK]) for i in range(0, len(pairs), PAIRS_PER_TASK)] * 8
    n_threads = MOST_THREADS_OF_A_PROCESS + 1
    with processes_of(PictureReading(reader, DEFAULT_MAX_PIXELS)) as work:
        executor = LocalExecutor(n_threads)
        with cpu_of_main_and_others() as spent:
            for _ in executor.run(work, tasks):
                pass
    main_s, others_s = spent
    n_read = sum(map(len, tasks))
    return Costs(locked=others_s / n_read, alone=judge_s / len(pairs), stored=main_s / n_read)


def seconds_of_extraction(uris: list[str], folder: Path, n_threads: int) -> float:
    """Return the seconds by the clock of an extraction."""
    work, reader = WorkDir(str(folder)), UriReader()
    work.create()
    extractor = BatchExtractor(reader, Embedder(load_spec()), DEFAULT_MAX_PIXELS)
    extractor.embedder.open()
    with FeatureStore(work, extractor.signature()) as store:
        began = time.perf_counter()
        threads.extract(
            reader, uris, store, extractor, n_threads=n_threads, progress=SilentProgress()
        )
        return time.perf_counter() - began


def check(uris: list[str], folder: Path, measured: dict[str, Costs]) -> dict[str, float]:
    """Return how much faster two threads extract than one: as simulated, and by the clock."""
    found = []
    for i in range(_REPEATS):
        one, two = (seconds_of_extraction(uris, folder / f"{i}-{n}", n) for n in (1, 2))
        found.append(one / two)
    simulated = extraction(measured, 2, 20_000)
    predicted = extraction(measured, 1, 20_000).seconds / simulated.seconds
    by_clock = statistics.median(found)
    return {
        "speed_up_simulated": round(predicted, 3),
        "speed_up_by_the_clock": round(by_clock, 3),
        "error": round(predicted / by_clock - 1, 3),
    }


def extraction(measured: dict[str, Costs], n_cores: int, n_images: int) -> Simulated:
    """Simulate the extraction of images."""
    thread, parent = measured["extraction"], measured["handing_out"]
    if n_cores <= threads.MOST_THREADS_OF_A_PROCESS:
        costs, per_call = thread._replace(stored=parent.stored), BATCH_SIZE
    else:
        costs = parent._replace(alone=thread.locked + thread.free)
        per_call = threads.files_per_call(n_images, n_cores)
    n_calls = n_images // per_call
    n_ahead = n_cores * min(8, 32 * BATCH_SIZE // per_call)
    return stage(costs, n_calls * per_call, per_call, n_cores, n_ahead)


def judging(measured: dict[str, Costs], n_cores: int, n_pairs: int) -> Simulated:
    """Simulate the judging of pairs."""
    costs = measured["judging"]
    if n_cores <= MOST_THREADS_OF_A_PROCESS:
        locked = LOCKED_SHARE_OF_JUDGING * costs.alone
        costs = Costs(locked=locked, free=costs.alone - locked, stored=costs.stored)
    n_whole = n_pairs // PAIRS_PER_TASK * PAIRS_PER_TASK
    return stage(costs, n_whole, PAIRS_PER_TASK, n_cores, 4 * n_cores)


def search(measured: dict[str, Costs], n_cores: int, n_rows: int) -> Simulated:
    """Simulate the search for neighbours: its serial part, then the tasks."""
    costs = measured["search"]
    task_s = costs.free * n_rows / N_TASKS_OF_SEARCH
    task = Costs(free=task_s, stretch=costs.stretch)
    tasks = stage(task, N_TASKS_OF_SEARCH, 1, n_cores, N_TASKS_OF_SEARCH)
    serial_s = costs.stored * n_rows
    seconds = serial_s + tasks.seconds
    return Simulated(
        seconds, {"cores": tasks.seconds / seconds, "serial part of the search": serial_s / seconds}
    )


def predict(measured: dict[str, Costs], serial_s: float, n_cores: int) -> dict[str, object]:
    """Return the images per second of a run on some cores, and what binds each stage."""
    stages = {
        "extraction": extraction(measured, n_cores, N_SIMULATED),
        "search": search(measured, n_cores, N_SIMULATED),
        "judging": judging(measured, n_cores, int(N_SIMULATED * PAIRS_PER_IMAGE)),
        "listing and tables": Simulated(serial_s * N_SIMULATED, {"one thread": 1.0}),
    }
    whole_s = sum(found.seconds for found in stages.values())
    return {
        "images_per_s": round(N_SIMULATED / whole_s),
        "stages": {
            name: {
                "share_of_time": round(found.seconds / whole_s, 3),
                "binds": found.binds,
                "use": {resource: round(share, 2) for resource, share in found.use.items()},
            }
            for name, found in stages.items()
        },
    }


def main() -> None:
    """Measure, simulate, print and store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--images", type=int, default=160)
    parser.add_argument("--rows", type=int, default=20_000)
    out = Path(__file__).parent / "results" / "many-cores.json"
    parser.add_argument("--out", type=Path, default=out)
    options = parser.parse_args()
    machine = describe_machine()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        make_set("web", options.photos, folder / "photos", options.images)
        uris = sorted(map(str, (folder / "photos").rglob("*.jpg")))
        seconds_of_extraction(uris, folder / "real", 1)
        real = np.fromfile(WorkDir(str(folder / "real")).features, np.float32).reshape(-1, WIDTH)
        write_vectors(real, options.rows, folder / "vectors")
        measured = {"extraction": extraction_costs(uris), "judging": judging_costs(uris)}
        measured["handing_out"], listing_s = handing_out_costs(
            folder, folder / "vectors", options.rows
        )
        measured["search"], tables_s = search_costs(folder / "work", options.rows)
        checked = check(uris, folder, measured)
    serial_s = listing_s + tables_s
    result = {
        "machine": machine,
        "microseconds_per_image_or_pair": {
            name: {field: round(1e6 * value, 1) for field, value in costs._asdict().items()}
            for name, costs in measured.items()
        }
        | {"listing": round(1e6 * listing_s, 1), "tables": round(1e6 * tables_s, 1)},
        "search_stretch_per_core": round(measured["search"].stretch, 3),
        "check_with_two_threads": checked,
        "simulated_images": N_SIMULATED,
        "cores": {str(n): predict(measured, serial_s, n) for n in CORES},
    }
    store_result(result, options.out)


if __name__ == "__main__":
    main()
