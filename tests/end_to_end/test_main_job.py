"""The main job through the command line and `fastdup.run`, on real files."""

import csv
import json
import logging
import os
import re
import resource
import shutil
import subprocess
import sys
from html.parser import HTMLParser

import numpy as np
import pytest

import fastdup
import zoo
from command import fastdup_command, fastdup_process
from fastdup.workdir.csv_files import read_table
from onnx_models import make_model
from pictures import jpeg, scene

CSV_FILES = {
    "features.dat.csv": "index,filename",
    "features.bad.csv": "filename,reason,detail",
    "features.dat.bad": "filename,reason,detail",
    "similarity.csv": "from,to,distance",
    "outliers.csv": "from,to,distance",
    "outlier_scores.csv": "filename,score,nearest,distance",
    "connected_components.csv": (
        "filename,component_id,count,mean_distance,min_distance,max_distance"
    ),
    "component_info.csv": "component_id,count,mean,min,max",
    "metadata.csv": (
        "index,filename,taken,taken_from,camera,lens,latitude,longitude,rating,software,encoder,"
        "quality,subsampling,is_progressive,bits,frames,has_alpha,has_profile,has_thumbnail,"
        "lowest,highest"
    ),
    "stats.csv": ("index,filename,width,height,unique,blur,mean,min,max,stdv,file_size,contrast"),
}


def table(path):
    header, *rows = read_table(str(path))
    return [dict(zip(header, row, strict=True)) for row in rows]


def pairs(work):
    return {
        (os.path.basename(row["from"]), os.path.basename(row["to"])): float(row["distance"])
        for row in table(work / "similarity.csv")
    }


def test_the_command_finds_the_copies_and_shows_them(photos, tmp_path):
    work = tmp_path / "out"
    done = fastdup_process("run", photos, "--work-dir", work)
    assert done.returncode == 0, done.stderr
    assert "14 files listed: 14 good, 0 broken" in done.stdout
    assert str(work / "similarity.csv") in done.stdout
    found = pairs(work)
    for pair in (("00.jpg", "copy-of-00.jpg"), ("01.jpg", "copy-of-01.jpg")):
        assert found[pair] >= 0.85
        assert found[pair[::-1]] == found[pair]
    gallery = fastdup_command("gallery", work)
    assert gallery.stdout == f"{work / 'duplicates.html'}\n"
    page = (work / "duplicates.html").read_text()
    assert "copy-of-00.jpg" in page
    assert "http" not in page.replace("http-equiv", "")


def test_a_gallery_of_a_table_goes_beside_it(photos, tmp_path):
    work = tmp_path / "out"
    fastdup.run(photos, work)
    done = fastdup_command("gallery", work / "similarity.csv")
    assert (done.stderr, done.stdout.strip()) == ("", str(work / "duplicates.html"))


def test_a_gallery_begins_at_the_end_that_is_asked_for(photos, tmp_path):
    work = tmp_path / "out"
    fastdup_command("run", photos, "--work-dir", work, "--threshold", 0)
    rows = table(work / "similarity.csv")
    pairs = [{os.path.basename(row[side]) for side in ("from", "to")} for row in rows]
    copies = [pair for pair, row in zip(pairs, rows, strict=True) if float(row["distance"]) >= 0.85]
    assert pairs[-1] not in copies
    for words, expected in (
        ([], copies),
        (["--descending"], copies),
        (["--no-descending"], pairs[-1:]),
    ):
        fastdup_command("gallery", work, "--num-images", 1, *words)
        page = (work / "duplicates.html").read_text()
        assert set(re.findall(r'"name":"([^"]+\.jpg)"', page)) in expected


def test_every_file_of_the_contract_is_written(photos, tmp_path):
    (photos / "broken.jpg").write_bytes(b"")
    assert fastdup.run(photos, tmp_path) == 0
    for name, header in CSV_FILES.items():
        content = (tmp_path / name).read_bytes()
        assert content.decode().split("\n")[0] == header
        assert content.endswith(b"\n")
        assert b"\r" not in content
    paths, features = fastdup.load_binary_feature(tmp_path)
    assert features.shape == (14, 576)
    assert features.dtype == np.float32
    names = sorted(name for name in os.listdir(photos) if name != "broken.jpg")
    assert paths == [str(photos / name) for name in names]
    config = json.loads((tmp_path / "config.json").read_text())
    assert config["fastdup"] == fastdup.__version__
    assert config["counts"]["listed"] == 15
    assert config["counts"]["good"] + config["counts"]["bad"] == 15
    assert config["options"]["threshold"] == 0.85
    assert len(config["model"]["model"]) == 64
    assert {"list", "extract", "search", "report"} <= set(config["seconds"])
    assert {"read", "decode", "resize", "embed", "write"} <= set(config["thread_seconds"])


def test_similarity_is_sorted_inclusive_and_has_six_decimals(photos, tmp_path):
    assert fastdup.run(photos, tmp_path, threshold=0.0, nearest_neighbors_k=3) == 0
    rows = [row["distance"] for row in table(tmp_path / "similarity.csv")]
    assert len(rows) == 14 * 3
    assert all(len(value.split(".")[1]) >= 6 for value in rows)
    assert [float(v) for v in rows] == sorted(map(float, rows), reverse=True)
    edge = float(rows[5])
    assert fastdup.run(photos, tmp_path, threshold=edge, nearest_neighbors_k=3) == 0
    kept = [float(row["distance"]) for row in table(tmp_path / "similarity.csv")]
    assert kept == [float(v) for v in rows if float(v) >= edge]


def test_all_pairs_at_or_above_the_threshold_are_kept_up_to_a_limit_that_is_logged(
    photos, tmp_path, caplog
):
    assert fastdup.run(photos, tmp_path, threshold=0.2, nearest_neighbors_k=13) == 0
    every_pair = (tmp_path / "similarity.csv").read_bytes()
    assert fastdup.run(photos, tmp_path, threshold=0.2, nearest_neighbors_k=0) == 0
    assert (tmp_path / "similarity.csv").read_bytes() == every_pair
    assert not [record for record in caplog.records if "or more at or above" in record.message]
    many = np.random.default_rng(1).random((103, 8), np.float32)
    fastdup.save_binary_feature(tmp_path / "many", [f"{i}.jpg" for i in range(103)], many)
    options = {"run_mode": 2, "threshold": 0.0, "nearest_neighbors_k": 0}
    assert fastdup.run("", tmp_path / "many", **options) == 0
    assert "103 images have 100 neighbours or more at or above 0" in caplog.text
    assert len(table(tmp_path / "many/similarity.csv")) == 103 * 100


def test_more_neighbours_may_be_asked_for_than_there_are_images(photos, tmp_path):
    found = []
    for k in (13, 10**12):
        assert fastdup.run(photos, tmp_path / "out", nearest_neighbors_k=k, threshold=0) == 0
        found.append((tmp_path / "out" / "similarity.csv").read_bytes())
    assert found[0] == found[1]
    assert len(found[0].splitlines()) == 1 + 14 * 13
    assert len(fastdup.create(tmp_path / "out").search(photos / "00.jpg", k=10**12)) == 14


def test_every_image_of_the_zoo_is_accounted_for(tmp_path):
    folder = tmp_path / "zoo"
    folder.mkdir()
    for name, data in zoo.good_images().items():
        (folder / name).write_bytes(data)
    for name, (data, _) in zoo.bad_images().items():
        (folder / f"bad-{name}").write_bytes(data)
    done = fastdup_command("run", folder, "-w", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    n_good, n_bad = len(zoo.good_images()), len(zoo.bad_images())
    assert f"{n_good + n_bad} files listed: {n_good} good, " in done.stdout
    assert "3 not images (1 .html, 1 .pdf, 1 .wav)" in done.stdout
    bad = {
        os.path.basename(r["filename"]): r["reason"]
        for r in table(tmp_path / "out/features.bad.csv")
    }
    # A listing finds out that it is a film.
    expected = zoo.reasons_in_a_run() | {"clip of a camera": "truncated"}
    assert bad == {f"bad-{name}": reason for name, reason in expected.items()}


HOSTILE = [
    b"comma, and \"quotes\" 'single'.jpg",
    b"new\nline and \r return.jpg",
    "emoji 😀 ü.jpg".encode(),
    b"not utf8 \xff\xfe.jpg",
    b"<script>alert(1)<script>.jpg",
    b'"><img src=x onerror=alert(1)>.jpg',
    b"=HYPERLINK(1).jpg",
    b"$(touch pwned);`id`.jpg",
    b" -rf.jpg",
    b"--verbose",
]


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags = set()

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        assert not any(name.startswith("on") for name, _ in attributes)


def test_hostile_names_come_out_as_they_are_and_do_no_harm(tmp_path):
    folder, work = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    for name in HOSTILE:
        with open(os.path.join(os.fsencode(folder), name), "wb") as file:
            file.write(jpeg(scene(1)))
    with open(os.path.join(os.fsencode(folder), b"bad, \xff.jpg"), "wb") as file:
        file.write(b"nothing")
    done = fastdup_command("run", folder, "-w", work)
    assert done.returncode == 0, done.stderr
    paths, _ = fastdup.load_binary_feature(work)
    assert {os.path.basename(os.fsencode(path)) for path in paths} == set(HOSTILE)
    with open(work / "similarity.csv", errors="surrogateescape", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {os.path.basename(os.fsencode(row["from"])) for row in rows} == set(HOSTILE)
    assert {row["distance"] for row in rows} == {"1.000000"}
    assert os.fsencode(table(work / "features.bad.csv")[0]["filename"]).endswith(b"bad, \xff.jpg")
    page = Tags()
    page.feed((work / fastdup_command("gallery", work).stdout.strip()).read_text())
    assert not page.tags & {"img", "iframe", "object", "embed"}
    assert not os.path.exists("pwned")


def test_an_empty_folder_is_one_clear_line(tmp_path):
    (tmp_path / "in").mkdir()
    done = fastdup_command("run", tmp_path / "in", "-w", tmp_path / "out")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == f"fastdup: no files in {tmp_path / 'in'}: nothing to do"
    assert "Traceback" not in done.stderr


def test_one_image_has_no_neighbours(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/one.jpg").write_bytes(jpeg(scene(1)))
    assert fastdup.run(tmp_path / "in", tmp_path / "out") == 0
    assert pairs(tmp_path / "out") == {}
    assert table(tmp_path / "out/outliers.csv") == []
    assert fastdup.run(tmp_path / "in/one.jpg", tmp_path / "out2") == 0


def test_two_identical_images_are_one_pair_of_similarity_1(tmp_path):
    (tmp_path / "in").mkdir()
    for name in "ab":
        (tmp_path / f"in/{name}.jpg").write_bytes(jpeg(scene(1)))
    assert fastdup.run(tmp_path / "in", tmp_path / "out") == 0
    assert pairs(tmp_path / "out") == {("a.jpg", "b.jpg"): 1.0, ("b.jpg", "a.jpg"): 1.0}
    (info,) = table(tmp_path / "out/component_info.csv")
    assert info == {
        "component_id": "0",
        "count": "2",
        "mean": "1.000000",
        "min": "1.000000",
        "max": "1.000000",
    }


def test_four_thousand_identical_images_are_one_group(tmp_path):
    (tmp_path / "in").mkdir()
    data = jpeg(scene(1, (40, 30)))
    (tmp_path / "in/0000.jpg").write_bytes(data)
    for i in range(1, 4_000):
        os.link(tmp_path / "in/0000.jpg", tmp_path / f"in/{i:04}.jpg")
    assert fastdup.run(tmp_path / "in", tmp_path / "out") == 0
    (info,) = table(tmp_path / "out/component_info.csv")
    assert (info["count"], info["min"]) == ("4000", "1.000000")
    assert len(table(tmp_path / "out/similarity.csv")) == 8_000


def test_files_beside_the_images_are_counted_apart_from_broken_ones(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for name, data in {
        "a.jpg": jpeg(scene(1)),
        "a.jpg.xmp": b"<x:xmpmeta/>",
        "b.XMP": b"",
        "README": b"read me\n",
        "cut.jpg": jpeg(scene(2))[:-9],
        "page.jpg": b"<html>404</html>",
        "sums.json": b"{}",
    }.items():
        (folder / name).write_bytes(data)
    done = fastdup_command("run", folder, "-w", tmp_path / "out")
    expected = "1 good, 2 broken, 4 not images (2 .xmp, 1 without an ending, 1 .json)"
    assert f"7 files listed: {expected}" in done.stdout, done.stderr
    reasons = {
        os.path.basename(r["filename"]): r["reason"]
        for r in table(tmp_path / "out/features.bad.csv")
    }
    assert reasons.pop("cut.jpg") == "truncated"
    assert reasons.pop("page.jpg") == "not_an_image"
    assert set(reasons.values()) == {"side_file"} and len(reasons) == 4
    counts = json.loads((tmp_path / "out/config.json").read_text())["counts"]
    assert (counts["bad"], counts["side_files"]) == (6, 4)


def test_a_share_beyond_the_end_of_the_listing_is_empty_and_no_error(photos, tmp_path):
    shares = [(0, 7), (7, 20), (20, 40)]
    for number, (start, stop) in enumerate(shares):
        options = {"run_mode": 1, "min_offset": start, "max_offset": stop}
        assert fastdup.run(photos, tmp_path / f"{number}", **options) == 0
    assert fastdup.load_binary_feature(tmp_path / "2")[0] == []
    merged = fastdup.merge([tmp_path / f"{n}" for n in (2, 1, 0)], tmp_path / "merged")
    assert fastdup.run("", merged, run_mode=2) == 0
    assert fastdup.run(photos, tmp_path / "at-once") == 0
    for name in ("features.dat.csv", "features.dat", "similarity.csv"):
        assert (tmp_path / "merged" / name).read_bytes() == (
            tmp_path / "at-once" / name
        ).read_bytes()


def test_a_folder_of_only_bad_files_lists_them_all(tmp_path):
    (tmp_path / "in").mkdir()
    for i in range(50):
        (tmp_path / f"in/{i}.jpg").write_bytes(b"no image")
    done = fastdup_command("run", tmp_path / "in", "-w", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert "50 files listed: 0 good, 50 broken" in done.stdout
    assert "none of the 50 files is a usable image" in done.stderr
    assert done.stdout.splitlines()[-1].startswith("NOTHING WAS COMPARED: none of the 50 files")
    assert len(table(tmp_path / "out/features.bad.csv")) == 50
    assert pairs(tmp_path / "out") == {}


@pytest.mark.parametrize("more", [[], ["--include-hidden", "--nn-provider", "faiss"]])
def test_the_work_folder_may_be_the_photo_folder(more, photos, monkeypatch):
    shutil.copy(photos / "00.jpg", photos / "same.jpg")
    monkeypatch.chdir(photos)
    for _ in range(2):
        done = fastdup_command("run", ".", *more)
        assert "15 files listed: 15 good, 0 broken" in done.stdout, done.stderr


def test_extracting_and_searching_apart_gives_the_same(photos, tmp_path):
    assert fastdup.run(photos, tmp_path / "whole") == 0
    assert fastdup.run(photos, tmp_path / "parts", run_mode=1) == 0
    assert not (tmp_path / "parts/similarity.csv").exists()
    assert fastdup.run("ignored", tmp_path / "parts", run_mode=2) == 0
    for name in ("similarity.csv", "outliers.csv", "connected_components.csv"):
        assert (tmp_path / "parts" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_stored_features_can_be_named_in_each_way_of_the_manual(photos, tmp_path):
    features = tmp_path / "node" / "f.dat"
    assert fastdup.run(photos, tmp_path / "a", run_mode=1, features_out_file=features) == 0
    assert fastdup.run("", tmp_path / "b", run_mode=2, features_out_file=features) == 0
    assert fastdup.run(str(features), tmp_path / "c", run_mode=2) == 0
    assert fastdup.run("x", tmp_path / "d", run_mode=2, feature_out_file=str(features)) == 0
    found = [(tmp_path / work / "similarity.csv").read_bytes() for work in "bcd"]
    assert found[0] == found[1] == found[2]
    assert len(found[0].splitlines()) > 4


def test_the_same_command_searches_what_it_extracted(photos, tmp_path):
    listing = tmp_path / "files.txt"
    listing.write_text("\n".join(str(path) for path in sorted(photos.iterdir())))
    assert fastdup.run(listing, tmp_path / "out", run_mode=1) == 0
    assert fastdup.run(listing, tmp_path / "out", run_mode=2) == 0
    assert fastdup.run(tmp_path / "out", tmp_path / "elsewhere", run_mode=2) == 0
    assert pairs(tmp_path / "out") == pairs(tmp_path / "elsewhere") != {}


def test_the_input_is_ignored_where_only_stored_features_are_searched(photos, tmp_path):
    assert fastdup.run(photos, tmp_path, run_mode=1) == 0
    for ignored in (None, "", "nothing-here", 7, ["a", "b"], object()):
        assert fastdup.run(ignored, tmp_path, run_mode=2) == 0


def test_extracting_and_searching_apart_counts_the_bad_files_too(photos, tmp_path):
    (photos / "broken.jpg").write_text("no image")
    features = tmp_path / "rows" / "f.dat"
    for place in ({}, {"features_out_file": str(features)}):
        work = tmp_path / f"out-{len(place)}"
        at_once = fastdup_command("run", photos, "-w", work, *_options(place))
        counts = json.loads((work / "config.json").read_text())["counts"]
        assert (counts["listed"], counts["good"], counts["bad"]) == (15, 14, 1)
        apart = fastdup_command("run", photos, "-w", work, "--run-mode", 2, *_options(place))
        assert json.loads((work / "config.json").read_text())["counts"] == counts
        bad_list = features.with_suffix(".bad.csv") if place else work / "features.bad.csv"
        for printed in (at_once.stdout, apart.stdout):
            assert "15 files listed: 14 good, 1 broken" in printed
            assert f"bad files and why: {bad_list}" in printed
        assert len(table(bad_list)) == 1


def _options(given):
    return [f"--{name}={value}" for name, value in given.items()]


def test_a_test_dir_that_holds_all_images_is_reported(photos, tmp_path, caplog):
    assert fastdup.run(photos, tmp_path / "out", test_dir=photos) == 0
    assert "test_dir holds all 14 images: there is none to compare them with" in caplog.text


def test_offsets_share_the_work(photos, tmp_path):
    assert fastdup.run(photos, tmp_path / "all", run_mode=1) == 0
    for name, first, last in (("a", 0, 5), ("b", 5, -1)):
        options = {"run_mode": 1, "min_offset": first, "max_offset": last}
        assert fastdup.run(photos, tmp_path / name, **options) == 0
    parts = [fastdup.load_binary_feature(tmp_path / name) for name in "ab"]
    paths, features = fastdup.load_binary_feature(tmp_path / "all")
    assert parts[0][0] + parts[1][0] == paths
    np.testing.assert_array_equal(np.concatenate([parts[0][1], parts[1][1]]), features)


@pytest.mark.parametrize("distance", ["cosine", "euclidean", "squared_euclidean", "manhattan"])
@pytest.mark.parametrize(
    "provider",
    [
        {"nn_provider": "turi", "nnmodel": "brute_force"},
        {"nn_provider": "turi", "nnmodel": "ball_tree"},
        {"nn_provider": "turi", "nnmodel": "lsh"},
        {"nn_provider": "brute_force"},
        {"nn_provider": "lsh"},
        {"nn_provider": "faiss", "faiss_mode": "HSNW32", "faiss_param": "efSearch=175"},
        {"nn_provider": "faiss", "faiss_mode": "Flat"},
    ],
)
def test_every_provider_and_distance_finds_the_copies(photos, tmp_path, provider, distance):
    options = {"distance": distance, "threshold": 0.5, **provider}
    assert fastdup.run(photos, tmp_path, **options) == 0
    found = pairs(tmp_path)
    assert ("00.jpg", "copy-of-00.jpg") in found
    assert (tmp_path / "faiss.index").exists() == (provider["nn_provider"] == "faiss")


def test_the_self_join_may_be_asked_for_by_name(photos, tmp_path, caplog):
    caplog.set_level(logging.INFO)
    assert fastdup.run(photos, tmp_path, nn_provider="ivf_join") == 0
    assert pairs(tmp_path)[("00.jpg", "copy-of-00.jpg")] > 0.85
    assert "neighbours by ivf_join (approximate): 14 images" in caplog.messages


def test_a_ball_tree_is_the_exact_search(photos, tmp_path, caplog):
    caplog.set_level(logging.INFO)
    assert fastdup.run(photos, tmp_path / "a", nn_provider="turi", nnmodel="ball_tree") == 0
    line = (
        "neighbours by brute_force (exact): 14 images, asked for as ball_tree, which finds the same"
    )
    assert line in caplog.messages
    assert fastdup.run(photos, tmp_path / "b") == 0
    found = [(tmp_path / name / "similarity.csv").read_bytes() for name in "ab"]
    assert found[0] == found[1]


def test_what_the_self_join_cannot_do_is_refused_before_the_first_image_is_read(
    photos, tmp_path, caplog
):
    options = {"nn_provider": "ivf_join", "distance": "manhattan"}
    assert fastdup.run(photos, tmp_path / "out", **options) == 1
    (error,) = [record.message for record in caplog.records if record.levelname == "ERROR"]
    assert error == (
        "distance='manhattan' is not known to nn_provider='ivf_join': choose from cosine, "
        "euclidean, squared_euclidean, or type nn_provider='auto'"
    )
    assert not (tmp_path / "out" / "features.dat").exists()


def test_a_model_of_ones_own_is_used(photos, tmp_path):
    model = make_model(tmp_path / "own.onnx", element_type="uint8", dim=24)
    assert fastdup.run(photos, tmp_path / "out", model_path=model) == 0
    assert fastdup.load_binary_feature(tmp_path / "out")[1].shape == (14, 24)
    assert ("00.jpg", "copy-of-00.jpg") in pairs(tmp_path / "out")


def test_another_card_of_the_same_model_makes_other_rows(photos, tmp_path):
    model = make_model(tmp_path / "own.onnx", dim=24)
    rows = []
    for mean in (0.0, 100.0):
        card = {"input": {"mean": [mean] * 3, "std": [1.0] * 3}}
        model.with_suffix(".json").write_text(json.dumps(card))
        assert fastdup.run(photos, tmp_path / "out", model_path=model, run_mode=1) == 0
        rows.append(np.array(fastdup.load_binary_feature(tmp_path / "out")[1]))
    assert not np.allclose(*rows)


def test_features_of_ones_own_are_searched(tmp_path):
    rows = np.eye(4, 8)
    rows[3] = rows[0] * 2
    fastdup.save_binary_feature(tmp_path, list("abcd"), rows)
    assert fastdup.run("", tmp_path, run_mode=2) == 0
    assert pairs(tmp_path) == {("a", "d"): 1.0, ("d", "a"): 1.0}
    outliers = [row["from"] for row in table(tmp_path / "outliers.csv")]
    assert outliers == ["b", "c"]


def test_a_second_run_in_the_same_folder_gives_the_same(photos, tmp_path):
    contents = []
    for _ in range(2):
        assert fastdup.run(photos, tmp_path) == 0
        contents.append(
            {
                n: (tmp_path / n).read_bytes()
                for n in os.listdir(tmp_path)
                if n.endswith((".csv", ".dat"))
            }
        )
    assert contents[0] == contents[1]


def test_images_are_only_read(photos, tmp_path):
    before = {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in photos.iterdir()}
    assert fastdup.run(photos, tmp_path / "out") == 0
    assert {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in photos.iterdir()} == before


def test_a_failure_is_status_1_and_one_logged_line(tmp_path, caplog):
    assert fastdup.run(tmp_path / "nowhere", tmp_path / "out") == 1
    assert "there is nothing at" in caplog.text
    assert "Traceback" not in caplog.text
    assert fastdup.run(tmp_path, tmp_path / "out", threshold=85) == 1
    assert "threshold=0.85" in caplog.text


def test_a_bad_search_option_is_refused_before_the_first_image_is_read(photos, tmp_path, caplog):
    options = {"nn_provider": "faiss", "faiss_param": "efSerch=175"}
    assert fastdup.run(photos, tmp_path / "out", **options) == 1
    assert "efSearch" in caplog.text
    assert not (tmp_path / "out" / "features.dat").exists()


def test_version_is_logged_and_nothing_run(caplog, tmp_path):
    caplog.set_level(logging.INFO)
    assert fastdup.run(tmp_path / "nowhere", version=True) == 0
    assert fastdup.__version__ in caplog.text


def test_the_folder_can_be_deleted_and_run_again(photos, tmp_path):
    assert fastdup.run(photos, tmp_path / "out") == 0
    shutil.rmtree(tmp_path / "out")
    assert fastdup.run(photos, tmp_path / "out") == 0


def test_a_script_without_logging_of_its_own_sees_the_summary(photos, tmp_path):
    code = f"import fastdup; fastdup.run({str(photos)!r}, {str(tmp_path / 'out')!r})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0
    assert "14 files listed: 14 good, 0 broken" in done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(shutil.which("sh") is None, reason="there is no shell to close them")
@pytest.mark.parametrize("closed", ["2>&-", ">&-", ">&- 2>&-"])
def test_a_run_needs_neither_standard_output_nor_standard_error(closed, photos, tmp_path):
    by_name = [sys.executable, "-m", "fastdup", "run", photos, "-w", tmp_path / "a"]
    given = f"{str(photos)!r}, {str(tmp_path / 'b')!r}"
    code = f"import fastdup; raise SystemExit(fastdup.run({given}))"
    for command in (by_name, [sys.executable, "-c", code]):
        words = ["sh", "-c", f'exec "$@" {closed}', "sh", *map(str, command)]
        done = subprocess.run(words, capture_output=True, text=True, timeout=120)
        assert (done.returncode, "Traceback" in done.stderr) == (0, False)


def test_a_run_is_as_verbose_as_it_was_asked_to_be(photos, tmp_path):
    out = str(tmp_path / "out")
    code = "import fastdup\n" + "".join(
        f"print({verbose}); fastdup.run({str(photos)!r}, {out!r}, verbose={verbose})\n"
        for verbose in (True, False)
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    printed, quiet = done.stdout.split("False\n")
    # Of the summary, and when verbose of the searches for copies and for content.
    line = "neighbours by brute_force"
    assert (printed.count(line), quiet.count(line)) == (3, 1)


def test_a_full_disk_is_one_clear_line_and_the_next_run_goes_on(tmp_path):
    album = tmp_path / "album"
    album.mkdir()
    for i in range(100):
        (album / f"{i:02}.jpg").write_bytes(jpeg(scene(i, (64, 48))))

    def leave_room_for_80_rows():
        resource.setrlimit(resource.RLIMIT_FSIZE, (80 * 576 * 4, 80 * 576 * 4))

    command = ["run", album, "-w", tmp_path / "out"]
    done = fastdup_command(*command, preexec_fn=leave_room_for_80_rows)
    assert done.returncode == 1
    assert "make room and run again" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert len(fastdup.load_binary_feature(tmp_path / "out")[0]) == 64
    assert fastdup_command(*command).returncode == 0
    assert fastdup.run(album, tmp_path / "fresh") == 0
    for name in ("features.dat", "features.dat.csv", "similarity.csv"):
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "fresh" / name).read_bytes()


def test_a_name_that_no_file_can_have_is_a_bad_file(photos, tmp_path):
    given = [*sorted(photos.iterdir()), "\ud83d.jpg", "zero\0byte.jpg"]
    assert fastdup.run(given, tmp_path / "out") == 0
    assert len(fastdup.load_binary_feature(tmp_path / "out")[0]) == 14
    assert [r["reason"] for r in table(tmp_path / "out/features.bad.csv")] == ["not_found"] * 2


def test_the_most_similar_images_of_a_finished_run_are_printed_as_csv(photos, tmp_path):
    assert fastdup.run(photos, tmp_path / "out") == 0
    query = tmp_path / 'a "new", one.jpg'
    shutil.copy(photos / "00.jpg", query)
    printed = fastdup_command("search", str(tmp_path / "out"), str(query), "-k", "2")
    header, first, second = csv.reader(printed.stdout.splitlines())
    assert header == ["query", "image", "similarity"]
    assert first == [str(query), str(photos / "00.jpg"), "1.000000"]
    assert second[0] == str(query)
    assert float(second[2]) < 1
    broken = fastdup_command("search", str(tmp_path / "out"), str(photos / "broken.jpg"))
    assert broken.returncode == 1
    assert "cannot search for" in broken.stderr
    none = fastdup_command("search", str(tmp_path / "out"), str(query), "-k", "0")
    assert none.returncode == 2
    assert "k=0 is not allowed" in none.stderr
