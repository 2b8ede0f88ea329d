import os
import pickle
import sys
from pathlib import Path

import numpy as np
import pytest

import fastdup
from fastdup.config import RunConfig
from fastdup.config.aliases import MEANINGLESS
from fastdup.config.machine import available_cores
from fastdup.config.resolve import resolve_options
from fastdup.errors import ConfigError


@pytest.mark.parametrize(
    ("option", "value", "hint"),
    [
        ("threshold", 85, "threshold=0.85"),
        ("threshold", -0.1, "between 0 and 1"),
        ("threshold", float("nan"), "between 0 and 1"),
        ("lower_threshold", 1.5, "between 0 and 1"),
        ("ccthreshold", -0.5, "between 0 and 1"),
        ("ccthreshold", 96, "ccthreshold=0.96"),
        ("outlier_percentile", 5, "outlier_percentile=0.05"),
        ("d", -2, "at least -1"),
        ("test_dir", 3, "must be a str"),
        ("nearest_neighbors_k", -1, "at least 0"),
        ("max_memory", 0.0, "above 0, or -1"),
        ("nearest_neighbors_k", True, "must be an int"),
        ("num_threads", 0, "-1 for all cores"),
        ("num_threads", -2, "at least -1"),
        ("num_images", -7, "at least -1"),
        ("run_mode", 3, "choose from 0, 1, 2"),
        ("executor", "Ray", "choose from local, ray; try executor='ray'"),
        ("address", "10.0.0.1:6379", "add executor='ray'"),
        ("compute", "cuda", "choose from cpu, gpu"),
        ("distance", "cosin", "distance='cosine'"),
        ("nnmodel", "bruteforce", "nnmodel='brute_force'"),
        ("nn_provider", "annoy", "choose from auto, brute_force, faiss, ivf_join, lsh, turi"),
        ("nn_provider", "brute-force", "nn_provider='brute_force'"),
        ("nnmodel", "lhs", "choose from ball_tree, brute_force, lsh, "),
        ("min_offset", -5, "at least -1"),
        ("max_pixels", 0, "at least 1"),
        ("min_offset", 10**30, "below 2**63"),
        ("num_images", 2**63, "below 2**63"),
        ("max_memory", float("inf"), "above 0, or -1"),
        ("work_dir", "", "on this machine; try work_dir='out'"),
        ("work_dir", "s3://bucket/out", "on this machine"),
        ("work_dir", "o\0ut", "on this machine"),
        ("features_out_file", "minio://alias/bucket/f.dat", "on this machine"),
        ("video_interval", 0.0, "video_interval=1.0"),
        ("video_interval", -2, "-1 for the key frames"),
        ("video_interval", float("nan"), "at least 0.001"),
        ("video_interval", float("inf"), "at least 0.001"),
        ("video_duplicates", 1, "must be a bool"),
        ("model_path", 3, "must be a str"),
        ("verbose", "yes", "must be a bool"),
        ("input_dir", "", "input_dir is empty"),
        ("input_dir", 7, "name a folder"),
        ("input_dir", ["a.jpg", 7], "each item must be a path"),
    ],
)
def test_a_value_out_of_range_is_refused_with_what_to_type(option, value, hint):
    with pytest.raises(ConfigError) as refusal:
        RunConfig(**{"input_dir": "photos", option: value})
    assert hint in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("address", "hint"),
    [
        ("10.0.0.1", "must be HOST:PORT, auto"),
        ("10.0.0.1:0", "must be HOST:PORT, auto"),
        ("10.0.0.1:70000", "must be HOST:PORT, auto"),
        ("host name:6379", "must be HOST:PORT, auto"),
        ("", "must be HOST:PORT, auto"),
        ("http://host:8265", "must be HOST:PORT, auto"),
        ("ray://host:10001", "run fastdup on a machine of the cluster"),
    ],
)
def test_an_address_that_is_none_is_refused(address, hint):
    with pytest.raises(ConfigError) as refusal:
        RunConfig(input_dir="photos", executor="ray", address=address)
    assert hint in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("address", ["auto", "local", "10.0.0.1:6379", "[::1]:6379", "head.lan:1"])
def test_addresses_of_clusters_are_taken(address):
    assert RunConfig(input_dir="photos", executor="ray", address=address).address == address


def test_parts_that_nobody_would_judge_are_refused():
    with pytest.raises(ConfigError, match="add verify='auto'"):
        RunConfig(input_dir="photos", parts=True, verify="none")
    assert RunConfig(input_dir="photos", parts=True, verify="all").parts


@pytest.mark.parametrize("beside", [{"content": False}, {"model_path": "a.onnx"}])
def test_a_model_for_content_goes_beside_the_built_in_one(beside):
    with pytest.raises(ConfigError, match="content_model"):
        RunConfig(input_dir="photos", content_model="b.onnx", **beside)


def test_offsets_that_cross_are_refused():
    with pytest.raises(ConfigError, match="must not be below min_offset=5"):
        RunConfig(input_dir="photos", min_offset=5, max_offset=3)


def test_a_misspelt_option_names_the_nearest_real_one():
    with pytest.raises(TypeError, match="'treshold'; did you mean 'threshold'"):
        fastdup.run("photos", treshold=0.9)


def test_an_option_given_under_two_names_is_refused():
    with pytest.raises(TypeError, match="features_out_file"):
        resolve_options({"features_out_file": "a", "feature_out_file": "b"})


@pytest.mark.parametrize(
    "given",
    [
        {"features_out_file": "a", "feature_out_file": "b"},
        {"ccthreshold": 0.9, "cc_threshold": 0.9},
        {"faiss_mode": "Flat", "nnf_mode": "HNSW32"},
        {"nearest_neighbors_k": 3, "nearest_neighbours_k": 4},
    ],
)
def test_run_refuses_an_option_given_under_two_names(given, tmp_path):
    with pytest.raises(TypeError, match="twice"):
        fastdup.run(tmp_path, tmp_path / "out", **given)


def test_what_is_given_beside_turi_param_wins_in_run_too(photos, tmp_path):
    options = {"turi_param": "nnmodel=0,ccthreshold=0.96", "nnmodel": "lsh", "ccthreshold": 0.5}
    assert fastdup.run(photos, tmp_path, nn_provider="turi", **options) == 0
    stored = fastdup.create(tmp_path).config["options"]
    assert (stored["nnmodel"], stored["ccthreshold"]) == ("lsh", 0.5)


def test_the_manuals_spellings_are_accepted():
    assert resolve_options({"feature_out_file": "a"}) == {"features_out_file": "a"}


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ({"cc_threshold": 0.9}, {"ccthreshold": 0.9}),
        ({"nnf_mode": "Flat", "nnf_param": "x=1"}, {"faiss_mode": "Flat", "faiss_param": "x=1"}),
        (
            {"turi_param": "nnmodel=1, ccthreshold=0.96"},
            {"nnmodel": "ball_tree", "ccthreshold": 0.96},
        ),
        ({"turi_param": "nnmodel=lsh"}, {"nnmodel": "lsh"}),
        ({"nearest_neighbours_k": 3}, {"nearest_neighbors_k": 3}),
        ({"turi_param": ""}, {}),
        ({"turi_param": None}, {}),
        ({"turi_param": "ccthreshold=0.96", "ccthreshold": 0.5}, {"ccthreshold": 0.5}),
    ],
)
def test_the_later_releases_spellings_are_accepted(given, meant):
    assert resolve_options(given) == meant


@pytest.mark.parametrize("name", MEANINGLESS)
def test_an_option_without_effect_is_left_out_with_a_warning(name):
    with pytest.warns(DeprecationWarning, match=f"^{name} has no effect: "):
        assert resolve_options({name: 1}) == {}


def test_an_option_without_effect_in_turi_param_is_left_out_with_a_warning():
    with pytest.warns(DeprecationWarning, match="^run_sentry has no effect"):
        assert resolve_options({"turi_param": "run_sentry=0"}) == {}


@pytest.mark.parametrize("name", ["test_dir", "model_path", "features_out_file"])
def test_an_empty_path_is_none_as_later_releases_had_it_by_default(name):
    assert getattr(RunConfig(input_dir="x", **{name: ""}), name) is None


def test_components_take_the_threshold_by_default():
    assert RunConfig(input_dir="x", threshold=0.7).component_threshold == 0.7
    assert RunConfig(input_dir="x", threshold=0.7, ccthreshold=0.9).component_threshold == 0.9
    assert RunConfig(input_dir="x", ccthreshold=0).component_threshold == 0


def test_paths_and_numpy_numbers_become_plain_values():
    config = RunConfig(
        input_dir=Path("x"), work_dir=Path("y"), threshold=np.float32(0.5), num_images=np.int64(3)
    )
    assert (config.input_dir, config.work_dir) == ("x", "y")
    assert type(config.threshold) is float
    assert type(config.num_images) is int


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, (0, None)),
        ({"num_images": 0}, (0, None)),
        ({"num_images": 5}, (0, 5)),
        ({"min_offset": 3}, (3, None)),
        ({"min_offset": 3, "max_offset": 9}, (3, 9)),
        ({"min_offset": 3, "max_offset": 9, "num_images": 2}, (3, 5)),
        ({"max_offset": 0}, (0, 0)),
    ],
)
def test_the_listing_range_is_half_open(options, expected):
    assert RunConfig(input_dir="x", **options).listing_range == expected


def test_a_config_crosses_process_borders():
    config = RunConfig(input_dir=("a", "b"), threshold=0.5)
    assert pickle.loads(pickle.dumps(config)) == config


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits a process to some cores")
def test_threads_follow_the_affinity_of_this_process():
    allowed = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(allowed)})
        assert available_cores() == 1
        assert RunConfig(input_dir="x").n_threads == 1
    finally:
        os.sched_setaffinity(0, allowed)
    assert RunConfig(input_dir="x", num_threads=7).n_threads == 7


@pytest.mark.parametrize(
    ("options", "provider"),
    [
        ({}, "auto"),
        ({"nnmodel": "lsh"}, "auto"),
        ({"nn_provider": "turi"}, "brute_force"),
        ({"nn_provider": "turi", "nnmodel": "ball_tree"}, "ball_tree"),
        ({"nn_provider": "turi", "nnmodel": "ivf_join"}, "ivf_join"),
        ({"nn_provider": "turi", "nnmodel": "clusters"}, "ivf_join"),
        ({"nn_provider": "ivf_join", "nnmodel": "lsh"}, "ivf_join"),
        ({"nn_provider": "clusters"}, "ivf_join"),
        ({"nn_provider": "ball_tree"}, "brute_force"),
        ({"nn_provider": "nnf"}, "faiss"),
    ],
)
def test_every_neighbour_provider_may_be_asked_for_by_name(options, provider):
    assert RunConfig(input_dir="photos", **options).provider == provider
