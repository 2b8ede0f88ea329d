"""Runs a command and measures its time and memory."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple


class Cost(NamedTuple):
    """Wall seconds, CPU seconds of all threads, and peak resident memory of a process."""

    wall_s: float
    cpu_s: float
    peak_rss_mib: float

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
    _, status, usage = os.wait4(process.pid, 0)
    wall_s = time.perf_counter() - start_s
    if status:
        sys.exit(f"{command[0]} … failed with status {status}")
    return Cost(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)
