"""What this process may use of the machine."""

import os
import sys
from contextlib import suppress
from pathlib import Path


def available_cores() -> int:
    """Return how many cores this process may use: CPU affinity and cgroup quota, at least 1."""
    if sys.platform == "linux":
        n_cores = len(os.sched_getaffinity(0))
    else:
        n_cores = os.cpu_count() or 1
    quota = _cgroup_cores()
    return max(1, n_cores if quota is None else min(n_cores, quota))


def available_memory() -> int:
    """Return how many bytes of memory this process may use: the machine's, or its cgroup's.

    On Windows, which has no simple call for it, 8 GiB.
    """
    if sys.platform == "win32":
        return 8 * 2**30
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limits = [machine]
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        with suppress(OSError, ValueError):  # not there, or "max"
            limits.append(int(Path(path).read_text()))
    return min(limits)


def _cgroup_cores() -> int | None:
    """Return the cgroup's CPU quota rounded up to whole cores, None when there is none."""
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
    except (OSError, ValueError):
        quota, period = _cgroup_v1_quota()
    if quota in ("max", "-1"):
        return None
    return -(-int(quota) // int(period))


def _cgroup_v1_quota() -> tuple[str, str]:
    folder = Path("/sys/fs/cgroup/cpu")
    try:
        quota = (folder / "cpu.cfs_quota_us").read_text().strip()
        return quota, (folder / "cpu.cfs_period_us").read_text().strip()
    except OSError:
        return "max", "1"
