"""Pictures are described once, by any number of threads and processes alike."""

import io

import numpy as np
import pytest
from PIL import Image

from fastdup.executors import LocalExecutor
from fastdup.judging.open_pictures import PictureFile
from fastdup.parts import describing
from fastdup.parts.describing import describe_pictures
from fastdup.parts.part_points import describe_points
from fastdup.parts.point_store import PointStore
from fastdup.progress import SilentProgress
from fastdup.sources import UriReader
from packed import tar_of
from pictures import jpeg, photo

MOST_PIXELS = 10**7
JPEGS = [jpeg(photo(number, (320, 240))) for number in range(5)]


@pytest.fixture
def files(tmp_path):
    tar_of(tmp_path / "album.tar", [(f"{n}.jpg", data) for n, data in enumerate(JPEGS)])
    reader = UriReader()
    return [
        PictureFile(uri, reader.stamp(uri)) for uri in reader.expand(str(tmp_path / "album.tar"))
    ]


def opened_grey(data):
    with Image.open(io.BytesIO(data)) as picture:
        picture.draft("L", None)
        return picture.convert("L")


def described(files, path, n_threads=1):
    with PointStore(str(path), {}) as store:
        executor, progress = LocalExecutor(n_threads), SilentProgress()
        flags = np.array([int(file.uri[-5]) % 2 == 0 for file in files])
        describe_pictures(files, flags, UriReader(), MOST_PIXELS, store, executor, progress)
        counts = store.loader(files)(0, len(files)).counts
    return counts.tolist(), path.read_bytes()


def test_the_points_are_those_of_the_pictures(files, tmp_path):
    counts, _ = described(files, tmp_path / "known")
    for number, data in enumerate(JPEGS):
        points = describe_points(opened_grey(data), may_show_others=number % 2 == 0)
        assert counts[number] == len(points) > 20


def test_large_pictures_are_looked_at_most_closely_whatever_their_features_say(tmp_path):
    wide = photo(1, (900, 300))
    (tmp_path / "1.jpg").write_bytes(jpeg(wide))
    reader = UriReader()
    file = PictureFile(str(tmp_path / "1.jpg"), reader.stamp(str(tmp_path / "1.jpg")))
    counts, _ = described([file], tmp_path / "known")
    grey = opened_grey(jpeg(wide))
    assert counts == [len(describe_points(grey))]
    assert counts != [len(describe_points(grey, may_show_others=False))]


def test_only_new_pictures_are_described(files, tmp_path):
    _, first = described(files[:3], tmp_path / "known")
    _, second = described(files, tmp_path / "known")
    assert second.startswith(first)
    assert described(files, tmp_path / "known")[1] == second
    assert described(files, tmp_path / "anew")[1] == second


def test_pictures_that_cannot_be_read_have_no_points_and_are_tried_again(files, tmp_path):
    gone = files[1]._replace(stamp=files[1].stamp._replace(size_bytes=1))
    counts, _ = described([files[0], gone, files[2]], tmp_path / "known")
    assert counts[1] == 0
    with PointStore(str(tmp_path / "known"), {}) as store:
        assert gone not in store


@pytest.mark.parametrize("n_threads", [2, 3])
def test_threads_and_processes_store_the_same(files, n_threads, tmp_path, monkeypatch):
    monkeypatch.setattr(describing, "PICTURES_PER_TASK", 2)
    one = described(files, tmp_path / "one")
    monkeypatch.setattr(describing, "LEAST_PICTURES_OF_A_PROCESS", 1)
    assert described(files, tmp_path / "many", n_threads) == one
