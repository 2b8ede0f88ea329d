"""Numbers and names in words."""

import os

import pytest

from fastdup.errors import Reason
from fastdup.quantities import size_text
from fastdup.report import wording


@pytest.mark.parametrize(
    ("similarity", "number", "word"),
    [
        (1.0, "1.0000", "identical"),
        (1.0000001, "1.0000", "identical"),
        (0.99999, "1.0000", "identical"),
        (0.999989, "0.9999", "almost identical"),
        (0.98, "0.9800", "almost identical"),
        (0.97999, "0.9799", "very similar"),
        (0.9731, "0.9731", "very similar"),
        (0.85, "0.8500", "very similar"),
        (0.849999, "0.8499", "similar"),
        (0.6, "0.6000", "similar"),
        (0.3, "0.3000", "slightly similar"),
        (0.29, "0.2900", "not similar"),
        (1e-9, "0.0000", "not similar"),
        (-0.0, "0.0000", "not similar"),
        (-0.25, "-0.2500", "not similar"),
    ],
)
def test_the_number_never_contradicts_the_word(similarity, number, word):
    assert wording.similarity_text(similarity) == number
    assert wording.similarity_word(similarity) == word


@pytest.mark.parametrize(
    ("n_bytes", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (9_949, "9.9 kB"),
        (9_950, "10 kB"),
        (184_000, "184 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (24_300_000, "24 MB"),
        (3_200_000_000, "3.2 GB"),
        (5_000_000_000_000, "5000 GB"),
    ],
)
def test_sizes_read_as_in_a_file_manager(n_bytes, text):
    assert size_text(n_bytes) == text


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("plain.jpg", "plain.jpg"),
        ("new\nline\r\t\x00\x7f.jpg", r"new\nline\r\t\x00\x7F.jpg"),
        (os.fsdecode(b"caf\xe9.jpg"), r"caf\xE9.jpg"),
        ("\ud83d.jpg", r"\uD83D.jpg"),
        ("photo\u202egpj.exe", r"photo\u202Egpj.exe"),
        ("\u2066a\u2069\u200f\u200b\ufeff", r"\u2066a\u2069\u200F\u200B\uFEFF"),
        ("\u2028\u2029\x85", r"\u2028\u2029\u0085"),
        ("\U000e0041", r"\U000E0041"),
        ("👩\u200d👩\u200d👧 é مرحبا 日本.jpg", "👩\u200d👩\u200d👧 é مرحبا 日本.jpg"),
        (r"back\slash", r"back\slash"),
        ("", ""),
    ],
)
def test_what_is_invisible_or_misleading_is_escaped(name, shown):
    assert wording.plain(name) == shown
    shown.encode("utf-8")


def test_escapes_are_separated_from_the_text_around_them():
    assert list(wording.pieces("a\n\nb")) == [
        ("a", False),
        (r"\n", True),
        (r"\n", True),
        ("b", False),
    ]


@pytest.mark.parametrize("reason", list(Reason))
def test_each_reason_has_words(reason):
    assert wording.failure_text(reason)


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("/data/a.jpg", ("/data/", "a.jpg")),
        ("a.jpg", ("", "a.jpg")),
        ("s3://bucket/folder/a.jpg", ("s3://bucket/folder/", "a.jpg")),
        ("/data/", ("/data/", "")),
        ("", ("", "")),
    ],
)
def test_a_path_is_split_without_losing_a_character(path, parts):
    assert wording.split_path(path) == parts


@pytest.mark.parametrize(
    ("taken", "source", "text"),
    [
        ("2019-07-14T12:33:01.25+02:00", "exif", "2019-07-14 12:33:01.25"),
        ("2019-07-14T12:33:01-03:30", "xmp", "2019-07-14 12:33:01"),
        ("2019-07-14", "iptc", "2019-07-14"),
        ("2019-07-14T12:33:01", "saved", "saved 2019-07-14 12:33:01"),
        ("", "", ""),
    ],
)
def test_times_are_those_of_the_local_clock(taken, source, text):
    assert wording.taken_text(taken, source) == text


def test_folders_are_shown_from_the_one_on_that_all_lie_in():
    assert (
        wording.shared_root(["/home/me/photos/2019/a.jpg", "/home/me/photos/b.jpg"]) == "/home/me/"
    )
    assert wording.shared_root(["/home/me/photos/a.jpg"]) == "/home/me/"
    assert wording.shared_root(["/photos/a.jpg", "/pictures/b.jpg"]) == ""
    assert wording.shared_root(["s3://bucket/photos/a.jpg", "s3://bucket/photos/b.jpg"]) == ""
    assert wording.shared_root([]) == ""
