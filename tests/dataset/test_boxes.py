"""Boxes of annotations as images."""

import base64
import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import fastdup
from fastdup.dataset.boxes import names_in_yaml
from fastdup.errors import ConfigError
from fastdup.extract.prepare import Preparer
from fastdup.images import decode
from fastdup.report.thumbnails import THUMBNAIL_SIDE, look_at
from pictures import jpeg, scene

SIZE = (160, 120)


@pytest.fixture
def sheets(tmp_path):
    """Two pictures of four scenes each; scene 2 is in both."""
    folder = tmp_path / "sheets"
    folder.mkdir()
    for name, numbers in (("a.png", (0, 1, 2, 3)), ("b.png", (2, 4, 5, 6))):
        sheet = Image.new("RGB", (SIZE[0] * 2, SIZE[1] * 2))
        for place, number in enumerate(numbers):
            sheet.paste(scene(number, SIZE), (place % 2 * SIZE[0], place // 2 * SIZE[1]))
        sheet.save(folder / name)
    return folder


def boxes():
    rows = [
        (name, place % 2 * SIZE[0], place // 2 * SIZE[1], *SIZE, label)
        for name, labels in (("a.png", "abcd"), ("b.png", "cefg"))
        for place, label in enumerate(labels)
    ]
    return pd.DataFrame(rows, columns=["filename", "col_x", "row_y", "width", "height", "label"])


def check(fd, sheets):
    """Check what all three ways of telling the boxes lead to."""
    paths, features = fd.embeddings()
    assert len(paths) == 8
    assert all(path.startswith(f"{sheets}/") for path in paths)
    pairs = fd.similarity()
    assert pairs[["label_from", "label_to"]].values.tolist() == [["c", "c"]] * 2
    assert pairs["distance"].tolist() == [1.0, 1.0]
    stats = fd.img_stats()
    assert set(zip(stats["width"], stats["height"], strict=True)) == {SIZE}
    return features


def test_boxes_are_images(sheets, tmp_path):
    fd = fastdup.create(tmp_path / "out", sheets)
    fd.run(annotations=boxes())
    features = check(fd, sheets)
    paths, _ = fd.embeddings()
    assert paths[1] == f"{sheets}/a.png#xywh=160,0,160,120"
    single = tmp_path / "single"
    single.mkdir()
    for number in (0, 1, 2, 3):
        scene(number, SIZE).save(single / f"{number}.png")
    assert fastdup.run(single, tmp_path / "other") == 0
    _, expected = fastdup.load_binary_feature(tmp_path / "other")
    assert np.array_equal(features[:4], expected)


def test_boxes_of_a_coco_file_are_images(sheets, tmp_path):
    frame = boxes()
    content = {
        "images": [{"id": 7, "file_name": "a.png"}, {"id": 9, "file_name": "b.png"}],
        "categories": [{"id": ord(c), "name": c} for c in "abcdefg"],
        "annotations": [
            {
                "image_id": 7 if row.filename == "a.png" else 9,
                "category_id": ord(row.label),
                "bbox": [float(row.col_x), row.row_y, row.width, row.height],
            }
            for row in frame.itertuples()
        ],
    }
    path = tmp_path / "instances.json"
    path.write_text(json.dumps(content))
    fd = fastdup.create(tmp_path / "out", sheets)
    fd.run(annotations=path)
    check(fd, sheets)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("classes.txt", "a\nb\nc\nd\ne\nf\ng\n"),
        ("data.yaml", "nc: 7\nnames: [a, 'b', \"c\", d, e,\n  f, g]\n"),
        (
            "data.yaml",
            "# x\nnames:\n  0: a\n  1: b\n  2: c\n  3: d\n  4: e\n  5: f\n  6: g\nnc: 7\n",
        ),
    ],
)
def test_boxes_of_a_yolo_folder_are_images(name, words, sheets, tmp_path):
    folder = tmp_path / "labels"
    folder.mkdir()
    (folder / name).write_text(words)
    for sheet, labels in (("a", "abcd"), ("b", "cefg")):
        lines = [
            f"{'abcdefg'.index(label)} {0.25 + place % 2 / 2} {0.25 + place // 2 / 2} 0.5 0.5\n"
            for place, label in enumerate(labels)
        ]
        (folder / f"{sheet}.txt").write_text("".join(lines))
    fd = fastdup.create(tmp_path / "out", sheets)
    fd.run(annotations=folder)
    check(fd, sheets)
    paths, _ = fd.embeddings()
    assert paths[3] == f"{sheets}/a.png#xywh=percent:50,50,50,50"


def test_a_picture_is_decoded_once_for_all_its_boxes(sheets, tmp_path, monkeypatch):
    n_decoded = []
    real = decode

    def counted(data, **options):
        n_decoded.append(1)
        return real(data, **options)

    monkeypatch.setattr("fastdup.images.decode", counted)
    fd = fastdup.create(tmp_path / "out", sheets)
    fd.run(annotations=boxes(), num_threads=1, verify="none")
    assert len(n_decoded) == 2


def test_boxes_that_hold_nothing_are_bad(sheets, tmp_path):
    frame = boxes().iloc[[0, 1, 2]].copy()
    frame.loc[0, "col_x"] = 9999
    frame.loc[1, "width"] = 0
    frame.loc[3] = ["gone.png", 0, 0, 9, 9, "x"]
    frame.loc[4] = ["b.png", None, None, None, None, "whole"]
    fd = fastdup.create(tmp_path / "out", sheets)
    fd.run(annotations=frame)
    bad = fd.invalid_instances()
    assert bad["error_code"].tolist() == ["empty", "empty", "not_found"]
    paths, _ = fd.embeddings()
    assert paths == [f"{sheets}/a.png#xywh=0,120,160,120", f"{sheets}/b.png"]


def test_boxes_turn_with_the_picture(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    upright = scene(3, (300, 200))
    stored = upright.transpose(Image.Transpose.ROTATE_90)
    data = io.BytesIO()
    stored.save(data, "PNG", exif=exif)
    (tmp_path / "turned.png").write_bytes(data.getvalue())
    upright.save(tmp_path / "upright.png")
    names = [f"{tmp_path}/{name}.png#xywh=10,20,150,130" for name in ("turned", "upright")]
    assert fastdup.run(names, tmp_path / "out") == 0
    _, features = fastdup.load_binary_feature(tmp_path / "out")
    assert np.array_equal(features[0], features[1])


def test_a_second_run_over_boxes_decodes_nothing(sheets, tmp_path, monkeypatch):
    fastdup.create(tmp_path / "out", sheets).run(annotations=boxes())
    before = (tmp_path / "out/features.dat").read_bytes()
    monkeypatch.setattr(Preparer, "prepare", None)
    fastdup.create(tmp_path / "out", sheets).run(annotations=boxes())
    assert (tmp_path / "out/features.dat").read_bytes() == before


def test_processes_cut_boxes_too(sheets, tmp_path, monkeypatch):
    monkeypatch.setattr("fastdup.extract.threads.LEAST_IMAGES_OF_A_PROCESS", 1)
    fd = fastdup.create(tmp_path / "out", sheets)
    fd.run(annotations=boxes(), num_threads=5)
    check(fd, sheets)


def test_galleries_show_boxes(sheets, tmp_path):
    fd = fastdup.create(tmp_path / "out", sheets)
    fd.run(annotations=boxes())
    page = Path(fd.vis.duplicates_gallery()).read_text()
    assert "xywh=0,120,160,120" in page
    picture, _ = look_at(f"{sheets}/a.png#xywh=0,120,160,120", THUMBNAIL_SIDE)
    assert (picture.width, picture.height) == SIZE
    assert base64.b64encode(picture.jpeg).decode() in page


# --- one box for all ---------------------------------------------------------------------------


def test_one_box_is_taken_of_all_images(photos, tmp_path):
    box = "row_y=10, col_x=20, height=100, width=90"
    assert fastdup.run(photos, tmp_path, bounding_box=box) == 0
    paths, _ = fastdup.load_binary_feature(tmp_path)
    assert paths[0] == f"{photos}/00.jpg#xywh=20,10,90,100"
    stats = fastdup.create(tmp_path).img_stats()
    assert set(zip(stats["width"], stats["height"], strict=True)) == {
        (90, 100),
        (90, 80),  # of the smaller copy-of-01.jpg, as much as there is
    }


@pytest.mark.parametrize("what", ["face", "yolov5s", "rotated", "ocr"])
def test_what_would_have_to_be_detected_is_refused(what, photos, tmp_path):
    with pytest.raises(ConfigError, match="fastdup detects no objects"):
        fastdup.create(tmp_path, photos).run(bounding_box=what)


@pytest.mark.parametrize("box", ["1,2,3,4", "row_y=0,col_x=0,height=0,width=9", "row_y=0", "x"])
def test_a_box_that_makes_no_sense_is_refused(box, photos, tmp_path):
    with pytest.raises(ConfigError, match="col_x and row_y from 0"):
        fastdup.create(tmp_path, photos).run(bounding_box=box)


# --- what makes no sense -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        "{}",
        '{"images": [], "annotations": [{"bbox": [1, 2, 3, 4], "image_id": 1}]}',
        '{"images": [{"id": 1, "file_name": "a"}], "annotations": [{"bbox": [1], "image_id": 1}]}',
        '{"images": [], "annotations": []}',
    ],
)
def test_a_json_file_that_is_not_coco_is_one_clear_line(content, sheets, tmp_path):
    path = tmp_path / "x.json"
    path.write_text(content)
    with pytest.raises(ConfigError) as refusal:
        fastdup.create(tmp_path / "out", sheets).run(annotations=path)
    assert str(path) in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_yolo_line_that_is_no_box_is_reported_with_its_place(sheets, tmp_path):
    folder = tmp_path / "labels"
    folder.mkdir()
    (folder / "a.txt").write_text("0 0.5 0.5 0.1 0.1\nzero\n")
    with pytest.raises(ConfigError, match=r"a\.txt, line 2: 'zero' is not a box"):
        fastdup.create(tmp_path / "out", sheets).run(annotations=folder)
    with pytest.raises(ConfigError, match="need input_dir="):
        fastdup.create(tmp_path / "out").run(annotations=folder)


@pytest.mark.parametrize("value", ["x", float("inf"), 1e12])
def test_a_box_that_is_no_four_numbers_is_refused(value, sheets, tmp_path):
    frame = boxes().astype(object)
    frame.loc[2, "width"] = value
    with pytest.raises(ConfigError, match="give four numbers"):
        fastdup.create(tmp_path / "out", sheets).run(annotations=frame)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("names: [cat, dog]", {0: "cat", 1: "dog"}),
        ("names:\n- cat\n- dog # x\nnc: 2", {0: "cat", 1: "dog"}),
        ("names:\n\n  3: cat\n  # x\n  1: 'dog'", {3: "cat", 1: "dog"}),
        ("path: x", {}),
        ("names: !!python/object/apply:os.system ['x']", {}),
        ("names: [cat", {0: "cat"}),
        ("", {}),
    ],
)
def test_only_names_are_read_of_yaml(text, names):
    assert names_in_yaml(text) == names


def test_copies_among_boxes_of_files_are_reported(tmp_path):
    (tmp_path / "a.jpg").write_bytes(jpeg(scene(0)))
    (tmp_path / "b.jpg").write_bytes(jpeg(scene(0)))
    names = [f"{tmp_path}/{name}.jpg#xywh={x},0,90,90" for name in "ab" for x in (0, 90)]
    assert fastdup.run(names, tmp_path / "out") == 0
    _, features = fastdup.load_binary_feature(tmp_path / "out")
    assert np.array_equal(features[:2], features[2:])
    assert not np.array_equal(features[0], features[1])
