"""The proprietary original as a black box, in an environment of its own.

Its package is never imported here: another interpreter runs it, and only its time and its output
files are looked at.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

SCRIPT = """
import sys, fastdup
work = fastdup.create(input_dir=sys.argv[1], work_dir=sys.argv[2])
work.run(overwrite=True)
"""


def run_peer(python: Path, photos: Path, out: Path) -> dict[str, float]:
    """Run the original on `photos` and return its seconds, CPU seconds and peak memory."""
    environment = {**os.environ, "SENTRY_OPT_OUT": "1"}
    command = [str(python), "-c", SCRIPT, str(photos), str(out)]
    start_s = time.perf_counter()
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    wall_s = time.perf_counter() - start_s
    if status:
        sys.exit(f"the original failed with status {status}")
    n_images = sum(1 for path in photos.rglob("*") if path.is_file())
    return {
        "wall_s": wall_s,
        "images_per_s": n_images / wall_s,
        "cpu_ms_per_image": 1000 * (usage.ru_utime + usage.ru_stime) / n_images,
        "peak_rss_mib": usage.ru_maxrss / 1024,
    }
