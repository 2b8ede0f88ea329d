"""Each preset from its address to a run, by a small model of the same signature on loopback."""

import dataclasses
import functools
import json
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

import fastdup
from fastdup import cli
from fastdup.models.presets import PRESET_ALIASES, PRESETS
from onnx_models import write_twin
from pictures import jpeg, scene


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture
def served(tmp_path):
    """A folder, and the address at which its files are served."""
    folder = tmp_path / "served"
    folder.mkdir()
    handler = functools.partial(QuietHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield folder, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


#: Of each preset the first one.
ONE_ALIAS = {name: alias for alias, name in reversed(PRESET_ALIASES.items())}


@pytest.mark.parametrize(("name", "alias"), ONE_ALIAS.items())
def test_a_preset_is_downloaded_and_used_by_its_other_name(
    name, alias, served, tmp_path, monkeypatch, caplog
):
    folder, address = served
    monkeypatch.setenv("FASTDUP_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    preset = PRESETS[name]
    write_twin(folder / "model.onnx", preset)
    here = dataclasses.replace(preset, url=f"{address}/model.onnx", sha256=None)
    monkeypatch.setitem(PRESETS, name, here)
    (tmp_path / "photos").mkdir()
    for number in range(3):
        (tmp_path / "photos" / f"{number}.jpg").write_bytes(jpeg(scene(number)))
    (tmp_path / "photos" / "again.jpg").write_bytes(jpeg(scene(1), quality=60))

    assert fastdup.run("photos", "out", model_path=alias, d=preset.dim) == 1
    assert f"fastdup models download {name}" in caplog.text
    assert cli.main(["models", "download", alias]) == 0
    assert (tmp_path / "home" / "models" / f"{name}.onnx").is_file()
    assert fastdup.run("photos", "out", model_path=alias, d=preset.dim, threshold=0.9) == 0

    _, rows = fastdup.load_binary_feature("out", d=preset.dim)
    assert rows.shape == (4, preset.dim)
    assert np.isfinite(rows).all()
    pairs = (tmp_path / "out" / "similarity.csv").read_text()
    assert "again.jpg" in pairs
    model = json.loads((tmp_path / "out" / "config.json").read_text())["model"]
    assert model["name"] == name
    before = np.array(rows)
    assert fastdup.run("photos", "out", model_path=name) == 0
    assert np.array_equal(fastdup.load_binary_feature("out")[1], before)
    assert fastdup.run("photos", "both", content_model=alias, verify="none") == 0
    assert fastdup.load_binary_feature("both")[1].shape == (4, 576)
    beside = np.fromfile("both/content.dat", "<f4").reshape(4, preset.dim)
    assert np.array_equal(beside, before)


def test_every_preset_has_another_name():
    assert set(PRESET_ALIASES.values()) == set(PRESETS)
