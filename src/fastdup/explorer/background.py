"""Values that take long: computed once in a thread, while the page asks whether they are there."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

#: Seconds for which requests wait from the start on: what small collections need is there by then.
_PATIENCE_S = 0.4


class InBackground(Generic[T]):
    """A value that is computed once, at the first request; safe to use from several threads.

    Parameters
    ----------
    compute : callable
        Returns the value.
    """

    def __init__(self, compute: Callable[[], T]) -> None:
        self._compute = compute
        self._lock = threading.Lock()
        self._done = threading.Event()
        self._thread: threading.Thread | None = None
        self._value: T | None = None
        self._error: Exception | None = None
        self._started_s = 0.0

    def get(self, patience_s: float | None = None) -> T | None:
        """Return the value, None where it is not there within some seconds.

        Parameters
        ----------
        patience_s : float, optional
            How long to wait. By default a moment after the start, and not at all later, so that
            nobody who asks again and again waits each time.

        Raises
        ------
        Exception
            What the computation raised; the next call tries again.
        """
        with self._lock:
            if self._thread is None:
                self._done.clear()
                self._started_s = time.monotonic()
                self._thread = threading.Thread(target=self._run, daemon=True)
                self._thread.start()
        if patience_s is None:
            patience_s = max(0.0, self._started_s + _PATIENCE_S - time.monotonic())
        if not self._done.wait(patience_s):
            return None
        if self._error is not None:
            with self._lock:
                error, self._error, self._thread = self._error, None, None
            if error is not None:
                raise error
        return self._value

    def _run(self) -> None:
        try:
            self._value = self._compute()
        except Exception as exc:  # raised where the value is asked for
            self._error = exc
        finally:
            self._done.set()
