"""The same photos give the same rows, wherever they are."""

import os
import shutil

import pytest

import fastdup
from fastdup.extract.prepare import Preparer
from fastdup.workdir.csv_files import read_table
from packed import files_of, tar_of, zip_of
from pictures import jpeg, scene
from s3_server import KEY, SECRET
from tables import images_of, parquet_of, saved_of

ROWS = (
    "features.dat.csv",
    "features.bad.csv",
    "stats.csv",
    "metadata.csv",
    "similarity.csv",
    "outlier_scores.csv",
    "outliers.csv",
)


@pytest.fixture(scope="module")
def album(tmp_path_factory):
    """30 files in three folders: near copies, copies, and one that is no image."""
    folder = tmp_path_factory.mktemp("places") / "album"
    for i in range(26):
        path = folder / f"{i % 3}" / f"{i:02}, é.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(jpeg(scene(i)))
    for i in range(3):
        (folder / f"{i}" / "near copy.jpg").write_bytes(jpeg(scene(i), quality=50))
    shutil.copy(folder / "0" / "00, é.jpg", folder / "2" / "zz copy.jpg")
    (folder / "1" / "broken.jpg").write_bytes(b"broken")
    return folder


def as_list(album, _):
    path = album.parent / "files.txt"
    path.write_text("".join(f"album/{name}\n" for name in files_of(album)))
    return path, str(album)


def as_tar(album, _):
    path = tar_of(album.parent / "album.tar", files_of(album).items())
    return path, str(path)


def as_tgz(album, _):
    path = tar_of(album.parent / "album.tgz", files_of(album).items(), "w:gz")
    return path, str(path)


def as_zip(album, _):
    path = zip_of(album.parent / "album.zip", files_of(album).items())
    return path, str(path)


def as_bucket(album, request):
    folder = request.getfixturevalue("s3") / "album-bucket" / "f"
    shutil.copytree(album, folder, dirs_exist_ok=True)
    return "s3://album-bucket/f/", "s3://album-bucket/f"


def as_list_of_objects(album, request):
    url, below = as_bucket(album, request)
    path = album.parent / "objects.txt"
    path.write_text("".join(f"{url}{name}\n" for name in files_of(album)))
    return path, below


def as_alias(album, request):
    as_bucket(album, request)
    place = os.environ["AWS_ENDPOINT_URL"].removeprefix("http://")
    monkeypatch = request.getfixturevalue("monkeypatch")
    monkeypatch.setenv("MC_HOST_mine", f"http://{KEY}:{SECRET}@{place}")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    return "minio://mine/album-bucket/f", "minio://mine/album-bucket/f"


def as_parquet(album, _):
    path = parquet_of(album.parent / "album.parquet", {"image": images_of(files_of(album))})
    return path, str(path)


def packed_in_a_bucket(pack, name):
    def as_object(album, request):
        folder = request.getfixturevalue("s3_of_parts") / "packed-bucket"
        folder.mkdir(exist_ok=True)
        shutil.copy(pack(album, request)[0], folder / name)
        return f"s3://packed-bucket/{name}", f"s3://packed-bucket/{name}"

    as_object.__name__ = f"as_object_{name}"
    return as_object


def as_saved_dataset(album, _):
    folder = album.parent / "saved"
    if not folder.exists():
        saved_of(folder, {"image": images_of(files_of(album))})
    return folder, str(folder)


PLACES = [
    *(as_list, as_tar, as_tgz, as_zip, as_bucket, as_list_of_objects, as_alias),
    *(as_parquet, as_saved_dataset),
    packed_in_a_bucket(as_tar, "album.tar"),
    packed_in_a_bucket(as_tgz, "album.tgz"),
    packed_in_a_bucket(as_zip, "album.zip"),
    packed_in_a_bucket(as_parquet, "album.parquet"),
]


def rows(work, below, album):
    """Return all rows of a run, names relative to the place, and the features' bytes."""
    names = {f"{number:06}": name for number, name in enumerate(files_of(album))}
    half = (len(names) + 1) // 2
    for part in range(2):
        for row, name in enumerate(list(files_of(album))[part * half : (part + 1) * half]):
            names[f"data-0000{part}-of-00002.arrow/{row:06}"] = name
    found = {"features": (work / "features.dat").read_bytes()}
    for name in ROWS:
        found[name] = [
            [names.get(rest := field.removeprefix(f"{below}/"), rest) for field in row]
            for row in read_table(str(work / name))
        ]
    return found


@pytest.fixture(scope="module")
def expected(album):
    work = album.parent / "expected"
    assert fastdup.run(album, work) == 0
    found = rows(work, album, album)
    assert len(found["features.dat.csv"]) == 31
    assert len(found["features.bad.csv"]) == 2
    assert len(found["similarity.csv"]) > 8
    return found


@pytest.mark.parametrize("place", PLACES)
def test_the_same_photos_give_the_same_rows(album, expected, place, request, tmp_path):
    given, below = place(album, request)
    assert fastdup.run(given, tmp_path) == 0
    assert rows(tmp_path, below, album) == expected


@pytest.mark.parametrize("place", PLACES)
def test_processes_change_no_row(album, expected, place, request, tmp_path, monkeypatch):
    monkeypatch.setattr("fastdup.extract.threads.LEAST_IMAGES_OF_A_PROCESS", 1)
    given, below = place(album, request)
    assert fastdup.run(given, tmp_path, num_threads=5) == 0
    assert rows(tmp_path, below, album) == expected


@pytest.mark.parametrize("place", PLACES)
def test_what_is_unchanged_is_not_read_again(
    album, expected, place, request, tmp_path, monkeypatch
):
    given, below = place(album, request)
    assert fastdup.run(given, tmp_path) == 0

    def refuse(*_):
        raise AssertionError("an image was decoded again")

    monkeypatch.setattr("fastdup.extract.prepare.Preparer.prepare", refuse)
    assert fastdup.run(given, tmp_path) == 0
    assert rows(tmp_path, below, album) == expected


def test_a_zip_that_grew_is_read_where_it_is_new(album, tmp_path, monkeypatch):
    files = list(files_of(album).items())
    path = zip_of(tmp_path / "album.zip", files)
    assert fastdup.run(path, tmp_path / "out") == 0
    n_decoded = []
    real = Preparer.prepare
    monkeypatch.setattr(Preparer, "prepare", lambda *a: n_decoded.append(1) or real(*a))
    zip_of(path, [("new.jpg", jpeg(scene(99))), *files])
    os.utime(path, ns=(1, 1))
    assert fastdup.run(path, tmp_path / "out") == 0
    assert len(n_decoded) == 1


def test_a_damaged_archive_is_one_bad_file_and_the_run_goes_on(album, tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    files = list(files_of(album).items())
    zip_of(folder / "b.zip", files[:3])
    path = tar_of(folder / "a.tar", files)
    os.truncate(path, path.stat().st_size // 2)
    assert fastdup.run(folder, tmp_path / "out") == 0
    _, *bad = read_table(str(tmp_path / "out" / "features.bad.csv"))
    paths, _ = fastdup.load_binary_feature(tmp_path / "out")
    assert [row[0] for row in bad][-1] == str(path)
    assert bad[-1][1] == "truncated"
    assert [os.path.relpath(p, folder) for p in paths[-3:]] == [f"b.zip/{n}" for n, _ in files[:3]]
    assert len(paths) > 10
