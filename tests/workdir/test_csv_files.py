import csv
import os

import pytest

from fastdup.errors import WorkDirError
from fastdup.workdir.csv_files import csv_line, read_table, write_atomically, write_table

HOSTILE_NAMES = [
    "plain.jpg",
    "comma, here.jpg",
    'quote "here".jpg',
    "new\nline.jpg",
    "carriage\rreturn.jpg",
    "both\r\nof them.jpg",
    " spaces around ",
    "'; rm -rf ~ #.jpg",
    "<script>alert(1)</script>.jpg",
    "emoji 😀.jpg",
    os.fsdecode(b"latin caf\xe9.jpg"),
    "",
]


def test_every_name_comes_back_as_it_was(tmp_path):
    path = str(tmp_path / "names.csv")
    write_table(path, ("index", "filename"), enumerate(HOSTILE_NAMES))
    header, *rows = read_table(path)
    assert header == ["index", "filename"]
    assert [name for _, name in rows] == HOSTILE_NAMES


def test_the_bytes_of_a_name_stay_its_bytes(tmp_path):
    assert csv_line([os.fsdecode(b"caf\xe9")]) == b"caf\xe9\n"


def test_a_name_that_no_file_can_have_is_written_all_the_same():
    assert csv_line(["\ud83d.jpg"]) == b"\\ud83d.jpg\n"


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_other_programs_read_the_same(name):
    text = csv_line([0, name, "end"]).decode("utf-8", "surrogateescape")
    assert list(csv.reader(text.splitlines(keepends=True))) == [["0", name, "end"]]


def test_quoting_follows_rfc_4180():
    assert csv_line(["a", "b,c", 'd"e', "f"]) == b'a,"b,c","d""e",f\n'


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "results.csv"
    path.write_text("old")

    def fail(file):
        file.write(b"new")
        raise OSError(28, "No space left on device")

    with pytest.raises(WorkDirError, match="No space left"):
        write_atomically(str(path), fail)
    assert path.read_text() == "old"


def test_a_missing_table_is_one_clear_error(tmp_path):
    with pytest.raises(WorkDirError, match="cannot read"):
        next(read_table(str(tmp_path / "none.csv")))


def test_a_field_of_any_length_is_read(tmp_path):
    path = str(tmp_path / "long.csv")
    name = "data:image/jpeg;base64," + "A" * 300_000
    write_table(path, ["filename"], [[name]])
    assert list(read_table(path)) == [["filename"], [name]]
