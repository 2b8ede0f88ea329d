"""Scripts as users of the original write them, run unchanged on pictures made here.

Each test is one script: it was written by someone who never saw this package. What it prints or
writes is looked at afterwards.
"""

import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageFilter

import fastdup
from fastdup import cli
from pictures import jpeg, scene

pytestmark = [
    # What no longer means anything gives a warning, and no error, in a script.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@pytest.fixture
def images(tmp_path, monkeypatch):
    """A current folder with ``images``: scenes, copies, a dark and a blurred one, broken files."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "images"
    folder.mkdir()
    for i in range(10):
        (folder / f"{i:02}.jpg").write_bytes(jpeg(scene(i)))
    for quality in (50, 60, 70):
        (folder / f"00_q{quality}.jpg").write_bytes(jpeg(scene(0), quality))
    (folder / "01_same.jpg").write_bytes((folder / "01.jpg").read_bytes())
    dark = scene(2).point(lambda value: value // 25)
    (folder / "dark.jpg").write_bytes(jpeg(dark))
    (folder / "blurry.jpg").write_bytes(jpeg(scene(3).filter(ImageFilter.GaussianBlur(12))))
    (folder / "broken.jpg").write_bytes(jpeg(scene(4))[:700])
    (folder / "text.jpg").write_text("no image")
    return folder


def base(paths):
    return sorted(os.path.basename(path) for path in paths)


# --- the function API of 0.2x ------------------------------------------------------------------


def test_run_and_look_at_the_galleries(images):
    import fastdup

    fastdup.run(
        input_dir="images",
        work_dir="out",
        nearest_neighbors_k=5,
        turi_param="ccthreshold=0.9",
        license="",
    )
    fastdup.create_duplicates_gallery("out/similarity.csv", save_path="out", num_images=10)
    fastdup.create_outliers_gallery("out/outliers.csv", save_path="out", num_images=10)
    fastdup.create_components_gallery("out", save_path="out", lazy_load=False)
    fastdup.create_similarity_gallery("out/similarity.csv", save_path="out", max_width=400)
    for metric in ("blur", "mean", "max", "min", "unique", "size"):
        fastdup.create_stats_gallery("out/stats.csv", save_path="out", metric=metric)

    pages = {name for name in os.listdir("out") if name.endswith(".html")}
    assert {"duplicates.html", "outliers.html", "components.html", "similarity.html"} <= pages
    assert "stats-blur.html" in pages


def test_generate_spelling_with_labels_from_the_folder(images):
    import fastdup

    def my_label_func(filename):
        return filename.split("/")[-2]

    ret = fastdup.run("images", "out", nn_provider="nnf", nnf_mode="HNSW32", verbose=False)
    assert ret == 0
    fastdup.generate_duplicates_gallery(
        "out/similarity.csv", "report", get_label_func=my_label_func, descending=True
    )

    assert '"label":"images"' in Path("report/duplicates.html").read_text()


def test_load_the_features_and_search_them_again(images):
    import fastdup

    fastdup.run("images/", work_dir="out", run_mode=1)
    file_list, mat_features = fastdup.load_binary_feature("out/features.dat")
    assert len(file_list) == mat_features.shape[0]
    norms = np.linalg.norm(mat_features, axis=1, keepdims=True)
    sims = (mat_features / norms) @ (mat_features / norms).T
    fastdup.run("out/features.dat", work_dir="out", run_mode=2, threshold=0.9, d=576)

    df = pd.read_csv("out/similarity.csv")
    assert {"from", "to", "distance"} == set(df.columns)
    assert sims.shape == (16, 16)
    same = df[df["distance"] > 0.999]
    assert base(same["to"])[:2] == ["01.jpg", "01_same.jpg"]


def test_components_to_csv_and_a_clean_list(images):
    import fastdup

    fastdup.run("images", "out", turi_param="nnmodel=0,ccthreshold=0.96", nearest_neighbors_k=5)
    components = pd.read_csv("out/connected_components.csv")
    components = components[components["count"] > 1]
    to_delete = []
    for _, group in components.groupby("component_id"):
        to_delete += sorted(group["filename"])[1:]
    pd.DataFrame({"filename": to_delete}).to_csv("to_delete.csv", index=False)

    assert base(pd.read_csv("to_delete.csv")["filename"]) == [
        *("00_q50.jpg", "00_q60.jpg", "00_q70.jpg", "01_same.jpg"),
    ]


# --- the object API of 1.x and 2.x -----------------------------------------------------------


def test_the_quickstart(images, caplog):
    import fastdup

    fd = fastdup.create(work_dir="fastdup_work_dir/", input_dir="images/")
    fd.run(num_images=90000, overwrite=True, ccthreshold=0.9, threshold=0.8)
    fd.summary()
    fd.invalid_instances()
    fd.vis.duplicates_gallery()
    fd.vis.component_gallery()
    fd.vis.outliers_gallery()
    fd.vis.similarity_gallery()
    fd.vis.stats_gallery(metric="dark")
    fd.vis.stats_gallery(metric="bright")
    fd.vis.stats_gallery(metric="blur")

    assert "Dataset contains 18 images" in caplog.text
    assert base(fd.invalid_instances()["filename"]) == ["broken.jpg", "text.jpg"]
    shown = {"duplicates": "01_same.jpg", "components": "00_q50.jpg", "similarity": "00_q50.jpg"}
    shown |= {"stats-dark": "dark.jpg", "stats-bright": "dark.jpg", "stats-blur": "blurry.jpg"}
    for page, name in shown.items():
        assert name in Path(f"fastdup_work_dir/{page}.html").read_text(), page
    assert "Outliers" in Path("fastdup_work_dir/outliers.html").read_text()


def test_clean_a_folder_by_count_and_mean_distance(images):
    import fastdup

    fd = fastdup.create("work", "images")
    fd.run(ccthreshold=0.9, nearest_neighbors_k=5)

    # a function to group connected components
    def get_clusters(df, sort_by="count", min_count=2, ascending=False):
        agg_dict = {"filename": list, "mean_distance": "max", "count": len}
        if "label" in df.columns:
            agg_dict["label"] = list
        df = df[df["count"] >= min_count]
        grouped_df = df.groupby("component_id").agg(agg_dict)
        return grouped_df.sort_values(by=[sort_by], ascending=ascending)

    connected_components_df, _ = fd.connected_components()
    clusters_df = get_clusters(connected_components_df)
    clusters_df = clusters_df[clusters_df["mean_distance"] > 0.9]
    keep, list_of_duplicates = [], []
    for cluster_file_list in clusters_df.filename:
        keep.append(cluster_file_list[0])
        list_of_duplicates.extend(cluster_file_list[1:])

    assert base(keep) == ["00.jpg", "01.jpg"]
    assert base(list_of_duplicates) == ["00_q50.jpg", "00_q60.jpg", "00_q70.jpg", "01_same.jpg"]


def test_list_broken_dark_bright_and_blurry_images(images):
    import fastdup

    fd = fastdup.create(input_dir="images")
    fd.run()
    broken_images = fd.invalid_instances()
    list_of_broken_images = broken_images["filename"].to_list()
    stats_df = fd.img_stats()
    dark_images = stats_df[stats_df["mean"] < 13]
    bright_images = stats_df[stats_df["mean"] > 220.5]
    blurry_images = stats_df[stats_df["blur"] < 5]

    assert base(list_of_broken_images) == ["broken.jpg", "text.jpg"]
    assert broken_images.is_valid.sum() == 0
    assert base(dark_images["filename"].to_list()) == ["dark.jpg"]
    assert len(bright_images) == 0
    assert "blurry.jpg" in base(blurry_images["filename"])
    assert os.path.isdir("work_dir")


def test_list_outliers_below_a_distance(images):
    import fastdup

    fd = fastdup.create(work_dir="work", input_dir="images")
    fd.run(outlier_percentile=0.2, lower_threshold=0.05)
    outlier_df = fd.outliers()
    list_of_outliers = outlier_df[outlier_df.distance < 0.9].filename_outlier.tolist()

    assert 1 <= len(list_of_outliers) <= 0.2 * 16
    assert list(outlier_df["distance"]) == sorted(outlier_df["distance"])


def test_annotations_and_labels(images):
    import fastdup

    names = sorted(os.listdir("images"))
    df = pd.DataFrame({"filename": names, "label": [n[:2] for n in names]})
    df["split"] = ["train" if n < "05" else "test" for n in names]
    fd = fastdup.create(work_dir="work", input_dir="images")
    fd.run(annotations=df, ccthreshold=0.9, nearest_neighbors_k=5)
    similarity_df = fd.similarity()
    mislabels = similarity_df[similarity_df["label_from"] != similarity_df["label_to"]]
    connected_components_df, _ = fd.connected_components(split="train")
    by_label = connected_components_df.groupby("component_id")["label"].agg(set)
    fd.vis.component_gallery(slice="00")
    assert cli.main(["gallery", "work", "--kind", "components"]) == 0
    assert '"label":"00"' in Path("work/components.html").read_text()
    fd.vis.similarity_gallery(slice="diff")

    assert list(similarity_df.columns[:5]) == ["from", "to", "distance", "label_from", "label_to"]
    assert len(mislabels) == 0 or set(mislabels["label_from"]) <= {"da", "bl", "02", "03"}
    assert {"00"} in list(by_label)
    assert list(fd.annotations().columns) == [
        *("filename", "label", "split", "index", "error_code", "is_valid"),
    ]
    assert len(fd.annotations(valid_only=False)) == len(names)


def test_open_a_finished_work_dir_in_another_session(images):
    df = pd.DataFrame({"filename": ["00.jpg", "00_q50.jpg"], "label": ["cat", "dog"]})
    fastdup.create("work", "images").run(annotations=df, nearest_neighbors_k=5)

    import fastdup as again

    fd = again.create(work_dir="work")
    df = fd.similarity()
    filenames, feature_vec = fd.embeddings(d=576)
    grouped = fd.connected_components_grouped(sort_by="comp_size", ascending=False)

    assert {"cat", "dog"} <= set(df["label_from"].dropna())
    assert feature_vec.shape == (len(filenames), 576)
    assert len(grouped.iloc[0]["files"]) == grouped.iloc[0]["count"]


def test_search_with_a_new_picture(images):
    import fastdup

    fd = fastdup.create(work_dir="work", input_dir="images")
    fd.run()
    scene(5).resize((120, 90)).save("query.png")
    fd.init_search(k=3)
    df = fd.search(filename="query.png")
    best = df.sort_values("distance", ascending=False).iloc[0]

    assert len(df) == 3
    assert os.path.basename(best["to"]) == "05.jpg"
    assert best["distance"] > 0.85
    assert list(fd.search(["query.png", "images/06.jpg"], k=1)["to"].map(os.path.basename)) == [
        *("05.jpg", "06.jpg"),
    ]


def test_compare_train_and_test_folders(images):
    import fastdup

    os.mkdir("test_images")
    Image.open("images/07.jpg").resize((150, 112)).save("test_images/leak.jpg")
    scene(99).save("test_images/fresh.jpg")
    fastdup.run("images", work_dir="out", test_dir="test_images", threshold=0.8)
    df = pd.read_csv("out/similarity.csv")

    assert base(df["from"]) == ["leak.jpg"]
    assert base(df["to"]) == ["07.jpg"]


def test_embeddings_of_ones_own(images):
    import fastdup

    rows = np.eye(4, 16, dtype=np.float32)
    rows[3] = rows[0]
    names = [f"images/{i:02}.jpg" for i in range(4)]
    fd = fastdup.create(work_dir="work")
    fd.run(annotations=pd.DataFrame({"filename": names}), embeddings=rows, threshold=0.5)

    assert base(fd.similarity()["from"]) == ["00.jpg", "03.jpg"]


def test_options_of_later_releases(images):
    import fastdup

    fd = fastdup.create(work_dir="work", input_dir="images")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fd.run(
            cc_threshold=0.9,
            nn_provider="nnf",
            nnf_mode="HNSW32",
            nnf_param="efSearch=64",
            high_accuracy=True,
            license="KEY",
            run_sentry=False,
            bounding_box="",
            d=576,
            batch_size=8,
        )

    warned = [str(w.message).split()[0] for w in caught if w.category is DeprecationWarning]
    assert set(warned) == {"high_accuracy", "license", "run_sentry", "batch_size"}
    assert {w.filename for w in caught} == {__file__}
    assert fd.config["options"]["ccthreshold"] == 0.9


def test_a_file_given_to_python_warns_of_options_without_a_meaning_at_its_own_line(images):
    Path("script.py").write_text(
        "import fastdup\n"
        "def main():\n"
        "    fd = fastdup.create(work_dir='work', input_dir='images')\n"
        "    fd.run(license='KEY')\n"
        "    fd.vis.duplicates_gallery(lazy_load=True)\n"
        "main()\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, "script.py"], capture_output=True, text=True, timeout=120, check=True
    )
    warned = [line for line in done.stderr.splitlines() if "DeprecationWarning: " in line]
    assert [line.partition("script.py")[2].partition(" has no effect")[0] for line in warned] == [
        ":4: DeprecationWarning: license",
        ":5: DeprecationWarning: lazy_load",
    ]


def test_a_tilde_is_the_home_folder_wherever_a_place_is_named(images, monkeypatch):
    import fastdup

    monkeypatch.setenv("HOME", str(images.parent))
    (images.parent / "elsewhere").mkdir()
    monkeypatch.chdir("elsewhere")
    assert fastdup.run("~/images", "~/out", features_out_file="~/rows/f.dat") == 0
    assert len(fastdup.load_binary("~/rows/f.dat")[0]) == 16
    page = fastdup.create_duplicates_gallery("~/out/similarity.csv", save_path="~/out")
    assert page == str(images.parent / "out" / "duplicates.html")

    fd = fastdup.create(input_dir="~/images", work_dir="~/work")
    fd.run(annotations=pd.DataFrame({"filename": ["00.jpg"], "label": ["red"]}))
    assert fd.search("~/images/00.jpg", k=1)["label_to"].tolist() == ["red"]
    assert cli.main(["~/images", "--work_dir=~/work", "--test-dir=~/images/00.jpg"]) == 0
    assert os.listdir() == []
