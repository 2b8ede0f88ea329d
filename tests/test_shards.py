"""Extraction by shards, with an executor that pickles everything and is no other process."""

import os
import pickle
import shutil
from pathlib import Path

import pytest

from fastdup.config import RunConfig
from fastdup.embed import Embedder
from fastdup.errors import ModelError, WorkDirError
from fastdup.extract.batch import BatchExtractor
from fastdup.extract.shard import ShardTask, ShardWorker
from fastdup.extract.shards import extract_shards
from fastdup.extract.threads import extract
from fastdup.models import load_spec
from fastdup.progress import SilentProgress
from fastdup.sources import UriReader, list_images
from fastdup.workdir import WorkDir
from fastdup.workdir.store import FeatureStore
from onnx_models import make_model
from pictures import jpeg, scene

TABLES = ("features.dat.csv", "features.bad.csv", "stats.csv", "metadata.csv")
OUTPUTS = ("features.dat", "content.dat", *TABLES)


class PicklingExecutor:
    """Runs everything on copies, the last of a few tasks first, and counts the tasks."""

    is_distributed = True
    threads_per_gpu = 1

    def __init__(self, stop_after=None):
        self.stop_after = stop_after
        self.names = []

    def run(self, work, tasks, *, on_gpu=False):
        work = pickle.loads(pickle.dumps(work))
        tasks = list(tasks)
        for task in sorted(tasks, key=lambda task: task.name, reverse=True)[: self.stop_after]:
            self.names.append(task.name)
            yield task, pickle.loads(pickle.dumps(work(pickle.loads(pickle.dumps(task)))))
        if self.stop_after is not None:
            raise KeyboardInterrupt


@pytest.fixture
def album(tmp_path):
    """200 pictures, four shards; one is broken, two have the same bytes in different shards."""
    folder = tmp_path / "album"
    folder.mkdir()
    for i in range(200):
        (folder / f"{i:03}.jpg").write_bytes(jpeg(scene(i, (64, 48))))
    (folder / "033.jpg").write_bytes(b"no image")
    shutil.copy(folder / "001.jpg", folder / "150.jpg")
    return folder


@pytest.fixture
def model(tmp_path):
    return str(make_model(tmp_path / "model.onnx", element_type="uint8"))


@pytest.fixture
def content_model(tmp_path):
    return str(make_model(tmp_path / "content.onnx", element_type="uint8", side=48, dim=8))


@pytest.fixture
def run(tmp_path, album, model, content_model):
    """Extract the album into a work folder: by the executor, or on threads."""

    def run(work, executor=None):
        config = RunConfig(input_dir=str(album))
        work = WorkDir(str(tmp_path / work))
        work.create()
        reader = UriReader()
        first, second = (Embedder(load_spec(path)) for path in (model, content_model))
        extractor = BatchExtractor(reader, first, config.max_pixels, content_embedder=second)
        signature = extractor.signature()
        progress = SilentProgress()
        uris = list(list_images(config))
        with FeatureStore(work, signature) as store:
            if executor is None:
                extract(reader, uris, store, extractor, n_threads=2, progress=progress)
            else:
                folder = work.unfinished_extraction
                worker = ShardWorker(
                    folder,
                    model,
                    "cpu",
                    signature,
                    reader=UriReader(),
                    n_threads=1,
                    content_model=content_model,
                )
                extract_shards(
                    reader, uris, store, worker, executor, on_gpu=False, progress=progress
                )
            assert store.n_listed == len(uris)
        return contents(work.root)

    return run


def contents(folder):
    return {name: Path(folder, name).read_bytes() for name in OUTPUTS}


def partial(tmp_path, work="shards"):
    return tmp_path / work / ".shards.partial"


def test_shards_made_in_any_order_are_the_whole(run, tmp_path):
    executor = PicklingExecutor()
    assert run("shards", executor) == run("whole")
    assert len(executor.names) == 4
    assert not partial(tmp_path).exists()


def test_a_second_run_makes_no_shard(run):
    run("shards", PicklingExecutor())
    executor = PicklingExecutor()
    assert run("shards", executor) == run("whole")
    assert executor.names == []


def test_shards_of_a_stopped_run_are_taken_over(run, tmp_path):
    first, second = PicklingExecutor(stop_after=2), PicklingExecutor()
    with pytest.raises(KeyboardInterrupt):
        run("shards", first)
    assert sorted(os.listdir(partial(tmp_path))) == [".shared", *sorted(first.names)]
    assert run("shards", second) == run("whole")
    assert len(first.names) == len(second.names) == 2
    assert not set(first.names) & set(second.names)


def test_what_is_wrong_with_left_shards_is_made_again(run, tmp_path, album):
    with pytest.raises(KeyboardInterrupt):
        run("shards", PicklingExecutor(stop_after=3))
    names = sorted(name for name in os.listdir(partial(tmp_path)) if name[0] != ".")
    (album / "070.jpg").write_bytes(jpeg(scene(999, (64, 48))))  # of the first of the three
    os.truncate(partial(tmp_path) / names[1] / "features.dat", 100)
    (partial(tmp_path) / "000000000000-000000000064.5d41").mkdir()  # who made it died
    executor = PicklingExecutor()
    assert run("shards", executor) == run("whole")
    assert sorted(executor.names) == ["000000000000-000000000064", *names[:2]]


def test_where_no_folder_is_shared_the_shards_come_back_as_bytes(run, monkeypatch):
    monkeypatch.setattr("fastdup.executors.SharedFolder.is_here", lambda _: False)
    assert run("shards", PicklingExecutor()) == run("whole")


def test_after_changes_only_the_new_and_changed_files_are_extracted(run, album):
    run("shards", PicklingExecutor())
    (album / "000-new.jpg").write_bytes(jpeg(scene(500, (64, 48))))
    (album / "100.jpg").write_bytes(jpeg(scene(501, (64, 48))))
    (album / "170.jpg").unlink()
    tasks = []

    class Listening(PicklingExecutor):
        def run(self, work, given, *, on_gpu=False):
            tasks.extend(given)
            return super().run(work, tasks)

    assert run("shards", Listening()) == run("whole")
    assert [os.path.basename(uri) for task in tasks for uri in task.uris] == [
        "000-new.jpg",
        "100.jpg",
    ]


def test_a_run_on_threads_goes_on_from_shards_and_the_other_way_round(run, album):
    for executor, other in ((PicklingExecutor(), None), (None, PicklingExecutor())):
        work = f"work-{executor is None}"
        run(work, executor)
        (album / "zz.jpg").write_bytes(jpeg(scene(600, (64, 48))))
        assert run(work, other) == run(f"whole-{executor is None}")
        (album / "zz.jpg").unlink()


def test_a_shard_damaged_after_it_was_made_is_reported(run, tmp_path):
    class Damaging(PicklingExecutor):
        def run(self, work, tasks, *, on_gpu=False):
            for task, done in super().run(work, tasks):
                shard = partial(tmp_path) / task.name
                with open(shard / "features.dat", "r+b") as file:
                    file.truncate(10)
                yield task, done

    with pytest.raises(WorkDirError, match="is damaged at"):
        run("shards", Damaging())


def test_a_machine_with_another_model_is_refused(tmp_path, model):
    signature = {"model": "another", "dim": 16, "max_pixels": 10}
    worker = ShardWorker(
        str(tmp_path / "shards"), model, "cpu", signature, reader=UriReader(), n_threads=1
    )
    executor = PicklingExecutor()
    with pytest.raises(ModelError, match="has another model at"):
        list(executor.run(worker, [ShardTask("0-1", ("a.jpg",))]))
