"""Exports are read back by the libraries that they are for."""

import json

import pytest

import fastdup
from fastdup.actions.tagged_export import TaggedImage, tagged

ABSENT = "{} is not installed: pip install {}"
TAGGED = [
    TaggedImage("/a.jpg", ("remove", "issue:dark"), "cat", "train", 40, 30),
    TaggedImage("/b.jpg", (), "", "", 20, 10),
]


def test_pycocotools_reads_the_groups_and_the_tags(photos, tmp_path):
    reason = ABSENT.format("pycocotools", "--group interop")
    coco = pytest.importorskip("pycocotools.coco", reason=reason)
    mask = pytest.importorskip("pycocotools.mask", reason=reason)
    assert fastdup.run(photos, tmp_path / "out") == 0
    groups = coco.COCO(fastdup.export(tmp_path / "out", tmp_path / "groups.json", "coco"))
    plan = fastdup.clean(tmp_path / "out").plan
    duplicates = groups.getAnnIds(catIds=groups.getCatIds(catNms=["duplicate"]))
    names = [groups.imgs[one["image_id"]]["file_name"] for one in groups.loadAnns(duplicates)]
    assert sorted(names) == sorted(step.path for step in plan.removals())
    for annotation in groups.loadAnns(duplicates):
        assert mask.area(groups.annToRLE(annotation)) == annotation["area"] > 0
    (tmp_path / "tags.json").write_bytes(tagged(TAGGED, "coco"))
    tags = coco.COCO(tmp_path / "tags.json")
    assert tags.getImgIds(catIds=tags.getCatIds(catNms=["issue:dark"])) == [1]
    assert sorted(tags.getImgIds()) == [1, 2]


def test_fiftyone_reads_the_groups_and_the_tags(twins, tmp_path):
    reason = ABSENT.format("fiftyone", "fiftyone (with its database, 400 MB)")
    fiftyone = pytest.importorskip("fiftyone", reason=reason)
    importers = pytest.importorskip("fiftyone.utils.data", reason=reason)
    path = fastdup.export(twins.work, tmp_path / "labels.json", "fiftyone")
    with importers.FiftyOneImageClassificationDatasetImporter(labels_path=path) as found:
        labels = {image: label for image, _, label in found}
    assert sorted(label.label for label in labels.values()) == ["duplicate"] * 3 + ["kept"] * 2
    assert all(label.kept in labels for label in labels.values())
    samples = json.loads(tagged(TAGGED, "fiftyone"))["samples"]
    first, second = map(fiftyone.Sample.from_dict, samples)
    assert (first.filepath, first.ground_truth.label) == ("/a.jpg", "cat")
    assert first.tags == ["remove", "issue:dark", "train"]
    assert second.tags == []
