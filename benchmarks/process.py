"""Runs a command and measures its time and memory."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from process_tree import TreeMemory, read_mib


class Cost(NamedTuple):
    """What a process took, with all that it started and waited for.

    Attributes
    ----------
    wall_s, cpu_s : float
        Seconds by the clock; seconds of all cores, user and system.
    peak_rss_mib : float
        Peak resident memory of the largest process.
    tree_mib : float
        Peak memory of all processes together, shared pages counted once.
    read_mib : float
        What calls of `read` returned.
    """

    wall_s: float
    cpu_s: float
    peak_rss_mib: float
    tree_mib: float
    read_mib: float

    def per_image(self, n_images: int) -> dict[str, float]:
        """Return the cost as results show it, for a run over `n_images`."""
        return {
            "wall_s": self.wall_s,
            "images_per_s": n_images / self.wall_s,
            "cpu_ms_per_image": 1000 * self.cpu_s / n_images,
            "peak_rss_mib": self.peak_rss_mib,
        }


def cpu_of(pid: int) -> float:
    """Return the CPU seconds that a running process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def run_measured(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Cost:
    """Run `command`, its output dropped; end this program when it fails.

    Compiled modules are kept, as in an installation, even if PYTHONDONTWRITEBYTECODE is set.
    """
    environment = dict(os.environ if environment is None else environment)
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    start_s = time.perf_counter()
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    with TreeMemory(process.pid) as memory:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        wall_s = time.perf_counter() - start_s
    n_mib = read_mib(process.pid)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if status:
        sys.exit(f"{command[0]} … failed with status {status}")
    cpu_s, peak_mib = usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
    return Cost(wall_s, cpu_s, peak_mib, memory.peak_mib or peak_mib, n_mib)
