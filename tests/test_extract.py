import io
import os
import shutil

import numpy as np
import pytest
from PIL import Image

import zoo
from fastdup.config import RunConfig
from fastdup.embed import Embedder
from fastdup.errors import ModelError, Reason, SourceError
from fastdup.executors.processes import WorkerProcesses
from fastdup.extract.batch import BATCH_SIZE, BatchExtractor, FileToExtract
from fastdup.extract.content_hash import ContentIndex, content_hash
from fastdup.extract.prepare import Preparer
from fastdup.extract.threads import (
    FILES_PER_CALL,
    MOST_FILES_PER_CALL,
    extract,
    files_per_call,
)
from fastdup.models import load_spec
from fastdup.progress import SilentProgress
from fastdup.sources import UriReader, list_images
from fastdup.workdir import WorkDir
from fastdup.workdir.append_only import GoodRow
from fastdup.workdir.csv_files import read_table
from fastdup.workdir.features import load_binary_feature
from fastdup.workdir.store import FeatureStore
from onnx_models import make_model
from pictures import jpeg, scene


class CountingPreparer(Preparer):
    """Counts the images that had to be decoded."""

    n_decoded = 0

    def decode(self, uri, data):
        self.n_decoded += 1
        return super().decode(uri, data)


@pytest.fixture
def model(tmp_path):
    return str(make_model(tmp_path / "model.onnx", element_type="uint8"))


@pytest.fixture
def run(tmp_path, model):
    def run(folder, n_threads=2, work="work", stop_after=None, counts=True):
        config = RunConfig(input_dir=str(folder))
        reader = UriReader()
        uris = list(list_images(config))
        work = WorkDir(str(tmp_path / work))
        work.create()
        spec = load_spec(model)
        extractor = BatchExtractor(reader, Embedder(spec), config.max_pixels)
        if counts:
            extractor.preparer = CountingPreparer(reader, extractor.embedder, config.max_pixels)
        with FeatureStore(work, {"model": spec.sha256, "dim": 16}) as store:
            if stop_after is not None:
                files = [FileToExtract(uri, reader.stamp(uri)) for uri in uris[:stop_after]]
                store.append(extractor(files).rows)
                return extractor.preparer
            extract(reader, uris, store, extractor, n_threads=n_threads, progress=SilentProgress())
            assert store.n_listed == len(uris)
        return extractor.preparer

    return run


@pytest.fixture
def album(tmp_path):
    """70 pictures, more than two batches, a broken one among them."""
    folder = tmp_path / "album"
    folder.mkdir()
    for i in range(70):
        (folder / f"{i:02}.jpg").write_bytes(jpeg(scene(i, (64, 48))))
    (folder / "33.jpg").write_bytes(b"no image")
    return folder


def outputs(tmp_path, work="work"):
    folder = tmp_path / work
    return {name: (folder / name).read_bytes() for name in sorted(os.listdir(folder))}


def test_good_and_bad_add_up_to_all_files_listed(run, tmp_path):
    folder = tmp_path / "zoo"
    folder.mkdir()
    good, bad = zoo.good_images(), zoo.bad_images()
    for name, data in good.items():
        (folder / name).write_bytes(data)
    for name, (data, _) in bad.items():
        (folder / f"bad-{name}").write_bytes(data)
    (folder / "gone.jpg").symlink_to(folder / "nowhere.jpg")
    os.mkfifo(folder / "pipe.jpg")
    run(folder)
    paths, features = load_binary_feature(tmp_path / "work")
    assert {os.path.basename(path) for path in paths} == set(good)
    assert np.isfinite(features).all()
    reasons = {os.path.basename(path): reason for path, reason, _ in bad_rows(tmp_path)}
    expected = {f"bad-{name}": reason for name, reason in zoo.reasons_in_a_run().items()}
    expected["bad-clip of a camera"] = Reason.NOT_AN_IMAGE  # no list of films was made here
    assert reasons == {
        **expected,
        "gone.jpg": Reason.NOT_FOUND,
        "pipe.jpg": Reason.NOT_AN_IMAGE,
    }


def bad_rows(tmp_path):
    _, *rows = read_table(str(tmp_path / "work" / "features.bad.csv"))
    return rows


def test_rows_follow_the_listing(run, album, tmp_path):
    run(album)
    paths, features = load_binary_feature(tmp_path / "work")
    assert paths == sorted(paths)
    assert len(paths) == 69
    shutil.rmtree(album)
    album.mkdir()
    (album / "50.jpg").write_bytes(jpeg(scene(50, (64, 48))))
    run(album, work="alone")
    _, alone = load_binary_feature(tmp_path / "alone")
    np.testing.assert_array_equal(alone[0], features[49])


def test_the_number_of_threads_changes_no_byte(run, album, tmp_path):
    run(album, n_threads=1, work="one")
    run(album, n_threads=4, work="four")
    assert outputs(tmp_path, "one") == outputs(tmp_path, "four")


def test_processes_change_no_byte(run, album, tmp_path, monkeypatch):
    run(album, n_threads=1, work="one")
    monkeypatch.setattr("fastdup.extract.threads.LEAST_IMAGES_OF_A_PROCESS", 1)
    run(album, n_threads=5, work="five", counts=False)
    assert outputs(tmp_path, "one") == outputs(tmp_path, "five")


def test_a_call_to_a_process_is_long_only_if_each_thread_gets_many():
    assert files_per_call(1000, 5) == FILES_PER_CALL
    assert files_per_call(10**6, 64) == MOST_FILES_PER_CALL
    for n_images, n_threads in [(64 * 16 * 40, 64), (64 * 16 * 47, 64), (10**5, 60)]:
        n_files = files_per_call(n_images, n_threads)
        assert FILES_PER_CALL < n_files < MOST_FILES_PER_CALL
        assert n_files % BATCH_SIZE == 0
        assert n_images / n_files / n_threads >= 16


@pytest.mark.parametrize("n_files", [BATCH_SIZE, 3 * BATCH_SIZE, 16 * BATCH_SIZE])
def test_the_length_of_the_calls_changes_no_byte(run, album, tmp_path, monkeypatch, n_files):
    run(album, n_threads=1, work="one")
    monkeypatch.setattr("fastdup.extract.threads.LEAST_IMAGES_OF_A_PROCESS", 1)
    monkeypatch.setattr("fastdup.extract.threads.FILES_PER_CALL", n_files)
    run(album, n_threads=5, work="five", counts=False)
    assert outputs(tmp_path, "one") == outputs(tmp_path, "five")


def test_the_death_of_a_process_is_reported_and_nothing_is_lost(run, album, tmp_path, monkeypatch):
    monkeypatch.setattr("fastdup.extract.threads.LEAST_IMAGES_OF_A_PROCESS", 1)
    dying = "import os, sys; os._exit(3)"
    monkeypatch.setattr("fastdup.executors.processes.WORKER_COMMAND", ("-c", dying))
    with pytest.raises(SourceError, match=r"ended with status 3, .* run again to go on"):
        run(album, n_threads=5, counts=False)
    monkeypatch.undo()
    assert run(album).n_decoded == 70


def test_what_a_process_raises_reaches_the_caller(album, tmp_path):
    bad = make_model(tmp_path / "bad.onnx", element_type="uint8")
    reader = UriReader()
    extractor = BatchExtractor(reader, Embedder(load_spec(str(bad))), 10**6)
    bad.write_bytes(b"no model")
    uri = str(album / "00.jpg")
    with WorkerProcesses(extractor) as workers, pytest.raises(ModelError, match="cannot load"):
        workers([FileToExtract(uri, reader.stamp(uri))])


@pytest.mark.parametrize("stop_after", [0, 1, BATCH_SIZE, 2 * BATCH_SIZE])
def test_an_interrupted_extraction_goes_on(run, album, tmp_path, stop_after):
    run(album, work="whole")
    run(album, stop_after=stop_after)
    extractor = run(album)
    assert extractor.n_decoded == 70 - stop_after
    without_journal = {k: v for k, v in outputs(tmp_path).items() if "journal" not in k}
    assert without_journal.items() <= outputs(tmp_path, "whole").items()


def test_what_is_unchanged_is_not_decoded_again(run, album, tmp_path):
    assert run(album).n_decoded == 70
    before = outputs(tmp_path)
    assert run(album).n_decoded == 0
    assert outputs(tmp_path) == before


def test_only_what_is_new_or_changed_is_decoded(run, album, tmp_path):
    run(album)
    (album / "00-new.jpg").write_bytes(jpeg(scene(100)))
    (album / "40.jpg").write_bytes(jpeg(scene(101)))
    (album / "20.jpg").unlink()
    assert run(album).n_decoded == 2
    run(album, work="fresh")
    incremental, fresh = outputs(tmp_path), outputs(tmp_path, "fresh")
    assert sorted(incremental) == sorted(fresh)
    del incremental["features.dat.journal"], fresh["features.dat.journal"]
    assert incremental == fresh


def test_files_added_at_the_end_are_appended(run, album, tmp_path):
    run(album)
    (album / "99.jpg").write_bytes(jpeg(scene(100)))
    assert run(album).n_decoded == 1
    run(album, work="fresh")
    paths, features = load_binary_feature(tmp_path / "work")
    fresh_paths, fresh_features = load_binary_feature(tmp_path / "fresh")
    assert paths == fresh_paths
    np.testing.assert_array_equal(features, fresh_features)


def test_a_file_that_could_not_be_reached_is_tried_again(run, album, tmp_path):
    target = tmp_path / "later.jpg"
    (album / "link.jpg").symlink_to(target)
    run(album)
    assert [row[1] for row in bad_rows(tmp_path)] == [Reason.NOT_AN_IMAGE, Reason.NOT_FOUND]
    target.write_bytes(jpeg(scene(100)))
    assert run(album).n_decoded == 1
    assert [row[1] for row in bad_rows(tmp_path)] == [Reason.NOT_AN_IMAGE]


def test_a_side_file_that_an_earlier_version_called_no_image_is_looked_at_again(run, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(jpeg(scene(1)))
    (folder / "a.xmp").write_bytes(b"<x:xmpmeta/>")
    run(folder)
    expected = outputs(tmp_path)
    table = tmp_path / "work/features.bad.csv"
    as_then = table.read_bytes().replace(b",side_file,", b",not_an_image,")
    table.write_bytes(as_then + b"\0" * (len(expected[table.name]) - len(as_then)))
    journal = tmp_path / "work/features.dat.journal"
    lengths = len(expected[table.name]), len(as_then)
    journal.write_bytes(journal.read_bytes().replace(*(b", %d, " % n for n in lengths)))
    assert run(folder).n_decoded == 1
    assert outputs(tmp_path)[table.name] == expected[table.name]


def test_an_archive_that_is_not_read_says_what_to_do(run, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "comic.cbr").write_bytes(b"Rar!\x1a\x07\x01\0" + bytes(50))
    run(folder)
    [(_, reason, detail)] = bad_rows(tmp_path)
    assert reason == Reason.UNSUPPORTED
    assert detail == "RAR archives are not read: unpack it, or pack it as a zip"


def test_files_with_the_same_bytes_are_decoded_once(run, album, tmp_path):
    run(album, work="plain")
    for i in range(200):
        shutil.copy(album / f"{i % 3:02}.jpg", album / f"zz-copy-{i:03}.jpg")
    extractor = run(album, n_threads=1)
    # Those in batches under way together with the first copies may be decoded once more.
    assert extractor.n_decoded <= 70 + 3 * 3
    paths, features = load_binary_feature(tmp_path / "work")
    _, plain = load_binary_feature(tmp_path / "plain")
    for path, row in zip(paths[69:], features[69:], strict=True):
        np.testing.assert_array_equal(row, plain[int(path[-7:-4]) % 3])
    _, *stats = read_table(str(tmp_path / "work" / "stats.csv"))
    assert stats[-1][2:] == stats[199 % 3][2:]


def test_a_stored_file_that_changed_is_no_twin(album):
    first = album / "00.jpg"
    data = first.read_bytes()
    reader = UriReader()
    row = GoodRow(str(first), reader.stamp(str(first)), np.zeros(16, np.float32), ["1", "2"])
    with ContentIndex(reader, lambda _: np.ones((2, 16), np.float32)) as identical:
        identical.add([row], 0)
        assert identical.knows_size(len(data))
        assert not identical.knows_size(len(data) + 1)
        twin = identical.find("copy.jpg", (1, 1), data, content_hash(data))
        assert (twin.uri, twin.stats, twin.features.tolist()) == ("copy.jpg", ["1", "2"], [1] * 16)
    with ContentIndex(reader, lambda _: np.ones((2, 16), np.float32)) as identical:
        identical.add([row], 0)
        first.write_bytes(bytes(len(data)))
        for content in (data, first.read_bytes()):
            assert identical.find("x.jpg", (1, 1), content, content_hash(content)) is None


def test_files_of_the_same_size_are_not_taken_for_the_same(run, tmp_path):
    folder = tmp_path / "same-size"
    folder.mkdir()
    for i in range(100):
        pixels = np.full((16, 16, 3), i, np.uint8)
        pixels[:8] = 255 - i
        Image.fromarray(pixels).save(folder / f"{i:02}.bmp")
    assert len({path.stat().st_size for path in folder.iterdir()}) == 1
    assert run(folder).n_decoded == 100
    _, features = load_binary_feature(tmp_path / "work")
    assert len(np.unique(features, axis=0)) == 100


def test_the_statistics_show_what_was_measured(run, tmp_path):
    folder = tmp_path / "two"
    folder.mkdir()
    grey = np.full((60, 80, 3), 100, np.uint8)
    grey[:, 40:] = 200
    (folder / "half.png").write_bytes(encode_png(grey))
    run(folder)
    header, row = read_table(str(tmp_path / "work" / "stats.csv"))
    stats = dict(zip(header, row, strict=True))
    assert (stats["width"], stats["height"], stats["unique"]) == ("80", "60", "2")
    assert (float(stats["mean"]), float(stats["min"]), float(stats["max"])) == (150, 100, 200)
    assert (float(stats["stdv"]), float(stats["contrast"])) == (50, round(100 / 255, 4))
    assert int(stats["file_size"]) == (folder / "half.png").stat().st_size
    # The Laplacian is 0 but for two columns of 58 rows, where it is -100 and 100.
    assert float(stats["blur"]) == round(100**2 * 2 / 78, 4)


def encode_png(pixels):
    data = io.BytesIO()
    Image.fromarray(pixels).save(data, "PNG")
    return data.getvalue()
