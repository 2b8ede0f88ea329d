import os

import numpy as np
import pytest

import fastdup
from fastdup.runs.decided_rows import StampedFile, decided_rows, keep_digests
from fastdup.sources import UriReader
from fastdup.workdir import WorkDir

NAMES = [b"a.jpg", b"b \xff.jpg", b'c, "d".jpg', "é\n.jpg".encode(), b"same.jpg"]


@pytest.fixture
def here(tmp_path):
    """A work folder, and files of which the last has the bytes of the first."""
    paths = []
    for number, name in enumerate(NAMES):
        paths.append(os.path.join(str(tmp_path), os.fsdecode(name)))
        with open(paths[-1], "wb") as file:
            file.write(b"%d" % (number % 4))  # all of the same size
    work = WorkDir(str(tmp_path / "out"))
    work.create()
    return work, paths


def read(work, paths, reader):
    decided, digests = decided_rows(work, paths, reader)
    keep_digests(work, digests)
    return decided


def test_files_are_read_once_whatever_their_names(here):
    work, paths = here
    fastdup.decide(work.root, "not-copies", paths[:2])
    first = read(work, paths, UriReader())
    for path in paths:  # bytes that rot without a change of time are not seen: they are not read
        state = os.stat(path)
        with open(path, "r+b") as file:
            file.write(b"?")
        os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    for decided in (first, read(work, paths, UriReader())):
        assert decided.is_apart(0, 1)
        assert decided.is_apart(1, 4)  # of the same bytes as the first
        assert not decided.is_apart(0, 4)
        assert not decided.is_apart(0, 2)


def test_a_file_that_changed_is_read_again_and_is_another_one(here):
    work, paths = here
    fastdup.decide(work.root, "not-copies", paths[:2])
    with open(paths[0], "wb") as file:
        file.write(b"x")
    os.utime(paths[0], ns=(1, 1))
    assert not read(work, paths, UriReader()).is_apart(0, 1)


def test_a_cache_that_makes_no_sense_is_passed_over(here):
    work, paths = here
    fastdup.decide(work.root, "not-copies", paths[:2])
    with open(work.known_digests, "ab") as file:
        file.write(b'[\n["a"]\n\xff\xfe\n' + b"[" * 100_000 + b"\n{}\n")
    assert read(work, paths, UriReader()).is_apart(0, 1)
    with open(work.known_digests, "wb") as file:
        file.write(b"nonsense")
    assert read(work, paths, UriReader()).is_apart(0, 1)


def test_a_link_in_the_place_of_the_cache_is_not_followed(here, tmp_path):
    work, paths = here
    target = tmp_path / "target"
    target.write_text("mine")
    os.symlink(target, work.known_digests)
    fastdup.decide(work.root, "not-copies", paths[:2])
    assert read(work, paths, UriReader()).is_apart(0, 1)
    assert target.read_text() == "mine"


def test_pairs_of_unknown_rows_are_not_apart(here):
    work, paths = here
    fastdup.decide(work.root, "not-copies", paths[:2])
    decided = read(work, paths, UriReader())
    rows, others = np.array([0, -1, 0, -1]), np.array([1, 1, -1, -1])
    assert decided.are_apart(rows, others).tolist() == [True, False, False, False]


def test_digests_are_not_kept_twice(here):
    work, paths = here
    digests = {StampedFile(path, 1, 2): "0" * 32 for path in paths}
    keep_digests(work, digests)
    size = os.path.getsize(work.known_digests)
    keep_digests(work, {})
    assert os.path.getsize(work.known_digests) == size


def test_digests_of_what_is_no_longer_listed_are_dropped_once_they_are_most(here):
    work, paths = here
    fastdup.decide(work.root, "not-copies", paths[:2])
    keep_digests(work, decided_rows(work, paths, UriReader())[1], listed=paths)
    known = os.path.getsize(work.known_digests)
    keep_digests(work, {StampedFile(f"/gone/{n}.jpg", 1, 2): "0" * 32 for n in range(1100)})
    with open(work.known_digests, "ab") as file:
        file.write(b"nonsense\n")
    keep_digests(work, {})  # no listing to go by
    assert os.path.getsize(work.known_digests) > 1100 * 32
    decided, new = decided_rows(work, paths, UriReader())
    keep_digests(work, new, listed=paths)
    assert os.path.getsize(work.known_digests) <= known
    assert decided_rows(work, paths, UriReader())[1] == {}
    assert decided.is_apart(0, 1)
