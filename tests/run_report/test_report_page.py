"""The report on a run: what its page says, and that nothing in it can do harm."""

import csv
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import fastdup
from command import fastdup_command
from explored import HOSTILE, finished_run
from fastdup.run_report.report_page import create_report


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    """The work folder of a finished run over images with labels and splits, to be read only."""
    folder = tmp_path_factory.mktemp("report")
    work = finished_run(folder)
    Image.new("RGB", (80, 60), (2, 2, 2)).save(folder / "photos" / "black.png")
    assert fastdup.run(str(folder / "photos"), str(work), threshold=0.75) == 0
    with (work / "annotations.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["filename", "label", "split"])
        for path in sorted((folder / "photos").rglob("*.*g")):
            is_copy = path.parent.name == "copies"
            label = "<b>copy</b>" if is_copy else "\u202escene"
            writer.writerow([path, label, "test" if is_copy else "train"])
    return work


@pytest.fixture(scope="module")
def page(work, tmp_path_factory):
    """The text of its report."""
    path = create_report(work, tmp_path_factory.mktemp("page"))
    return Path(path).read_text(encoding="utf-8")


def words_of(page):
    """Return the words of a page as they are read, without style, charts and pictures."""
    body = re.sub(r"<(style|svg).*?</\1>|data:[^\"]*", "", page, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", " ", body).split())


def test_the_page_says_what_was_found(page, work):
    words = words_of(page)
    run = fastdup.create(work_dir=str(work))
    assert f"{run.config['counts']['good']} images" in words
    for part in (
        "in exact copies 1 file",
        "Exact copies: the same bytes 1",
        "Mirrored",
        "A clean-up would remove",
        "Dark · 1 image",
        "The file is cut short 1 cut-short.jpg",
        "Not an image 1 text.jpg",
        "train",
        "labels are in doubt",
        "pairs of copies have different ones",
        "0.75 is the lowest threshold with a precision of 99 %; 100.0 % of the judged copies",
    ):
        assert part.lower() in words.lower(), part
    for title in ("Similarity", "Longer side in pixels", "Brightness", "Sharpness"):
        assert title in words


def test_names_and_labels_are_text_and_the_page_may_load_nothing(page):
    assert HOSTILE not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    assert "&lt;b&gt;copy&lt;/b&gt;" in page
    assert "\u202e" not in page
    assert "<script" not in page
    assert " style=" not in page
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1]
    assert policy.startswith("default-src &#39;none&#39;; img-src data:; style-src &#39;sha256-")
    assert "script-src" not in policy
    sources = re.findall(r'(?:src|href)="([^"#][^"]{0,30})', page)
    assert sources
    assert all(source.startswith("data:image/") for source in sources)


def test_the_same_run_gives_the_same_page(page, work, tmp_path):
    again = create_report(work, tmp_path / "again.html")
    assert Path(again).read_text(encoding="utf-8") == page


def test_images_that_are_gone_are_said_to_be(work, tmp_path):
    moved = shutil.copytree(work, tmp_path / "out")
    listed = (moved / "features.dat.csv").read_text()
    for table in moved.glob("*.csv"):
        table.write_text(table.read_text().replace("/photos/", "/nowhere/"))
    assert "/nowhere/" not in listed
    page = Path(create_report(moved)).read_text(encoding="utf-8")
    assert "The file is gone" in page
    assert "A clean-up at its usual settings would remove nothing" in page


def test_features_of_ones_own_have_a_report_too(tmp_path):
    names = [f"{number}.jpg" for number in range(4)]
    features = np.eye(4, 8, dtype=np.float32)
    features[3] = features[2]
    fd = fastdup.create(work_dir=str(tmp_path / "out"))
    fd.run(annotations=names, embeddings=features, nearest_neighbors_k=1)
    words = words_of(Path(fd.report()).read_text(encoding="utf-8"))
    assert "4 images" in words
    assert "1 group" in words
    assert "Brightness" not in words


def test_the_command_writes_the_page_and_says_where(work, tmp_path):
    done = fastdup_command("report", str(work), "-o", str(tmp_path / "r.html"))
    assert (done.returncode, done.stdout.strip()) == (0, str(tmp_path / "r.html"))
    assert "<h1>" in (tmp_path / "r.html").read_text(encoding="utf-8")
    done = fastdup_command("report", str(tmp_path / "nowhere"))
    assert done.returncode == 1
    assert "there is no finished run" in done.stderr
