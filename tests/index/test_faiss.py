import logging
from pathlib import Path

import faiss
import numpy as np
import pytest

from fastdup.errors import ConfigError, NeighbourError, WorkDirError
from fastdup.index import Metric, Resources, SearchOptions, self_join
from fastdup.index.faiss import FaissIndex
from fastdup.index.faiss_options import parse_params
from fastdup.index.join import SearchFiles
from fastdup.index.rows import Rows


def clustered(n_rows: int = 600, dim: int = 32) -> np.ndarray:
    random = np.random.default_rng(2)
    centres = random.standard_normal((n_rows // 6, dim))
    rows = centres[random.integers(0, len(centres), n_rows)]
    return (rows + 0.2 * random.standard_normal((n_rows, dim))).astype(np.float32)


def by_faiss(faiss_mode: str = "HNSW32", **options: str) -> SearchOptions:
    return SearchOptions(provider="faiss", faiss_mode=faiss_mode, **options)


def test_the_spellings_of_the_manual_are_accepted(caplog: pytest.LogCaptureFixture) -> None:
    features = clustered()
    caplog.set_level(logging.INFO)
    options = by_faiss("HSNW32", faiss_param="efSearch=175,nprobes=200")
    found = self_join(features, 2, options)
    assert found.description == "faiss HNSW32 (approximate): 600 images"
    assert "nprobe has no effect on faiss_mode='HNSW32'" in caplog.text
    exact = self_join(features, 2).neighbours
    assert np.array_equal(found.neighbours.indices, exact.indices)


@pytest.mark.parametrize(
    ("faiss_param", "meaning"),
    [
        ("", {}),
        ("efSearch=175,nprobes=200", {"efSearch": 175, "nprobe": 200}),
        (" efSearch = 8 , ", {"efSearch": 8}),
        ("k_factor=1.5,quantizer_efSearch=20", {"k_factor": 1.5, "quantizer_efSearch": 20}),
    ],
)
def test_parameters_are_read(faiss_param: str, meaning: dict[str, float]) -> None:
    assert parse_params(faiss_param) == meaning


@pytest.mark.parametrize(
    ("faiss_param", "message"),
    [
        (
            "efsearch=64",
            "'efsearch=64' is not one of efConstruction, efSearch.*type.*'efSearch=64'",
        ),
        ("nprobe", "'nprobe' is not one of .* with a value; type for example 'nprobe=64'"),
        ("nprobe=0", "nprobe must be a whole number of at least 1, not '0'"),
        ("nprobe=many", "nprobe must be a whole number of at least 1, not 'many'"),
        ("nprobe=1.5", "whole number"),
        ("k_factor=nan", "k_factor must be a number of at least 1"),
        ("efSearch=99999999999", "efSearch must be"),
        ("=3", "'=3' is not one of"),
    ],
)
def test_unknown_parameters_and_values_are_refused(faiss_param: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        by_faiss(faiss_param=faiss_param)


@pytest.mark.parametrize("faiss_mode", ["HNWS32", "IVF", "", "PQ5", "Flat;Flat"])
@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_a_mode_that_faiss_cannot_make_is_refused(faiss_mode: str, metric: str) -> None:
    with pytest.raises(ConfigError, match=rf"faiss_mode='{faiss_mode}'.*type faiss_mode='HNSW32'"):
        by_faiss(faiss_mode, distance=metric).check(dim=576)


@pytest.mark.parametrize("faiss_mode", ["IVF16,PQ8", "HNSW32_SQ8", "PCA8,Flat", "SQ8", "LSH"])
def test_a_mode_that_does_not_know_manhattan_is_refused(faiss_mode: str) -> None:
    with pytest.raises(ConfigError, match=r"distance='manhattan': the modes that do are 'HNSW32'"):
        by_faiss(faiss_mode, distance="manhattan").check()


def test_modes_pass_the_check_before_the_width_of_the_features_is_known() -> None:
    for faiss_mode in ("OPQ16_64,IVF4096,PQ16x4fs", "PCAR128,HNSW32", "IVF1024,Flat", "SQ8"):
        by_faiss(faiss_mode).check()
    with pytest.raises(ConfigError, match="PQ16x4fast"):
        by_faiss("IVF1024,PQ16x4fast").check()


@pytest.mark.parametrize(
    "faiss_mode",
    ["LSH", "SQ8", "IVF8,SQ8", "PCAR16,HNSW16", "NSG16", "IDMap,HNSW32", "OPQ4_8,IVF4,PQ4x4"],
)
@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_values_are_exact_and_neighbours_near_for_any_mode(faiss_mode: str, metric: str) -> None:
    features = clustered()
    features[11] = features[12]
    true = self_join(features, 1, SearchOptions(distance=metric)).neighbours
    found = self_join(features, 1, by_faiss(faiss_mode, distance=metric)).neighbours
    same = found.indices == true.indices
    assert same.mean() > 0.8
    assert np.array_equal(found.similarities[same], true.similarities[same])


def test_codes_learnt_by_any_number_of_threads_find_the_same() -> None:
    features, options = clustered(), by_faiss("IVF8,PQ8x4", faiss_param="nprobe=8")
    one, other = (
        self_join(features, 3, options, Resources(n_threads=n)).neighbours for n in (1, 4)
    )
    assert one.indices.tobytes() == other.indices.tobytes()
    assert one.similarities.tobytes() == other.similarities.tobytes()


@pytest.mark.parametrize("faiss_mode", ["IVF1024,Flat", "PQ8", "OPQ8,IVF64,PQ8", "NSG16"])
def test_too_few_rows_to_train_on_are_searched_exactly(
    faiss_mode: str, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    features = clustered(90)
    path = tmp_path / "faiss.index"
    found = self_join(features, 2, by_faiss(faiss_mode), files=SearchFiles(index=path))
    assert np.array_equal(found.neighbours.indices, self_join(features, 2).neighbours.indices)
    assert found.description == "faiss Flat (exact): 90 images"
    assert f"faiss_mode='{faiss_mode}' cannot be made from 90 different images" in caplog.text
    assert faiss.read_index(str(path)).ntotal == 90


@pytest.mark.parametrize("faiss_mode", ["HNSW32", "Flat", "IVF8,Flat", "IDMap,Flat"])
def test_copies_at_the_end_are_stored_under_their_numbers(faiss_mode: str, tmp_path: Path) -> None:
    features = clustered()
    features[[598, 599]] = features[7]
    path = tmp_path / "faiss.index"
    self_join(features, 2, by_faiss(faiss_mode), files=SearchFiles(index=path))
    index = faiss.read_index(str(path))
    assert index.ntotal == 600
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    assert set(index.search(unit[[7]], 3)[1][0]) == {7, 598, 599}


@pytest.mark.parametrize("faiss_mode", ["HNSW32", "Flat", "IVF8,Flat", "IDMap,Flat"])
def test_the_stored_index_holds_every_row_under_its_number(faiss_mode: str, tmp_path: Path) -> None:
    features = clustered()
    features[[0, 40, 41]] = features[7]
    features[[5, 6]] = 0
    path = tmp_path / "faiss.index"
    self_join(features, 2, by_faiss(faiss_mode), files=SearchFiles(index=path))
    assert [file.name for file in tmp_path.iterdir()] == ["faiss.index"]
    index = faiss.read_index(str(path))
    assert (index.ntotal, index.d) == features.shape
    unit = features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-9)
    similarities, ids = index.search(unit[[300, 599]], 1)
    assert ids.ravel().tolist() == [300, 599]
    np.testing.assert_allclose(similarities, 1, atol=1e-6)
    assert set(index.search(unit[[7]], 4)[1][0]) == {0, 7, 40, 41}


def test_without_copies_the_stored_index_is_the_plain_one_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "faiss.index"
    self_join(clustered(), 2, by_faiss(), files=SearchFiles(index=path))
    assert isinstance(faiss.read_index(str(path)), faiss.IndexHNSWFlat)


def test_the_same_index_is_stored_whatever_the_number_of_threads(tmp_path: Path) -> None:
    features = clustered(3000)
    for n_threads in (1, 2, 4):
        path = tmp_path / f"{n_threads}.index"
        self_join(features, 2, by_faiss(), Resources(n_threads=n_threads), SearchFiles(index=path))
    one, *others = [path.read_bytes() for path in sorted(tmp_path.iterdir())]
    assert all(other == one for other in others)


def test_rows_alone_in_the_lists_searched_have_their_neighbours_all_the_same() -> None:
    features = clustered()
    features[[3, 4]] = np.eye(32, dtype=np.float32)[:2] * -100
    options = by_faiss("IVF64,Flat", faiss_param="nprobe=1", distance="euclidean")
    found = self_join(features, 9, options).neighbours
    assert (found.indices >= 0).all()
    exact = self_join(features, 9, SearchOptions(distance="euclidean")).neighbours
    assert np.array_equal(found.indices[3], exact.indices[3])


def test_the_number_of_threads_of_faiss_is_given_back() -> None:
    before = faiss.omp_get_max_threads()
    try:
        faiss.omp_set_num_threads(3)
        self_join(clustered(), 2, by_faiss(), Resources(n_threads=2))
        assert faiss.omp_get_max_threads() == 3
    finally:
        faiss.omp_set_num_threads(before)


def test_a_place_that_cannot_be_written_to_is_an_error_of_the_work_dir(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "faiss.index"
    with pytest.raises(WorkDirError, match=r"faiss\.index cannot be written"):
        self_join(clustered(), 2, by_faiss(), files=SearchFiles(index=path))


def test_a_file_that_is_no_index_is_an_error_of_the_work_dir(tmp_path: Path) -> None:
    path = tmp_path / "faiss.index"
    path.write_bytes(b"not an index")
    with pytest.raises(WorkDirError, match="is not a faiss index"):
        FaissIndex().load(path, Rows(clustered(), Metric.COSINE))


def test_an_index_of_another_width_is_an_error_of_the_work_dir(tmp_path: Path) -> None:
    path = tmp_path / "faiss.index"
    self_join(clustered(dim=8), 2, by_faiss(), files=SearchFiles(index=path))
    with pytest.raises(WorkDirError, match=r"width 8, the features have 32"):
        FaissIndex().load(path, Rows(clustered(), Metric.COSINE))


def test_a_failure_of_faiss_over_many_rows_is_a_neighbour_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("fastdup.index.faiss.FEW_ROWS", 100)
    with pytest.raises(NeighbourError, match=r"faiss_mode='IVF1024,Flat'.*type faiss_mode"):
        self_join(clustered(), 2, by_faiss("IVF1024,Flat"))
