"""Pictures are found by words, by a small model of two halves that knows three colours."""

import functools
import json
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

import fastdup
from fastdup import cli
from fastdup.errors import ConfigError, ModelError
from fastdup.models.presets import PRESETS, Preset, TextHalf
from fastdup.models.text_tower import TextTower
from fastdup.text_search import search_texts

tokenizers = pytest.importorskip("tokenizers")

WORDS = {"[end]": 0, "a": 1, "red": 2, "green": 3, "blue": 4, "picture": 5}
SIDE = 32


def write_images_half(path):
    """Write a model whose row is the mean colour."""
    pool = {"kernel_shape": [SIDE, SIDE]}
    nodes = [
        helper.make_node("AveragePool", ["pixels"], ["mean"], **pool),
        helper.make_node("Flatten", ["mean"], ["image_embeds"]),
    ]
    sides = ["n", 3, SIDE, SIDE]
    graph = helper.make_graph(
        nodes,
        "images",
        [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, sides)],
        [helper.make_tensor_value_info("image_embeds", TensorProto.FLOAT, ["n", 3])],
    )
    save(graph, path)


def write_texts_half(path, length="tokens"):
    """Write a model whose row is the sum of the colours that are named."""
    rows = np.zeros((len(WORDS), 3), np.float32)
    rows[[WORDS[name] for name in ("red", "green", "blue")]] = np.eye(3)
    nodes = [
        helper.make_node("Gather", ["rows", "input_ids"], ["of_words"]),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["mask", "last"], ["column"]),
        helper.make_node("Mul", ["of_words", "column"], ["kept"]),
        helper.make_node("ReduceSum", ["kept", "one"], ["text_embeds"], keepdims=0),
    ]
    given = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["n", length])
        for name in ("input_ids", "attention_mask")
    ]
    values = {"rows": rows, "last": np.array([2]), "one": np.array([1])}
    graph = helper.make_graph(
        nodes,
        "texts",
        given,
        [helper.make_tensor_value_info("text_embeds", TensorProto.FLOAT, ["n", 3])],
        [numpy_helper.from_array(value, name) for name, value in values.items()],
    )
    save(graph, path)


def save(graph, path):
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, path)


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture
def colours(tmp_path, monkeypatch):
    """The preset ``colours``, served on loopback; the models' folder is empty."""
    served = tmp_path / "served"
    served.mkdir()
    write_images_half(served / "images.onnx")
    write_texts_half(served / "texts.onnx")
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordLevel(WORDS, unk_token="a"))
    tokenizer.normalizer = tokenizers.normalizers.Lowercase()
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    tokenizer.post_processor = tokenizers.processors.TemplateProcessing(
        single="$A [end]", special_tokens=[("[end]", 0)]
    )
    tokenizer.save(str(served / "tokenizer.json"))
    monkeypatch.setenv("FASTDUP_HOME", str(tmp_path / "home"))
    handler = functools.partial(QuietHandler, directory=str(served))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        address = f"http://127.0.0.1:{server.server_port}"
        preset = Preset(
            name="colours",
            url=f"{address}/images.onnx",
            sha256=None,
            n_bytes=10_000,
            licence="CC0-1.0",
            dim=3,
            side=SIDE,
            mean=(0.5, 0.5, 0.5),
            std=(0.25, 0.25, 0.25),
            output_name="image_embeds",
            text=TextHalf(
                url=f"{address}/texts.onnx",
                tokenizer_url=f"{address}/tokenizer.json",
                n_bytes=10_000,
                n_tokens=8,
            ),
        )
        monkeypatch.setitem(PRESETS, "colours", preset)
        yield preset
        server.shutdown()
        thread.join()


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    rng = np.random.default_rng(4)
    for number, name in enumerate(("red", "green", "blue")):
        pixels = rng.integers(0, 90, (48, 64, 3), np.uint8)
        pixels[..., number] += 150
        Image.fromarray(pixels).save(folder / f"{name}.png")
    return folder


def found_by(out, *texts, k=1):
    return [hit.path.rpartition("/")[2] for hit in search_texts(str(out), texts, k)]


def test_words_find_the_pictures_that_show_them(colours, photos, tmp_path, capsys):
    out = tmp_path / "out"
    assert cli.main(["models", "download", "colours", "--text"]) == 0
    assert fastdup.run(photos, out, content_model="colours", verify="none") == 0
    assert found_by(out, "a Red picture", "blue") == ["red.png", "blue.png"]
    assert found_by(out, "green", k=9)[0] == "green.png"
    assert found_by(out, "red " * 30) == ["red.png"]  # what the model cannot read is cut off
    capsys.readouterr()
    assert cli.main(["search", str(out), "--text", "a red picture", "-k", "1"]) == 0
    head, row = capsys.readouterr().out.splitlines()
    assert head == "query,image,similarity"
    assert row.startswith("a red picture,")
    assert "red.png" in row
    assert fastdup.create(out, photos).search_text("blue", k=1)["to"].item().endswith("blue.png")


def test_a_model_of_fixed_length_gets_texts_of_this_length(colours, photos, tmp_path):
    write_texts_half(tmp_path / "served" / "texts.onnx", length=8)
    assert cli.main(["models", "download", "colours", "--text"]) == 0
    (row,) = TextTower(colours).embed(["green blue"])
    assert row.tolist() == [0, 1, 1]


def test_what_is_missing_or_changed_is_named(colours, photos, tmp_path, capsys):
    out = tmp_path / "out"
    assert cli.main(["models", "download", "colours"]) == 0
    assert fastdup.run(photos, out, content_model="colours", verify="none") == 0
    with pytest.raises(ModelError, match="fastdup models download colours --text"):
        search_texts(str(out), ["red"], 1)
    assert cli.main(["models", "download", "colours", "--text"]) == 0
    assert set(json.loads(colours.text_card.read_text())) == {
        path.name for path in colours.text_files.values()
    }
    with colours.text_files["tokenizer"].open("a") as file:
        file.write(" ")
    with pytest.raises(ModelError, match="is not the file that was downloaded"):
        search_texts(str(out), ["red"], 1)
    with pytest.raises(ConfigError, match="there is no text"):
        search_texts(str(out), [" "], 1)
    assert fastdup.run(photos, tmp_path / "plain", verify="none") == 0
    with pytest.raises(ConfigError, match=r"content_model: .*clip-vit-b-32"):
        search_texts(str(tmp_path / "plain"), ["red"], 1)
    assert cli.main(["models", "download", "resnet-50", "--text"]) == 1
    assert cli.main(["search", str(out)]) == 2
    assert "name images, or give --text" in capsys.readouterr().err
