"""The connection to a Ray cluster: one that runs already, or one started for the run."""

import logging
import os
import secrets
import socket
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from fastdup.errors import ConfigError, ExecutorError, MissingExtraError
from fastdup.executors.base import ExecutorOptions

_CONNECT_TIMEOUT_S = 10.0
_MOST_FOLDER_CHARACTERS = 30
#: A cluster on this machine holds tasks and their results only; larger arrays are mapped files.
_LOCAL_STORE_BYTES = 200 * 2**20

#: For every use of Ray: no usage statistics are sent.
_PRIVATE = {"RAY_USAGE_STATS_ENABLED": "0"}
#: For a cluster of this machine alone: it listens on 127.0.0.1 only.
_LOOPBACK = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}


@contextmanager
def connected(options: ExecutorOptions) -> Iterator[Any]:
    """Yield Ray, connected. A connection that was there before stays open; a new one is closed.

    Raises
    ------
    MissingExtraError
        Ray is not installed.
    ConfigError
        The address in the environment is none.
    ExecutorError
        The cluster cannot be reached.
    """
    address = options.address or os.environ.get("RAY_ADDRESS") or "local"
    if address == "local":
        with _short_folder() as folder, _loopback():
            _set_token()
            settings = {
                "num_cpus": options.n_threads,
                "object_store_memory": _LOCAL_STORE_BYTES,
                "_temp_dir": folder,
                "_system_config": {"enable_metrics_collection": False},
            }
            with _environment({**_PRIVATE, **_LOOPBACK}):
                yield from _session("local", settings)
        return
    _check_reachable(address)
    with _environment(_PRIVATE):
        yield from _session(address, {})


def _set_token() -> None:
    """Give this process an authentication token for its clusters, unless the user has one for Ray.

    Ray would write one into the home folder. It stays set to the end: Ray remembers it.
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


def is_connected() -> bool:
    """Return whether this process is connected to a cluster, without loading Ray."""
    ray = sys.modules.get("ray")
    return ray is not None and bool(ray.is_initialized())


def _session(address: str, settings: dict[str, Any]) -> Iterator[Any]:
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
            **settings,
        )
    except (ray.exceptions.RayError, OSError, RuntimeError, ValueError) as exc:
        what = "Ray does not start here" if address == "local" else f"no Ray cluster at {address}"
        raise ExecutorError(f"{what}: {first_line(exc)}") from exc
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
    """Refuse an address at which nothing listens, without the minute that Ray takes for it."""
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
    """Make 127.0.0.1 this process's address in a cluster while the block runs.

    Ray reads the variable of `_LOOPBACK` only when it is imported, which may have been long ago,
    and the process may connect to another cluster later. So Ray's own constant is set, and put
    back.
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


def first_line(exc: BaseException) -> str:
    """Return the first line of the message, or the exception's name without one."""
    lines = str(exc).strip().splitlines()
    return lines[0] if lines else type(exc).__name__
