"""Which files have the very same bytes."""

import os

import pytest

from fastdup.actions.exact_duplicates import identical_files, same_bytes


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (b"", b"", True),
        (b"abc", b"abc", True),
        (b"abc", b"abd", False),
        (b"abc", b"abcd", False),
        (b"abcd", b"abc", False),
        (b"", b"a", False),
        (bytes(2**20), bytes(2**20), True),
        (bytes(2**20), bytes(2**20 + 1), False),
        (bytes(2**21), bytes(2**20) + b"x" + bytes(2**20 - 1), False),
    ],
)
def test_files_are_compared_to_the_last_byte(tmp_path, one, other, same):
    (tmp_path / "one").write_bytes(one)
    (tmp_path / "other").write_bytes(other)
    assert same_bytes(str(tmp_path / "one"), str(tmp_path / "other")) is same


def test_a_file_that_cannot_be_read_is_the_same_as_none(tmp_path):
    (tmp_path / "one").write_bytes(b"a")
    assert not same_bytes(str(tmp_path / "one"), str(tmp_path / "gone"))
    assert not same_bytes(str(tmp_path), str(tmp_path))


def test_each_copy_is_paired_with_the_first_file_of_its_bytes(tmp_path):
    contents = {"a": b"same", "b": b"else", "c": b"same", "d": b"longer", "e": b"same"}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    files = [(str(tmp_path / name), len(content)) for name, content in contents.items()]
    gone = (str(tmp_path / "gone"), 4)
    pairs = [tuple(map(os.path.basename, pair)) for pair in identical_files([gone, *files])]
    assert pairs == [("a", "c"), ("a", "e")]
