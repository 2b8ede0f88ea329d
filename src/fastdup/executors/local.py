"""Work on threads of this process, with the same result for any number of them."""

import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from typing import Any

from fastdup.executors.base import ExecutorOptions, Result, Task

_AHEAD_PER_THREAD = 4


class LocalExecutor:
    """Runs work on threads, and yields results in the order of the tasks.

    Each task runs its matrix products on one thread: so that `n_threads` is obeyed, and so that
    every sum is added up in one order.

    Parameters
    ----------
    n_threads : int
        At least 1.
    prepare : callable, optional
        Called first on each thread.
    """

    is_distributed = False
    threads_per_gpu = 1

    def __init__(self, n_threads: int, prepare: Callable[[], None] | None = None) -> None:
        self.n_threads = n_threads
        self._prepare = prepare

    @classmethod
    def opened(cls, options: ExecutorOptions) -> "AbstractContextManager[LocalExecutor]":
        """Return such an executor, a context manager."""
        return nullcontext(cls(options.n_threads))

    def run(
        self, work: Callable[[Task], Result], tasks: Iterable[Task], *, on_gpu: bool = False
    ) -> Iterator[tuple[Task, Result]]:
        """Yield each of `tasks` with ``work(task)``; see `Executor`."""
        waiting: deque[tuple[Task, Future[Result]]] = deque()
        n_packages = sum("." not in name for name in list(sys.modules))
        with _blas_libraries(n_packages).limit(limits=1, user_api="blas"):
            pool = ThreadPoolExecutor(self.n_threads, initializer=self._prepare)
            try:
                for task in tasks:
                    waiting.append((task, pool.submit(work, task)))
                    if len(waiting) > _AHEAD_PER_THREAD * self.n_threads:
                        yield _finished(waiting.popleft())
                while waiting:
                    yield _finished(waiting.popleft())
            finally:
                pool.shutdown(wait=True, cancel_futures=True)


@lru_cache(maxsize=1)
def _blas_libraries(n_packages: int) -> Any:
    """Return what limits the threads of the BLAS libraries that are loaded.

    They are looked for again only when there are more packages, each of which may bring one: it
    takes 2 ms.
    """
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def _finished(task_and_future: "tuple[Task, Future[Result]]") -> tuple[Task, Result]:
    task, future = task_and_future
    return task, future.result()
