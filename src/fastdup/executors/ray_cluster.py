"""Work on the machines of a Ray cluster."""

import itertools
import logging
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from fastdup import __version__
from fastdup.errors import ExecutorError
from fastdup.executors.base import ExecutorOptions, Result, Task
from fastdup.executors.ray_connection import connected, first_line, is_connected
from fastdup.executors.ray_worker import Outcome, call
from fastdup.executors.shared_folder import SharedFolder
from fastdup.executors.shared_pickle import SharedArrayPickle

logger = logging.getLogger(__name__)

#: How often a task is restarted whose process or machine died.
MAX_RETRIES = 5
#: Tasks under way for each CPU: one at work, one that waits.
_TASKS_PER_CPU = 2
_WARN_EVERY_S = 30.0


class RayExecutor:
    """Runs work as tasks of a Ray cluster, which restarts lost ones.

    Parameters
    ----------
    ray : module
        Connected to the cluster.
    options : ExecutorOptions
        What may be used.
    shared : SharedFolder
        Arrays mapped from files in it are not sent to machines that see it.
    stays : bool
        Whether the connection was there before, and stays open afterwards.
    """

    is_distributed = True
    n_threads = 1  # work runs in processes of the cluster

    def __init__(
        self, ray: Any, options: ExecutorOptions, shared: SharedFolder, *, stays: bool
    ) -> None:
        self._ray = ray
        self._stays = stays
        self._max_tasks = options.max_tasks
        self._shared = shared
        self.threads_per_gpu = _threads_per_gpu(ray) if options.needs_gpu else 1

    @classmethod
    @contextmanager
    def opened(cls, options: ExecutorOptions) -> "Iterator[RayExecutor]":
        """Connect to the cluster, or start one, while the block runs.

        Raises
        ------
        MissingExtraError
            Ray is not installed.
        ExecutorError
            The cluster cannot be reached, or has no GPU where one is needed.
        """
        stays = is_connected()
        with connected(options) as ray:
            shared = SharedFolder.marked(options.folder, options.mark)
            try:
                yield cls(ray, options, shared, stays=stays)
            finally:
                shared.unmark()

    def run(
        self, work: Callable[[Task], Result], tasks: Iterable[Task], *, on_gpu: bool = False
    ) -> Iterator[tuple[Task, Result]]:
        """Yield each of `tasks` with ``work(task)``; see `Executor`."""
        needs = {"num_cpus": self.threads_per_gpu, "num_gpus": 1} if on_gpu else {"num_cpus": 1}
        # max_calls=0: a process that holds a GPU goes on to the next task too.
        function = self._ray.remote(max_retries=MAX_RETRIES, max_calls=0, **needs)(call)
        sender = _Sender(self._ray, function, work, self._shared)
        pending: dict[Any, Task] = {}
        rest = iter(tasks)
        try:
            while True:
                for task in itertools.islice(rest, max(0, self._room() - len(pending))):
                    pending[sender.send(task)] = task
                if not pending:
                    return
                for reference in self._finished(pending):
                    task = pending.pop(reference)
                    outcome = _outcome(self._ray, reference)
                    if outcome.is_unshared:
                        sender.send_all()
                        pending[sender.send(task)] = task
                    elif outcome.error:
                        raise outcome.error
                    else:
                        yield task, outcome.result
        finally:
            # Tasks end with a connection of our own. Cancelling them before may crash Ray, when one
            # of them ends at that moment. A generator may be closed after the connection was.
            for reference in pending if self._stays and is_connected() else ():
                self._ray.cancel(reference)

    def _room(self) -> int:
        """Return how many tasks should be under way in the cluster as it is now."""
        n_cpus = int(self._ray.cluster_resources().get("CPU", 1))
        return min(_TASKS_PER_CPU * max(n_cpus, 1), self._max_tasks or _TASKS_PER_CPU * n_cpus or 1)

    def _finished(self, pending: dict[Any, Any]) -> list[Any]:
        """Wait for tasks to be done; warn now and then when no machine does any."""
        while True:
            done, _ = self._ray.wait(list(pending), num_returns=1, timeout=_WARN_EVERY_S)
            if done:
                return list(done)
            if not self._ray.cluster_resources().get("CPU"):
                logger.warning("no machine of the cluster has a CPU to work on: waiting for one")


class _Sender:
    """Sends the tasks of one work; the work itself is sent once to each machine."""

    def __init__(self, ray: Any, function: Any, work: Any, shared: SharedFolder) -> None:
        self._ray = ray
        self._function = function
        self._work = work
        self._pack(shared)

    def send(self, task: Any) -> Any:
        return self._function.remote(__version__, self._key, [self._pickle], task)

    def send_all(self) -> None:
        """Send the arrays too from now on: some machine does not see them."""
        if self._is_shared:
            self._pack(None)

    def _pack(self, shared: SharedFolder | None) -> None:
        self._is_shared = shared is not None
        self._key = uuid.uuid4().hex
        self._pickle = self._ray.put(SharedArrayPickle.dump(self._work, shared))


def _outcome(ray: Any, reference: Any) -> Outcome:
    try:
        outcome: Outcome = ray.get(reference)
    except ray.exceptions.RayTaskError as exc:
        cause = exc.cause if isinstance(exc.cause, BaseException) else exc
        raise ExecutorError(
            f"a machine of the cluster failed ({type(cause).__name__}: {first_line(cause)}): "
            "install the same packages on all of them"
        ) from exc
    except ray.exceptions.RayError as exc:
        raise ExecutorError(
            f"the processes for one task died {MAX_RETRIES + 1} times, perhaps because memory ran "
            f"out ({first_line(exc)}); what is stored is kept: run again to go on"
        ) from exc
    return outcome


def _threads_per_gpu(ray: Any) -> int:
    """Return the CPUs for each GPU on the machine where they are fewest.

    Raises
    ------
    ExecutorError
        When the cluster has no GPU.
    """
    machines = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    shares = [int(has.get("CPU", 0) // has["GPU"]) for has in machines if has.get("GPU", 0) >= 1]
    if not shares:
        raise ExecutorError("compute='gpu', but no machine of the cluster has a GPU: add one")
    return max(1, min(shares))
