"""What does judging cost: a pair by step, and all pairs of a run?

    python benchmarks/judging_costs.py PHOTOS --images 1000

Steps are CPU times on one core, as multiples of decoding a JPEG of 500 × 375 pixels in the same
process; `benchmarks/verify.py` stores them with the figures of quality. The run is over photos of
that size, drawn by chance: what the command line needs with the defaults, beside what it needs with
`--verify none`, both on one thread and in turn.
"""

import argparse
import csv
import io
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

from machine import describe_machine, store_result
from PIL import Image, ImageOps
from process import run_measured
from threadpoolctl import threadpool_limits

from fastdup.config.options import DEFAULT_MAX_PIXELS
from fastdup.evaluation.planter import JPEG_QUALITY, photos_in, upright
from fastdup.images import decode
from fastdup.judging.open_pictures import PictureFile
from fastdup.judging.pair_judge import JudgeTask, PairJudge
from fastdup.sources import UriReader
from fastdup.verify import FIRST_SIDE
from fastdup.verify.agreement import compare_detail
from fastdup.verify.changes import find_changes
from fastdup.verify.keypoints import FIRST, QUICK, describe
from fastdup.verify.registration import overlay, refine
from fastdup.verify.transform import find_transform

SIZE, SMALLER = (500, 375), (400, 300)
N_PHOTOS, N_REPEATS, N_RUNS = 30, 5, 3
SEED = "judging costs"
STORED = Path(__file__).parent / "results" / "judging-costs.json"


def costs(photos: list[Path]) -> dict[str, float]:
    """Return the CPU time of each step, as multiples of decoding; `decode_ms` is that, in ms.

    `judge_copy` and `judge_other` are all of a pair, from the two files to the verdict: of a photo
    and a smaller copy, and of two photos.
    """
    files = [_web_photo(photo) for photo in photos[:N_PHOTOS]]
    images = [opened(file) for file in files]
    small = [saved(image.resize(SMALLER)) for image in images]
    copies = [opened(file) for file in small]
    greys, others = ([i.convert("L") for i in group] for group in (images, copies))
    features = [
        (describe(a, FIRST), describe(b, FIRST)) for a, b in zip(greys, others, strict=True)
    ]
    matched = [(number, find_transform(*pair)) for number, pair in enumerate(features)]
    maps = [(number, found.to_first) for number, found in matched if found is not None]
    refined = [(n, refine(greys[n], others[n], to_first)) for n, to_first in maps]
    aligned = [overlay(images[n], copies[n], to_first) for n, to_first in refined]
    unlike = [(a[0], b[0]) for a, b in zip(features, features[1:] + features[:1], strict=True)]
    steps: dict[str, tuple[Callable[[], object], int]] = {
        "decode": (lambda: [opened(file) for file in files], len(files)),
        "decode_first": (lambda: [_decoded_first(file) for file in files], len(files)),
        "describe_first": (lambda: [describe(i, FIRST) for i in greys], len(images)),
        "describe": (lambda: [describe(i, QUICK) for i in greys], len(images)),
        "match_copy": (lambda: [find_transform(a, b) for a, b in features], len(features)),
        "match_other": (
            lambda: [find_transform(a, b, negatives=False) for a, b in unlike],
            len(unlike),
        ),
        "refine": (lambda: [refine(greys[n], others[n], m) for n, m in maps], len(maps)),
        "overlay": (lambda: [overlay(images[n], copies[n], m) for n, m in refined], len(refined)),
        "agreement": (lambda: [compare_detail(a) for a in aligned], len(aligned)),
        "changes": (lambda: [find_changes(a) for a in aligned], len(aligned)),
    }
    with threadpool_limits(1), TemporaryDirectory() as folder:
        pairs = {
            "judge_copy": list(zip(files, small, strict=True)),
            "judge_other": list(zip(files, files[1:] + files[:1], strict=True)),
        }
        for name, both in pairs.items():
            task = _as_task(both, Path(folder) / name)
            steps[name] = (partial(_judge_all, task), len(both))
        ms = {name: _least_ms(work) / n for name, (work, n) in steps.items()}
    decode = ms.pop("decode")
    return {"decode_ms": round(decode, 3)} | {k: round(v / decode, 2) for k, v in ms.items()}


def _web_photo(photo: Path) -> bytes:
    return saved(ImageOps.fit(upright(photo), SIZE))


def saved(image: Image.Image) -> bytes:
    """Return a JPEG of the picture, as the planter saves it."""
    file = io.BytesIO()
    image.save(file, "JPEG", quality=JPEG_QUALITY)
    return file.getvalue()


def opened(file: bytes) -> Image.Image:
    """Return the picture in a file."""
    return Image.open(io.BytesIO(file)).convert("RGB")


def _decoded_first(file: bytes) -> Image.Image:
    return decode(file, min_side=FIRST_SIDE, grey=True).image


def _as_task(pairs: Sequence[tuple[bytes, bytes]], folder: Path) -> JudgeTask:
    """Return the task of judging pairs, written to files."""
    folder.mkdir()
    files = []
    for number, data in enumerate(chain.from_iterable(pairs)):
        path = folder / f"{number:03}.jpg"
        path.write_bytes(data)
        files.append(PictureFile(str(path), UriReader().stamp(str(path))))
    return JudgeTask(0, tuple(zip(files[::2], files[1::2], strict=True)))


def _judge_all(task: JudgeTask) -> object:
    return PairJudge(UriReader(), DEFAULT_MAX_PIXELS)(task)


def _least_ms(work: Callable[[], object]) -> float:
    times = []
    for _ in range(N_REPEATS):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return 1000 * min(times)


def cost_of_runs(photos: Sequence[Path]) -> dict[str, object]:
    """Return the CPU seconds of runs with and without judging, and how many pairs were judged."""
    spent: dict[str, list[float]] = {"none": [], "auto": []}
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "photos").mkdir()
        for number, photo in enumerate(photos):
            (folder / "photos" / f"{number:06}.jpg").write_bytes(_web_photo(photo))
        for number in range(N_RUNS):
            for verify, seconds in spent.items():
                out = folder / f"{verify}-{number}"
                command = [sys.executable, "-m", "fastdup", "run", folder / "photos", "-w", out]
                options = ["--verify", verify, "--num-threads", "1"]
                seconds.append(run_measured([*map(str, command), *options]).cpu_s)
        with (out / "verdicts.csv").open() as file:
            verdicts = Counter(row["verdict"] for row in csv.DictReader(file))
    none, auto = (statistics.median(seconds) for seconds in spent.values())
    return {
        "images": len(photos),
        "cpu_s": {verify: [round(s, 2) for s in seconds] for verify, seconds in spent.items()},
        "more_cpu": round(auto / none - 1, 3),
        "pairs": dict(verdicts),
    }


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photos", type=Path)
    parser.add_argument("--images", type=int, default=1000, help="photos of a run")
    parser.add_argument("--out", type=Path, default=STORED)
    options = parser.parse_args()
    photos = photos_in(options.photos, 0)
    random.Random(SEED).shuffle(photos)
    result: dict[str, object] = {"date": date.today().isoformat(), "machine": describe_machine()}
    result["cost"] = costs(photos[:N_PHOTOS])
    result["run"] = cost_of_runs(photos[: options.images])
    store_result(result, options.out)


if __name__ == "__main__":
    main()
