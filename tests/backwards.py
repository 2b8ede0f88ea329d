"""An executor whose results come in another order than its tasks."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from fastdup.executors import LocalExecutor


class Backwards(LocalExecutor):
    """Finishes the last task first."""

    def run(
        self, work: Callable[[Any], Any], tasks: Iterable[Any], **options: Any
    ) -> Iterator[tuple[Any, Any]]:
        return iter([*super().run(work, tasks, **options)][::-1])
