"""What is written for other tools, read back as those tools read it."""

import csv
import io
import json
import os
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from pyarrow import feather

import fastdup
from fastdup.actions.export import exported
from fastdup.actions.keep import CopyChoice
from fastdup.actions.offers import BINARY_FORMATS, FORMATS
from fastdup.errors import ConfigError
from fastdup.workdir.features import save_binary_feature
from pictures import SMALL_JPEG


def written(album, tmp_path, format, **options):
    path = fastdup.export(album.work, tmp_path / "exported", format, **options)
    with open(path, "rb") as file:
        return file.read()


def test_csv_has_a_row_for_each_file_of_a_group(twins, tmp_path):
    text = written(twins, tmp_path, "csv").decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["role"] for row in rows] == ["kept", "duplicate", "duplicate", "kept", "duplicate"]
    assert [row["same_bytes"] for row in rows] == ["", "yes", "yes", "", "no"]
    assert rows[4]["kept"] == rows[3]["filename"] == str(twins.folder / "one/large.jpg")
    assert rows[4]["file_size"] == str(len(SMALL_JPEG) + 100)


def test_csv_holds_no_formula(tmp_path):
    save_binary_feature(tmp_path, ["=cmd|' /C calc'!A0", "+1.jpg", "plain.jpg"], [[1, 0]] * 3)
    assert fastdup.run("", tmp_path, run_mode=2) == 0
    rows = list(csv.reader(io.StringIO(exported(tmp_path, "csv", CopyChoice()).decode())))
    assert not [cell for row in rows[1:] for cell in row if cell[:1] in set("=+-@\t\r")]


def test_json_groups_the_files(twins, tmp_path):
    content = json.loads(written(twins, tmp_path, "json", threshold=0.95))
    assert (content["threshold"], content["keep"]) == (0.95, "original")
    assert [len(group["files"]) for group in content["groups"]] == [3, 2]
    kept, copy = content["groups"][1]["files"]
    assert (kept["role"], copy["role"], copy["kept"]) == ("kept", "duplicate", kept["filename"])


def test_json_leads_back_to_names_that_are_no_utf_8(album, tmp_path):
    for name in (b"\xff.jpg", b"\xfe.jpg"):
        album.add(name, 0)
    content = json.loads(written(album.run(), tmp_path, "json"))
    names = [file["filename"] for file in content["groups"][0]["files"]]
    assert all(os.path.exists(name) for name in names)


def test_lists_name_the_copies_and_nothing_else(twins, tmp_path):
    lines = written(twins, tmp_path, "list").decode().splitlines()
    assert sorted(map(os.path.basename, lines)) == ["same again.jpg", "same.jpg", "small.jpg"]
    zeros = written(twins, tmp_path, "list0").decode().split("\0")
    assert zeros == [*lines, ""]


def test_a_name_with_a_line_break_is_not_put_in_a_list_of_lines(twins, tmp_path):
    twins.add("a very long name with a line\nbreak.jpg", 90, b"same")
    twins.run()
    with pytest.raises(ConfigError, match="list0"):
        written(twins, tmp_path, "list")
    assert b"line\nbreak.jpg\0" in written(twins, tmp_path, "list0")


def test_companions_are_named_and_a_copy_that_stays_for_one_is_in_no_group(album, tmp_path):
    for name in ("kept/a.jpg", "one/a.jpg", "two/a.jpg"):
        album.add(name, 0, b"same")
        for ending in (".xmp", ".CR2"):
            Path(album.folder, name).with_suffix(ending).write_bytes(b"the same")
    (album.folder / "two/a.mov").write_bytes(b"only here")
    album.run()
    kept, copy = csv.DictReader(io.StringIO(written(album, tmp_path, "csv").decode()))
    assert (kept["companions"], copy["companions"]) == ("a.CR2/a.xmp", "a.CR2/a.xmp")
    names = written(album, tmp_path, "list").decode().splitlines()
    assert names == [str(album.folder / f"one/a.{ending}") for ending in ("jpg", "CR2", "xmp")]
    (group,) = json.loads(written(album, tmp_path, "json"))["groups"]
    assert [file["companions"] for file in group["files"]] == [["a.CR2", "a.xmp"]] * 2


def test_fiftyone_reads_it_as_an_image_classification_data_set(twins, tmp_path):
    content = json.loads(written(twins, tmp_path, "fiftyone"))
    assert content["classes"] == ["kept", "duplicate"]
    assert len(content["labels"]) == 5
    for path, target in content["labels"].items():
        assert os.path.isabs(path)
        assert set(target) == {"label", "confidence", "attributes"}
        is_kept = target["attributes"]["kept"] == path
        assert content["classes"][target["label"]] == ("kept" if is_kept else "duplicate")
        assert 0 <= target["confidence"] <= 1


def test_coco_refers_to_images_and_categories_that_are_there(photos, tmp_path):
    assert fastdup.run(photos, tmp_path / "out") == 0
    content = json.loads(exported(tmp_path / "out", "coco", CopyChoice(threshold=0.9)))
    images = {image["id"]: image for image in content["images"]}
    names = {category["id"]: category["name"] for category in content["categories"]}
    assert len(images) == len(content["annotations"]) == 4
    for annotation in content["annotations"]:
        image = images[annotation["image_id"]]
        assert annotation["bbox"] == [0, 0, image["width"], image["height"]]
        assert annotation["area"] == image["width"] * image["height"] > 0
        is_kept = annotation["kept"] == image["file_name"]
        assert names[annotation["category_id"]] == ("kept" if is_kept else "duplicate")


def test_a_plan_changed_by_hand_can_be_exported(twins, tmp_path):
    plan = fastdup.clean(twins.work).plan_file
    with open(plan) as file:
        changed = file.read().replace("remove", "keep", 1)
    with open(plan, "w") as file:
        file.write(changed)
    assert len(written(twins, tmp_path, "list", plan=plan).splitlines()) == 2


def test_a_misspelt_format_is_refused_with_the_nearest(twins, tmp_path):
    with pytest.raises(ConfigError, match="try format='json'"):
        fastdup.export(twins.work, tmp_path / "x", "jsn")


@pytest.mark.parametrize("format", FORMATS)
def test_an_export_of_nothing_is_still_a_whole_file(album, format):
    album.add("a.jpg", 0)
    album.add("b.jpg", 90)
    data = exported(album.run().work, format, CopyChoice())
    if format in ("json", "fiftyone", "coco"):
        assert json.loads(data)
    elif format in BINARY_FORMATS:
        read = pq.read_table if format == "parquet" else feather.read_table
        assert read(io.BytesIO(data)).num_rows == 0
    else:
        assert len(data.splitlines()) == (format == "csv")


def test_the_command_writes_to_a_file_or_to_standard_output(twins, tmp_path):
    from command import fastdup_command

    out = tmp_path / "groups.json"
    done = fastdup_command("export", twins.work, "--format", "json", "-o", out)
    assert (done.returncode, done.stdout) == (0, f"{out}\n")
    assert fastdup_command("export", twins.work, "--format", "json").stdout == out.read_text()
