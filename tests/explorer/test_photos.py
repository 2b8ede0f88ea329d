"""Photos in the explorer: when and by which camera they were taken."""

import shutil
from pathlib import Path

import pytest

import fastdup
from camera_files import camera_photo, saved
from explored import Asker
from pictures import scene

pytest.importorskip("starlette")
pytest.importorskip("uvicorn")

#: Name → when it was taken and by which model; two files of each scene.
PHOTOS = {
    "a1.jpg": ("2019:07:14 12:33:01", "D90"),
    "a2.jpg": ("2019:07:14 12:33:02", "D90"),
    "b1.jpg": ("2015:01:01 00:00:00", "X100"),
    "b2.jpg": ("2021:01:01 00:00:00", "X100"),
    "c1.jpg": (None, "D90"),
}


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    (folder / "album").mkdir()
    for name, (taken, model) in PHOTOS.items():
        data = camera_photo(
            ord(name[0]), taken=taken, model=model, make=None, offset=None, fraction=name[1]
        )
        (folder / "album" / name).write_bytes(data)
    (folder / "album" / "c2.png").write_bytes(saved("PNG", scene(ord("c"))))
    assert fastdup.run(str(folder / "album"), str(folder / "out"), nearest_neighbors_k=5) == 0
    return folder / "out"


@pytest.fixture(scope="module")
def asker(work):
    from fastdup.explorer import Explorer

    with Explorer(str(work)) as explorer:
        yield Asker(explorer.url)


def names(images):
    return [image["name"] for image in images]


def first_names(groups):
    return [group["images"][0]["name"][0] for group in groups["items"]]


def test_each_image_has_its_time_and_camera(asker):
    images = {image["name"]: image for image in asker.call("quality", metric="width")["items"]}
    assert (images["a1.jpg"]["taken"], images["a1.jpg"]["camera"]) == (
        "2019-07-14 12:33:01.1",
        "D90",
    )
    assert images["c1.jpg"]["taken"] == "saved 2020-01-02 03:04:05"
    assert not {"taken", "camera"} & images["c2.png"].keys()
    pair = asker.call("pairs", find="a1")["items"][0]
    assert {image["taken"][-4:] for image in pair["images"]} == {"01.1", "02.2"}


def test_the_summary_lists_cameras_and_days(asker):
    summary = asker.call("summary")
    assert summary["cameras"] == [["D90", 3], ["X100", 2]]
    assert summary["days"] == ["2015-01-01", "2021-01-01"]
    assert [m["name"] for m in summary["metrics"]][-2:] == ["earliest", "latest"]
    words = [m["words"] for m in summary["metrics"]]
    assert len(set(words)) == len(words)


def test_images_are_listed_by_when_they_were_taken(asker):
    earliest = asker.call("quality", metric="earliest")
    assert names(earliest["items"]) == ["b1.jpg", "a1.jpg", "a2.jpg", "c1.jpg", "b2.jpg"]
    assert (earliest["total"], earliest["column"]) == (5, "taken")
    latest = asker.call("quality", metric="latest", camera="D90")
    assert names(latest["items"]) == ["c1.jpg", "a2.jpg", "a1.jpg"]


def test_shots_of_a_burst_are_a_stack_of_which_the_sharpest_is_marked(asker):
    groups = {
        group["images"][0]["name"][0]: group["images"] for group in asker.call("groups")["items"]
    }
    blur = {
        image["name"]: image["value"] for image in asker.call("quality", metric="blur")["items"]
    }
    burst = {image["name"]: (image["burst"], image.get("sharpest")) for image in groups["a"]}
    sharpest = max(burst, key=blur.get)
    assert burst == {"a1.jpg": (0, None), "a2.jpg": (0, None)} | {sharpest: (0, 2)}
    assert all("burst" not in image for image in groups["b"])  # years apart
    words = {name: difference_of(asker, groups[name]) for name in "ab"}
    assert words["a"].startswith("another shot of a burst")
    assert "burst" not in words["b"]


def difference_of(asker, images):
    first, second = (image["row"] for image in images)
    return asker.call("difference", first=first, second=second)["text"]


def test_groups_are_ordered_by_their_earliest_image(asker):
    assert first_names(asker.call("groups", order="taken")) == ["b", "a", "c"]


@pytest.mark.parametrize(
    ("wanted", "groups"),
    [
        ({"camera": "X100"}, "b"),
        ({"camera": "D90"}, "ac"),
        ({"camera": "None"}, ""),
        ({"since": "2019-07-14", "until": "2019-07-14"}, "a"),
        ({"since": "2020-12-31"}, "b"),
        ({"until": "2018-01-01"}, "b"),
        ({"until": "2020-06-01", "camera": "D90"}, "ac"),
        ({"since": "2019-07-14", "until": "2019-07-14", "find": "b1"}, ""),
    ],
)
def test_groups_and_pairs_can_be_looked_for_by_camera_and_day(asker, wanted, groups):
    assert sorted(first_names(asker.call("groups", **wanted))) == list(groups)
    assert sorted(first_names(asker.call("pairs", **wanted))) == list(groups)


def test_without_metadata_nothing_is_offered(work, tmp_path):
    from fastdup.explorer import Explorer

    shutil.copytree(work, tmp_path / "old")
    (Path(tmp_path) / "old" / "metadata.csv").unlink()
    with Explorer(str(tmp_path / "old")) as explorer:
        asker = Asker(explorer.url)
        summary = asker.call("summary")
        assert (summary["cameras"], summary["days"]) == ([], [])
        assert "earliest" not in [metric["name"] for metric in summary["metrics"]]
        assert "taken" not in asker.call("image", row=0)
        assert asker.call("groups", order="taken")["total"] == 3
        assert asker.call("groups", camera="D90")["total"] == 0
