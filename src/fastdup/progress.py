"""How far a long stage is: silent, a bar, log lines, or for programs; and how long it took."""

import json
import logging
import math
import sys
import time
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol, TextIO

logger = logging.getLogger(__name__)

#: Stage → what bars and lines call it.
_WORDS: Mapping[str, str] = {
    "listing": "finding files",
    "extracting": "reading images",
    "index": "preparing to compare",
    "neighbours": "comparing images",
    "views": "looking for edited copies",
    "insets": "looking for pictures within others",
    "judging": "checking pairs",
    "describing": "looking for parts",
    "looking again": "looking for parts",
}
#: A line of 60 columns at most: a terminal that is made narrower leaves no pieces of it.
_OF_KNOWN_LENGTH = "{desc}: {percentage:3.0f}%, {n_fmt} of {total_fmt}{unit}, {remaining} left"
_OF_UNKNOWN_LENGTH = "{desc}: {n_fmt}{unit}, {elapsed}"
#: Set to ``json``, it makes ``fastdup run`` report to the program that started it.
REPORT_VARIABLE = "FASTDUP_REPORT"


class Progress(Protocol):
    """What long work calls to report how far it is. Stages follow one another."""

    def start(self, stage: str, total: int | None = None) -> None:
        """Begin `stage`, of `total` steps when that is known."""

    def advance(self, steps: int = 1) -> None:
        """Report that `steps` more steps are done."""

    def finish(self) -> None:
        """End the stage."""


class SilentProgress:
    """Reports nothing; the default of the library."""

    def start(self, stage: str, total: int | None = None) -> None:
        """Ignore the beginning of a stage."""

    def advance(self, steps: int = 1) -> None:
        """Ignore an advance."""

    def finish(self) -> None:
        """Ignore the end of a stage."""


class BarProgress:
    """A tqdm bar for each stage, gone when the stage is done.

    Parameters
    ----------
    stream : text stream or None
        Where the bar is drawn; None: standard error.
    unit : str
        What the steps are; "B", bytes, are shown as kB and MB.
    """

    def __init__(self, stream: TextIO | None = None, unit: str = " images") -> None:
        from tqdm import tqdm  # costs 20 ms, and only a terminal wants it

        self._make_bar: Callable[..., tqdm] = tqdm  # type: ignore[type-arg]
        self._stream: TextIO | None = stream or sys.stderr
        self._unit = unit
        self._bar: tqdm | None = None  # type: ignore[type-arg]

    def start(self, stage: str, total: int | None = None) -> None:
        """Show a new bar named `stage`."""
        self.finish()
        self._bar = self._make_bar(
            total=total,
            desc=_WORDS.get(stage, stage),
            unit=self._unit,
            unit_scale=self._unit == "B",
            file=self._stream,
            leave=False,
            bar_format=_OF_UNKNOWN_LENGTH if total is None else _OF_KNOWN_LENGTH,
            dynamic_ncols=True,
        )

    def advance(self, steps: int = 1) -> None:
        """Move the bar."""
        if self._bar is not None:
            self._bar.update(steps)

    def finish(self) -> None:
        """Remove the bar."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None


class NotebookProgress(BarProgress):
    """A bar of the notebook for each stage; one of text where ``ipywidgets`` is not installed."""

    def __init__(self, unit: str = " images") -> None:
        super().__init__(unit=unit)
        with warnings.catch_warnings():  # that there are no widgets
            warnings.simplefilter("ignore")
            from tqdm.auto import tqdm

        self._make_bar = tqdm
        self._stream = None


class LogProgress:
    """A line in the log at each stage's beginning and then at most every `interval_s` seconds.

    So a stage that comes again soon has no line.
    """

    def __init__(self, interval_s: float = 30.0) -> None:
        self._interval_s = interval_s
        self._stage = ""
        self._total: int | None = None
        self._done = 0
        self._logged_s: dict[str, float] = {}

    def start(self, stage: str, total: int | None = None) -> None:
        """Name the stage."""
        self._stage, self._total, self._done = stage, total, 0
        if self._is_due():
            logger.info("%s%s", self._words(), "" if total is None else f": {total:,}")

    def advance(self, steps: int = 1) -> None:
        """Write a line when the last one is old enough."""
        self._done += steps
        if self._is_due():
            of = "" if self._total is None else f" of {self._total:,}"
            logger.info("%s: %s%s", self._words(), f"{self._done:,}", of)

    def finish(self) -> None:
        """Write nothing: the next stage or the summary follows."""

    def _words(self) -> str:
        return _WORDS.get(self._stage, self._stage)

    def _is_due(self) -> bool:
        """Return whether the stage's last line is old enough; if so, there is a new one."""
        now_s = time.monotonic()
        is_due = now_s - self._logged_s.get(self._stage, -math.inf) >= self._interval_s
        if is_due:
            self._logged_s[self._stage] = now_s
        return is_due


class JsonProgress:
    """A line of JSON for each event, to be read by a program.

    ``{"stage": "extracting", "total": 120}`` begins a stage, of so many steps if that is known;
    ``{"done": 35}`` is how many of them are done, at most every `interval_s` seconds.
    """

    def __init__(self, stream: TextIO, interval_s: float = 0.2) -> None:
        self._stream = stream
        self._interval_s = interval_s
        self._done = 0
        self._written_s = 0.0

    def start(self, stage: str, total: int | None = None) -> None:
        """Write the stage's name and number of steps."""
        self._done, self._written_s = 0, time.monotonic()
        self.write({"stage": stage, "total": total})

    def advance(self, steps: int = 1) -> None:
        """Write how many steps are done, when the last line is old enough."""
        self._done += steps
        now_s = time.monotonic()
        if now_s - self._written_s >= self._interval_s:
            self._written_s = now_s
            self.finish()

    def finish(self) -> None:
        """Write how many steps were done."""
        self.write({"done": self._done})

    def write(self, event: Mapping[str, object]) -> None:
        """Write one event."""
        self._stream.write(f"{json.dumps(event)}\n")
        self._stream.flush()


def choose_progress(stream: TextIO | None = None, unit: str = " images") -> Progress:
    """Return a bar when `stream` (standard error by default) is a terminal, else log lines.

    Without `stream`, it is a bar of the notebook in one.
    """
    if stream is None and _is_in_notebook():
        return NotebookProgress(unit)
    stream = stream or sys.stderr
    is_terminal = stream is not None and stream.isatty()  # None: a process without a standard error
    return BarProgress(stream, unit) if is_terminal else LogProgress()


def _is_in_notebook() -> bool:
    """Return whether this process is the kernel of a notebook."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return getattr(shell, "kernel", None) is not None


class Stopwatch:
    """Seconds per stage, added up; not shared between threads, but merged."""

    def __init__(self) -> None:
        self._seconds: defaultdict[str, float] = defaultdict(float)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add the time that the block takes to the stage `name`."""
        start_s = time.perf_counter()
        try:
            yield
        finally:
            self._seconds[name] += time.perf_counter() - start_s

    def merge(self, other: "Stopwatch") -> None:
        """Add another stopwatch's seconds, stage by stage."""
        for name, seconds in other._seconds.items():
            self._seconds[name] += seconds

    @property
    def seconds(self) -> Mapping[str, float]:
        """Seconds of each stage, in the order in which the stages first ended."""
        return dict(self._seconds)
