"""Pictures that may show others are looked at, once, and wherever they are."""

import os

import numpy as np
import pytest

from composites import grid_of, page_with
from fastdup.embed import Embedder
from fastdup.executors import LocalExecutor
from fastdup.judging.inset_embedder import InsetEmbedder, InsetTask, RestoredEmbedder
from fastdup.judging.inset_stage import embed_insets
from fastdup.judging.inset_store import InsetStore
from fastdup.judging.judge_processes import processes_of
from fastdup.judging.open_pictures import PictureFile
from fastdup.judging.view_rounds import Pictures, views_in_rounds
from fastdup.models import load_spec
from fastdup.progress import SilentProgress
from fastdup.sources import UriReader
from fastdup.views import view_space
from packed import tar_of
from pictures import jpeg, photo

MOST_PIXELS = 10**7


def files_of(paths):
    reader = UriReader()
    return [PictureFile(uri, reader.stamp(uri)) for path in paths for uri in reader.expand(path)]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A grid, a page and a picture without any parts, in an archive."""
    path = tmp_path_factory.mktemp("pictures") / "album.tar"
    pictures = [grid_of(map(photo, range(4))), page_with(photo(5)), photo(0).resize((30, 30))]
    tar_of(path, [(f"{n}.jpg", jpeg(picture)) for n, picture in enumerate(pictures)])
    return files_of([str(path)])


class Counting(InsetEmbedder):
    """Counts what it looks at."""

    n_seen = 0

    def __call__(self, task):
        self.n_seen += len(task.files)
        return super().__call__(task)


def stage(files, store, embedder=None):
    embedder = embedder or InsetEmbedder(UriReader(), MOST_PIXELS)
    return embed_insets(files, embedder, store, LocalExecutor(2), SilentProgress())


def test_the_parts_are_near_to_what_they_show(files):
    grid, page, _ = InsetEmbedder(UriReader(), MOST_PIXELS)(InsetTask(0, tuple(files)))
    embedder = Embedder(load_spec())
    shown = embedder.embed([embedder.prepare(photo(number)) for number in range(6)])
    rows = view_space().project(shown, np.arange(6)).astype(float)
    of_grid, of_page = (rows @ found.T.astype(float) for found in (grid, page))
    assert (of_grid[:4].max(axis=1) > 0.8).all()
    assert of_page[5].max() > 0.8
    assert of_page[:5].max() < 0.7


def test_pictures_are_looked_at_once(files, tmp_path):
    counting = Counting(UriReader(), MOST_PIXELS)
    for _ in range(2):
        with InsetStore(str(tmp_path / "known"), {}, len(view_space().signs)) as store:
            found = stage(files, store, counting)
        assert set(found) == set(files)
    assert counting.n_seen == 3
    assert stage([], store) == {}


def test_a_picture_that_changed_or_cannot_be_read_has_no_parts_and_is_tried_again(tmp_path):
    album = tmp_path / "album"
    album.mkdir()
    for number in range(3):
        (album / f"{number}.jpg").write_bytes(jpeg(grid_of(map(photo, range(4)))))
    good, changed, gone = files_of([f"{album}/{number}.jpg" for number in range(3)])
    os.utime(changed.uri, (1, 1))
    os.remove(gone.uri)
    damaged = album / "damaged.jpg"
    damaged.write_bytes(b"\xff\xd8\xff none")
    bad = PictureFile(str(damaged), UriReader().stamp(str(damaged)))
    with InsetStore(str(tmp_path / "known"), {}, len(view_space().signs)) as store:
        assert set(stage([good, changed, gone, bad], store)) == {good}
        assert set(store.known([good, changed, gone, bad])) == {good}


def rounds_of(files, scores, path):
    """Return how many pictures each round has, which of them have views, and if they are likely."""
    embedder, run_by = InsetEmbedder(UriReader(), MOST_PIXELS), (LocalExecutor(2), SilentProgress())
    places = np.arange(len(files))
    pictures = Pictures(files, places, places, np.asarray(scores, np.float32))
    rounds = views_in_rounds(pictures, embedder, str(path), *run_by)
    return [
        (views.n_looks, set(views.insets.owners.tolist()), views.are_likely) for views in rounds
    ]


def test_less_likely_pictures_are_looked_at_in_rounds_of_as_many_as_before(files, tmp_path):
    grid, page, small = files
    assert rounds_of([page, grid, small], [1, 0, -1], tmp_path / "a") == [
        (2, {0, 1}, True),
        (1, {2}, False),
    ]
    assert rounds_of([small, grid, page, grid], [-2, 1, -1, -1.5], tmp_path / "b") == [
        (1, {1}, True),
        (1, {2}, False),
        (2, {0, 3}, False),
    ]
    assert rounds_of(files, [-1, -1, -1], tmp_path / "c") == []
    assert rounds_of([], [], tmp_path / "d") == []


class Asked(list):
    """Notes which places are asked for."""

    def __init__(self, values):
        super().__init__(values)
        self.places = []

    def __getitem__(self, place):
        self.places.append(int(place))
        return super().__getitem__(place)


def test_of_many_pictures_only_those_of_a_round_are_asked_for(files, tmp_path):
    scores = np.where(np.arange(300) % 100 < 2, 1.0, -1.0).astype(np.float32)
    asked, rows = Asked(files[2:] * 300), np.arange(300)
    embedder, run_by = InsetEmbedder(UriReader(), MOST_PIXELS), (LocalExecutor(2), SilentProgress())
    pictures = Pictures(asked, rows, rows, scores)
    rounds = views_in_rounds(pictures, embedder, str(tmp_path / "known"), *run_by)
    assert next(rounds).n_looks == 6
    assert asked.places == [0, 1, 100, 101, 200, 201]
    assert next(rounds).n_looks == 6
    assert asked.places[6:] == [2, 3, 4, 5, 6, 7]


def test_a_covered_picture_is_near_to_the_original_by_what_is_left_of_it(tmp_path):
    originals = [photo(number) for number in range(6)]
    for number, original in enumerate(originals):
        covered, (width, height) = original.copy(), original.size
        box = width // 5, height // 5, width * 4 // 5, height * 4 // 5
        covered.paste((20, 20, 160), box)
        (tmp_path / f"{number}.jpg").write_bytes(jpeg(covered))
    files = files_of([f"{tmp_path}/{number}.jpg" for number in range(6)])
    found = RestoredEmbedder(UriReader(), MOST_PIXELS)(InsetTask(0, tuple(files)))
    embedder = Embedder(load_spec())
    rows = embedder.embed([embedder.prepare(original) for original in originals])
    of_views = [rows[n] @ views.T.astype(float) for n, views in enumerate(found)]
    lengths = [np.linalg.norm(views.astype(float), axis=1) for views in found]
    filled, _, mixed = np.transpose(np.array(of_views) / np.array(lengths))
    assert mixed.mean() > filled.mean() + 0.02


@pytest.mark.skipif(os.name != "posix", reason="only there judging has processes of its own")
def test_a_process_finds_what_a_thread_finds(files):
    task = InsetTask(0, tuple(files))
    work = InsetEmbedder(UriReader(), MOST_PIXELS)
    with processes_of(work) as processes:
        found = processes(task)
    assert [rows.tolist() for rows in found] == [rows.tolist() for rows in work(task)]
