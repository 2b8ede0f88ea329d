"""The runtime that computes the model keeps its hands off home and network."""

import os
import subprocess
import sys

import pytest

from command import fastdup_command


@pytest.mark.parametrize("compute", ["cpu", "gpu"])
def test_the_runtimes_telemetry_is_off_so_a_run_leaves_nothing_in_the_home_folder(
    compute, photos, tmp_path
):
    home = tmp_path / "home"
    home.mkdir()
    others = {name: value for name, value in os.environ.items() if name[:4] not in ("ORT_", "XDG_")}
    env = {**others, "HOME": str(home)}
    done = fastdup_command("run", photos, "-w", tmp_path / "out", "--compute", compute, env=env)
    assert done.returncode == 0 or "no CUDA" in done.stderr
    assert list(home.rglob("*")) == []


def test_nor_does_a_search_that_multiplies_by_the_runtime(tmp_path):
    code = "import numpy as np; from fastdup.index.matmul import matmul as p; e = np.eye(4, "
    code += "dtype=np.float32); assert (p(e, e) == e).all()"
    env = {name: value for name, value in os.environ.items() if name[:4] not in ("ORT_", "XDG_")}
    subprocess.run([sys.executable, "-c", code], env={**env, "HOME": str(tmp_path)}, check=True)
    assert list(tmp_path.rglob("*")) == []
