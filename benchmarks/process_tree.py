"""What a process and all that it started take: memory and bytes read, from the /proc of Linux."""

import os
import threading
from collections import defaultdict
from pathlib import Path
from typing import Self

SAMPLE_EVERY_S = 0.05


class TreeMemory:
    """Watches the memory of a process and its descendants; a context manager.

    Pages that several of them share count once (PSS).

    Attributes
    ----------
    peak_mib : float
        The most that they had together at a sample, or that one of them had at any time.
    """

    def __init__(self, pid: int) -> None:
        self.peak_mib = 0.0
        self._pid = pid
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._keep_sampling, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def sample(self) -> None:
        """Look at the memory now."""
        pids = tree(self._pid)
        largest = max(_kib(f"/proc/{pid}/status", "VmHWM") for pid in pids)
        if len(pids) > 1:
            largest = max(largest, sum(_kib(f"/proc/{pid}/smaps_rollup", "Pss") for pid in pids))
        self.peak_mib = max(self.peak_mib, largest / 1024)

    def _keep_sampling(self) -> None:
        while not self._ended.wait(SAMPLE_EVERY_S):
            self.sample()


def tree(root: int) -> list[int]:
    """Return a process and its descendants, the process first."""
    children = defaultdict(list)
    for name in os.listdir("/proc"):
        if name.isdigit():
            children[_parent(int(name))].append(int(name))
    found = [root]
    for pid in found:  # grows while it is walked
        found.extend(children[pid])
    return found


def read_mib(pid: int) -> float:
    """Return what a process, ended but not yet waited for, read: with all that it waited for.

    Counted are the bytes that calls of `read` returned, from the disk or from the system's cache,
    programs and libraries included. What is read through a memory map is not counted.
    """
    fields = dict(line.split(": ") for line in Path(f"/proc/{pid}/io").read_text().splitlines())
    return int(fields["rchar"]) / 2**20


def _parent(pid: int) -> int:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:  # it ended
        return -1
    return int(stat.rpartition(")")[2].split()[1])


def _kib(path: str, field: str) -> int:
    try:
        lines = Path(path).read_text().splitlines()
    except OSError:  # it ended
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(f"{field}:")), 0)
