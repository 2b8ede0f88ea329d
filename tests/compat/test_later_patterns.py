"""Calls as scripts for later releases have them, each with what its author expects of it.

Each pattern is a few lines in a folder with ``images`` and a finished run in ``work``. A pattern
that changes files begins with ``fresh()``, which makes another such folder the current one.
"""

import contextlib
import os
import shutil
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import fastdup
from films import film_of, scenes
from later_patterns import PATTERNS
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

    known = {
        "Image": Image,
        "Path": Path,
        "Warned": Warned,
        "base": base,
        "caplog": caplog,
        "fastdup": fastdup,
        "fd": fastdup.create(work_dir="work", input_dir="images"),
        "fresh": fresh,
        "label": lambda path: f"c{os.path.basename(path)[:2]}",
        "np": np,
        "os": os,
        "pd": pd,
        "pytest": pytest,
        "scene": scene,
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
