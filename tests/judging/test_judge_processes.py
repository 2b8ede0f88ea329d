"""Processes judge as threads do, and read plain files only."""

import os

import pytest

from counting_reader import BrokenReader, CountingReader
from fastdup.errors import SourceError
from fastdup.executors import LocalExecutor
from fastdup.judging.judge_processes import processes_of
from fastdup.judging.open_pictures import PictureFile
from fastdup.judging.pair_judge import JudgeTask, PairJudge
from fastdup.judging.stage import judge_pairs
from fastdup.judging.verdict_store import VerdictStore
from fastdup.progress import SilentProgress
from fastdup.sources import UriReader
from packed import tar_of
from pictures import jpeg, photo

MOST_PIXELS = 10**7


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    """Five pictures in an archive, one of them twice, as pairs of all with all."""
    path = tmp_path_factory.mktemp("pictures") / "album.tar"
    members = [(f"{n}.jpg", jpeg(photo(n, (320, 240)))) for n in range(4)]
    tar_of(path, [*members, ("4.jpg", jpeg(photo(0, (320, 240)).crop((40, 30, 300, 220))))])
    reader = UriReader()
    files = [PictureFile(uri, reader.stamp(uri)) for uri in reader.expand(str(path))]
    return [(one, other) for n, one in enumerate(files) for other in files[n + 1 :]]


def test_a_process_finds_what_a_thread_finds_and_this_process_reads(pairs):
    task, reader = JudgeTask(0, tuple(pairs)), CountingReader()
    with processes_of(PairJudge(reader, MOST_PIXELS)) as workers:
        found = workers(task)
        assert workers(task) == found
    assert found == PairJudge(UriReader(), MOST_PIXELS)(task)
    assert len(set(found.findings)) > 1
    assert reader.n_reads == {file.uri: 1 for pair in pairs for file in pair}


@pytest.fixture
def plain_pairs(tmp_path):
    """Three plain files as pairs, and one with the mark of an archive in its name."""
    names = ["0.jpg", "1.jpg", "2.jpg", "odd.tar"]
    for number, name in enumerate(names):
        (tmp_path / name).write_bytes(jpeg(photo(number // 2, (320, 240))))
    uris = [str(tmp_path / name) for name in names]
    files = [PictureFile(uri, UriReader().stamp(uri)) for uri in uris]
    return [(one, other) for n, one in enumerate(files) for other in files[n + 1 :]]


def test_plain_files_are_read_by_the_process_that_judges_them(plain_pairs):
    task, reader = JudgeTask(0, tuple(plain_pairs)), CountingReader()
    with processes_of(PairJudge(reader, MOST_PIXELS)) as workers:
        found = workers(task)
    assert found == PairJudge(UriReader(), MOST_PIXELS)(task)
    assert len(set(found.findings)) > 1
    assert not found.unread
    assert not any(uri.endswith(".jpg") for uri in reader.n_reads)


def test_plain_files_that_are_gone_or_changed_are_unread_in_a_process_too(plain_pairs):
    os.remove(plain_pairs[0][0].uri)
    os.utime(plain_pairs[-1][0].uri, (1, 1))
    task = JudgeTask(0, tuple(plain_pairs))
    with processes_of(PairJudge(UriReader(), MOST_PIXELS)) as workers:
        found = workers(task)
    assert found == PairJudge(UriReader(), MOST_PIXELS)(task)
    assert found.unread == {plain_pairs[0][0].uri, plain_pairs[-1][0].uri}


def test_pictures_that_cannot_be_read_are_unread_in_a_process_too(pairs):
    changed = pairs[0][0]._replace(stamp=pairs[0][0].stamp._replace(size_bytes=1))
    task = JudgeTask(0, ((changed, pairs[0][1]), pairs[-1]))
    for reader in (UriReader(), BrokenReader()):
        with processes_of(PairJudge(reader, MOST_PIXELS)) as workers:
            assert workers(task) == PairJudge(reader, MOST_PIXELS)(task)


def judge_all(pairs, path, n_threads):
    judge, executor = PairJudge(UriReader(), MOST_PIXELS), LocalExecutor(n_threads)
    with VerdictStore(str(path), {}) as store:
        known = store.known(pairs)
        found = judge_pairs(pairs, known, judge, store, executor, SilentProgress())
    return found, path.read_bytes()


def test_many_threads_use_processes_and_store_the_same(pairs, tmp_path, monkeypatch):
    monkeypatch.setattr("fastdup.judging.stage.PAIRS_PER_TASK", 2)
    one = judge_all(pairs, tmp_path / "one", 1)
    monkeypatch.setattr("fastdup.judging.stage.LEAST_PAIRS_OF_A_PROCESS", 1)
    assert judge_all(pairs, tmp_path / "three", 3) == one
    monkeypatch.setattr("fastdup.executors.processes.WORKER_COMMAND", ("-c", "raise SystemExit(3)"))
    with pytest.raises(SourceError, match=r"ended with status 3, .* run again to go on"):
        judge_all(pairs, tmp_path / "died", 3)
    assert judge_all(pairs, tmp_path / "three", 3) == one  # no process is needed for what is known
