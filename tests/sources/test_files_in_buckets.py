"""Videos and data sets that are objects, and those that are members of archives."""

import itertools
import os
import shutil
from pathlib import Path

import pytest

import fastdup
from fastdup.errors import ImageError, Reason
from fastdup.sources import UNREACHABLE
from fastdup.workdir.csv_files import read_table
from films import film_of, scenes
from packed import tar_of, zip_of
from pictures import jpeg, scene
from s3_server import FaultyProxy
from tables import images_of, parquet_of, saved_of

_NUMBER = itertools.count()
PICTURES = {f"{i}.jpg": jpeg(scene(i, (96, 72))) for i in range(9)}
COLUMNS = {"image": images_of(PICTURES), "label": ["cat", "dog", "eel"] * 3}


@pytest.fixture
def bucket(s3_of_parts):
    """A new bucket as a folder; its name is its name."""
    folder = s3_of_parts / f"files-{next(_NUMBER)}"
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    return film_of(tmp_path_factory.mktemp("films") / "clip.mp4", scenes([1, 2, 3]))


def read_all(source):
    uris = list(source.uris())
    source.prefetch(uris)
    return {uri.rpartition("/x.")[2]: source.read(uri) for uri in uris}


def failure(source, uri):
    with pytest.raises(ImageError) as caught:
        source.read(uri)
    return caught.value.reason, str(caught.value)


# --- data sets ------------------------------------------------------------------------------


def test_rows_of_a_data_set_in_a_bucket_are_images(bucket, opened):
    path = parquet_of(bucket / "x.parquet", COLUMNS)
    url = f"s3://{bucket.name}/x.parquet"
    here = opened(str(path))
    for given in (url, f"s3://{bucket.name}/", [url]):
        source = opened(given)
        assert list(source.uris()) == [f"{url}/{row:06}" for row in range(9)]
        assert read_all(source) == read_all(here)
        assert [source.label(uri) for uri in source.uris()] == ["cat", "dog", "eel"] * 3
    assert source.read(f"{url}/000004", 4) == PICTURES["4.jpg"][:4]
    assert source.stamp(f"{url}/000009") == UNREACHABLE
    assert source.stamp(f"{url}/000001") == source.stamp(f"{url}/000002") != UNREACHABLE
    assert not source.is_file(f"{url}/000001")


def test_a_name_alone_decides_what_to_read_from_a_bucket(bucket, opened):
    parquet_of(bucket / "x.parquet", COLUMNS)
    url = f"s3://{bucket.name}/x.parquet"
    source = opened([f"{url}/000003", f"{url}/000099"])
    good, bad = source.uris()
    assert source.read(good) == PICTURES["3.jpg"]
    assert failure(source, bad) == (Reason.NOT_FOUND, f"{url} has no such row")


def test_a_saved_data_set_in_a_bucket_is_read(bucket, opened):
    saved_of(bucket / "train", COLUMNS, ["cat", "dog", "eel"])
    source = opened(f"s3://{bucket.name}/train/")
    rows = [uri for uri in source.uris() if ".arrow/" in uri]
    assert [source.read(uri) for uri in rows] == list(PICTURES.values())


def test_rows_may_name_objects_beside_their_data_set(bucket, opened):
    (bucket / "f").mkdir()
    (bucket / "f" / "a b.jpg").write_bytes(b"beside")
    paths = ["a b.jpg", "none.jpg", "../f/a b.jpg", "/etc/passwd", "https://host/a.jpg", ""]
    parquet_of(bucket / "f" / "x.parquet", {"path": paths})
    source = opened(f"s3://{bucket.name}/f/x.parquet")
    first, *others = source.uris()
    assert source.read(first) == b"beside"
    reasons = [failure(source, uri)[0] for uri in others]
    assert reasons == [Reason.NOT_FOUND, *[Reason.UNSUPPORTED] * 3, Reason.EMPTY]


def test_a_data_set_of_a_bucket_that_cannot_be_read_is_one_bad_file(bucket, opened):
    path = parquet_of(bucket / "x.parquet", COLUMNS)
    os.truncate(path, path.stat().st_size // 2)
    (bucket / "y.parquet").write_bytes(jpeg(scene(1)))
    source = opened(f"s3://{bucket.name}/")
    damaged, picture = source.uris()
    assert failure(source, damaged)[1].startswith("a damaged data set: ")
    assert source.read(picture) == jpeg(scene(1))


def test_a_data_set_replaced_after_it_was_listed_is_reported(bucket, opened):
    path = parquet_of(bucket / "x.parquet", COLUMNS)
    source = opened(f"s3://{bucket.name}/x.parquet")
    uris = list(source.uris())
    parquet_of(path, {**COLUMNS, "more": ["x" * 99] * 9})
    reason, detail = failure(source, uris[-1])
    assert reason == Reason.NOT_FOUND
    assert "was changed after it was listed: run again" in detail


@pytest.mark.parametrize("fault", ["drop", "503", "cut"])
def test_faults_that_pass_cost_no_row_and_no_frame(s3_server, s3, film, fault, opened, monkeypatch):
    folder = s3 / f"files-{next(_NUMBER)}"
    folder.mkdir()
    parquet_of(folder / "x.parquet", COLUMNS)
    shutil.copy(film, folder / "x.mp4")

    def mischief(path, n):
        return fault if path.endswith((".parquet", ".mp4")) and n % 3 == 2 else None

    with FaultyProxy(s3_server[0].port, mischief) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.endpoint)
        found = read_all(opened(f"s3://{folder.name}/"))
    assert len([name for name in found if name.startswith("mp4")]) == 3
    rows = [data for name, data in found.items() if name.startswith("parquet")]
    assert rows == list(PICTURES.values())


def test_a_server_without_ranges_is_reported(s3, film, opened):
    folder = s3 / f"files-{next(_NUMBER)}"  # reached directly, it calls the part the whole
    folder.mkdir()
    parquet_of(folder / "x.parquet", COLUMNS)
    shutil.copy(film, folder / "y.mp4")
    source = opened(f"s3://{folder.name}/")
    failures = [failure(source, uri) for uri in source.uris()]
    assert failures == [(Reason.UNSUPPORTED, "the server gives no parts of objects")] * 2


def test_a_video_replaced_after_it_was_listed_is_reported(bucket, film, opened):
    shutil.copy(film, bucket / "x.mp4")
    source = opened(f"s3://{bucket.name}/x.mp4")
    *_, last = source.uris()
    film_of(bucket / "x.mp4", scenes([5, 6, 7, 8]))
    reason, detail = failure(source, last)
    assert reason == Reason.NOT_FOUND
    assert "was changed after it was listed: run again" in detail


# --- videos ---------------------------------------------------------------------------------


@pytest.mark.parametrize("interval_s", [-1, 0.5])
def test_frames_of_a_video_in_a_bucket_are_images(bucket, film, opened, interval_s):
    shutil.copy(film, bucket / "x.mp4")
    url = f"s3://{bucket.name}/x.mp4"
    here = opened(str(bucket / "x.mp4"), video_interval=interval_s)
    for given in (url, f"s3://{bucket.name}/", [url]):
        source = opened(given, video_interval=interval_s)
        names = [uri.removeprefix(url) for uri in source.uris()]
        assert names == [uri.partition(".mp4")[2] for uri in here.uris()]
        assert read_all(source) == read_all(here)
    (first, *_) = source.uris()
    assert source.stamp(first).size_bytes > 0
    assert not source.is_file(first)


def test_a_video_of_a_bucket_that_was_cut_short_is_reported(bucket, film, opened):
    path = bucket / "x.mkv"
    film_of(path, scenes([1, 2, 3, 4]))
    os.truncate(path, path.stat().st_size * 2 // 3)
    (bucket / "y.mp4").write_bytes(jpeg(scene(1)))
    source = opened(f"s3://{bucket.name}/")
    *frames, video, picture = source.uris()
    assert frames
    assert all(source.read(uri)[:2] == b"BM" for uri in frames)
    assert "a video cut short after" in failure(source, video)[1]
    assert source.read(picture) == jpeg(scene(1))


def test_a_run_over_a_bucket_takes_videos_and_data_sets_along(bucket, film, tmp_path):
    shutil.copy(film, bucket / "clip.mp4")
    (bucket / "photo.jpg").write_bytes(PICTURES["0.jpg"])
    parquet_of(bucket / "train.parquet", COLUMNS)
    assert fastdup.run(f"s3://{bucket.name}/", tmp_path / "out") == 0
    assert fastdup.run(bucket, tmp_path / "local") == 0
    for name in ("features.dat", "labels.csv", "similarity.csv", "features.bad.csv"):
        there = (tmp_path / "out" / name).read_bytes()
        here = (tmp_path / "local" / name).read_bytes()
        assert there.replace(f"s3://{bucket.name}".encode(), os.fsencode(bucket)) == here
    fd = fastdup.create(tmp_path / "out")
    assert "data:image" in Path(fd.vis.duplicates_gallery()).read_text()


# --- inside archives ------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["local", "bucket"])
@pytest.mark.parametrize("pack", [tar_of, zip_of])
def test_files_of_many_images_inside_archives_say_what_to_do(
    bucket, film, tmp_path, pack, place, opened
):
    inner = {
        "a.mp4": film.read_bytes(),
        "b.parquet": parquet_of(tmp_path / "b.parquet", COLUMNS).read_bytes(),
        "c.zip": zip_of(tmp_path / "c.zip", PICTURES.items()).read_bytes(),
        "d.mp4": PICTURES["1.jpg"],
    }
    ending = "tar" if pack is tar_of else "zip"
    path = pack(bucket / f"x.{ending}", inner.items())
    given = path if place == "local" else f"s3://{bucket.name}/x.{ending}"
    out = tmp_path / "out"
    assert fastdup.run(given, out) == 0
    _, *bad = read_table(str(out / "features.bad.csv"))
    unpack = "inside an archive is not entered: unpack the outer archive"
    kinds = ["a video", "a data set", "an archive"]
    assert [row[1:] for row in bad] == [["unsupported", f"{kind} {unpack}"] for kind in kinds]
    assert len(fastdup.load_binary_feature(out)[0]) == 1
