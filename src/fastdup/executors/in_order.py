"""Results in the order of their tasks, whatever order they are done in."""

from collections.abc import Iterator
from typing import Protocol, TypeVar

from fastdup.executors.base import Result


class Numbered(Protocol):
    """A task that knows its place among all tasks, from 0."""

    @property
    def number(self) -> int:
        """The place."""


Place = TypeVar("Place", bound=Numbered)


def in_order(done: Iterator[tuple[Place, Result]]) -> Iterator[tuple[Place, Result]]:
    """Yield finished tasks in the order of their numbers."""
    waiting: dict[int, tuple[Place, Result]] = {}
    n_yielded = 0
    for task, result in done:
        waiting[task.number] = task, result
        while n_yielded in waiting:
            yield waiting.pop(n_yielded)
            n_yielded += 1
