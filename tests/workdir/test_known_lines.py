"""What was found is kept line by line, whatever stops the run."""

import pytest

from fastdup.errors import WorkDirError
from fastdup.workdir.known_lines import KnownLines

LINES = [["a", 1], ["ä\udcff\n", [0.5]]]


def lines_in(path, signature):
    with KnownLines(str(path), signature) as lines:
        return list(lines)


def test_lines_are_known_to_the_next_run_under_the_same_signature(tmp_path):
    path = tmp_path / "known"
    with KnownLines(str(path), {"rules": 1}) as lines:
        lines.add(LINES[:1])
        assert list(lines) == LINES[:1]
        lines.add(LINES[1:])
    assert lines_in(path, {"rules": 1}) == LINES
    assert lines_in(path, {"rules": 2}) == []
    assert lines_in(path, {"rules": 1}) == []


def test_an_incomplete_last_line_is_cut_off(tmp_path):
    path = tmp_path / "known"
    with KnownLines(str(path), {}) as lines:
        lines.add(LINES)
    whole = path.read_bytes()
    second = whole.rindex(b"\n", 0, len(whole) - 1) + 1
    for n_kept in range(second, len(whole)):
        path.write_bytes(whole[:n_kept])
        assert lines_in(path, {}) == LINES[:1]
        assert path.read_bytes() == whole[:second]


def test_useless_lines_are_dropped_when_they_are_most(tmp_path):
    path = tmp_path / "known"
    with KnownLines(str(path), {}) as lines:
        lines.add([[number] for number in range(1500)])
        assert lines.has_useless(400)
        assert not lines.has_useless(600)
        assert not lines.has_useless(900)
        lines.replace([[7]])
        lines.add([[8]])
    assert lines_in(path, {}) == [[7], [8]]


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(WorkDirError, match="cannot write"):
        KnownLines(str(tmp_path / "none" / "known"), {})
