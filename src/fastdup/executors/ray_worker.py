"""What a process of a cluster does: fetches the work once, then does task after task."""

from typing import Any, NamedTuple

from threadpoolctl import threadpool_limits

from fastdup import __version__
from fastdup.errors import ExecutorError, FastdupError
from fastdup.executors.shared_pickle import NotSharedError


class Outcome(NamedTuple):
    """The outcome of a task.

    Attributes
    ----------
    result : object
        What the work returned.
    error : FastdupError or None
        What it raised instead.
    is_unshared : bool
        Whether it could not be done because the work's arrays are not seen here.
    """

    result: Any = None
    error: FastdupError | None = None
    is_unshared: bool = False


#: The work that this process did last, by its key, so that what it opened stays open.
_cached: dict[str, Any] = {}


def call(version: str, key: str, reference: list[Any], task: Any) -> Outcome:
    """Return the outcome of `task`, done by the work under `key`.

    Parameters
    ----------
    version : str
        That of the program that sends the task; another version may give other results.
    key : str
        Identifies the work.
    reference : list of one Ray reference
        The `SharedArrayPickle` of the work; in a list, so that Ray fetches it only when needed.
    task : object
        What the work takes.
    """
    if version != __version__:
        versions = f"a machine of the cluster has fastdup {__version__}, this one {version}"
        return Outcome(error=ExecutorError(f"{versions}: install the same on all"))
    try:
        if key not in _cached:
            import ray

            work = ray.get(reference[0]).load()
            _cached.clear()
            _cached[key] = work
        with threadpool_limits(limits=1, user_api="blas"):
            return Outcome(_cached[key](task))
    except NotSharedError:
        return Outcome(is_unshared=True)
    except FastdupError as exc:
        return Outcome(error=exc)
