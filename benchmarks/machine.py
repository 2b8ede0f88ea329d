"""Describes the machine of a measurement, and stores results."""

import json
import os
import platform
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("fastdup", "numpy", "pillow", "onnxruntime", "faiss-cpu")


def describe_machine() -> dict[str, object]:
    """Return processor, cores, load and package versions."""
    return {
        "processor": _processor(),
        "vnni": _has_vnni(),
        "cores": len(os.sched_getaffinity(0)),
        "load_before": [round(load, 2) for load in os.getloadavg()],
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
    }


def store_result(result: dict[str, object], path: Path) -> None:
    """Print a result and store it as JSON."""
    text = json.dumps(result, indent=2)
    print(text)
    path.parent.mkdir(exist_ok=True)
    path.write_text(text + "\n")


def _has_vnni() -> bool:
    """Return whether the processor has instructions for int8 networks, which then take a third."""
    return any(
        flag in line.split()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("flags")
        for flag in ("avx512_vnni", "avx_vnni")
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor()
