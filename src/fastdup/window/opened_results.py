"""The explorers of several runs, each below an address of its own."""

import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from starlette.types import ASGIApp

from fastdup.explorer.app import create_app
from fastdup.explorer.handlers import Handlers
from fastdup.explorer.params import Params
from fastdup.runs import FinishedRun
from fastdup.workdir import WorkDir

#: Most results held at a time: each takes memory by its number of images.
_MOST = 4

#: The first number is drawn below this, so that those of an earlier server are not used again.
_NUMBERS = 10**8
#: By what a later run in a work folder is noticed: time of change and size.
_Stamp = tuple[int, int]


@dataclass
class _Opened:
    work_dir: str
    stamp: _Stamp
    handlers: Handlers
    app: ASGIApp
    n_requests: int = 0
    is_dropped: bool = False


class OpenedResults:
    """Opens the results of runs, each under a number that is not used again.

    So a page that is still open over other results, or over those of an earlier run, cannot act on
    the wrong images: its number is gone.
    """

    def __init__(self) -> None:
        self._opened: dict[int, _Opened] = {}
        self._last = secrets.randbelow(_NUMBERS)
        self._guard = threading.Lock()
        self._counting = threading.Lock()

    def address(self, work_dir: str) -> str:
        """Return the address of the results in a work folder, which are read if necessary.

        Raises
        ------
        WorkDirError
            When there is no finished run.
        """
        return f"/results/{self._open(work_dir)}/"

    def _open(self, work_dir: str) -> int:
        with self._guard:
            known = next((n for n, o in self._opened.items() if o.work_dir == work_dir), 0)
            if known and self._opened[known].stamp == _stamp(work_dir):
                with self._counting:
                    self._opened[known] = self._opened.pop(known)  # used last
                return known
            stamp, handlers = _stamp(work_dir), Handlers(work_dir)
            _spare_reference(work_dir, handlers)
            self._last += 1
            self._opened[self._last] = _Opened(work_dir, stamp, handlers, create_app(handlers))
            self._drop(known)
            while len(self._opened) > _MOST:
                self._drop(next(iter(self._opened)))
            return self._last

    @contextmanager
    def used(self, number: int) -> Iterator[ASGIApp | None]:
        """Give the explorer under a number, which stays whole in the block; None: not open."""
        with self._counting:
            opened = self._opened.get(number)
            if opened:
                opened.n_requests += 1
        try:
            yield opened.app if opened else None
        finally:
            if opened:
                with self._counting:
                    opened.n_requests -= 1
                    is_last = opened.is_dropped and not opened.n_requests
                if is_last:
                    opened.handlers.close()

    def close(self) -> None:
        """Close all of them."""
        with self._guard:
            for number in list(self._opened):
                self._drop(number)

    def _drop(self, number: int) -> None:
        with self._counting:
            opened = self._opened.pop(number, None)
            if opened is None:
                return
            opened.is_dropped = True
            is_idle = not opened.n_requests
        if is_idle:
            opened.handlers.close()


def _stamp(work_dir: str) -> _Stamp:
    try:
        found = os.stat(WorkDir(work_dir).config)
    except OSError:
        return 0, 0  # what opens it reports why
    return found.st_mtime_ns, found.st_size


def _spare_reference(work_dir: str, handlers: Handlers) -> None:
    """Choose at first that nothing goes of the images that were only compared against."""
    reference = FinishedRun(work_dir).options["test_dir"]
    if reference:
        handlers.rule(Params({"never": [reference]}, 0))
