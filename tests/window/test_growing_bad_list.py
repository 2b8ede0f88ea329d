"""The bad files of a run, as its list grows."""

from fastdup.window.growing_bad_list import GrowingBadList

HEADER = b"filename,reason,detail\n"


def test_only_whole_rows_are_counted_and_a_line_end_in_a_name_is_no_end(tmp_path):
    path = tmp_path / "features.bad.csv"
    bad = GrowingBadList(str(tmp_path))
    assert bad.to_json() == {"bad": 0, "bad_files": []}
    with open(path, "wb", buffering=0) as file:
        file.write(HEADER + b"/p/a.jpg,truncated,x\n/p/b.jp")
        assert bad.to_json()["bad"] == 1
        file.write(b'g,empty,x\n"/p/c\n')
        assert bad.to_json()["bad"] == 2
        file.write(b'd.jpg",no_access,x\n/p/e.xmp,side_file,x\n')
        found = bad.to_json()
    assert found["bad"] == 3  # a file of another kind is none
    assert found["bad_files"][0] == {"name": "a.jpg", "why": "The file is cut short"}
    assert found["bad_files"][2]["why"] == "No permission to read it"


def test_a_list_that_begins_anew_is_counted_anew(tmp_path):
    path = tmp_path / "features.bad.csv"
    path.write_bytes(HEADER + b"/a,empty,x\n" * 9)
    bad = GrowingBadList(str(tmp_path))
    assert (bad.to_json()["bad"], len(bad.to_json()["bad_files"])) == (9, 5)
    path.write_bytes(HEADER + b"/a,empty,x\n" * 200_000)  # more than is read at a time
    assert bad.to_json()["bad"] == 200_000
    path.write_bytes(HEADER + b"/b,of_a_later_version,x\n")
    assert bad.to_json()["bad_files"] == [{"name": "b", "why": "of_a_later_version"}]
