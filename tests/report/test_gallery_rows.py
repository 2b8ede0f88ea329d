"""Reading rows out of files, work folders and data frames."""

import os
from pathlib import Path

import pandas as pd
import pytest

from fastdup.errors import ReportError
from fastdup.report.gallery_rows import OUTLIERS, SIMILARITY, open_table


def rows_of(source, kind=SIMILARITY):
    return list(open_table(source, kind).rows)


ROWS = [("a.jpg", "b.jpg", 0.99), ("c.jpg", "d.jpg", 0.9)]


def test_a_csv_file_its_folder_and_a_frame_give_the_same_rows(write_table, tmp_path):
    path = write_table(ROWS)
    assert rows_of(path) == rows_of(str(path)) == rows_of(tmp_path) == ROWS
    assert rows_of(pd.DataFrame(ROWS, columns=["from", "to", "distance"])) == ROWS


def test_columns_are_found_by_name_wherever_they_stand(write_table):
    path = write_table([("x", 0.5, "b", "a")], header=("label_from", "distance", "to", " from"))
    assert rows_of(path) == [("a", "b", 0.5)]


def test_the_object_apis_outlier_columns_are_understood():
    frame = pd.DataFrame([("a", "b", 0.1)], columns=["outlier", "nearest", "distance"])
    assert rows_of(frame, OUTLIERS) == [("a", "b", 0.1)]


def test_anything_with_columns_counts_as_a_frame():
    class Columns(dict):
        columns = ("from", "to", "distance")

    assert rows_of(Columns({"from": ["a"], "to": [Path("b")], "distance": ["0.5"]})) == [
        ("a", "b", 0.5)
    ]


def test_names_come_back_as_the_bytes_that_went_in(write_table):
    names = [
        'com,ma "quoted".jpg',
        "new\nline.jpg",
        "carriage\r\nreturn.jpg",
        os.fsdecode(b"caf\xe9.jpg"),
        "😀.jpg",
        "back\\slash",
    ]
    rows = [(name, name, 0.9) for name in names]
    assert rows_of(write_table(rows)) == rows


def test_a_byte_order_mark_and_blank_lines_do_no_harm(tmp_path):
    path = tmp_path / "mark.csv"
    path.write_bytes(b"\xef\xbb\xbffrom,to,distance\r\n\r\na,b,0.5\r\n\r\n")
    assert rows_of(path) == [("a", "b", 0.5)]


def test_only_a_header_means_no_rows(write_table):
    assert rows_of(write_table([])) == []


@pytest.mark.parametrize("name", ["missing.csv", "empty_folder", ""])
def test_a_missing_file_is_named_with_what_to_do(tmp_path, name):
    (tmp_path / "empty_folder").mkdir()
    with pytest.raises(ReportError, match=r"there is no file '.*\.csv'.*fastdup\.run"):
        open_table(tmp_path / name, SIMILARITY)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"filename,component_id\na,1\n", "'filename', 'component_id', and from, to, distance"),
        (b"from,to,distance\na,b,0.9\na,b\n", "line 3 has 2 fields, not 3"),
        (b"from,to,distance\na,b,near\n", "line 2: 'near' is not a number"),
        (b"from,to,distance\na,b,nan\n", "'nan' is not a number"),
        (b"from,to,distance\na,b,inf\n", "'inf' is not a number"),
        (b"from,to,distance\n" + b"a" * 200_000, "line 2 has 1 fields, not 3"),
    ],
)
def test_a_table_that_makes_no_sense_is_one_clear_line(tmp_path, content, message):
    path = tmp_path / "similarity.csv"
    path.write_bytes(content)
    with pytest.raises(ReportError, match=message) as caught:
        rows_of(path)
    assert "\n" not in str(caught.value)


def test_a_name_with_line_breaks_leaves_the_message_one_line(tmp_path):
    with pytest.raises(ReportError) as caught:
        open_table(tmp_path / "two\nlines", SIMILARITY)
    assert "\n" not in str(caught.value)


def test_a_frame_without_the_columns_is_refused():
    with pytest.raises(ReportError, match=r"the data frame makes no sense: .* columns 'a', 'b'"):
        rows_of(pd.DataFrame({"a": [1], "b": [2]}))


def test_a_frame_with_a_missing_name_is_refused():
    frame = pd.DataFrame({"from": ["a", None], "to": ["b", "c"], "distance": [1.0, 0.9]})
    with pytest.raises(ReportError, match=r"row 2: (nan|None) is not a file name"):
        rows_of(frame)


@pytest.mark.parametrize("source", [None, 3, [("a", "b", 1.0)]])
def test_anything_else_is_refused_with_what_to_give(source):
    with pytest.raises(ReportError, match=r"similarity_file is a \w+: give the path of similarity"):
        open_table(source, SIMILARITY)
