"""WHO runs the work: threads of this process, or a cluster. Knows nothing about images."""

from fastdup.executors.base import Executor
from fastdup.executors.local import LocalExecutor

__all__ = ["Executor", "LocalExecutor"]
