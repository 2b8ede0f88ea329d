"""An ONNX file → a session that computes with it."""

import os
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from fastdup.errors import ModelError


def open_session(path: str, providers: Sequence[str] = ("CPUExecutionProvider",)) -> Any:
    """Return an ONNX Runtime session that computes each call on one thread.

    Threads are for whole batches, side by side: nothing is lost to waiting for one another, and
    the result of a row does not depend on the number of threads.

    Raises
    ------
    ModelError
        When the file is no ONNX model that this runtime can load.
    """
    try:
        told = os.stat(path)
        return _open_session(path, tuple(providers), told.st_size, told.st_mtime_ns)
    except Exception as exc:  # the runtime's exceptions share no base but Exception
        first_line = str(exc).strip().splitlines()[0]
        raise ModelError(f"cannot load the model {path}: {first_line}") from exc


def load_runtime() -> Any:
    """Return ONNX Runtime, its telemetry turned off.

    Its wheels come with telemetry that is on: an identifier of the machine in the home folder, and
    events sent to its maker. It asks the environment when it is loaded, so a program that loaded it
    before fastdup has decided for itself; even then it is told to send no further events.
    """
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime  # 100 ms, and not needed to search stored features

    onnxruntime.disable_telemetry_events()
    return onnxruntime


@lru_cache(maxsize=1)  # a model is opened to be looked at, and soon after to be run
def _open_session(path: str, providers: tuple[str, ...], size_bytes: int, mtime_ns: int) -> Any:
    """Return a session of the file at `path`, which is unchanged while the other values are."""
    onnxruntime = load_runtime()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(path, options, providers=list(providers))
