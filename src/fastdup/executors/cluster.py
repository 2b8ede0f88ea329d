"""Work on the machines of a Ray cluster, one that runs already or one started for the run."""

import itertools
import logging
import os
import secrets
import socket
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from fastdup import __version__
from fastdup.errors import ConfigError, ExecutorError, MissingExtraError
from fastdup.executors.base import Means
from fastdup.executors.parcel import Parcel
from fastdup.executors.remote import Outcome, call
from fastdup.executors.shared import SharedFolder

logger = logging.getLogger(__name__)

Task = TypeVar("Task")
Result = TypeVar("Result")

#: How often a task is begun anew whose process or machine died.
MAX_RETRIES = 5
#: Tasks under way for each CPU: one at work, one that waits.
_TASKS_PER_CPU = 2
_TELL_EVERY_S = 30.0
_CONNECT_TIMEOUT_S = 10.0
_MOST_FOLDER_CHARACTERS = 30
#: A cluster on this machine holds tasks and their results only; larger arrays are mapped files.
_LOCAL_STORE_BYTES = 200 * 2**20

#: For every use of Ray: it tells nobody that it is used.
_PRIVATE = {"RAY_USAGE_STATS_ENABLED": "0"}
#: For a cluster of this machine alone: it listens on 127.0.0.1 only.
_LOOPBACK = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}


class RayExecutor:
    """Runs work as tasks of a Ray cluster; lost ones are begun anew by themselves.

    Parameters
    ----------
    ray : module
        Connected to the cluster.
    means : Means
        What may be used.
    shared : SharedFolder
        Arrays mapped from files in it do not travel to machines that see it.
    """

    is_distributed = True

    def __init__(self, ray: Any, means: Means, shared: SharedFolder, *, stays: bool) -> None:
        self._ray = ray
        self._stays = stays
        self._max_tasks = means.max_tasks
        self._shared = shared
        self.threads_per_gpu = _threads_per_gpu(ray) if means.needs_gpu else 1

    @classmethod
    @contextmanager
    def opened(cls, means: Means) -> "Iterator[RayExecutor]":
        """Connect to the cluster, or start one, while the block runs.

        Raises
        ------
        MissingExtraError
            Ray is not installed.
        ExecutorError
            The cluster cannot be reached, or has no GPU where one is needed.
        """
        stays = _is_connected()
        with _connected(means) as ray:
            shared = SharedFolder.marked(means.folder, means.mark)
            try:
                yield cls(ray, means, shared, stays=stays)
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
            # Tasks end with a connection of our own; to cancel them before may crash Ray, when one
            # of them is done at that moment. A generator may be closed after the connection was.
            for reference in pending if self._stays and _is_connected() else ():
                self._ray.cancel(reference)

    def _room(self) -> int:
        """Return how many tasks should be under way in the cluster as it is now."""
        n_cpus = int(self._ray.cluster_resources().get("CPU", 1))
        return min(_TASKS_PER_CPU * max(n_cpus, 1), self._max_tasks or _TASKS_PER_CPU * n_cpus or 1)

    def _finished(self, pending: dict[Any, Any]) -> list[Any]:
        """Wait for tasks to be done; tell now and then when no machine does any."""
        while True:
            done, _ = self._ray.wait(list(pending), num_returns=1, timeout=_TELL_EVERY_S)
            if done:
                return list(done)
            if not self._ray.cluster_resources().get("CPU"):
                logger.warning("no machine of the cluster has a CPU to work on: waiting for one")


class _Sender:
    """Sends tasks of one work, which travels once to each machine."""

    def __init__(self, ray: Any, function: Any, work: Any, shared: SharedFolder) -> None:
        self._ray = ray
        self._function = function
        self._work = work
        self._pack(shared)

    def send(self, task: Any) -> Any:
        return self._function.remote(__version__, self._key, [self._parcel], task)

    def send_all(self) -> None:
        """Let the arrays travel too from now on: some machine does not see them."""
        if self._is_shared:
            self._pack(None)

    def _pack(self, shared: SharedFolder | None) -> None:
        self._is_shared = shared is not None
        self._key = uuid.uuid4().hex
        self._parcel = self._ray.put(Parcel.of(self._work, shared))


def _outcome(ray: Any, reference: Any) -> Outcome:
    try:
        outcome: Outcome = ray.get(reference)
    except ray.exceptions.RayTaskError as exc:
        cause = exc.cause if isinstance(exc.cause, BaseException) else exc
        raise ExecutorError(
            f"a machine of the cluster failed ({type(cause).__name__}: {_first_line(cause)}): "
            "install the same packages on all of them"
        ) from exc
    except ray.exceptions.RayError as exc:
        raise ExecutorError(
            f"the processes for one task died {MAX_RETRIES + 1} times, maybe for lack of memory "
            f"({_first_line(exc)}); what is stored is kept: run again to go on"
        ) from exc
    return outcome


def _first_line(exc: BaseException) -> str:
    lines = str(exc).strip().splitlines()
    return lines[0] if lines else type(exc).__name__


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


# --- connecting -------------------------------------------------------------------------------


@contextmanager
def _connected(means: Means) -> Iterator[Any]:
    """Lend Ray, connected; a connection that was there before stays, another one is closed."""
    address = means.address or os.environ.get("RAY_ADDRESS") or "local"
    if address == "local":
        with _short_folder() as folder, _loopback():
            _have_token()
            options = {
                "num_cpus": means.n_threads,
                "object_store_memory": _LOCAL_STORE_BYTES,
                "_temp_dir": folder,
                "_system_config": {"enable_metrics_collection": False},
            }
            with _environment({**_PRIVATE, **_LOOPBACK}):
                yield from _session("local", options)
        return
    _check_reachable(address)
    with _environment(_PRIVATE):
        yield from _session(address, {})


def _have_token() -> None:
    """Give this process a secret that its clusters ask for, unless the user has one for Ray.

    Ray would write one into the home folder. It stays to the end: Ray remembers it.
    """
    in_home = os.path.expanduser("~/.ray/auth_token")
    names = ("RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH")
    if not any(map(os.environ.get, names)) and not os.path.exists(in_home):
        os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)


def _short_folder() -> "tempfile.TemporaryDirectory[str]":
    """Return a folder for Ray's sockets, whose paths may have no more than 107 bytes."""
    base = tempfile.gettempdir()
    is_long = len(base) > _MOST_FOLDER_CHARACTERS and os.path.isdir("/tmp")
    return tempfile.TemporaryDirectory(
        prefix="ray-", dir="/tmp" if is_long else base, ignore_cleanup_errors=True
    )


def _is_connected() -> bool:
    """Tell whether this process has a connection to a cluster, without loading Ray for it."""
    ray = sys.modules.get("ray")
    return ray is not None and bool(ray.is_initialized())


def _session(address: str, options: dict[str, Any]) -> Iterator[Any]:
    ray = _import_ray()
    if ray.is_initialized():
        yield ray
        return
    ray_logger = logging.getLogger("ray")
    level = ray_logger.level
    ray_logger.setLevel(logging.ERROR)
    try:
        ray.init(
            address,
            include_dashboard=False if address == "local" else None,
            configure_logging=False,
            log_to_driver=False,
            logging_level=logging.ERROR,
            **options,
        )
    except (ray.exceptions.RayError, OSError, RuntimeError, ValueError) as exc:
        what = "Ray does not start here" if address == "local" else f"no Ray cluster at {address}"
        raise ExecutorError(f"{what}: {_first_line(exc)}") from exc
    try:
        yield ray
    finally:
        ray.shutdown()
        ray_logger.setLevel(level)


def _import_ray() -> Any:
    try:
        import ray
        import ray.exceptions
    except ImportError as exc:
        raise MissingExtraError.needed_for("executor='ray'", extra="ray") from exc
    return ray


def _check_reachable(address: str) -> None:
    """Refuse an address at which nobody listens, without the minute that Ray takes for it."""
    if address == "auto":
        return
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        raise ConfigError(f"RAY_ADDRESS={address!r} is not HOST:PORT: give address='HOST:PORT'")
    try:
        socket.create_connection((host.strip("[]"), int(port)), _CONNECT_TIMEOUT_S).close()
    except OSError as exc:
        raise ExecutorError(
            f"no Ray cluster at {address}: {exc.strerror or exc}; start one with ray start --head"
        ) from exc


@contextmanager
def _loopback() -> Iterator[None]:
    """Let this process take 127.0.0.1 for its address in a cluster while the block runs.

    Ray reads the variable of `_LOOPBACK` when it is imported, which may be long ago, and so may
    another cluster be met later.
    """
    with _environment(_PRIVATE):
        _import_ray()
    from ray._private import ray_constants

    before = ray_constants.ENABLE_RAY_CLUSTER
    ray_constants.ENABLE_RAY_CLUSTER = False
    try:
        yield
    finally:
        ray_constants.ENABLE_RAY_CLUSTER = before


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """Set variables of the environment while the block runs."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
