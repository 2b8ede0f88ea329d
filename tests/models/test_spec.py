import json
import pickle

import numpy as np
import onnxruntime
import pytest
from PIL import Image

from fastdup.embed import Embedder
from fastdup.errors import ModelError
from fastdup.models import Calibration, find_calibration, load_spec
from onnx_models import make_model
from pictures import scene

MEAN, STD = [120.0, 110.0, 100.0], [60.0, 61.0, 62.0]


def write_card(path, **entries):
    path.with_suffix(".json").write_text(json.dumps({"input": entries}))


def test_the_card_beside_the_model_gives_what_the_graph_does_not(tmp_path):
    path = make_model(tmp_path / "m.onnx", side="side")
    write_card(path, height=32, width=32, mean=MEAN, std=STD, channels="BGR", scale=1)
    spec = load_spec(str(path))
    assert (spec.height, spec.width, spec.layout, spec.channels) == (32, 32, "NCHW", "BGR")
    assert (spec.mean, spec.std, spec.dim) == (tuple(MEAN), tuple(STD), 16)


def test_the_metadata_of_the_graph_can_be_the_card(tmp_path):
    card = json.dumps({"input": {"mean": MEAN, "std": STD}})
    spec = load_spec(str(make_model(tmp_path / "m.onnx", metadata=card)))
    assert (spec.height, spec.mean) == (32, tuple(MEAN))


def test_a_uint8_model_needs_no_card(tmp_path):
    spec = load_spec(str(make_model(tmp_path / "m.onnx", element_type="uint8", layout="NHWC")))
    assert (spec.layout, spec.element_type, spec.height) == ("NHWC", "uint8", 32)


@pytest.mark.parametrize(
    ("options", "card", "message"),
    [
        ({}, {}, "mean and std of .* cannot be known"),
        ({"side": "side"}, {"mean": MEAN, "std": STD}, "height of .* cannot be known"),
        ({"channels": 5}, {"mean": MEAN, "std": STD}, "layout .* cannot be known"),
        ({}, {"mean": MEAN, "std": [1, 1]}, "needs 3 values"),
        ({}, {"mean": MEAN, "std": [1, 1, 0]}, "above 0 in std"),
        ({}, {"mean": MEAN, "std": STD, "height": 64}, "says height 64, its graph says 32"),
        ({}, {"mean": MEAN, "std": STD, "channels": "YUV"}, "choose RGB, BGR or L"),
    ],
)
def test_what_cannot_be_known_is_one_clear_error(tmp_path, options, card, message):
    path = make_model(tmp_path / "m.onnx", **options)
    write_card(path, **card)
    with pytest.raises(ModelError, match=message) as refusal:
        load_spec(str(path))
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("content", [b"", b"no model at all", b"\x08\x07\x12\x00"])
def test_what_is_no_model_is_one_clear_error(tmp_path, content):
    path = tmp_path / "m.onnx"
    path.write_bytes(content)
    with pytest.raises(ModelError, match="cannot load the model") as refusal:
        load_spec(str(path))
    assert "\n" not in str(refusal.value)


def test_a_missing_model_and_a_damaged_card_are_one_clear_error(tmp_path):
    with pytest.raises(ModelError, match="cannot read the model"):
        load_spec(str(tmp_path / "none.onnx"))
    path = make_model(tmp_path / "m.onnx")
    path.with_suffix(".json").write_text("{")
    with pytest.raises(ModelError, match="is not JSON"):
        load_spec(str(path))


def embed(path, images):
    embedder = Embedder(load_spec(str(path)))
    return embedder.embed([embedder.prepare(image) for image in images])


def test_layouts_and_channel_orders_agree(tmp_path):
    images = [scene(i) for i in range(3)]
    first = make_model(tmp_path / "nchw.onnx")
    second = make_model(tmp_path / "nhwc.onnx", layout="NHWC")
    for path in (first, second):
        write_card(path, mean=MEAN, std=STD)
    np.testing.assert_allclose(embed(first, images), embed(second, images), rtol=1e-5)
    write_card(second, mean=MEAN, std=STD, channels="BGR")
    swapped = [Image.fromarray(np.asarray(image)[:, :, ::-1]) for image in images]
    np.testing.assert_allclose(embed(first, images), embed(second, swapped), rtol=1e-5)


def test_pixels_are_scaled_then_normalised(tmp_path):
    byte_model = make_model(tmp_path / "byte.onnx", element_type="uint8")
    float_model = make_model(tmp_path / "float.onnx")
    write_card(float_model, scale=1 / 255, mean=[0, 0, 0], std=[1 / 255] * 3)
    images = [scene(1), scene(2)]
    np.testing.assert_allclose(embed(byte_model, images), embed(float_model, images), rtol=1e-4)


@pytest.mark.parametrize("batch", [1, 4, "n"])
def test_fixed_batches_are_filled_up(tmp_path, batch):
    free = make_model(tmp_path / "free.onnx", element_type="uint8")
    fixed = make_model(tmp_path / "fixed.onnx", element_type="uint8", batch=batch)
    images = [scene(i) for i in range(6)]
    np.testing.assert_allclose(embed(free, images), embed(fixed, images), rtol=1e-5)
    assert embed(fixed, []).shape == (0, 16)


def test_one_channel_models_get_grey_pictures(tmp_path):
    path = make_model(tmp_path / "grey.onnx", channels=1, element_type="uint8")
    assert load_spec(str(path)).channels == "L"
    assert embed(path, [scene(1)]).shape == (1, 16)


def test_a_model_that_gives_maps_is_refused(tmp_path):
    path = make_model(tmp_path / "maps.onnx", element_type="uint8", pooled=False)
    with pytest.raises(ModelError, match="must give one row each"):
        embed(path, [scene(1)])


def test_an_embedder_crosses_process_borders_without_its_session(tmp_path):
    path = make_model(tmp_path / "m.onnx", element_type="uint8")
    embedder = Embedder(load_spec(str(path)))
    pixels = [embedder.prepare(scene(1))]
    rows = embedder.embed(pixels)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(embedder)).embed(pixels), rows)


def test_the_gpu_is_never_silently_the_cpu(tmp_path):
    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("this machine may have a GPU")
    path = make_model(tmp_path / "m.onnx", element_type="uint8")
    embedder = Embedder(load_spec(str(path)), compute="gpu")
    with pytest.raises(ModelError, match="compute='gpu'"):
        embedder.embed([embedder.prepare(scene(1))])


def test_a_calibration_is_linear_between_its_knots():
    calibration = Calibration((-1, 0.2, 0.8, 1), (0, 0.3, 0.85, 1))
    assert calibration.apply([-1, 0.2, 0.8, 1]).tolist() == [0, 0.3, 0.85, 1]
    np.testing.assert_allclose(calibration.apply([[-0.4], [0.5]]), [[0.15], [0.575]], atol=1e-12)


@pytest.mark.parametrize(
    ("cosine", "similarity"),
    [
        ((-1, 1), (0, 0.9)),
        ((-1, 0.5, 0.5, 1), (0, 0.1, 0.2, 1)),
        ((-1, 0.5, 1), (0, 0.5, 0.5)),
        ((-1, 1), (0, 0.5, 1)),
    ],
)
def test_a_calibration_that_does_not_rise_is_refused(cosine, similarity):
    with pytest.raises(ModelError, match="rise strictly"):
        Calibration(cosine, similarity)


def test_a_calibration_is_found_by_the_models_digest(tmp_path):
    path = make_model(tmp_path / "m.onnx", element_type="uint8")
    card = {"calibration": {"cosine": [-1, 0.5, 1], "similarity": [0, 0.8, 1]}}
    path.with_suffix(".json").write_text(json.dumps(card))
    spec = load_spec(str(path))
    assert find_calibration(spec.sha256, str(path)) == spec.calibration
    assert spec.calibration.apply(0.5) == 0.8
    assert find_calibration("0" * 64, str(path)) is None
