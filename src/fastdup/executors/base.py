"""What every executor can do, and what it may use."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")


@dataclass(frozen=True, kw_only=True)
class ExecutorOptions:
    """What an executor may use.

    Attributes
    ----------
    n_threads : int
        At least 1: threads of this process, or CPUs of a cluster that is started here.
    max_tasks : int or None
        Tasks under way at a time in a cluster that was there before; None: as many as it has room
        for.
    address : str or None
        Where a cluster is; None: on this machine, started for the run.
    needs_gpu : bool
        Whether some work runs on GPUs.
    folder : str
        Files in it are not sent to machines that see the same folder.
    mark : str
        Name of a file in it, there while the executor is open, by which machines recognise it.
    """

    n_threads: int
    max_tasks: int | None = None
    address: str | None = None
    needs_gpu: bool = False
    folder: str = "."
    mark: str = ".shared"


class Executor(Protocol):
    """Runs work: on threads of this process, or on many machines.

    Attributes
    ----------
    is_distributed : bool
        Whether work runs in other processes, maybe on other machines. Then work, tasks and results
        are pickled, and work writes only to its result and to shared folders.
    n_threads : int
        Threads of this process that work at a time.
    threads_per_gpu : int
        Threads that work on a GPU may use.
    """

    is_distributed: bool
    n_threads: int
    threads_per_gpu: int

    def run(
        self, work: Callable[[Task], Result], tasks: Iterable[Task], *, on_gpu: bool = False
    ) -> Iterator[tuple[Task, Result]]:
        """Yield each of `tasks` with ``work(task)``, in any order.

        Tasks are taken a few at a time, as results are. What is under way when the caller stops
        iterating is cancelled.

        Raises
        ------
        FastdupError
            What `work` raised.
        ExecutorError
            When no machine can do it.
        """
