"""Who runs the work: threads, worker processes, or a Ray cluster. Knows nothing of images."""

import pkgutil
from contextlib import AbstractContextManager

from fastdup.executors.base import Executor, ExecutorOptions
from fastdup.executors.local import LocalExecutor
from fastdup.executors.shared_folder import SharedFolder

__all__ = [
    "EXECUTORS",
    "Executor",
    "ExecutorOptions",
    "LocalExecutor",
    "SharedFolder",
    "open_executor",
]

#: Name → "module:Class", imported on use. `ray` needs the extra of that name.
EXECUTORS = {
    "local": "fastdup.executors.local:LocalExecutor",
    "ray": "fastdup.executors.ray_cluster:RayExecutor",
}


def open_executor(name: str, options: ExecutorOptions) -> AbstractContextManager[Executor]:
    """Return the executor called `name` in `EXECUTORS`, a context manager.

    Raises
    ------
    MissingExtraError
        When the package that it needs is not installed.
    ExecutorError
        When it cannot be reached.
    """
    executor = pkgutil.resolve_name(EXECUTORS[name])
    opened: AbstractContextManager[Executor] = executor.opened(options)
    return opened
