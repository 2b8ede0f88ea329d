"""The held-out edits of the quality benchmark: they must stay what they are, call after call."""

import ast
import importlib.util
import random
from pathlib import Path

import numpy as np
import pytest

from pictures import scene

PATH = Path(__file__).parents[1] / "benchmarks" / "edits.py"
SPEC = importlib.util.spec_from_file_location("edits", PATH)
edits = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(edits)


@pytest.mark.parametrize("name", edits.EDITS)
def test_an_edit_changes_the_picture_the_same_way_each_time(name):
    picture = scene(1, (160, 120))
    first, second = (edits.EDITS[name](picture.copy(), random.Random(7)) for _ in range(2))
    assert first.mode == "RGB"
    assert np.array_equal(np.asarray(first), np.asarray(second))
    same_size = first.size == picture.size
    assert not (same_size and np.array_equal(np.asarray(first), np.asarray(picture)))


def test_training_never_sees_them():
    for module in (PATH.parents[1] / "training").glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text())):
            imported = [
                alias.name for alias in getattr(node, "names", []) if hasattr(alias, "name")
            ]
            imported.append(getattr(node, "module", None) or "")
            assert not any(name.split(".")[0] in ("benchmarks", "edits") for name in imported)
