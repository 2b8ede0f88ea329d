"""What a process of a cluster does: takes work once, then task after task."""

from typing import Any, NamedTuple

from threadpoolctl import threadpool_limits

from fastdup import __version__
from fastdup.errors import ExecutorError, FastdupError
from fastdup.executors.parcel import NotSharedError


class Outcome(NamedTuple):
    """What came of a task.

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


#: The work that this process did last, under the key of its parcel: what it opened stays open.
_taken: dict[str, Any] = {}


def call(version: str, key: str, place: list[Any], task: Any) -> Outcome:
    """Return what the work under `key` makes of `task`.

    Parameters
    ----------
    version : str
        Of the program that asks; another one would give other results.
    key : str
        Names the work.
    place : list of one reference
        Where the parcel is; in a list, so that it is fetched only when it is needed.
    task : object
        What the work takes.
    """
    if version != __version__:
        told = f"a machine of the cluster has fastdup {__version__}, this one {version}"
        return Outcome(error=ExecutorError(f"{told}: install the same on all"))
    try:
        if key not in _taken:
            work = _fetched(place[0]).unpack()
            _taken.clear()
            _taken[key] = work
        with threadpool_limits(limits=1, user_api="blas"):
            return Outcome(_taken[key](task))
    except NotSharedError:
        return Outcome(is_unshared=True)
    except FastdupError as exc:
        return Outcome(error=exc)


def _fetched(reference: Any) -> Any:
    import ray

    return ray.get(reference)
