"""Splits, labels, leaks, conflicts and doubts in the explorer, and lists as files."""

import csv
import io
import json
import shutil

import pytest

import fastdup
from explored import Asker
from fastdup.explorer import Explorer
from pictures import jpeg, photo

pd = pytest.importorskip("pandas")

HOSTILE = '=1+1"><img src=x onerror=alert(1)>'
SIZE = (320, 240)


def save(path, picture, quality=90):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(jpeg(picture, quality))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two splits that share a picture; of another one, a copy has another label."""
    folder = tmp_path_factory.mktemp("sets")
    for number in range(6):
        save(folder / f"in/train/{number}.jpg", photo(number, SIZE))
    save(folder / "in/test/0-again.jpg", photo(0, SIZE), quality=60)
    save(folder / "in/test/new.jpg", photo(20, SIZE))
    save(folder / "in/train/3-small.jpg", photo(3, SIZE).resize((200, 150)))
    shutil.copy(folder / "in/train/3.jpg", folder / "in/train/3-same.jpg")
    return folder


def annotated(folder, work, *, with_splits=True):
    frame = pd.DataFrame(
        {"filename": [str(path) for path in sorted((folder / "in").rglob("*.jpg"))]}
    )
    names = frame["filename"].str.rsplit("/", n=1).str[1]
    frame["label"] = [HOSTILE if name[0] in "03" else "plain" for name in names]
    frame.loc[names == "3-small.jpg", "label"] = "other"
    frame.loc[names == "new.jpg", "label"] = "other"
    if with_splits:
        frame["split"] = ["test" if "/test/" in path else "train" for path in frame["filename"]]
    fastdup.create(str(work), str(folder / "in")).run(annotations=frame, threshold=0.8)
    return work


@pytest.fixture(scope="module")
def asker(folder):
    work = annotated(folder, folder / "out")
    with Explorer(str(work)) as explorer:
        yield Asker(explorer.url)


def names_of(item):
    return [image["name"] for image in item["images"]]


def test_the_overview_counts_splits_labels_and_what_is_odd(asker):
    found = asker.call("sets")
    assert [split[1:3] for split in found["splits"]] == [[8, 1], [2, 1]]
    assert [(label[0], label[1]) for label in found["labels"]] == [
        (HOSTILE, 4),
        ("plain", 4),
        ("other", 2),
    ]
    assert (found["labels_from"], found["splits_from"]) == ("annotations", "annotations")
    assert (found["leaks"], found["conflicts"], found["certain"]) == (1, 2, 2)


def test_the_summary_in_python_counts_pairs_leaks_and_conflicts_as_the_page_does(asker, folder):
    lines = fastdup.create(work_dir=str(folder / "out")).summary(verbose=False)
    assert f"    Pairs: {asker.call('pairs')['total']} at a similarity of 0.8 or more" in lines
    assert "    Leaks: 1 pair of similar images in different splits" in lines
    assert "    Labels: 2 pairs of copies with different labels" in lines


def test_leaks_are_pairs_of_two_splits(asker):
    answer = asker.call("leaks")
    assert [set(names_of(item)) for item in answer["items"]] == [{"0.jpg", "0-again.jpg"}]
    assert {image["split"] for image in answer["items"][0]["images"]} == {"train", "test"}
    assert asker.call("leaks", split="test")["total"] == 1
    assert asker.call("leaks", label="plain")["total"] == 0
    assert asker.call("leaks", threshold=1)["total"] == 0


def test_copies_with_two_labels_contradict_each_other_the_most_certain_first(asker):
    items = asker.call("conflicts")["items"]
    assert {name for item in items for name in names_of(item)} == {
        "3.jpg",
        "3-same.jpg",
        "3-small.jpg",
    }
    assert all("3-small.jpg" in names_of(item) and item["certain"] for item in items)
    values = [float(item["s"]) for item in items]
    assert values == sorted(values, reverse=True)


def test_labels_in_doubt_begin_with_those_of_copies_that_have_another_one(asker):
    answer = asker.call("mislabels")
    while answer.get("making"):
        answer = asker.call("mislabels")
    assert answer["items"][0]["score"] == "100 %"
    doubted = {names_of(item)[0]: item["suggested"] for item in answer["items"]}
    assert doubted["3-small.jpg"] == HOSTILE
    assert asker.call("sets")["mislabels"] == answer["total"]


def test_images_are_listed_by_label_and_split(asker):
    assert asker.call("images", label=HOSTILE, split="test")["total"] == 1
    assert asker.call("images", label="nothing")["total"] == 0
    assert asker.call("images")["total"] == 10


def test_folders_give_splits_and_labels_where_nothing_else_does(folder, tmp_path):
    assert fastdup.run(folder / "in", tmp_path / "out", threshold=0.8) == 0
    with Explorer(str(tmp_path / "out")) as explorer:
        found = Asker(explorer.url).call("sets")
    assert (found["splits_from"], found["labels_from"]) == ("folders", "folders")
    assert [(split[0], split[1]) for split in found["splits"]] == [("train", 8), ("test", 2)]
    assert (found["n_labels"], found["leaks"], found["conflicts"]) == (0, 1, 0)


def test_lists_are_files_for_other_tools(asker):
    table = asker.post("export", {"of": "conflicts", "format": "csv"}).body.decode()
    rows = list(csv.DictReader(io.StringIO(table)))
    assert {row["filename"].rsplit("/", 1)[1] for row in rows} == {
        "3.jpg",
        "3-same.jpg",
        "3-small.jpg",
    }
    assert {row["tags"] for row in rows} == {"label-conflict"}
    assert {row["label"] for row in rows} == {"'" + HOSTILE, "other"}  # no formula
    assert {row["split"] for row in rows} == {"train"}
    coco = json.loads(asker.post("export", {"of": "leaks", "format": "coco"}).body)
    assert [one["name"] for one in coco["categories"]] == ["leak"]
    assert len(coco["images"]) == len(coco["annotations"]) == 2
    assert coco["annotations"][0]["bbox"] == [0, 0, 320, 240]
    fiftyone = json.loads(
        asker.post("export", {"of": "images", "label": HOSTILE, "format": "fiftyone"}).body
    )
    assert {one["ground_truth"]["label"] for one in fiftyone["samples"]} == {HOSTILE}
    listed = asker.post("export", {"of": "chosen", "rows": [2, 1, 2], "format": "list"}).body
    assert len(listed.splitlines()) == 2
    issue = {"of": "issue", "issue": "tiny", "limit": 250, "format": "list0"}
    assert asker.post("export", issue).body.endswith(b"3-small.jpg\0")


def test_decisions_are_exported_with_their_tags(folder, tmp_path):
    shutil.copytree(folder / "out", tmp_path / "out")
    with Explorer(str(tmp_path / "out")) as explorer:
        asker = Asker(explorer.url)
        assert asker.post("decide", {"rows": [0], "decision": "keep"}).status == 200
        assert asker.post("decide", {"rows": [4], "decision": "remove"}).status == 200
        table = asker.post("export", {"of": "decided", "format": "csv"}).body.decode()
    assert [row["tags"] for row in csv.DictReader(io.StringIO(table))] == ["keep", "remove"]


@pytest.mark.parametrize(
    "body",
    [
        {"of": "everything"},
        {"of": "decided", "format": "xlsx"},
        {"of": "chosen", "rows": "1"},
        {"of": "chosen", "rows": [99]},
        {"of": "chosen"},
        {"of": "issue", "issue": "blury"},
        {"of": "issue", "issue": ["blurry"]},
        {"of": "leaks", "threshold": "high"},
        {"of": "images", "label": 3},
        {"of": "images", "find": {"a": 1}},
        {"of": 3},
        [],
    ],
)
def test_a_list_that_makes_no_sense_is_refused(asker, body):
    answer = asker.post("export", body)
    assert answer.status == 400
    assert answer.json["error"]


@pytest.mark.parametrize(
    ("call", "params"), [("leaks", {"start": -1}), ("images", {"n": 0}), ("sets", {"threshold": 2})]
)
def test_a_page_that_makes_no_sense_is_refused(asker, call, params):
    assert asker.get(f"/api/{call}", **params).status == 400
