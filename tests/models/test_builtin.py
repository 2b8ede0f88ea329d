"""The built-in model's file, and what its rows promise."""

import hashlib
import json
import shutil
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from fastdup.embed import Embedder
from fastdup.models import load_spec
from fastdup.models.spec import BUILTIN_PATH
from pictures import scene

MAX_BYTES = 4 * 10**6


@pytest.fixture(scope="module")
def embedder():
    return Embedder(load_spec())


def rows_of(embedder, images):
    return embedder.embed([embedder.prepare(image) for image in images])


def test_it_is_small_and_its_card_belongs_to_it():
    data = BUILTIN_PATH.read_bytes()
    assert len(data) <= MAX_BYTES
    card = json.loads(BUILTIN_PATH.with_suffix(".json").read_text())
    assert card["sha256"] == hashlib.sha256(data).hexdigest() == load_spec().sha256
    assert card["output"]["dim"] == 576
    assert {"name", "version", "training", "evaluation", "calibration"} <= set(card)


def test_its_card_states_what_its_graph_says(tmp_path):
    """So that a run without new images need not open it."""
    for path in (BUILTIN_PATH, BUILTIN_PATH.with_suffix(".json")):
        shutil.copy(path, tmp_path)
    by_graph = load_spec(str(tmp_path / BUILTIN_PATH.name))
    assert load_spec() == replace(by_graph, path=str(BUILTIN_PATH))
    code = "import sys; from fastdup.models import load_spec; load_spec(); "
    code += "sys.exit('onnxruntime' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_a_row_has_576_values_and_length_1(embedder):
    rows = rows_of(embedder, [scene(i) for i in range(5)])
    assert rows.shape == (5, 576)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("batch_size", [1, 2, 5, 31, 32])
def test_a_row_does_not_depend_on_its_batch(embedder, batch_size):
    images = [scene(i) for i in range(32)]
    whole = rows_of(embedder, images)
    parts = [
        rows_of(embedder, images[i : i + batch_size]) for i in range(0, len(images), batch_size)
    ]
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_turned_and_mirrored_pictures_are_the_same_to_it(embedder):
    side = load_spec().height
    for number in range(20):
        image = scene(number, (side, side))  # resizing would round turned pictures differently
        turned = [image.transpose(how) for how in Image.Transpose]
        rows = rows_of(embedder, [image, *turned])
        assert (rows @ rows[0]).min() > 0.999999


def test_blank_pictures_have_finite_rows(embedder):
    blanks = [Image.new("RGB", (300, 200), colour) for colour in ("black", "white", "red")]
    assert np.isfinite(rows_of(embedder, blanks)).all()


def test_its_calibration_spans_all_similarities(embedder):
    calibration = embedder.spec.calibration
    assert calibration.apply([-1.0, 1.0]).tolist() == [0.0, 1.0]
    assert np.all(np.diff(calibration.apply(np.linspace(-1, 1, 101))) > 0)
    assert {0.3, 0.85, 0.98} <= set(calibration.apply(calibration.cosine).tolist())
