"""What everyone who runs work can do."""

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")


class Executor(Protocol):
    """Someone who runs work: threads of this process, or many machines.

    Attributes
    ----------
    is_distributed : bool
        Whether work runs in other processes, maybe on other machines: then work, tasks and results
        are pickled, and work writes nowhere but into its result.
    """

    is_distributed: bool

    def run(
        self, work: Callable[[Task], Result], tasks: Iterable[Task]
    ) -> Iterator[tuple[Task, Result]]:
        """Yield each of `tasks` with ``work(task)``, in any order.

        Tasks are taken a few at a time, while results are; what is under way when the caller
        stops listening is given up.

        Raises
        ------
        FastdupError
            What `work` raised; `ExecutorError` when nobody can do it.
        """
