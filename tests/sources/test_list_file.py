"""List files as people have them: of other systems, from spreadsheets, copied elsewhere."""

import os

import numpy as np
import pandas as pd
import pytest

import fastdup
from command import fastdup_command
from fastdup.errors import ConfigError, SourceError
from fastdup.workdir.csv_files import read_table
from opened import Opened
from pictures import jpeg, scene


@pytest.fixture
def names(tmp_path):
    """Two files, one with blanks and a percent sign in its name."""
    found = [str(tmp_path / "a.jpg"), str(tmp_path / "two words, 5%.jpg")]
    for number, name in enumerate(found):
        with open(name, "wb") as file:
            file.write(jpeg(scene(number, (64, 48))))
    return found


def listed(path, content):
    path.write_bytes(content)
    source = Opened(str(path))
    uris = list(source.uris())
    return uris, {uri: label for uri in uris if (label := source.label(uri))}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "utf-8"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_encoding_and_line_end_will_do(tmp_path, names, encoding, end):
    content = (end.join([*names, "# end"]) + end).encode(encoding)
    assert listed(tmp_path / "l.txt", content) == (names, {})


@pytest.mark.parametrize(
    "form",
    [
        *("{} ", "{}\t", '"{}"', "'{}'", "  {}"),
        *("file://{}", "file://localhost{}", '"file://{}" ', "file:{}"),
    ],
)
def test_what_stands_around_a_name_is_left_out(tmp_path, names, form):
    lines = [form.format(name.replace("%", "%25") if "file:" in form else name) for name in names]
    assert listed(tmp_path / "l.txt", "\n".join(lines).encode())[0] == names


def test_an_address_of_a_file_may_be_quoted(tmp_path, names):
    uris = [(tmp_path / os.path.basename(name)).as_uri() for name in names]
    assert "%20" in uris[1]
    assert listed(tmp_path / "l.txt", "\n".join(uris).encode())[0] == names
    assert list(Opened(uris).uris()) == names
    assert list(Opened(uris[0]).uris()) == names[:1]


def test_a_name_that_has_quotes_and_blanks_is_taken_as_it_stands(tmp_path):
    odd = ['"quoted".jpg', "blank.jpg ", "'a'", "file:b"]
    for name in odd:
        (tmp_path / name).touch()
    expected = [str(tmp_path / name) for name in odd]
    assert listed(tmp_path / "l.txt", "\n".join(odd).encode())[0] == expected


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("column", ["filename", "Path", "image", "img_filename"])
def test_a_table_has_a_column_of_paths_and_may_have_labels(tmp_path, names, delimiter, column):
    rows = [["id", column, "Label"], ["1", names[0], "cat"], ["2", f'"{names[1]}"', ""]]
    content = "\r\n".join(delimiter.join(row) for row in rows).encode()
    assert listed(tmp_path / "t.csv", content) == (names, {names[0]: "cat"})


def test_a_table_without_a_header_has_paths_and_labels(tmp_path, names):
    content = f'a.jpg,cat\n"{os.path.basename(names[1])}",dog\n'.encode()
    assert listed(tmp_path / "t.csv", content) == (names, {names[0]: "cat", names[1]: "dog"})


@pytest.mark.parametrize("form", ["{name} {label}", "{number}\t{label}\t{name}", "{label};{name}"])
def test_lists_for_training_have_paths_and_labels(tmp_path, names, form):
    lines = [form.format(number=n, label=n + 5, name=name) for n, name in enumerate(names)]
    expected = {names[0]: "5", names[1]: "6"}
    assert listed(tmp_path / "train.lst", "\n".join(lines).encode()) == (names, expected)


def test_odd_characters_are_part_of_names_in_a_plain_list(tmp_path):
    odd = ["a\rb,c.jpg", '"', ",", ";;", "\t"]
    uris, labels = listed(tmp_path / "l.txt", "\n".join(odd).encode())
    assert (uris[0], labels) == (f"{tmp_path}/a\rb,c.jpg", {})


def test_a_header_alone_above_plain_names_is_no_name(tmp_path, names):
    assert listed(tmp_path / "t.csv", f"filename\n{names[0]}\n".encode())[0] == names[:1]


def test_a_table_without_paths_is_refused_with_what_it_has(tmp_path):
    with pytest.raises(
        SourceError, match=r"begins with 'id', 'colour': .* name the column of path"
    ):
        listed(tmp_path / "t.csv", b"id,colour\n1,red\n")


def test_broken_utf_16_is_refused(tmp_path):
    with pytest.raises(SourceError, match="save it as UTF-8"):
        listed(tmp_path / "l.txt", b"\xff\xfea\0\xd8")


def test_labels_in_a_list_are_written(tmp_path, names):
    (tmp_path / "t.csv").write_text(f"filename,label\n{names[0]},cat\n")
    assert fastdup.run(tmp_path / "t.csv", tmp_path / "out") == 0
    rows = list(read_table(str(tmp_path / "out/labels.csv")))
    assert rows == [["filename", "label"], [names[0], "cat"]]


def test_a_list_of_which_no_file_is_there_is_an_error(tmp_path):
    (tmp_path / "l.txt").write_text("C:\\photos\\a.jpg\n")
    done = fastdup_command("run", tmp_path / "l.txt", "-w", tmp_path / "out")
    assert done.returncode == 1
    assert "none of the files that" in done.stderr.splitlines()[-1]
    assert len(list(read_table(str(tmp_path / "out/features.bad.csv")))) == 2


@pytest.mark.parametrize(
    "make",
    [
        tuple,
        np.array,
        lambda names: np.array([names], dtype=object),
        pd.Series,
        pd.Index,
        iter,
        lambda names: (name for name in tuple(names)),
        lambda names: set(names),
        frozenset,
        lambda names: pd.DataFrame({"filename": names, "label": "x"}),
        lambda names: dict.fromkeys(names).keys(),
    ],
)
def test_any_container_of_python_names_inputs(make, names, tmp_path):
    assert list(Opened(make(names)).uris()) == names
    fd = fastdup.create(tmp_path / "out", make(names))
    assert fd.run(num_images=1) == fd.run() == 0  # a generator is not used up by the first
    assert fastdup.load_binary_feature(tmp_path / "out")[0] == names


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (pd.DataFrame({"a": ["b.jpg"]}), "columns 'a': filename is missing"),
        (type("Dataset", (), {"__module__": "datasets.arrow_dataset"})(), "dataset.to_parquet"),
        (np.array([1.5]), "each item must be a path"),
        (pd.Series(["a.jpg", None]), "each item must be a path"),
        ({"a": 1}, "input_dir is a dict"),
        (iter([]), "no files in the list given"),
    ],
)
def test_what_names_no_inputs_is_refused(given, message, tmp_path):
    with pytest.raises((ConfigError, SourceError), match=message):
        fastdup.create(tmp_path / "out", given).run()


def test_names_ended_by_zero_bytes_are_read(tmp_path, names):
    assert listed(tmp_path / "l.txt", "\0".join([*names, ""]).encode()) == (names, {})


def test_the_end_of_a_text_of_dos_is_no_name(tmp_path, names):
    assert listed(tmp_path / "l.txt", "\r\n".join([*names, "\x1a"]).encode()) == (names, {})


def test_a_list_of_nothing_but_folders_is_refused(tmp_path, names, caplog):
    (tmp_path / "l.txt").write_text(f"{tmp_path}\n")
    assert fastdup.run(str(tmp_path / "l.txt"), str(tmp_path / "out")) == 1
    assert "nothing but folders" in caplog.text
