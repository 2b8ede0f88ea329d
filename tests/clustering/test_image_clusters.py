"""Clusters and samples of a work folder, with rows whose order is known."""

import csv

import numpy as np
import pytest

import fastdup
from command import fastdup_command

#: Degrees on a circle: two clusters, around 5 and 90; b is a copy of a.
DEGREES = {"a": 0, "b": 0, "c": 5, "d": 10, "e": 88, "f": 92}


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clusters")
    angles = np.radians(list(DEGREES.values()))
    rows = np.column_stack([np.cos(angles), np.sin(angles)])
    fastdup.save_binary_feature(folder, [f"/{name}.jpg" for name in DEGREES], rows)
    (folder / "annotations.csv").write_text(
        "filename,label\n" + "".join(f"/{n}.jpg,{'x' if n < 'e' else 'y'}\n" for n in "abcdef")
    )
    return folder


def test_the_command_writes_the_clusters_the_centres_and_what_is_nearest_to_them(work):
    done = fastdup_command("kmeans", work, "-n", "2", "--nearest", "1", "--gallery")
    assert done.returncode == 0, done.stderr
    assert "6 images in 2 clusters\nimages per cluster: 4 to 2\n" in done.stdout
    with (work / "kmeans_assignments.csv").open(newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["index", "filename", "cluster", "distance"]
    assert [row[2] for row in rows] == ["0"] * 4 + ["1"] * 2
    with (work / "kmeans_nearest.csv").open(newline="") as file:
        nearest = list(csv.DictReader(file))
    assert [(row["cluster"], row["count"], row["rank"]) for row in nearest] == [
        ("0", "4", "1"),
        ("1", "2", "1"),
    ]
    assert nearest[0]["filename"] == "/c.jpg"  # the centre is near 3.75 degrees
    assert len((work / "kmeans_centroids.csv").read_text().splitlines()) == 3
    page = (work / "kmeans_clusters.html").read_text()
    assert page.index("e.jpg") > page.index("a.jpg") > page.index("c.jpg")


def test_the_object_returns_clusters_and_samples_as_data_frames(work):
    fd = fastdup.create(work)
    frame = fd.kmeans(2)
    assert list(frame.columns) == ["index", "filename", "cluster", "distance", "label"]
    assert frame["cluster"].tolist() == [0, 0, 0, 0, 1, 1]
    frame = fd.sample(2, balance="label")
    assert frame["label"].tolist() == ["x", "y"]


def test_the_most_different_images_come_first_and_copies_count_once(work):
    found = fastdup.sample(work, 9)
    assert found.n_different == len(found.paths) == 5
    # The mean of a, c, d, e and f lies at 36 degrees: d is nearest, f the farthest from it.
    assert found.paths[:3] == ["/d.jpg", "/f.jpg", "/a.jpg"]
    assert found.distances[1] == pytest.approx(1 - np.cos(np.radians(82)))
    centres = fastdup.sample(work, 2, "centres")
    assert {path[1] for path in centres.paths} in ({"c", "e"}, {"c", "f"})


def test_the_command_writes_a_sample_with_as_many_of_each_label(work, tmp_path):
    words = ("sample", work, "-n", "3", "--balance", "label", "-o", tmp_path / "some.csv")
    done = fastdup_command(*words)
    assert done.stdout.startswith("3 of 5 different images\n"), done.stderr
    with (tmp_path / "some.csv").open(newline="") as file:
        assert sorted(row["label"] for row in csv.DictReader(file)) == ["x", "x", "y"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda work: fastdup.kmeans(work, 7), "n=7 is more than the 6 images: try n=1"),
        (lambda work: fastdup.kmeans(work, 0), "n=0 is not allowed: give a whole number"),
        (lambda work: fastdup.kmeans(work, 2, by="taste"), "by='taste' is not allowed"),
        (lambda work: fastdup.sample(work, 2, "random"), "method='random' is not allowed"),
        (lambda work: fastdup.sample(work, 2, balance="shape"), "balance='shape': the images"),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_sentence(work, call, message):
    with pytest.raises(fastdup.ConfigError, match=message):
        call(work)
