"""What a result was measured on."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("fastdup", "numpy", "pillow", "onnxruntime", "faiss-cpu")


def describe_machine() -> dict[str, object]:
    """Return processor, cores, load and package versions."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "load_before": [round(load, 2) for load in os.getloadavg()],
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor()
