"""WHO runs the work: threads of this process, or a cluster. Knows nothing about images."""

import importlib
from contextlib import AbstractContextManager

from fastdup.executors.base import Executor, Means
from fastdup.executors.local import LocalExecutor
from fastdup.executors.shared import SharedFolder

__all__ = ["EXECUTORS", "Executor", "LocalExecutor", "Means", "SharedFolder", "open_executor"]

# Name → "module:Class", imported on use. `ray` needs the extra of its name.
EXECUTORS = {
    "local": "fastdup.executors.local:LocalExecutor",
    "ray": "fastdup.executors.cluster:RayExecutor",
}


def open_executor(name: str, means: Means) -> AbstractContextManager[Executor]:
    """Return the executor called `name` in `EXECUTORS`, a context manager.

    Raises
    ------
    MissingExtraError
        When the package that it needs is not installed.
    ExecutorError
        When it cannot be reached.
    """
    module, _, class_name = EXECUTORS[name].partition(":")
    opened: AbstractContextManager[Executor] = getattr(
        importlib.import_module(module), class_name
    ).opened(means)
    return opened
