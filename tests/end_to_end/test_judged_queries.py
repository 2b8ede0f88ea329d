"""New pictures, and pairs across splits, are compared as the run compared its own."""

import csv
import os

import pytest

import fastdup
from fastdup.actions.leaks import find_leaks
from fastdup.explorer.handlers import Handlers
from fastdup.image_search import search_images
from fastdup.judging.stage import judge_now
from fastdup.report.wording import similarity_text
from pictures import jpeg, photo

SIZE = (320, 240)


def cropped(number):
    return photo(number, SIZE).crop((60, 40, 260, 200))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Six pictures, and crops of two of them apart."""
    folder = tmp_path_factory.mktemp("queries")
    for name in ("train", "test"):
        (folder / "album" / name).mkdir(parents=True)
    for number in range(6):
        (folder / f"album/train/{number}.jpg").write_bytes(jpeg(photo(number, SIZE)))
    for number in (0, 1):
        (folder / f"album/test/{number}-crop.jpg").write_bytes(jpeg(cropped(number)))
    (folder / "query.jpg").write_bytes(jpeg(cropped(2)))
    return folder


@pytest.fixture(scope="module")
def judged(folder):
    assert fastdup.run(folder / "album", folder / "judged", verify="auto") == 0
    return folder / "judged"


@pytest.fixture(scope="module")
def plain(folder):
    assert fastdup.run(folder / "album", folder / "plain", verify="none") == 0
    return folder / "plain"


def found_by(work, *queries, k=1):
    """Return (query, stored image, similarity) of each hit."""
    hits = search_images(str(work), [str(query) for query in queries], k)
    return [(os.path.basename(q), os.path.basename(path), value) for q, path, value in hits]


def listed(work):
    with open(work / "similarity.csv", newline="") as file:
        return {
            (os.path.basename(row["from"]), os.path.basename(row["to"])): float(row["distance"])
            for row in csv.DictReader(file)
        }


def test_a_crop_that_is_searched_for_is_found_as_a_copy(folder, judged, plain):
    ((_, image, value),) = found_by(judged, folder / "query.jpg")
    assert image == "2.jpg"
    assert 0.85 <= value < 0.98
    ((_, image, of_features),) = found_by(plain, folder / "query.jpg")
    assert (image, of_features < 0.85) == ("2.jpg", True)


def test_an_image_of_the_run_has_the_similarities_that_the_run_found(folder, judged):
    query = folder / "album/test/0-crop.jpg"
    hits = found_by(judged, query, folder / "query.jpg", k=3)[:3]
    assert hits[0] == ("0-crop.jpg", "0-crop.jpg", 1.0)
    assert hits[1] == ("0-crop.jpg", "0.jpg", listed(judged)["0-crop.jpg", "0.jpg"])
    assert len(found_by(judged, query, k=100)) == 8


def test_the_explorer_finds_what_the_command_finds(folder, judged):
    handlers = Handlers(str(judged))
    found = handlers.search((folder / "query.jpg").read_bytes())
    handlers.close()
    (hit,) = found_by(judged, folder / "query.jpg")
    assert found["items"][0]["s"] == similarity_text(hit[2])


def test_a_picture_that_is_gone_leaves_the_similarity_of_the_features(folder, plain, tmp_path):
    album = tmp_path / "album"
    album.mkdir()
    (album / "2.jpg").write_bytes(jpeg(photo(2, SIZE)))
    assert fastdup.run(album, tmp_path / "out", verify="auto") == 0
    (album / "2.jpg").unlink()
    assert found_by(tmp_path / "out", folder / "query.jpg") == found_by(plain, folder / "query.jpg")


def leaks_of(work, folder, **options):
    report = find_leaks(work, test=folder / "album/test", **options)
    return {
        (os.path.basename(leak.path), os.path.basename(leak.other)): leak.similarity
        for leak in report.leaks
    }


def test_leaks_are_found_by_what_the_pictures_show(folder, judged, plain, monkeypatch):
    listed_pairs = listed(judged)
    expected = {
        pair: listed_pairs[pair] for pair in (("0-crop.jpg", "0.jpg"), ("1-crop.jpg", "1.jpg"))
    }
    assert leaks_of(plain, folder) == {}
    assert leaks_of(judged, folder) == expected
    # What the run judged is not judged again; what it did not judge is judged now.
    judged_now = []
    monkeypatch.setattr(
        "fastdup.judging.on_request.judge_now",
        lambda pairs, judge: judged_now.extend(pairs) or judge_now(pairs, judge),
    )
    assert leaks_of(judged, folder) == expected
    monkeypatch.undo()
    names = {frozenset(os.path.basename(file.uri) for file in pair) for pair in judged_now}
    assert not names & set(map(frozenset, expected))
    (judged / "verdicts.csv").rename(folder / "verdicts.csv")
    try:
        assert leaks_of(judged, folder) == expected
    finally:
        (folder / "verdicts.csv").rename(judged / "verdicts.csv")
