import itertools
import json
import os
import random

import numpy as np
import pandas as pd
import pytest

import fastdup
from command import fastdup_command
from fastdup.errors import Reason, WorkDirError
from fastdup.workdir import WorkDir
from fastdup.workdir.append_only import BadRow, GoodRow
from fastdup.workdir.commits import Part, note_part
from fastdup.workdir.merge_parts import merge_parts
from fastdup.workdir.store import FeatureStore
from packed import files_of
from pictures import jpeg, scene
from tables import images_of, parquet_of

SIGNATURE = {"model": "abc", "dim": 3}
STATS = ["4", "3", "200", "12.5000", "100.0000", "0.0000", "255.0000", "9.0000", "77", "0.9000"]
METADATA = '2019-07-14T12:33:01,exif,"Make, Model",,48.136750,11.568056,,,ijg,75,4:2:0,0,8,1,0,0,1'
GROWN = ("features.dat", "features.dat.csv", "features.bad.csv", "stats.csv", "metadata.csv")


def row(i):
    uri, stamp = f"/photos/{i:03}, x\n.jpg", (1000 + i, 10**18 + i)
    if i % 4 == 3:
        return BadRow(uri, stamp, Reason.TRUNCATED, f"detail, {i}")
    return GoodRow(uri, stamp, np.array([i, 2 * i, 3 * i], np.float32), STATS, METADATA)


def extracted(folder, start, stop, reaches_end=False, signature=SIGNATURE):
    folder.mkdir()
    work = WorkDir(str(folder))
    with FeatureStore(work, signature) as store:
        store.append([row(i) for i in range(start, stop)])
        store.finish()
    note_part(work.journal, Part(start, stop, reaches_end))
    return str(folder)


def merged(folders, out):
    work = WorkDir(str(out))
    work.create()
    merge_parts(folders, work)
    return contents(out)


def contents(folder):
    return {name: (folder / name).read_bytes() for name in (*GROWN, "features.dat.listing")}


def refusal(folders, tmp_path):
    with pytest.raises(WorkDirError) as caught:
        merged(folders, tmp_path / "out")
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.fixture
def parts(tmp_path):
    borders = [0, 7, 8, 1500, 2500]
    folders = [
        extracted(tmp_path / f"part-{i}", start, stop, stop == 2500)
        for i, (start, stop) in enumerate(itertools.pairwise(borders))
    ]
    random.Random(3).shuffle(folders)
    return folders


def test_parts_in_any_order_make_the_whole(parts, tmp_path):
    extracted(tmp_path / "whole", 0, 2500, True)
    assert merged(parts, tmp_path / "out") == contents(tmp_path / "whole")
    # Again over what is there, and as a part of its own.
    assert merged(parts, tmp_path / "out") == contents(tmp_path / "whole")
    assert merged([str(tmp_path / "out")], tmp_path / "two") == contents(tmp_path / "whole")
    assert not [name for name in os.listdir(tmp_path / "out") if name.endswith(".prev")]


@pytest.mark.parametrize(
    ("left_out", "message"),
    [
        (0, "positions 0 to 7 of the listing are missing: extract them with min_offset=0 and "
            "max_offset=7"),
        (1, "positions 7 to 8 of the listing are missing: extract them with min_offset=7 and "
            "max_offset=8"),
        (3, "positions from 1500 on of the listing are missing: extract them with min_offset=1500"),
    ],
)  # fmt: skip
def test_a_gap_is_reported(parts, tmp_path, left_out, message):
    kept = [folder for folder in parts if not folder.endswith(f"part-{left_out}")]
    assert refusal(kept, tmp_path) == message


def test_an_overlap_is_reported(parts, tmp_path):
    more = extracted(tmp_path / "more", 5, 7)
    assert refusal([*parts, more], tmp_path) == (
        f"{tmp_path}/part-0 (0 to 7) and {more} (5 to 7) overlap: leave one out, or extract one "
        "again"
    )
    assert "overlap" in refusal([*parts, parts[0]], tmp_path)


def test_listings_that_differ_are_reported(parts, tmp_path):
    more = extracted(tmp_path / "more", 2500, 2501, True)
    assert refusal([*parts, more], tmp_path) == (
        f"for {tmp_path}/part-3 (1500 to 2500) the listing ends where {more} (2500 to 2501) goes "
        "on: the images changed in between, extract both again"
    )


def test_parts_of_different_models_are_reported(tmp_path):
    one = extracted(tmp_path / "one", 0, 4)
    two = extracted(tmp_path / "two", 4, 8, True, {"model": "xyz", "dim": 3})
    why = "were made with different settings (model: abc and xyz): extract one of them again"
    message = f"{one} and {two} {why}"
    assert refusal([one, two], tmp_path) == message


def test_what_is_no_finished_part_is_reported(parts, tmp_path):
    (tmp_path / "empty").mkdir()
    message = refusal([str(tmp_path / "empty")], tmp_path)
    assert message == f"{tmp_path}/empty holds no extraction: run it with run_mode=1 first"
    FeatureStore(WorkDir(parts[0]), SIGNATURE).close()  # as a run that was killed leaves it
    message = refusal(parts, tmp_path)
    assert message == f"the extraction in {parts[0]} is not finished: run it again"
    assert refusal([], tmp_path) == "nothing to merge: name the work folders of the parts"


def test_the_result_is_none_of_the_parts(parts, tmp_path):
    with pytest.raises(WorkDirError, match="is one of the parts: choose another folder"):
        merged(parts, tmp_path / "part-0")


def test_a_part_that_lost_rows_is_reported(parts, tmp_path):
    os.truncate(f"{parts[0]}/features.dat.listing", 24)
    assert "rows: run the same command again" in refusal(parts, tmp_path)
    os.unlink(f"{parts[0]}/features.dat")
    assert refusal(parts, tmp_path).startswith(f"cannot read {parts[0]}/features.dat: No such file")


@pytest.fixture
def album(tmp_path):
    folder = tmp_path / "album"
    folder.mkdir()
    for i in range(30):
        (folder / f"{i:02}.jpg").write_bytes(jpeg(scene(i % 26, (160, 120)), quality=60 + i))
    (folder / "11.jpg").write_bytes(b"broken")
    return folder


def test_three_nodes_find_what_one_finds(album, tmp_path):
    assert fastdup.run(album, tmp_path / "single") == 0
    for i, (start, stop) in enumerate([(0, 11), (11, 18), (18, -1)]):
        words = ["--min-offset", start, "--max-offset", stop, "--run-mode", 1]
        done = fastdup_command("run", album, "-w", tmp_path / f"node-{i}", *words)
        assert done.returncode == 0, done.stderr
    nodes = [tmp_path / f"node-{i}" for i in (2, 0, 1)]
    done = fastdup_command("merge", *nodes, "-w", tmp_path / "all")
    assert done.returncode == 0, done.stderr
    assert "30 files listed: 29 good, 1 broken" in done.stdout
    assert (
        f"to find the duplicates: fastdup run {tmp_path}/all -w {tmp_path}/all --run-mode 2"
        in done.stdout
    )
    assert fastdup.run("", tmp_path / "all", run_mode=2) == 0
    assert_same_files(tmp_path / "single", tmp_path / "all")


def runs_apart(given, tmp_path, borders):
    """Return the folders of one run over all and of runs over parts, merged and searched."""
    assert fastdup.run(given, tmp_path / "single") == 0
    for i, (start, stop) in enumerate(borders):
        options = {"min_offset": start, "max_offset": stop, "run_mode": 1}
        assert fastdup.run(given, tmp_path / f"node-{i}", **options) == 0
    nodes = [tmp_path / f"node-{i}" for i in reversed(range(len(borders)))]
    fastdup.merge(nodes, tmp_path / "all")
    assert fastdup.run("", tmp_path / "all", run_mode=2) == 0
    return tmp_path / "single", tmp_path / "all"


def assert_same_files(one, other):
    skipped = {"config.json", "features.dat.journal"}
    names = sorted(set(os.listdir(one)) - skipped)
    assert names == sorted(set(os.listdir(other)) - skipped)
    for name in names:
        assert (one / name).read_bytes() == (other / name).read_bytes(), name
    return names


def test_labels_of_data_sets_are_those_of_a_single_run(photos, tmp_path):
    labels = ["zebra", "hippo, big"] * 7
    columns = {"image": images_of(files_of(photos)), "label": labels}
    given = tmp_path / "given"
    given.mkdir()
    parquet_of(given / "b.parquet", columns)
    (given / "a.jpg").write_bytes(jpeg(scene(50)))
    (given / "c.jpg").write_bytes(jpeg(scene(51)))
    single, joined = runs_apart(given, tmp_path, [(0, 1), (1, 9), (9, 15), (15, -1)])
    assert "labels.csv" in assert_same_files(single, joined)
    assert (joined / "labels.csv").read_text().count("hippo, big") == 7
    frame = fastdup.create(joined).similarity()
    assert set(frame["label_from"].dropna()) <= {"zebra", "hippo, big"}
    assert frame.equals(fastdup.create(single).similarity())
    fastdup.run([str(given / "a.jpg"), str(given / "c.jpg")], tmp_path / "plain", run_mode=1)
    fastdup.merge([tmp_path / "plain"], joined)
    assert not (joined / "labels.csv").exists()  # what was there is replaced


def test_annotations_of_all_parts_are_kept_once(album, tmp_path):
    names = [str(album / f"{i:02}.jpg") for i in range(30)]
    frame = pd.DataFrame({"filename": names, "label": ["even", "odd"] * 15})
    given = [frame, frame[20:]]  # all to one node, its own part to the other
    for i, (start, stop) in enumerate([(0, 20), (20, -1)]):
        fd = fastdup.create(tmp_path / f"node-{i}", album)
        fd.run(annotations=given[i], run_mode=1, min_offset=start, max_offset=stop)
    fastdup.merge([tmp_path / "node-1", tmp_path / "node-0"], tmp_path / "all")
    kept = pd.read_csv(tmp_path / "all" / "annotations.csv")
    assert kept[["filename", "label"]].equals(frame)
    path = tmp_path / "node-1" / "annotations.csv"
    path.write_text("filename,kind\n")
    with pytest.raises(WorkDirError, match=r"node-0/annotations.csv and .* different columns: run"):
        fastdup.merge([tmp_path / "node-0", tmp_path / "node-1"], tmp_path / "all")


def test_a_merged_folder_is_gone_on_with(album, tmp_path, monkeypatch):
    for i, (start, stop) in enumerate([(0, 20), (20, 30)]):
        options = {"min_offset": start, "max_offset": stop, "run_mode": 1}
        features = tmp_path / f"elsewhere-{i}" / "f.dat"
        assert fastdup.run(album, tmp_path / f"{i}", features_out_file=features, **options) == 0
    out = fastdup.merge([tmp_path / "1", tmp_path / "0"], tmp_path / "all")
    assert out == str(tmp_path / "all")
    monkeypatch.setattr("fastdup.extract.prepare.Preparer.prepare", None)
    assert fastdup.run(album, out) == 0
    config = json.loads((tmp_path / "all" / "config.json").read_text())
    assert config["counts"]["listed"] == 30


def test_decisions_of_all_parts_and_of_the_merged_folder_are_kept_once(album, tmp_path):
    names = [str(album / f"{number:02}.jpg") for number in range(6)]
    nodes = [tmp_path / "node-0", tmp_path / "node-1"]
    for node, (start, stop) in zip(nodes, [(0, 11), (11, -1)], strict=True):
        assert fastdup.run(album, node, min_offset=start, max_offset=stop, run_mode=1) == 0
        fastdup.decide(node, "not-copies", names[:2])
    fastdup.decide(nodes[0], "keep", names[2])
    fastdup.decide(nodes[1], "not-copies", names[3:6])
    for _ in range(2):
        fastdup.merge(nodes, tmp_path / "all")
    decided = fastdup.decide(tmp_path / "all", "list").decided
    files = [(one.number, one.decision, os.path.basename(one.path)) for one in decided]
    assert files == [
        (1, "not-copies", "00.jpg"), (1, "not-copies", "01.jpg"), (2, "keep", "02.jpg"),
        *((3, "not-copies", f"{number:02}.jpg") for number in (3, 4, 5)),
    ]  # fmt: skip
    (nodes[1] / "decisions.csv").write_text("nonsense")
    with pytest.raises(WorkDirError, match=r"node-1/decisions.csv is damaged"):
        fastdup.merge(nodes, tmp_path / "all")


def test_a_missing_part_is_one_line_and_exit_code_1(tmp_path):
    done = fastdup_command("merge", tmp_path / "none", "-w", tmp_path / "out")
    assert (done.returncode, done.stdout) == (1, "")
    message = f"fastdup: {tmp_path}/none holds no extraction: run it with run_mode=1 first\n"
    assert done.stderr == message
    done = fastdup_command("merge", tmp_path / "none")
    assert done.returncode == 2
    assert "-w/--work-dir" in done.stderr
