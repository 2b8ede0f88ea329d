"""Which files are not meant to be images, by their names and first bytes."""

import pytest

from fastdup.sources.side_files import advice_on_packed, ending_of, is_side_file, is_side_name

TEXT, BINARY = b"{}\n", b"\x01\x02\x00\x7f" * 20


@pytest.mark.parametrize(
    "name",
    ["/a/b.xmp", "/a/IMG_1.jpg.JSON", "notes.txt", "a.tar/0001.cls", "a.tar/0001.txt#2",
     "Thumbs.db", "sound.wav", "https://host/a/data.csv?x=1.jpg", "lib.so", "._a.pp3"],
)  # fmt: skip
def test_a_name_with_another_ending_is_that_of_a_side_file_whatever_it_holds(name):
    assert is_side_name(name)
    for head in (TEXT, BINARY, b""):
        assert is_side_file(name, head)


@pytest.mark.parametrize(
    "name",
    ["/a/b.jpg", "B.CR2", "clip.MOV", "s.tar.gz", "s.tar.gz#2", "t.parquet", "drawing.svg",
     "x.exr", "https://host/a.jpg?name=b.txt"],
)  # fmt: skip
def test_a_name_with_the_ending_of_an_image_or_of_what_holds_images_is_not(name):
    assert not is_side_name(name)
    for head in (TEXT, BINARY, b""):
        assert not is_side_file(name, head)


@pytest.mark.parametrize("name", ["README", "/a.b/LICENSE", "program.ts", "module.mts"])
def test_without_an_ending_that_says_more_a_text_is_a_side_file(name):
    assert is_side_file(name, TEXT)
    assert is_side_file(name, "Grüße".encode("utf-16"))
    assert not is_side_file(name, BINARY)
    assert not is_side_file(name, b"")


def test_a_row_of_a_data_set_is_meant_to_be_an_image():
    assert not is_side_file("/a/train.parquet/000012", TEXT)


def test_endings_are_in_lower_case_and_none_is_a_folder_or_a_hidden_name():
    assert ending_of("/a.b/C.XMP") == ".xmp"
    assert ending_of("/a.b/c") == ""
    assert ending_of("/a/.hidden") == ""
    assert ending_of("/a/no ending. But a sentence") == ""


@pytest.mark.parametrize(
    ("head", "said"),
    [(b"PK\x03\x04rest", "zip archive"), (b"\x1f\x8b\x08rest", "gzip"), (b"BZh9rest", "bzip2")],
)
def test_of_packed_files_that_are_not_entered_it_is_said_what_to_do(head, said):
    assert said in advice_on_packed(head)
    assert "unpack it" in advice_on_packed(head)
    assert advice_on_packed(TEXT) is None
