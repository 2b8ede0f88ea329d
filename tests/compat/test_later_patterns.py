"""Calls as scripts for later releases have them, each with what its author expects of it.

Each pattern is a few lines in a folder with ``images`` and a finished run in ``work``. A pattern
that changes files begins with ``fresh()``, which makes another such folder the current one.
"""

import contextlib
import hashlib
import json
import os
import shutil
import sys
import tarfile
import warnings
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import fastdup
from fastdup.models.presets import PRESETS
from films import film_of, scenes
from later_patterns import PATTERNS
from onnx_models import write_twin
from pictures import jpeg, scene


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with 13 good images, two broken ones, and a run over them with labels."""
    folder = tmp_path_factory.mktemp("place")
    images = folder / "images"
    images.mkdir()
    for i in range(8):
        (images / f"{i:02}.jpg").write_bytes(jpeg(scene(i)))
    for quality in (50, 60, 70):
        (images / f"00_q{quality}.jpg").write_bytes(jpeg(scene(0), quality))
    shutil.copy(images / "01.jpg", images / "01_same.jpg")
    dark = scene(2).point(lambda value: value // 25)
    (images / "dark.jpg").write_bytes(jpeg(dark))
    (images / "broken.jpg").write_bytes(jpeg(scene(4))[:700])
    (images / "text.jpg").write_text("no image")
    table = labels(images)
    with contextlib.chdir(folder):
        collection = fastdup.create(input_dir="images", work_dir="work")
        collection.run(
            annotations=table, threshold=0.3, ccthreshold=0.9, nearest_neighbors_k=4, verbose=0
        )
    return folder


def labels(images):
    names = sorted(name for name in os.listdir(images) if name != "text.jpg")
    table = pd.DataFrame({"filename": names, "label": [f"c{name[:2]}" for name in names]})
    table.loc[table["filename"] == "00_q60.jpg", "label"] = "other"
    table["split"] = ["train" if place % 2 else "test" for place in range(len(table))]
    return table


def base(paths):
    return sorted(os.path.basename(path) for path in paths)


class Labels:
    """The kind of a column of labels, as data sets have it."""

    def int2str(self, number):
        return ("cat", "dog")[number]


class Rows:
    """What is used of a ``datasets.Dataset``."""

    def __init__(self, **columns):
        self.columns, self.features = columns, {"image": None, "label": Labels()}

    def __len__(self):
        return len(self.columns["image"])

    def __getitem__(self, key):
        if isinstance(key, str):
            return self.columns[key]
        return {name: values[key] for name, values in self.columns.items()}


class Warned(list):
    """The texts of all warnings inside a ``with``."""

    def __enter__(self):
        self._catcher = warnings.catch_warnings(record=True)
        self._caught = self._catcher.__enter__()
        warnings.simplefilter("always")
        return self

    def __exit__(self, *error):
        self._catcher.__exit__(*error)
        self.extend(str(warning.message) for warning in self._caught)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name", PATTERNS)
def test_a_script_does_what_its_author_meant(name, place, tmp_path, monkeypatch, caplog):
    monkeypatch.chdir(place)

    def fresh():
        shutil.copytree(place / "images", tmp_path / "images")
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
        return Path("images")

    def downloaded(name):
        """Put a small model where a download of this preset would be."""
        folder = tmp_path / "home" / "models"
        folder.mkdir(parents=True)
        write_twin(folder / f"{name}.onnx", PRESETS[name])
        digest = hashlib.sha256((folder / f"{name}.onnx").read_bytes()).hexdigest()
        (folder / f"{name}.json").write_text(json.dumps(PRESETS[name].card(digest)))

    monkeypatch.setenv("FASTDUP_HOME", str(tmp_path / "home"))
    known = {
        "ET": ET,
        "Image": Image,
        "Path": Path,
        "Rows": Rows,
        "SimpleNamespace": SimpleNamespace,
        "Warned": Warned,
        "base": base,
        "caplog": caplog,
        "downloaded": downloaded,
        "fastdup": fastdup,
        "fd": fastdup.create(work_dir="work", input_dir="images"),
        "fresh": fresh,
        "json": json,
        "label": lambda path: f"c{os.path.basename(path)[:2]}",
        "monkeypatch": monkeypatch,
        "needs": lambda name: pytest.importorskip(name, reason=f"{name} is not installed"),
        "np": np,
        "os": os,
        "pd": pd,
        "pytest": pytest,
        "scene": scene,
        "sys": sys,
        "tarfile": tarfile,
        "table": labels(place / "images"),
        "tmp_path": tmp_path,
        "film_of": film_of,
        "scenes": scenes,
    }
    code = PATTERNS[name]
    assert "assert " in code or "raises" in code
    exec(compile(code, f"<{name}>", "exec"), known)


def test_there_are_enough_patterns():
    assert len(PATTERNS) >= 120
