"""The object API, piece by piece."""

import builtins
import logging
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import fastdup
from fastdup.errors import ConfigError, FastdupError, MissingExtraError, SourceError, WorkDirError
from pictures import jpeg, scene


@pytest.fixture
def fd(photos, tmp_path):
    """A finished run."""
    collection = fastdup.create(input_dir=photos, work_dir=tmp_path / "out")
    collection.run(nearest_neighbors_k=3)
    return collection


def names(paths):
    return [os.path.basename(path) for path in paths]


def test_columns_are_those_of_the_contract(fd):
    assert list(fd.similarity())[:3] == ["from", "to", "distance"]
    assert list(fd.outliers())[:3] == ["outlier", "nearest", "distance"]
    components, info = fd.connected_components()
    assert list(components)[:6] == [
        *("filename", "component_id", "count", "mean_distance", "min_distance", "max_distance"),
    ]
    assert list(info)[:5] == ["component_id", "count", "mean", "min", "max"]
    assert list(fd.invalid_instances())[:3] == ["filename", "error_code", "is_valid"]
    assert list(fd.img_stats())[:11] == [
        *("filename", "width", "height", "mean", "min", "max", "stdv", "blur", "unique"),
        *("contrast", "file_size"),
    ]
    assert list(fd.exact_duplicates()) == ["from", "to", "distance"]
    assert all(isinstance(frame, pd.DataFrame) for frame in (components, info, fd.similarity()))


@pytest.mark.parametrize("run_mode", [0, 1])
def test_annotated_files_that_are_not_there_are_reported(run_mode, photos, tmp_path, caplog):
    listed = sorted(os.listdir(photos))
    (photos / "bad.jpg").write_bytes(b"no image")
    known = pd.DataFrame({"filename": [*listed, "bad.jpg"], "label": "x"})
    collection = fastdup.create(tmp_path / "out", photos)
    collection.run(annotations=known, run_mode=run_mode)
    assert "annotated files" not in caplog.text
    wrong = pd.DataFrame({"filename": [listed[0], "other/b.jpg", "other/a.jpg"], "label": "x"})
    collection.run(annotations=wrong, run_mode=run_mode)
    assert "2 of 3 annotated files are not among the images, such as" in caplog.text
    assert f"{photos}/other/a.jpg" in caplog.text


def test_count_is_a_number_of_images(fd):
    components, info = fd.connected_components()
    assert list(components.groupby("component_id").size()) == list(info["count"])
    assert (components.groupby("component_id")["count"].first() == info["count"]).all()


@pytest.mark.parametrize("order", [("out", "photos"), ("out",)])
def test_places_may_be_given_by_position(order, photos, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    collection = fastdup.create(*order)
    assert collection.run(input_dir="photos") == 0
    assert (collection.work_dir, collection.input_dir) == ("out", "photos")
    assert os.path.exists("out/similarity.csv")


def test_the_work_dir_may_be_left_open(photos):
    assert fastdup.create(input_dir=photos).work_dir == "work_dir"
    assert fastdup.create(None, photos).work_dir == "work_dir"


def test_what_goes_wrong_is_raised(tmp_path):
    with pytest.raises(SourceError, match="there is nothing at"):
        fastdup.create(tmp_path / "out", tmp_path / "nowhere").run()
    with pytest.raises(ConfigError, match=r"threshold=0\.85"):
        fastdup.create(tmp_path / "out", tmp_path).run(threshold=85)
    with pytest.raises(ConfigError, match="no images to run on"):
        fastdup.create(tmp_path / "out").run()


@pytest.mark.parametrize(
    ("misspelt", "meant"),
    [
        ("treshold", "threshold"),
        ("cc_treshold", "cc_threshold"),
        ("anotations", "annotations"),
        ("overwite", "overwrite"),
        ("licence", "license"),
        ("turi_params", "turi_param"),
    ],
)
def test_a_misspelt_option_names_the_nearest(misspelt, meant, photos, tmp_path):
    with pytest.raises(TypeError, match=f"'{misspelt}'; did you mean '{meant}'"):
        fastdup.create(tmp_path / "out", photos).run(**{misspelt: 1})
    assert not (tmp_path / "out").exists()


def test_a_work_dir_belongs_to_create(photos, tmp_path):
    with pytest.raises(TypeError, match=r"give it to fastdup\.create"):
        fastdup.create(tmp_path / "out", photos).run(work_dir="other")


@pytest.mark.parametrize(
    ("text", "message"),
    [("ccthreshhold=0.9", "did you mean ccthreshold"), ("ccthreshold=high", "is not a number")],
)
def test_a_senseless_turi_param_is_refused(text, message, photos, tmp_path):
    with pytest.raises(ConfigError, match=message):
        fastdup.create(tmp_path / "out", photos).run(turi_param=text)


def test_without_a_run_there_is_one_clear_line(tmp_path):
    for ask in ("similarity", "connected_components", "img_stats", "summary"):
        with pytest.raises(WorkDirError, match="there is no finished run in") as caught:
            getattr(fastdup.create(tmp_path), ask)()
        assert "\n" not in str(caught.value)


def test_what_an_earlier_run_found_is_not_reported_for_newer_features(fd, photos, tmp_path):
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "new.jpg").write_bytes(jpeg(scene(20)))
    fd.run(tmp_path / "more", run_mode=1)
    for method in (fd.similarity, fd.outliers, fd.connected_components):
        with pytest.raises(WorkDirError, match="only extracted features: run with run_mode=2"):
            method()
    fd.run(run_mode=2)
    assert names(fd.outliers()["outlier"]) == []
    assert len(fd.similarity()) == 0


def test_without_pandas_the_pip_line_is_given(fd, monkeypatch):
    real = builtins.__import__

    def fail(name, *rest):
        if name == "pandas":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", fail)
    with pytest.raises(MissingExtraError, match=r"pip install pandas"):
        fd.similarity()


def test_the_summary_is_a_list_of_lines(fd, caplog):
    logging.getLogger("fastdup").propagate = True
    with caplog.at_level(logging.INFO, "fastdup"):
        lines = fd.summary()
    assert "    Dataset contains 14 images" in lines
    assert all(isinstance(line, str) and "\n" not in line for line in lines)
    assert all(line in caplog.text for line in lines)
    assert fd.summary(verbose=False, darkness_threshold=256)[-2].endswith("(14) are dark")


def test_a_wider_group_threshold_leaves_the_pairs_alone(fd):
    pairs = fd.similarity()
    fd.run(ccthreshold=0.0, nearest_neighbors_k=3)
    assert fd.similarity().equals(pairs)
    # Copies were found to be copies; all others only look alike, and join no group.
    assert list(fd.connected_components()[1]["count"]) == [2, 2]
    fd.run(nearest_neighbors_k=3, verify="none")
    pairs = fd.similarity()
    fd.run(ccthreshold=0.0, nearest_neighbors_k=3, verify="none")
    assert fd.similarity().equals(pairs)
    assert list(fd.connected_components()[1]["count"]) == [14]


def test_exact_duplicates_are_those_of_the_same_bytes(photos, tmp_path):
    for copy in ("a.jpg", "b.jpg"):
        (photos / copy).write_bytes((photos / "03.jpg").read_bytes())
    collection = fastdup.create(tmp_path / "out", photos)
    collection.run(run_mode=1)
    found = collection.exact_duplicates()
    assert names(found["from"]) == ["03.jpg", "03.jpg"]
    assert names(found["to"]) == ["a.jpg", "b.jpg"]


def test_a_subset_is_all_that_is_read(photos, tmp_path):
    collection = fastdup.create(tmp_path / "out", photos)
    collection.run(subset=["00.jpg", "copy-of-00.jpg", str(photos / "05.jpg")])
    assert len(collection.img_stats()) == 3


def test_a_subset_may_be_one_file(photos, tmp_path):
    collection = fastdup.create(tmp_path / "out", photos)
    collection.run(subset="00.jpg")
    assert names(collection.img_stats()["filename"]) == ["00.jpg"]


def test_version_is_logged_by_the_object_too(photos, tmp_path, caplog):
    caplog.set_level(logging.INFO)
    assert fastdup.create(tmp_path / "out", photos).run(version=True) == 0
    assert fastdup.__version__ in caplog.text
    assert not (tmp_path / "out").exists()


def test_features_of_ones_own_belong_to_the_annotated_files_though_there_is_a_folder(
    photos, tmp_path
):
    rows = np.eye(4, 16)
    rows[3] = rows[0]
    files = ["03.jpg", "02.jpg", "01.jpg", "00.jpg"]
    labels = pd.DataFrame({"filename": files, "label": list("abcd")})
    collection = fastdup.create(tmp_path / "out", photos)
    collection.run(annotations=labels, embeddings=rows)
    pairs = collection.similarity()
    assert names(pairs["from"]) == ["03.jpg", "00.jpg"]
    assert list(pairs["label_from"]) == ["a", "d"]
    assert names(collection.annotations()["filename"]) == files


def test_features_of_ones_own_have_a_summary_and_no_bad_files(tmp_path):
    fastdup.save_binary_feature(tmp_path, ["a", "b"], np.ones((2, 2)))
    assert fastdup.run("", tmp_path, run_mode=2) == 0
    collection = fastdup.create(tmp_path)
    assert "    Pairs: 1 at a similarity of 0.85 or more" in collection.summary()
    assert collection.invalid_instances().empty
    assert list(collection.invalid_instances())[:3] == ["filename", "error_code", "is_valid"]
    assert len(collection.annotations()) == 2
    with pytest.raises(WorkDirError, match=r"no .*stats\.csv, so .*: a run with run_mode=0 or 1"):
        collection.img_stats()


def test_stored_features_are_searched_without_naming_images(photos, tmp_path):
    assert fastdup.run(photos, tmp_path / "out", run_mode=1) == 0
    collection = fastdup.create(tmp_path / "out")
    assert collection.run(run_mode=2) == 0
    assert len(collection.similarity()) == 4


def test_an_option_is_refused_before_features_of_ones_own_are_stored(photos, tmp_path):
    collection = fastdup.create(tmp_path / "out")
    with pytest.raises(ConfigError, match="threshold=90"):
        collection.run(subset=["a", "b"], embeddings=np.eye(2), threshold=90)
    assert not (tmp_path / "out").exists()


def test_features_that_lie_elsewhere_are_found_from_any_folder(photos, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert fastdup.run("photos", "node", run_mode=1, features_out_file="rows/f.dat") == 0
    assert fastdup.run("rows/f.dat", "a", run_mode=2) == 0
    assert fastdup.run("node", "b", run_mode=2, features_out_file="rows/f.dat") == 0
    monkeypatch.chdir("/")
    for work_dir in ("node", "a", "b"):
        collection = fastdup.create(tmp_path / work_dir)
        assert len(collection.embeddings()[0]) == 14
        assert collection.search(photos / "00.jpg", k=1)["distance"][0] == 1


def test_embeddings_as_a_frame(fd):
    frame = fd.embeddings(as_df=True)
    paths, features = fd.embeddings()
    assert list(frame["filename"]) == paths
    assert np.array_equal(frame.drop(columns="filename").to_numpy(), features)
    with pytest.raises(ConfigError, match="features have width 576"):
        fd.embeddings(d=100)


def test_galleries_take_the_order_in_either_word(fd, tmp_path):
    galleries = {"duplicates", "similarity", "component", "outliers", "stats"}
    for name in galleries:
        create = getattr(fd.vis, f"{name}_gallery")
        for ascending in (True, False):
            pages = [tmp_path / f"{name}-{word}.html" for word in ("ascending", "descending")]
            create(save_path=pages[0], ascending=ascending)
            create(save_path=pages[1], descending=not ascending)
            assert pages[0].read_bytes() == pages[1].read_bytes()


def test_groups_are_sorted_as_asked(fd):
    fd.run(threshold=0.3, nearest_neighbors_k=1)
    for sort_by, column in (("comp_size", "count"), ("mean_distance", "mean_distance")):
        for ascending in (True, False):
            grouped = fd.connected_components_grouped(sort_by=sort_by, ascending=ascending)
            assert grouped[column].is_monotonic_increasing or not ascending
            assert grouped[column].is_monotonic_decreasing or ascending
    with pytest.raises(ConfigError, match="choose from comp_size"):
        fd.connected_components_grouped(sort_by="files")


# --- annotations -----------------------------------------------------------------------------


def test_annotations_may_be_a_csv_file_and_have_any_columns(photos, tmp_path):
    path = tmp_path / "labels.csv"
    path.write_text("img_filename,label,note\n00.jpg,cat,NA\nnone.jpg,dog,x\n")
    collection = fastdup.create(tmp_path / "out", photos)
    collection.run(annotations=path, nearest_neighbors_k=1)
    for opened in (collection, fastdup.create(tmp_path / "out")):
        frame = opened.annotations()
        assert len(frame) == 14
        labelled = frame[frame["label"] == "cat"]
        assert names(labelled["filename"]) == ["00.jpg"]
        assert list(labelled["note"]) == ["NA"]


def test_only_annotated_images_can_be_asked_for(photos, tmp_path):
    frame = pd.DataFrame({"filename": ["00.jpg", "copy-of-00.jpg"], "label": [1, 2]})
    collection = fastdup.create(tmp_path / "out", photos)
    collection.run(annotations=frame, nearest_neighbors_k=3)
    pairs = collection.similarity(include_unannotated=False)
    assert set(names(pairs["from"])) == {"00.jpg", "copy-of-00.jpg"}
    with pytest.raises(ConfigError, match="no column 'split'"):
        collection.similarity(split="train")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (pd.DataFrame({"file": []}), "filename is missing"),
        ({"filename": []}, "is a dict"),
        (pd.DataFrame({"filename": ["00.jpg", None]}), "row 1 of annotations has the filename"),
        (pd.DataFrame({"filename": [7]}), "row 0 of annotations has the filename 7: name a file"),
    ],
)
def test_senseless_annotations_are_refused(given, message, photos, tmp_path):
    with pytest.raises(ConfigError, match=message):
        fastdup.create(tmp_path / "out", photos).run(annotations=given)


@pytest.mark.skipif(sys.platform in {"darwin", "win32"}, reason="names are Unicode there")
def test_hostile_names_go_through_every_frame(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    for i, name in enumerate(
        (b"\xff.jpg", b"NA", b'a,"b".jpg', b"new\nline\r.jpg", b"nan", b"007")
    ):
        for copy in (b"", b"_copy"):
            with open(os.fsencode(folder) + b"/" + name + copy, "wb") as file:
                file.write(jpeg(scene(i), 90 if copy else 70))
    collection = fastdup.create(tmp_path / "out", folder)
    labels = pd.DataFrame({"filename": os.listdir(folder), "label": "NA"}, dtype=object)
    collection.run(annotations=labels)
    listed = {str(folder / name) for name in os.listdir(folder)}
    assert set(collection.img_stats()["filename"]) == listed
    assert set(collection.similarity()["from"]) == listed
    assert set(collection.connected_components()[0]["filename"]) == listed
    reopened = fastdup.create(tmp_path / "out")
    assert set(reopened.similarity()["label_to"]) == {"NA"}
    assert reopened.annotations()["label"].tolist() == ["NA"] * len(listed)
    collection.vis.duplicates_gallery()


@pytest.fixture
def labelled(tmp_path):
    """Five versions each of three scenes; one version of the second carries a wrong label."""
    folder = tmp_path / "kinds"
    folder.mkdir()
    rows = []
    for kind in range(3):
        for version in range(5):
            name = f"{kind}-{version}.jpg"
            (folder / name).write_bytes(jpeg(scene(kind), 95 - 12 * version))
            rows.append((name, "abc"[kind]))
    frame = pd.DataFrame(rows, columns=["filename", "label"])
    frame.loc[frame["filename"] == "1-3.jpg", "label"] = "a"
    collection = fastdup.create(tmp_path / "out", folder)
    collection.run(annotations=frame)
    return collection


def test_an_image_whose_neighbours_carry_another_label_is_reported(labelled):
    found = labelled.mislabels(k=4)
    assert list(found) == ["filename", "label", "suggested", "score", "nearest", "distance"]
    assert names(found["filename"]) == ["1-3.jpg"]
    assert found[["label", "suggested", "score"]].iloc[0].tolist() == ["a", "b", 1.0]
    assert names(found["nearest"])[0].startswith("1-")
    assert 0.9 < found["distance"][0] <= 1


def test_labels_in_doubt_have_a_gallery(labelled):
    page = Path(labelled.vis.mislabels_gallery(k=4)).read_text()
    assert "Labels in doubt" in page
    assert "Nearest image with another label" in page
    assert "1-3.jpg" in page


@pytest.mark.parametrize(("k", "least_share"), [(0, 0.5), (5, 1.0), (5, -0.1)])
def test_hints_at_wrong_labels_need_sense(labelled, k, least_share):
    with pytest.raises(ConfigError, match="is not allowed"):
        labelled.mislabels(k=k, least_share=least_share)


def test_hints_at_wrong_labels_need_labels(fd):
    with pytest.raises(ConfigError, match="no image has a label"):
        fd.mislabels()


# --- search ----------------------------------------------------------------------------------


def test_an_image_of_the_collection_finds_itself_and_its_copy(fd, photos):
    found = fd.search(photos / "00.jpg", k=2)
    assert list(found) == ["from", "to", "distance"]
    assert names(found["to"]) == ["00.jpg", "copy-of-00.jpg"]
    assert found["distance"][0] == pytest.approx(1, abs=1e-6)
    pairs = fd.similarity()
    known = pairs[pairs["from"].str.endswith("/00.jpg")]["distance"].iloc[0]
    assert found["distance"][1] == pytest.approx(known, abs=1e-6), "on the same scale"


@pytest.mark.parametrize("k", [0, -1, "3", 2.0, True])
def test_a_number_of_hits_that_is_none_is_refused(fd, photos, k):
    with pytest.raises(ConfigError, match=f"^k={k!r} is not allowed: give a whole number"):
        fd.search(photos / "00.jpg", k=k)


def test_similarities_are_numbers_where_there_are_none_too(photos, tmp_path):
    collection = fastdup.create(tmp_path / "out", photos)
    collection.run(subset=["00.jpg"])
    for frame in (collection.similarity(), collection.outliers()):
        assert len(frame) == 0
        assert frame["distance"].dtype == float


def test_queries_that_cannot_be_used_stop_nothing(fd, photos, tmp_path, caplog):
    (tmp_path / "broken.jpg").write_bytes(b"no image")
    logging.getLogger("fastdup").propagate = True
    found = fd.search([tmp_path / "broken.jpg", photos / "05.jpg"], k=1)
    assert names(found["to"]) == ["05.jpg"]
    assert "not_an_image" in caplog.text
    with pytest.raises(SourceError, match="cannot search for"):
        fd.search(tmp_path / "broken.jpg")


def test_features_of_ones_own_cannot_be_searched_with_a_picture(photos, tmp_path):
    fastdup.save_binary_feature(tmp_path, ["a", "b"], np.eye(2))
    assert fastdup.run("", tmp_path, run_mode=2) == 0
    with pytest.raises(FastdupError, match="was not made by a model here"):
        fastdup.create(tmp_path).search(photos / "00.jpg")


def test_creating_the_object_loads_nothing_heavy():
    heavy = ("faiss", "onnxruntime", "pandas", "PIL", "jinja2")
    code = f"import fastdup, sys; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "[]\n"
