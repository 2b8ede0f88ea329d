"""Which images of one split another split has too."""

import csv
import os

import pytest

import fastdup
from command import fastdup_command
from fastdup.actions.leaks import find_leaks
from fastdup.errors import ConfigError


@pytest.fixture
def splits(album):
    """Training images that crowd round a test image, and one far from all."""
    album.add("test/a.jpg", 0)
    album.add("test/b.jpg", 1)
    album.add("test/c.jpg", 2)
    album.add("test/alone.jpg", 90)
    album.add("train/like-a.jpg", 12)
    album.add("train/like-c.jpg", 13)
    album.add("train/other.jpg", 150)
    return album.run(threshold=0.97, k=1)


def base(leaks):
    return [(os.path.basename(leak.path), os.path.basename(leak.other)) for leak in leaks]


def test_pairs_across_are_found_though_nearer_neighbours_crowd_them_out(splits):
    report = find_leaks(splits.work, test=splits.folder / "test")
    assert base(report.leaks) == [
        ("like-a.jpg", "c.jpg"),  # 10 degrees
        ("like-a.jpg", "b.jpg"),
        ("like-c.jpg", "c.jpg"),
        ("like-a.jpg", "a.jpg"),
        ("like-c.jpg", "b.jpg"),
        ("like-c.jpg", "a.jpg"),  # 13 degrees
    ]
    assert (report.n_images, report.n_leaking) == (
        {"test": 4, "train": 3},
        {"test": 3, "train": 2},
    )
    assert report.n_pairs == {("train", "test"): 6}
    assert "test: 3 of 4 images (75.00%) resemble an image of another split" in report.lines()


def test_the_threshold_is_inclusive_and_pairs_come_most_similar_first(splits):
    report = find_leaks(splits.work, test=splits.folder / "test", threshold=0.98)
    values = [leak.similarity for leak in report.leaks]
    assert values == sorted(values, reverse=True)
    again = find_leaks(splits.work, test=[splits.folder / "test"], threshold=values[-1])
    assert again.leaks == report.leaks
    assert len(values) == 3


def test_more_than_the_first_few_neighbours_of_an_image_are_listed(album):
    album.add("test/a.jpg", 0)
    for position in range(30):
        album.add(f"train/{position}.jpg", position / 100)
    report = find_leaks(album.run().work, test=album.folder / "test")
    assert report.n_leaking == {"test": 1, "train": 30}


def test_all_pairs_of_two_crowds_are_listed(album):
    for position in range(12):
        album.add(f"test/{position}.jpg", position / 10)
        album.add(f"train/{position}.jpg", 2 + position / 10)
    report = find_leaks(album.run().work, test=album.folder / "test")
    assert len(report.leaks) == 12 * 12
    assert base(report.leaks)[-1] == ("0.jpg", "11.jpg")  # the farthest apart


def test_a_column_of_the_annotations_gives_the_splits(photos, tmp_path):
    rows = [(name, "train") for name in sorted(os.listdir(photos))[:12]]
    rows += [("copy-of-00.jpg", "test"), ("copy-of-01.jpg", "val")]
    with open(tmp_path / "labels.csv", "w") as file:
        file.writelines(f"{a},{b}\n" for a, b in [("filename", "split"), *rows])
    fd = fastdup.create(tmp_path / "out", photos)
    fd.run(annotations=tmp_path / "labels.csv")
    leaks = fd.leaks(threshold=0.9)
    assert list(leaks) == ["from", "to", "distance", "split_from", "split_to"]
    assert sorted(zip(leaks["split_from"], leaks["split_to"], strict=True)) == [
        ("test", "train"),
        ("val", "train"),
    ]
    assert sorted(map(os.path.basename, leaks["from"])) == ["copy-of-00.jpg", "copy-of-01.jpg"]


def test_a_run_against_a_test_dir_gives_the_splits(photos, tmp_path):
    test = photos / "test"
    test.mkdir()
    (photos / "copy-of-00.jpg").rename(test / "copy-of-00.jpg")
    assert fastdup.run(photos, tmp_path / "out", test_dir=test, threshold=0.9) == 0
    done = fastdup_command("leaks", tmp_path / "out", "--gallery")
    assert done.returncode == 0, done.stderr
    assert "test: 1 of 1 images (100.00%)" in done.stdout
    with open(tmp_path / "out/leaks.csv") as file:
        (leak,) = csv.DictReader(file)
    assert (leak["split_from"], leak["split_to"]) == ("test", "train")
    page = (tmp_path / "out/leaks.html").read_text()
    assert "copy-of-00.jpg" in page


def test_no_leaks_make_a_page_too(splits):
    words = ("--test", splits.folder / "test/alone.jpg", "--gallery")
    done = fastdup_command("leaks", splits.work, *words)
    assert done.returncode == 0, done.stderr
    assert "0 pairs across splits" in done.stdout
    assert (splits.work / "leaks.html").exists()


def test_without_splits_it_says_what_to_give(splits):
    with pytest.raises(ConfigError, match="name the test images"):
        find_leaks(splits.work)
    with pytest.raises(ConfigError, match="no such folder"):
        find_leaks(splits.work, test=splits.folder / "nowhere")
    with pytest.raises(ConfigError, match=r"two splits or more .* and there is train"):
        find_leaks(splits.work, test=splits.work)
    with pytest.raises(ConfigError, match="between 0 and 1"):
        find_leaks(splits.work, test=splits.folder / "test", threshold=7)
