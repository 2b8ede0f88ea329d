"""Blocks of work on threads, with the same result for any number of them."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from fastdup.executors import LocalExecutor

Task = TypeVar("Task")


def for_each(
    work: Callable[[Task], int | None],
    tasks: Iterable[Task],
    n_threads: int,
    *,
    on_done: Callable[[int], None] | None = None,
    prepare: Callable[[], None] | None = None,
) -> None:
    """Call ``work(task)`` for each of `tasks` on `n_threads` threads; a single one on this thread.

    The tasks are cut the same way whatever `n_threads` is.

    Parameters
    ----------
    work : callable
        Writes its result itself, to a place of its own. It may return how many rows that were.
    tasks : iterable
    n_threads : int
        At least 1.
    on_done : callable, optional
        Called with the numbers of rows that `work` returned, on the calling thread and in the order
        of `tasks`.
    prepare : callable, optional
        Called first on each thread.
    """
    is_one = isinstance(tasks, Sequence) and len(tasks) <= 1 and prepare is None
    if is_one:  # starting a thread takes longer than a small task
        done: Iterable[int | None] = map(work, tasks)
    else:
        done = (n_rows for _, n_rows in LocalExecutor(n_threads, prepare).run(work, tasks))
    for n_rows in done:
        if on_done is not None and n_rows is not None:
            on_done(n_rows)
