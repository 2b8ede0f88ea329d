"""How long does the built-in model take per image on one core, compared with MobileNetV3-small?

usage: inference.py [--model FILE.onnx …] [--repeats 15] [--out results/inference.json]

The reference is the float32 MobileNetV3-small of the paper (random weights, 224 × 224). All models
run in turn in the same process, with batches of 32 on one thread. The median of the repeats counts.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
from machine import describe_machine, store_result
from mobilenet import write_mobilenet

from fastdup.models.session import open_session
from fastdup.models.spec import BUILTIN_PATH

BATCH_SIZE = 32
YARDSTICK = "MobileNetV3-small float32 224 px"


def load(path: Path) -> tuple[object, dict[str, np.ndarray]]:
    """Return a session on one thread, and a batch of random input for it."""
    session = open_session(str(path))
    (model_input,) = session.get_inputs()
    shape = (BATCH_SIZE, *model_input.shape[1:])
    rng = np.random.default_rng(0)
    if model_input.type == "tensor(uint8)":
        return session, {model_input.name: rng.integers(0, 256, shape, np.uint8)}
    images = rng.normal(size=shape).astype(np.float32)
    return session, {model_input.name: images}


def ms_per_image(session: object, feed: dict[str, np.ndarray]) -> float:
    """Return the CPU milliseconds per image of one batch."""
    start_s = time.process_time()
    session.run(None, feed)
    return 1000 * (time.process_time() - start_s) / BATCH_SIZE


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, action="append", default=[])
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument(
        "--out", type=Path, default=Path(__file__).parent / "results/inference.json"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        yardstick = Path(folder, "mobilenet.onnx")
        write_mobilenet(yardstick)
        paths = {YARDSTICK: yardstick, "built-in": BUILTIN_PATH}
        loaded = {name: load(path) for name, path in paths.items()}
        loaded |= {path.name: load(path) for path in options.model}
    spent = {name: [] for name in loaded}
    for _ in range(options.repeats + 1):
        for name, (session, feed) in loaded.items():
            spent[name].append(ms_per_image(session, feed))
    medians = {name: statistics.median(times[1:]) for name, times in spent.items()}
    result = {
        "machine": describe_machine(),
        "ms_per_image_on_one_core": medians,
        "ratio_to_yardstick": {name: ms / medians[YARDSTICK] for name, ms in medians.items()},
        "built_in_bytes": BUILTIN_PATH.stat().st_size,
    }
    store_result(result, options.out)


if __name__ == "__main__":
    main()
