"""Albums whose similarities are known, and a trash of their own."""

import math
import os
import shutil
import tempfile
from pathlib import Path

import pytest

import fastdup
from pictures import SMALL_JPEG


@pytest.fixture(autouse=True)
def trash(tmp_path, monkeypatch):
    """The desktop's trash, in a place of its own."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "data/Trash"


@pytest.fixture
def other_device(tmp_path):
    """A folder on another file system, emptied at the end."""
    shared = "/dev/shm"
    if not os.path.isdir(shared) or os.stat(shared).st_dev == os.stat(tmp_path).st_dev:
        pytest.skip("there is no second file system at /dev/shm")
    folder = tempfile.mkdtemp(dir=shared)
    yield folder
    shutil.rmtree(folder)


class Album:
    """Files at given angles: two are as similar as the cosine between them.

    All show the same picture, whatever their similarity; other bytes follow it in each.

    Attributes
    ----------
    folder, work : Path
        The files, and the finished run over them.
    """

    def __init__(self, root: Path) -> None:
        self.folder, self.work = root / "album", root / "out"
        self.folder.mkdir(parents=True)
        self._angles: dict[str, float] = {}

    def add(self, name: str | bytes, degrees: float, content: bytes = b"") -> str:
        """Write a file and return its full path."""
        path = os.path.join(os.fspath(self.folder), os.fsdecode(name))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(SMALL_JPEG + (content or os.fsencode(name)))
        # Nanoseconds that a float could not hold.
        age_ns = 10**9 * len(self._angles) + 123_456_789
        os.utime(path, ns=(10**18 + age_ns, 10**18 + age_ns + 7))
        self._angles[path] = degrees
        return path

    def run(self, threshold: float = 0.9, k: int = 3) -> "Album":
        """Find the similar files."""
        angles = [math.radians(degrees) for degrees in self._angles.values()]
        rows = [[math.cos(angle), math.sin(angle)] for angle in angles]
        fastdup.save_binary_feature(self.work, list(self._angles), rows)
        options = {"run_mode": 2, "threshold": threshold, "nearest_neighbors_k": k}
        assert fastdup.run(self.folder, self.work, **options) == 0
        return self


@pytest.fixture
def album(tmp_path):
    return Album(tmp_path)


@pytest.fixture
def twins(album):
    """Two groups in folders: a large and a small copy, and three of the same bytes; one alone."""
    album.add("one/large.jpg", 0, b"x" * 500)
    album.add("two/small.jpg", 1, b"x" * 100)
    for name in ("same.jpg", "one/same.jpg", "two/same again.jpg"):
        album.add(name, 90, b"same")
    album.add("alone.jpg", 45)
    return album.run()
