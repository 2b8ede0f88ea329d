"""What a second look finds is kept, and found alike by any number of threads and processes."""

import numpy as np
import pytest

from composites import page_with
from fastdup.executors import LocalExecutor
from fastdup.judging import Judging
from fastdup.judging.open_pictures import PictureFile
from fastdup.parts import second_look
from fastdup.parts.describing import describe_pictures
from fastdup.parts.point_store import PointStore
from fastdup.parts.second_look import look_again
from fastdup.progress import SilentProgress
from fastdup.sources import UriReader
from fastdup.verify import Verdict
from fastdup.workdir import WorkDir
from packed import tar_of
from pictures import jpeg, photo

MOST_PIXELS = 10**7
N_PHOTOS, PAGE = 3, 3


def files_of(path):
    """Return three photos and a page that shows the first one, in a tar."""
    pictures = [photo(number, (320, 240)) for number in range(N_PHOTOS)]
    pictures.append(page_with(pictures[0], 160))
    tar_of(path, [(f"{number}.jpg", jpeg(picture)) for number, picture in enumerate(pictures)])
    reader = UriReader()
    return [PictureFile(uri, reader.stamp(uri)) for uri in reader.expand(str(path))]


def described(files, path):
    store = PointStore(str(path), {})
    executor, progress, flags = LocalExecutor(1), SilentProgress(), np.ones(len(files), bool)
    describe_pictures(files, flags, UriReader(), MOST_PIXELS, store, executor, progress)
    return store


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return files_of(tmp_path_factory.mktemp("album") / "album.tar")


@pytest.fixture(scope="module")
def points(files, tmp_path_factory):
    with described(files, tmp_path_factory.mktemp("points") / "known") as store:
        yield store


def judging(files, n_threads=1):
    return Judging(
        files=files,
        groups=np.full(len(files), -1),
        has_frames=np.zeros(len(files), bool),
        threshold=0.85,
        all_of_them=False,
        one_way=False,
        reader=UriReader(),
        max_pixels=MOST_PIXELS,
        work=WorkDir(""),
        executor=LocalExecutor(n_threads),
        progress=SilentProgress(),
    )


@pytest.fixture
def pairs(files):
    return [(files[low], files[high]) for high in range(4) for low in range(high)]


def looked(pairs, files, points, path, n_threads=1):
    found = look_again(pairs, judging(files, n_threads), points, str(path))
    return [finding and finding.verdict for finding in found], path.read_bytes()


def test_only_the_pair_of_a_page_and_its_picture_is_one_of_copies(files, pairs, points, tmp_path):
    verdicts, _ = looked(pairs, files, points, tmp_path / "known")
    expected = [Verdict.PART_OF if pair == (files[0], files[PAGE]) else None for pair in pairs]
    assert verdicts == expected


def test_no_pair_is_looked_at_twice(files, pairs, points, tmp_path):
    path = tmp_path / "known"
    _, first = looked(pairs[:2], files, points, path)
    _, second = looked(pairs, files, points, path)
    assert second.startswith(first)
    assert second.count(b"\n") == 1 + len(pairs)
    assert looked(pairs, files, points, path)[1] == second
    assert looked(pairs, files, points, tmp_path / "anew")[1] == second


@pytest.mark.parametrize("n_threads", [2, 3])
def test_threads_and_processes_keep_the_same(
    n_threads, files, pairs, points, tmp_path, monkeypatch
):
    one = looked(pairs, files, points, tmp_path / "one")
    monkeypatch.setattr(second_look, "PAIRS_PER_TASK", 2)
    monkeypatch.setattr(second_look, "LEAST_PAIRS_OF_A_PROCESS", 1)
    assert looked(pairs, files, points, tmp_path / "many", n_threads) == one


def test_pictures_that_cannot_be_read_now_are_tried_again(tmp_path):
    album, path = tmp_path / "album.tar", tmp_path / "known"
    files = files_of(album)
    pair = [(files[0], files[PAGE])]
    with described(files, tmp_path / "points") as points:
        album.rename(tmp_path / "away.tar")
        assert looked(pair, files, points, path)[0] == [None]
        (tmp_path / "away.tar").rename(album)
        assert looked(pair, files, points, path)[0] == [Verdict.PART_OF]


def test_pictures_without_points_are_not_looked_at(files, pairs, tmp_path):
    with described(files[:PAGE], tmp_path / "points") as points:
        verdicts, kept = looked(pairs, files, points, tmp_path / "known")
    assert verdicts == [None] * len(pairs)
    assert kept.count(b"\n") == 1 + PAGE * (PAGE - 1) // 2
