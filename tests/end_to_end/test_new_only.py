"""Is it here? Many files looked for in a collection, with those that are new."""

import csv
import io
import json
import os

import pytest
from PIL import Image

import fastdup
from command import fastdup_command
from fastdup.image_search import look_up
from packed import zip_of
from pictures import jpeg, photo

SIZE = (320, 240)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A run over four pictures; two copies of them, two new ones and a bad one, and sidecars."""
    folder = tmp_path_factory.mktemp("new")
    for name in ("in", "more", "more/sub"):
        (folder / name).mkdir()
    for number in range(4):
        (folder / f"in/{number}.jpg").write_bytes(jpeg(photo(number, SIZE)))
    files = {
        "crop.jpg": jpeg(photo(0, SIZE).crop((60, 40, 260, 200))),
        "sub/small.jpg": jpeg(photo(1, SIZE).resize((160, 120))),
        "new.jpg": jpeg(photo(10, SIZE)),
        "sub/=new.jpg": jpeg(photo(11, SIZE)),
        "broken.jpg": jpeg(photo(2, SIZE))[:900],
        "new.xmp": b"<x/>",
    }
    for name, data in files.items():
        (folder / "more" / name).write_bytes(data)
    assert fastdup.run(folder / "in", folder / "out") == 0
    return folder


def searched(folder, *words):
    return fastdup_command("search", folder / "out", *words)


def test_each_file_is_answered_with_its_copies_or_the_nearest_image(folder):
    names = ["crop.jpg", "broken.jpg", "new.jpg", "nowhere.jpg", "crop.jpg"]
    answers = list(look_up(str(folder / "out"), [str(folder / "more" / name) for name in names]))
    assert [os.path.basename(answer.query) for answer in answers] == names
    assert [os.path.basename(copy.path) for copy in answers[0].copies] == ["0.jpg"]
    assert answers[0].nearest == answers[0].copies[0]
    assert answers[0] == answers[4]
    assert (answers[1].copies, answers[1].problem.startswith("truncated")) == ((), True)
    assert (answers[2].copies, answers[2].problem) == ((), "")
    assert answers[2].nearest is not None
    assert answers[3].problem.startswith("not_found")


def test_what_has_no_copy_is_listed_and_a_bad_file_stops_nothing(folder):
    done = searched(folder, folder / "more", "--new-only")
    assert done.returncode == 3
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    new = [os.path.basename(row["query"]) for row in rows]
    assert new == ["new.jpg", "=new.jpg"]
    assert all(float(row["similarity"]) < 1 and row["nearest"] for row in rows)
    assert "broken.jpg" in done.stderr
    assert "new.xmp" not in done.stderr


def test_names_come_as_programs_need_them(folder):
    new = [str(folder / "more" / name) for name in ("new.jpg", "sub/=new.jpg")]
    good = [folder / "more/new.jpg", folder / "more/sub"]
    listed = searched(folder, *good, "--new-only", "--format", "list0")
    assert (listed.returncode, listed.stdout) == (0, "".join(f"{name}\0" for name in new))
    lines = searched(folder, *good, "--new-only", "--format", "json").stdout.splitlines()
    assert [json.loads(line)["query"] for line in lines] == new
    assert searched(folder, folder / "in", "--new-only", "--format", "list").stdout == ""


def test_formats_belong_to_new_only_and_a_missing_run_is_an_error(folder, tmp_path):
    refused = searched(folder, folder / "more", "--format", "json")
    assert (refused.returncode, "goes with --new-only" in refused.stderr) == (2, True)
    assert fastdup_command("search", tmp_path, folder / "more", "--new-only").returncode == 1


def test_images_in_an_archive_are_looked_for_too(folder, tmp_path):
    (tmp_path / "more").mkdir()
    png = io.BytesIO()
    Image.open(folder / "in/3.jpg").save(png, "PNG")
    files = [("same.png", png.getvalue()), ("new.jpg", jpeg(photo(12, SIZE)))]
    zip_of(tmp_path / "more/pack.zip", files)
    done = searched(folder, tmp_path / "more", "--new-only", "--format", "list")
    assert [line.rsplit("/", 1)[1] for line in done.stdout.splitlines()] == ["new.jpg"]


def test_without_looking_at_pictures_the_threshold_decides(folder, tmp_path):
    assert fastdup.run(folder / "in", tmp_path / "out", verify="none", threshold=0.9) == 0
    queries = [str(folder / "in/2.jpg"), str(folder / "more/new.jpg")]
    found = list(look_up(str(tmp_path / "out"), queries))
    assert [len(answer.copies) for answer in found] == [1, 0]
