"""What everyone who runs work can do."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")


@dataclass(frozen=True, kw_only=True)
class Means:
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
        What lies in it need not travel to machines that see the same folder.
    mark : str
        The name in it of a file by which they tell, there while the executor is open.
    """

    n_threads: int
    max_tasks: int | None = None
    address: str | None = None
    needs_gpu: bool = False
    folder: str = "."
    mark: str = ".shared"


class Executor(Protocol):
    """Someone who runs work: threads of this process, or many machines.

    Attributes
    ----------
    is_distributed : bool
        Whether work runs in other processes, maybe on other machines: then work, tasks and results
        are pickled, and work writes nowhere but into its result and into shared folders.
    threads_per_gpu : int
        Threads that work on a GPU may use.
    """

    is_distributed: bool
    threads_per_gpu: int

    def run(
        self, work: Callable[[Task], Result], tasks: Iterable[Task], *, on_gpu: bool = False
    ) -> Iterator[tuple[Task, Result]]:
        """Yield each of `tasks` with ``work(task)``, in any order.

        Tasks are taken a few at a time, while results are; what is under way when the caller
        stops listening is given up.

        Raises
        ------
        FastdupError
            What `work` raised; `ExecutorError` when nobody can do it.
        """
