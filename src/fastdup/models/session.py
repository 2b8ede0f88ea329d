"""An ONNX file → a session that runs it."""

import os
import threading
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from fastdup.errors import ModelError

#: The threads of a run share the session that the first of them opens.
_OPENING = threading.Lock()


def open_session(path: str, providers: Sequence[str] = ("CPUExecutionProvider",)) -> Any:
    """Return an ONNX Runtime session that uses one thread per call.

    Callers run whole batches in parallel instead. So threads do not wait for one another, and a
    row does not depend on the number of threads.

    Raises
    ------
    ModelError
        When this runtime cannot load the file.
    """
    try:
        status = os.stat(path)
        with _OPENING:
            return _open_session(path, tuple(providers), status.st_size, status.st_mtime_ns)
    except Exception as exc:  # the runtime's exceptions share no base but Exception
        first_line = str(exc).strip().splitlines()[0]
        raise ModelError(f"cannot load the model {path}: {first_line}") from exc


def load_runtime() -> Any:
    """Return ONNX Runtime with its telemetry turned off.

    Its wheels have telemetry turned on: they store a machine identifier in the home folder and
    send events to the publisher. The environment variable works only before the first import. If
    the program imported ONNX Runtime earlier, further events are still disabled.
    """
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime  # 100 ms, and not needed to search stored features

    onnxruntime.disable_telemetry_events()
    return onnxruntime


@lru_cache(maxsize=1)  # a model is opened to read its spec, and soon after to run it
def _open_session(path: str, providers: tuple[str, ...], size_bytes: int, mtime_ns: int) -> Any:
    """Return a session; size and time of change are keys of the cache, to notice a new file."""
    onnxruntime = load_runtime()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(path, options, providers=list(providers))
