import dataclasses
import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from fastdup.embed import Embedder
from fastdup.errors import ModelError
from fastdup.models import cache_folder, find_calibration, load_spec
from fastdup.models.presets import PRESETS, find_preset
from onnx_models import make_model
from pictures import scene


def test_the_table_is_in_order_and_every_preset_is_complete():
    assert list(PRESETS) == sorted(PRESETS)
    for name, preset in PRESETS.items():
        assert name == preset.name == urlsplit(name).path  # no slash, no colon: a plain file name
        assert preset.url.startswith("https://")
        assert preset.url.endswith(".onnx")
        assert preset.licence
        assert preset.sha256 is None or re.fullmatch("[0-9a-f]{64}", preset.sha256)
        assert len(preset.mean) == len(preset.std) == 3
        assert preset.max_bytes > preset.n_bytes > 10**6
        with pytest.raises(dataclasses.FrozenInstanceError):
            preset.url = ""


def test_the_card_says_all_that_is_known():
    card = PRESETS["dinov2-small"].card("0" * 64)
    assert json.loads(json.dumps(card)) == card
    assert card["name"] == "dinov2-small"
    assert card["input"]["height"] == card["input"]["width"] == 224
    assert card["output"] == {"name": "last_hidden_state", "dim": 384, "token": 0}
    assert card["source"]["sha256"] == "0" * 64
    assert set(card["source"]) == {"url", "sha256", "licence"}


def test_an_unknown_name_is_answered_with_the_nearest_or_all():
    with pytest.raises(ModelError, match=r"'DINO2-small': did you mean dinov2-small\?"):
        find_preset("DINO2-small")
    with pytest.raises(ModelError, match=r"choose from clip-vit-b-32, .*dinov2-base, dinov2-small"):
        find_preset("zzz")


def test_models_are_kept_where_the_user_says(monkeypatch, tmp_path):
    monkeypatch.setenv("FASTDUP_HOME", str(tmp_path))
    assert cache_folder.models_folder() == tmp_path / "models"
    monkeypatch.setenv("FASTDUP_HOME", "~/x")
    assert cache_folder.models_folder() == Path.home() / "x" / "models"


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {}, "home/.cache"),
        ("linux", {"XDG_CACHE_HOME": "xdg"}, "xdg"),
        ("darwin", {"XDG_CACHE_HOME": "xdg"}, "home/Library/Caches"),
        ("win32", {"LOCALAPPDATA": "local"}, "local"),
        ("win32", {}, "home/AppData/Local"),
    ],
)
def test_else_in_the_users_cache(monkeypatch, tmp_path, platform, variables, expected):
    for name in ("FASTDUP_HOME", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, str(tmp_path / value))
    monkeypatch.setattr(cache_folder.sys, "platform", platform)
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    assert cache_folder.models_folder() == tmp_path / expected / "fastdup" / "models"


def test_without_any_home_the_variable_is_named(monkeypatch):
    def no_home():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("FASTDUP_HOME", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", no_home)
    with pytest.raises(ModelError, match="set FASTDUP_HOME"):
        cache_folder.models_folder()


def test_a_preset_that_is_not_downloaded_says_what_to_type(monkeypatch, tmp_path):
    monkeypatch.setenv("FASTDUP_HOME", str(tmp_path))
    with pytest.raises(ModelError, match="fastdup models download dinov2-small"):
        load_spec("dinov2-small")
    assert find_calibration("0" * 64, "dinov2-small") is None


def test_a_misspelt_preset_as_model_is_answered_with_the_nearest():
    with pytest.raises(ModelError, match=r"no file dinov2-smal, and .* mean dinov2-small\?"):
        load_spec("dinov2-smal")


def test_a_file_of_that_name_comes_before_the_preset(monkeypatch, tmp_path):
    make_model(tmp_path / "dinov2-small", element_type="uint8")
    (tmp_path / "resnet-50").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FASTDUP_HOME", str(tmp_path))
    assert load_spec("dinov2-small").path == "dinov2-small"
    with pytest.raises(ModelError, match="models download resnet-50"):
        load_spec("resnet-50")


# --- models that give several tokens per image ------------------------------------------------


def make_token_model(path, token=None):
    """Write a model with outputs (n, 16) and (n, 2, 16), the second's tokens f and -f."""
    model = onnx.load(make_model(path, element_type="uint8"))
    nodes = [
        helper.make_node("Neg", ["features"], ["negative"]),
        helper.make_node("Unsqueeze", ["features", "axis"], ["first"]),
        helper.make_node("Unsqueeze", ["negative", "axis"], ["second"]),
        helper.make_node("Concat", ["first", "second"], ["tokens"], axis=1),
    ]
    model.graph.node.extend(nodes)
    model.graph.initializer.append(numpy_helper.from_array(np.array([1]), "axis"))
    shape = ["n", 2, 16]
    model.graph.output.append(helper.make_tensor_value_info("tokens", TensorProto.FLOAT, shape))
    onnx.save(model, path)
    output = {"name": "features"} if token is None else {"name": "tokens", "token": token}
    path.with_suffix(".json").write_text(json.dumps({"output": output}))
    return Embedder(load_spec(str(path)))


def test_the_card_chooses_the_token(tmp_path):
    pooled = make_token_model(tmp_path / "pooled.onnx")
    pixels = [pooled.prepare(scene(i)) for i in range(3)]
    for token, sign in ((0, 1), (1, -1)):
        embedder = make_token_model(tmp_path / f"{token}.onnx", token)
        assert embedder.dim == 16
        np.testing.assert_array_equal(embedder.embed(pixels), sign * pooled.embed(pixels))


def test_a_token_that_is_not_there_is_refused(tmp_path):
    embedder = make_token_model(tmp_path / "m.onnx", token=2)
    with pytest.raises(ModelError, match=r"shape \(1, 2, 16\) for 1 images"):
        embedder.embed([embedder.prepare(scene(1))])
    with pytest.raises(ModelError, match="token=-1 in the card"):
        make_token_model(tmp_path / "m.onnx", token=-1)
