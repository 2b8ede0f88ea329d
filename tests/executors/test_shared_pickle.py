"""Work is sent to other machines without copying its arrays, or without sending them at all."""

import pickle

import numpy as np
import pytest

from fastdup.executors import SharedFolder
from fastdup.executors.shared_pickle import NotSharedError, SharedArrayPickle


@pytest.fixture
def stored(tmp_path):
    """A folder that is shared, and an array of 1,000 rows mapped from a file in it."""
    rows = np.arange(16_000, dtype=np.float32).reshape(1000, 16)
    rows.tofile(tmp_path / "rows.dat")
    mapped = np.memmap(tmp_path / "rows.dat", np.float32, "r", shape=rows.shape)
    return SharedFolder.marked(tmp_path, ".shared"), mapped


def size_of(sent):
    return len(sent.data) + sum(buffer.nbytes for buffer in sent.buffers)


def test_an_array_in_memory_is_sent_whole_beside_the_pickle():
    rows = np.arange(12, dtype=np.float32).reshape(3, 4)
    sent = SharedArrayPickle.dump({"rows": rows}, None)
    assert [buffer.nbytes for buffer in sent.buffers] == [rows.nbytes]
    assert np.shares_memory(sent.buffers[0], rows)
    received = pickle.loads(pickle.dumps(sent)).load()
    np.testing.assert_array_equal(received["rows"], rows)


def test_of_an_array_in_a_shared_file_only_the_path_is_sent(stored):
    shared, mapped = stored
    sent = SharedArrayPickle.dump(mapped, shared)
    assert sent.buffers == []
    assert size_of(sent) < 1000
    received = pickle.loads(pickle.dumps(sent)).load()
    assert isinstance(received, np.memmap)
    np.testing.assert_array_equal(received, mapped)


def test_a_part_of_a_shared_file_is_sent_as_it_is(stored):
    shared, mapped = stored
    sent = SharedArrayPickle.dump(mapped[10:20], shared)
    assert mapped[10:20].nbytes < size_of(sent) < mapped[10:20].nbytes + 1000
    np.testing.assert_array_equal(sent.load(), mapped[10:20])


def test_an_array_in_a_file_elsewhere_is_sent_whole(stored, tmp_path):
    _, mapped = stored
    (tmp_path / "other").mkdir()
    elsewhere = SharedFolder.marked(tmp_path / "other", ".shared")
    sent = SharedArrayPickle.dump(mapped, elsewhere)
    assert size_of(sent) > mapped.nbytes
    np.testing.assert_array_equal(sent.load(), mapped)


def test_a_machine_that_does_not_see_the_folder_says_so(stored):
    shared, mapped = stored
    sent = SharedArrayPickle.dump(mapped, shared)
    shared.unmark()
    with pytest.raises(NotSharedError):
        sent.load()


def test_a_folder_is_recognised_by_the_content_of_its_marker(tmp_path):
    first = SharedFolder.marked(tmp_path, ".shared")
    assert first.is_here()
    SharedFolder.marked(tmp_path, ".shared")  # another run took the folder
    assert not first.is_here()
    (tmp_path / ".shared").write_bytes(b"\xff")
    assert not first.is_here()
    first.unmark()
    first.unmark()
    assert not (tmp_path / ".shared").exists()
