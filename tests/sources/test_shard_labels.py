"""Labels and captions that the tars of WebDataset have beside their images."""

import json

import pytest

import fastdup
from fastdup.workdir.csv_files import read_table
from opened import Opened
from packed import tar_of, zip_of
from pictures import jpeg, scene

IMAGE = jpeg(scene(1, (64, 48)))


def said(place, **options):
    source = Opened(str(place), **options)
    try:
        found = {uri.rpartition("/")[2]: uri for uri in source.uris()}
        return {name: (source.label(uri), source.caption(uri)) for name, uri in found.items()}
    finally:
        source.close()


@pytest.mark.parametrize(("ending", "mode"), [(".tar", "w"), (".tar.gz", "w:gz")])
def test_cls_json_and_txt_belong_to_the_images_of_the_same_name(tmp_path, ending, mode):
    shard = tar_of(
        tmp_path / f"shard{ending}",
        [
            ("0001.cls", b"7\n"),
            ("0001.jpg", IMAGE),
            ("0001.txt", "ein Hund läuft".encode()),
            ("in/0002.json", json.dumps({"label": "cat", "caption": "a cat", "n": 3}).encode()),
            ("in/0002.left.png", IMAGE),
            ("in/0002.right.png", IMAGE),
            ("0003.jpg", IMAGE),
        ],
        mode,
    )
    assert said(shard) == {
        "0001.cls": (None, None),
        "0001.jpg": ("7", "ein Hund läuft"),
        "0001.txt": (None, None),
        "0002.json": (None, None),
        "0002.left.png": ("cat", "a cat"),
        "0002.right.png": ("cat", "a cat"),
        "0003.jpg": (None, None),
    }


def test_the_label_may_be_asked_for_by_field_or_ending(tmp_path):
    members = [
        ("1.jpg", IMAGE),
        ("1.cls", b"7"),
        ("1.json", b'{"Country": "PT", "label": 2}'),
        ("1.kind", b"dog"),
    ]
    shard = tar_of(tmp_path / "shard.tar", members)
    assert said(shard)["1.jpg"] == ("7", None)
    assert said(shard, label_column="country")["1.jpg"] == ("PT", None)
    assert said(shard, label_column=".kind")["1.jpg"] == ("dog", None)
    assert said(shard, label_column="other")["1.jpg"] == (None, None)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe\xff",
        b"[" * 100_000,
        b'["label"]',
        b'{"label": ["a"]}',
        b'{"label": ""}',
    ],
)
def test_what_makes_no_sense_is_no_label(tmp_path, content):
    members = [("1.jpg", IMAGE), ("1.json", content), ("2.jpg", IMAGE), ("2.cls", b"b")]
    shard = tar_of(tmp_path / "shard.tar", members)
    assert said(shard)["1.jpg"] == (None, None)
    assert said(shard)["2.jpg"] == ("b", None)


def test_texts_in_zips_and_long_ones_are_no_labels(tmp_path):
    members = [("1.jpg", IMAGE), ("1.cls", b"7")]
    assert said(zip_of(tmp_path / "photos.zip", members))["1.jpg"] == (None, None)
    long = [("1.jpg", IMAGE), ("1.cls", b"7" * 70_000)]
    assert said(tar_of(tmp_path / "shard.tar", long))["1.jpg"] == (None, None)


def test_a_run_writes_labels_and_captions_and_the_data_frames_have_them(tmp_path):
    members = [
        (f"{number:04}.{ending}", data)
        for number in range(4)
        for ending, data in {
            "jpg": jpeg(scene(number, (64, 48))),
            "cls": str(number % 2).encode(),
            "txt": f"picture {number}".encode(),
        }.items()
    ]
    shards = tmp_path / "shards"
    shards.mkdir()
    tar_of(shards / "0.tar", members)
    fd = fastdup.create(tmp_path / "out", shards)
    fd.run()
    header, *rows = read_table(str(tmp_path / "out/labels.csv"))
    assert header == ["filename", "label", "caption"]
    place = f"{shards}/0.tar"
    assert rows == [
        [f"{place}/{n:04}.jpg", str(n % 2), f"picture {n}"] for n in range(4)
    ]  # the texts themselves have none
    frame = fd.annotations()
    assert list(frame[frame["is_valid"]]["caption"]) == [f"picture {n}" for n in range(4)]
    assert set(fd.invalid_instances()["error_code"]) == {"side_file"}
    assert "Dataset contains 4 images, and 8 files of other kinds" in "\n".join(fd.summary())
